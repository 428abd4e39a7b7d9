import type { Cancel, Rng, ServedPeer, ServedSocket, Timers } from "../../../contracts/index.ts";
import type { ActiveFault, Target } from "./active-fault.ts";
import { damaged } from "./damage.ts";
import type { Fault } from "./fault.ts";

/** What a socket asks its gate. */
export interface SocketGate {
  readonly clock: Timers;
  readonly rng: Rng;
  /** True for keep-alive texts, which are no data frames. */
  readonly isHeartbeat: (text: string) => boolean;
  /** The first fault of these kinds that strikes now, counted; null = none. */
  strike(kinds: ReadonlySet<Fault>, target: Target): ActiveFault | null;
  gone(socket: GatedSocket): void;
}

const SILENCE: ReadonlySet<Fault> = new Set(["silent"]);
const FRAME_FAULTS: ReadonlySet<Fault> = new Set([
  "frozen",
  "gap",
  "drop_some",
  "duplicate",
  "double_some",
  "reorder",
  "malformed",
  "burst",
]);
/** Frames that are collected for one burst; then it comes early. */
const MAX_COLLECTED = 10_000;
const GOING_AWAY = 1001;

/** One socket on its way through the gate: the client's end for the server, and the server's end for the client. */
export class GatedSocket implements ServedPeer, ServedSocket, Target {
  readonly host: string;
  readonly label: string;
  readonly #gate: SocketGate;
  readonly #peer: ServedPeer;
  #served: ServedSocket | null = null;
  /** Closed after the next data frame. */
  #looping = false;
  #ended = false;
  /** A frame that waits for the next one to overtake it. */
  #overtaken: string | null = null;
  #collected: string[] = [];
  #cancelAlarm: Cancel = () => {};

  constructor(gate: SocketGate, target: Target, peer: ServedPeer) {
    this.#gate = gate;
    this.host = target.host;
    this.label = target.label;
    this.#peer = peer;
  }

  get socket(): object {
    return this;
  }

  serve(served: ServedSocket): void {
    this.#served = served;
  }

  /** Lets one data frame through, then ends the socket. */
  loop(): void {
    this.#looping = true;
  }

  send(text: string): void {
    if (this.#ended || this.#silent()) return;
    if (this.#gate.isHeartbeat(text)) this.#peer.send(text);
    else if (this.#collected.length > 0) this.#collect(text);
    else if (this.#overtaken !== null) this.#overtake(text);
    else this.#meet(text);
  }

  ping(body: string): void {
    if (!this.#ended && !this.#silent()) this.#peer.ping(body);
  }

  close(code: number, reason: string): void {
    if (this.#ended || this.#silent()) return;
    this.#cancelAlarm();
    this.#burst();
    this.#releaseOvertaken();
    this.#peer.close(code, reason);
  }

  message(text: string): void {
    if (!this.#silent()) this.#served?.message(text);
  }

  pong(): void {
    if (!this.#silent()) this.#served?.pong();
  }

  closed(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelAlarm();
    this.#gate.gone(this);
    this.#served?.closed();
  }

  /** Ends the client's connection; the transport then says `closed`. */
  cut(code: number, reason: string): void {
    this.#cancelAlarm();
    this.#peer.close(code, reason);
  }

  #silent(): boolean {
    return this.#gate.strike(SILENCE, this) !== null;
  }

  #meet(text: string): void {
    const active = this.#gate.strike(FRAME_FAULTS, this);
    switch (active?.fault) {
      case "frozen":
      case "gap":
      case "drop_some":
        break;
      case "duplicate":
      case "double_some":
        this.#deliver(text);
        this.#deliver(text);
        break;
      case "reorder":
        this.#overtaken = text;
        this.#alarm(active.settings.delayMicros, () => this.#releaseOvertaken());
        break;
      case "malformed":
        this.#deliver(damaged(text, this.#gate.rng));
        break;
      case "burst":
        this.#collected.push(text);
        this.#alarm(active.settings.delayMicros, () => this.#burst());
        break;
      default:
        this.#deliver(text);
    }
  }

  #deliver(text: string): void {
    if (this.#ended) return;
    this.#peer.send(text);
    if (!this.#looping) return;
    this.#looping = false;
    this.cut(GOING_AWAY, "going away");
  }

  #overtake(text: string): void {
    this.#cancelAlarm();
    this.#deliver(text);
    this.#releaseOvertaken();
  }

  #releaseOvertaken(): void {
    const text = this.#overtaken;
    this.#overtaken = null;
    if (text !== null) this.#deliver(text);
  }

  #collect(text: string): void {
    this.#collected.push(text);
    if (this.#collected.length < MAX_COLLECTED) return;
    this.#cancelAlarm();
    this.#burst();
  }

  #burst(): void {
    const collected = this.#collected;
    this.#collected = [];
    for (const text of collected) this.#deliver(text);
  }

  #alarm(delayMicros: number, run: () => void): void {
    this.#cancelAlarm = this.#gate.clock.after(delayMicros, run);
  }
}

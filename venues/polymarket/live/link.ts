import {
  type Cancel,
  fullJitter,
  type Micros,
  type NetSocket,
  type SessionEnv,
  type SocketEnd,
} from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";

const CONNECT_TIMEOUT_MICROS = 15_000_000;
/** The venue's own client (unified SDK): text PING every 10 s, stale after 30 s, full jitter from 250 ms to 30 s. */
const PING_MICROS = 10_000_000;
const STALE_MICROS = 30_000_000;
const BASE_MICROS = 250_000;
const CAP_MICROS = 30_000_000;
/** A connection that lived this long begins the next back-off from the start. */
const STABLE_MICROS = 30_000_000;
/** A refused upgrade may state a wait, as the shell words it. */
const RETRY_AFTER = /retry after (\d{1,5})\b/;

export interface LinkEvents {
  opened(at: Micros): void;
  message(bytes: Uint8Array, start: number, end: number, at: Micros): void;
  /** It was open and no longer is. */
  lost(at: Micros): void;
  /** Every end, also of attempts that never opened. False: do not connect again. */
  again(end: SocketEnd, opened: boolean): boolean;
}

/** One websocket that keeps itself alive and connects itself again until it is stopped. */
export class Link {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #url: string;
  readonly #events: LinkEvents;
  /** Sockets that have not said `closed` yet; the last one may be in use. */
  readonly #alive = new Set<NetSocket>();
  readonly #alarms: Cancel[] = [];
  #socket: NetSocket | null = null;
  /** Numbers attempts: what an abandoned socket still says is not heard. */
  #attempt = 0;
  #failures = 0;
  #running = false;
  #onStopped: (() => void) | null = null;
  isOpen = false;
  openedAt = 0 as Micros;
  lastByteAt = 0 as Micros;
  reconnects = 0;

  constructor(env: SessionEnv, scope: Scope, url: string, events: LinkEvents) {
    this.#env = env;
    this.#scope = scope;
    this.#url = url;
    this.#events = events;
  }

  start(): void {
    if (this.#running || this.#scope.ended) return;
    this.#running = true;
    this.#connect();
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** Gives the connection up and makes a new one, without waiting for the old one's end. */
  drop(detail: string): void {
    this.#ended({ kind: "closed", code: 0, detail });
  }

  /** Ends it for good; `done` once no socket is left. It may be started again after that. */
  stop(done: () => void): void {
    this.#running = false;
    this.#onStopped = done;
    const wasOpen = this.#abandon();
    if (wasOpen) this.#events.lost(this.#env.clock.now());
    this.#settle();
  }

  #connect(): void {
    const attempt = ++this.#attempt;
    const isCurrent = (): boolean => attempt === this.#attempt;
    const socket = this.#env.connect(
      this.#url,
      { "user-agent": this.#env.userAgent },
      {
        opened: (at) => {
          if (isCurrent()) this.#opened(at);
        },
        message: (bytes, start, end, at) => {
          if (!isCurrent()) return;
          this.lastByteAt = at;
          this.#events.message(bytes, start, end, at);
        },
        pinged: (at) => {
          if (isCurrent()) this.lastByteAt = at;
        },
        closed: (end) => {
          this.#alive.delete(socket);
          if (isCurrent()) this.#ended(end);
          this.#settle();
        },
      },
    );
    this.#socket = socket;
    this.#alive.add(socket);
    this.#alarm(CONNECT_TIMEOUT_MICROS, () => {
      if (!this.isOpen) this.drop("no handshake in time");
    });
  }

  #opened(at: Micros): void {
    this.isOpen = true;
    this.openedAt = at;
    this.lastByteAt = at;
    this.#alarm(STABLE_MICROS, () => {
      this.#failures = 0;
    });
    this.#keepAlive();
    this.#events.opened(at);
  }

  #keepAlive(): void {
    this.#alarm(PING_MICROS, () => {
      const silentMicros = this.#env.clock.now() - this.lastByteAt;
      if (silentMicros >= STALE_MICROS) {
        const seconds = Math.round(silentMicros / 1e6);
        this.#env.report.refused("feed.heartbeat", `${this.#url}: silent for ${seconds} s`);
        this.drop("no sign of life");
        return;
      }
      this.send("PING");
      this.#keepAlive();
    });
  }

  #ended(end: SocketEnd): void {
    if (this.#socket === null) return;
    const wasOpen = this.#abandon();
    if (wasOpen) this.#events.lost(this.#env.clock.now());
    if (!this.#running || this.#scope.ended) return;
    if (!this.#events.again(end, wasOpen)) {
      this.#running = false;
      return;
    }
    const stated = end.kind === "refused" ? RETRY_AFTER.exec(end.detail)?.[1] : undefined;
    const jitter = fullJitter(this.#failures++, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
    const next = this.#attempt;
    this.#scope.after(Math.max(jitter, Number(stated ?? 0) * 1_000_000), () => {
      if (!this.#running || next !== this.#attempt) return;
      this.reconnects++;
      this.#connect();
    });
  }

  /** Lets go of the connection at hand. @returns whether it was open. */
  #abandon(): boolean {
    for (const cancel of this.#alarms.splice(0)) cancel();
    const socket = this.#socket;
    const wasOpen = this.isOpen;
    this.#attempt++;
    this.#socket = null;
    this.isOpen = false;
    if (socket !== null && this.#alive.has(socket)) socket.close();
    return wasOpen;
  }

  /** An alarm of the connection at hand. */
  #alarm(delayMicros: number, run: () => void): void {
    const cancel = this.#scope.after(delayMicros, () => {
      this.#alarms.splice(this.#alarms.indexOf(cancel), 1);
      run();
    });
    this.#alarms.push(cancel);
  }

  #settle(): void {
    if (this.#onStopped === null || this.#alive.size > 0) return;
    const done = this.#onStopped;
    this.#onStopped = null;
    done();
  }
}

import type { Cancel, Micros, NetSocket, SessionEnv, SocketEnd } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { Backoff } from "./backoff.ts";

const CONNECT_TIMEOUT_MICROS = 10_000_000;
/** The venue pings every 10 s; two missed pings and some slack mean that nobody is there. */
const HEARTBEAT_MICROS = 25_000_000;
/** Reconnects: full jitter from 250 ms to 30 s, as the venue's own clients do. */
const BASE_MICROS = 250_000;
const CAP_MICROS = 30_000_000;
/** A connection that lived this long begins the next back-off from the start. */
const STABLE_MICROS = 30_000_000;

export interface LinkEvents {
  opened(at: Micros): void;
  message(bytes: Uint8Array, start: number, end: number, at: Micros): void;
  /** It was open and no longer is. */
  lost(at: Micros): void;
  /** Every end, also of attempts that never opened. False: do not connect again. */
  again(end: SocketEnd, opened: boolean): boolean;
}

/** One websocket that connects itself again until it is stopped. */
export class Link {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #url: string;
  readonly #headers: () => Readonly<Record<string, string>>;
  readonly #events: LinkEvents;
  readonly #backoff: Backoff;
  /** Sockets that have not said `closed` yet; the last one may be in use. */
  readonly #alive = new Set<NetSocket>();
  #socket: NetSocket | null = null;
  /** Numbers attempts: what an abandoned socket still says is not heard. */
  #attempt = 0;
  #stopped = true;
  #onStopped: (() => void) | null = null;
  /** Alarms of the attempt at hand. */
  #handshake: Cancel | null = null;
  #stable: Cancel | null = null;
  #heartbeat: Cancel | null = null;
  open = false;
  openedAt = 0 as Micros;
  lastByteAt = 0 as Micros;
  reconnects = 0;

  constructor(
    env: SessionEnv,
    scope: Scope,
    url: string,
    headers: () => Readonly<Record<string, string>>,
    events: LinkEvents,
  ) {
    this.#env = env;
    this.#scope = scope;
    this.#url = url;
    this.#headers = headers;
    this.#events = events;
    this.#backoff = new Backoff(env.rng, BASE_MICROS, CAP_MICROS);
  }

  start(): void {
    if (!this.#stopped || this.#scope.ended) return;
    this.#stopped = false;
    this.#connect();
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** Gives the connection up and makes a new one, without waiting for the old one's end. */
  drop(detail: string): void {
    if (this.#socket !== null) this.#ended({ kind: "closed", code: 0, detail }, this.#attempt);
  }

  /** Ends it for good; `done` once no socket is left. */
  stop(done: () => void): void {
    this.#stopped = true;
    this.#onStopped = done;
    this.#quiet();
    const socket = this.#socket;
    this.#socket = null;
    this.#attempt++;
    if (this.open) {
      this.open = false;
      this.#events.lost(this.#env.clock.now());
    }
    socket?.close();
    this.#settle();
  }

  #connect(): void {
    const attempt = ++this.#attempt;
    const current = (): boolean => attempt === this.#attempt;
    const socket = this.#env.connect(this.#url, this.#headers(), {
      opened: (at) => {
        if (current()) this.#opened(at);
      },
      message: (bytes, start, end, at) => {
        if (!current()) return;
        this.lastByteAt = at;
        this.#events.message(bytes, start, end, at);
      },
      pinged: (at) => {
        if (current()) this.lastByteAt = at;
      },
      closed: (end) => {
        this.#alive.delete(socket);
        if (current()) this.#ended(end, attempt);
        this.#settle();
      },
    });
    this.#socket = socket;
    this.#alive.add(socket);
    this.#handshake = this.#scope.after(CONNECT_TIMEOUT_MICROS, () => {
      if (current() && !this.open) this.drop("no handshake in time");
    });
  }

  #opened(at: Micros): void {
    this.open = true;
    this.openedAt = at;
    this.lastByteAt = at;
    this.#handshake?.();
    this.#stable = this.#scope.after(STABLE_MICROS, () => this.#backoff.succeeded());
    this.#watch(HEARTBEAT_MICROS);
    this.#events.opened(at);
  }

  /** One alarm at a time, however many messages come. */
  #watch(delayMicros: number): void {
    this.#heartbeat = this.#scope.after(delayMicros, () => {
      const silent = this.#env.clock.now() - this.lastByteAt;
      if (silent < HEARTBEAT_MICROS) this.#watch(HEARTBEAT_MICROS - silent);
      else {
        this.#env.report.refused("feed.heartbeat", `${this.#url}: silent for ${Math.round(silent / 1e6)} s`);
        this.drop("no sign of life");
      }
    });
  }

  #ended(end: SocketEnd, attempt: number): void {
    if (attempt !== this.#attempt) return;
    this.#quiet();
    const socket = this.#socket;
    const wasOpen = this.open;
    this.#attempt++;
    this.#socket = null;
    this.open = false;
    if (socket !== null && this.#alive.has(socket)) socket.close();
    if (wasOpen) this.#events.lost(this.#env.clock.now());
    if (this.#stopped || !this.#events.again(end, wasOpen)) {
      this.#stopped = true;
      return;
    }
    this.reconnects++;
    const next = this.#attempt;
    this.#scope.after(this.#backoff.next(), () => {
      if (!this.#stopped && next === this.#attempt) this.#connect();
    });
  }

  #quiet(): void {
    this.#handshake?.();
    this.#stable?.();
    this.#heartbeat?.();
  }

  #settle(): void {
    if (this.#onStopped === null || this.#alive.size > 0) return;
    const done = this.#onStopped;
    this.#onStopped = null;
    done();
  }
}

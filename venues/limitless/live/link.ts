import { z } from "zod";
import {
  type Cancel,
  fullJitter,
  type Micros,
  type NetSocket,
  type SessionEnv,
  type SocketEnd,
} from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { readBody, textOf } from "../json.ts";
import { CONNECT, eventPacket, PONG, readPacket, SOCKET_PATH } from "../packets.ts";

const HANDSHAKE_MICROS = 15_000_000;
const BASE_MICROS = 250_000;
const CAP_MICROS = 30_000_000;
/** A connection that lived this long begins the next back-off from the start. */
const STABLE_MICROS = 30_000_000;
/** A refused upgrade may state a wait, as the shell words it. */
const RETRY_AFTER = /retry after (\d{1,5})\b/;
/** Heartbeat of engine.io 4 where the handshake states none: a ping every 25 s, an answer within 20 s. */
const USUAL = { pingInterval: 25_000, pingTimeout: 20_000 };
const millis = z.number().min(1_000).max(120_000);
const handshakeSchema = z.object({ pingInterval: millis, pingTimeout: millis }).catch(USUAL);
/** Control packets are short; longer ones are events and pass unread. */
const MAX_CONTROL = 512;

export interface LinkEvents {
  opened(at: Micros): void;
  /** The namespace was joined: it may be subscribed. */
  ready(): void;
  message(bytes: Uint8Array, start: number, end: number, at: Micros): void;
  /** It was open and no longer is. */
  lost(at: Micros): void;
  /** Every end, also of attempts that never opened. False: do not connect again. */
  again(end: SocketEnd, opened: boolean): boolean;
}

/** One socket.io connection that keeps itself alive and connects itself again until it is stopped. */
export class Link {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #events: LinkEvents;
  /** Sockets that have not said `closed` yet; the last one may be in use. */
  readonly #alive = new Set<NetSocket>();
  readonly #alarms = new Set<Cancel>();
  #socket: NetSocket | null = null;
  /** Numbers attempts: what an abandoned socket still says is not heard. */
  #attempt = 0;
  #failures = 0;
  #running = false;
  #isOpen = false;
  #silence: Cancel = () => {};
  #silenceMicros = (USUAL.pingInterval + USUAL.pingTimeout) * 1_000;
  #onStopped: (() => void) | null = null;
  isReady = false;
  openedAt = 0 as Micros;
  lastByteAt = 0 as Micros;
  reconnects = 0;

  constructor(env: SessionEnv, scope: Scope, events: LinkEvents) {
    this.#env = env;
    this.#scope = scope;
    this.#events = events;
  }

  start(): void {
    if (this.#running || this.#scope.ended) return;
    this.#running = true;
    this.#connect();
  }

  emit(name: string, payload: unknown): void {
    if (this.isReady) this.#socket?.send(eventPacket(name, payload));
  }

  /** Ends it for good; `done` once no socket is left. It may be started again after that. */
  stop(done: () => void): void {
    this.#running = false;
    this.#onStopped = done;
    if (this.#abandon()) this.#events.lost(this.#env.clock.now());
    this.#settle();
  }

  #connect(): void {
    const attempt = ++this.#attempt;
    const isCurrent = (): boolean => attempt === this.#attempt;
    const url = `${this.#env.hosts["ws"] ?? ""}${SOCKET_PATH}`;
    const socket = this.#env.connect(
      url,
      { "user-agent": this.#env.userAgent },
      {
        opened: (at) => {
          if (isCurrent()) this.#opened(at);
        },
        message: (bytes, start, end, at) => {
          if (isCurrent()) this.#message(bytes, start, end, at);
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
    this.#alarm(HANDSHAKE_MICROS, () => {
      if (!this.isReady) this.#drop("no handshake in time");
    });
  }

  #opened(at: Micros): void {
    this.#isOpen = true;
    this.openedAt = at;
    this.lastByteAt = at;
    this.#watch();
    this.#events.opened(at);
  }

  #message(bytes: Uint8Array, start: number, end: number, at: Micros): void {
    this.lastByteAt = at;
    this.#events.message(bytes, start, end, at);
    if (end - start > MAX_CONTROL || !this.#isOpen) return;
    const packet = readPacket(textOf(bytes, start, end) ?? "");
    if (typeof packet === "string") return;
    switch (packet.kind) {
      case "open": {
        const { pingInterval, pingTimeout } = handshakeSchema.parse(
          readBody(new TextEncoder().encode(packet.body)),
        );
        this.#silenceMicros = (pingInterval + pingTimeout) * 1_000;
        this.#watch();
        this.#socket?.send(CONNECT);
        break;
      }
      case "connected":
        this.#joined();
        break;
      case "ping":
        this.#socket?.send(PONG);
        break;
      case "refused":
        this.#env.report.refused(
          "feed.subscription_refused",
          `namespace refused: ${packet.body.slice(0, 100)}`,
        );
        this.#drop("namespace refused");
        break;
      case "disconnected":
      case "close":
        this.#drop("the venue ended the session");
        break;
      default:
    }
  }

  #joined(): void {
    if (this.isReady) return;
    this.isReady = true;
    this.#alarm(STABLE_MICROS, () => {
      this.#failures = 0;
    });
    this.#events.ready();
  }

  /** The venue pings; when nothing at all came for that long and its grace, nobody is there. */
  #watch(): void {
    this.#silence();
    const silentSoFar = this.#env.clock.now() - this.lastByteAt;
    this.#silence = this.#alarm(Math.max(0, this.#silenceMicros - silentSoFar), () => {
      const silentMicros = this.#env.clock.now() - this.lastByteAt;
      if (silentMicros < this.#silenceMicros) this.#watch();
      else {
        this.#env.report.refused(
          "feed.heartbeat",
          `websocket silent for ${Math.round(silentMicros / 1e6)} s`,
        );
        this.#drop("no sign of life");
      }
    });
  }

  /** Gives the connection up and makes a new one, without waiting for the old one's end. */
  #drop(detail: string): void {
    this.#ended({ kind: "closed", code: 0, detail });
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
    this.reconnects++;
    const stated = end.kind === "refused" ? RETRY_AFTER.exec(end.detail)?.[1] : undefined;
    const jitter = fullJitter(this.#failures++, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
    const next = this.#attempt;
    this.#scope.after(Math.max(jitter, Number(stated ?? 0) * 1_000_000), () => {
      if (this.#running && next === this.#attempt) this.#connect();
    });
  }

  /** Lets go of the connection at hand. @returns whether it was open. */
  #abandon(): boolean {
    for (const cancel of [...this.#alarms]) cancel();
    const socket = this.#socket;
    const wasOpen = this.#isOpen;
    this.#attempt++;
    this.#socket = null;
    this.#isOpen = false;
    this.isReady = false;
    if (socket !== null && this.#alive.has(socket)) socket.close();
    return wasOpen;
  }

  /** An alarm of the connection at hand. */
  #alarm(delayMicros: number, run: () => void): Cancel {
    const undo = this.#scope.after(delayMicros, () => {
      this.#alarms.delete(cancel);
      run();
    });
    const cancel = (): void => {
      this.#alarms.delete(cancel);
      undo();
    };
    this.#alarms.add(cancel);
    return cancel;
  }

  #settle(): void {
    if (this.#onStopped === null || this.#alive.size > 0) return;
    const done = this.#onStopped;
    this.#onStopped = null;
    done();
  }
}

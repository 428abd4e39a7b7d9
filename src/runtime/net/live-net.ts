import type {
  Cancel,
  HttpOutcome,
  HttpRequest,
  Net,
  NetSocket,
  SocketHandlers,
  Timers,
} from "../../contracts/index.ts";
import type { RateCeiling } from "./ceiling.ts";
import { HttpExchange } from "./http-exchange.ts";
import { HttpOrigin, type OriginLimits } from "./http-origin.ts";
import { LiveSocket, type SocketLimits } from "./live-socket.ts";

/** Everything that bounds the network. */
export interface LiveNetLimits extends OriginLimits, SocketLimits {
  /** Different origins (scheme, host, port) that are spoken to. */
  readonly maxOrigins: number;
  readonly maxSockets: number;
}

const DEFAULT_LIMITS: LiveNetLimits = {
  maxInFlight: 32,
  maxUrgentInFlight: 8,
  maxWaiting: 1_000,
  connectTimeoutMs: 5_000,
  idleMs: 30_000,
  maxMessageBytes: 16 * 1024 * 1024,
  maxSendBytes: 4 * 1024 * 1024,
  handshakeTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
  maxOrigins: 64,
  maxSockets: 256,
};

export interface LiveNetOptions {
  readonly clock: Timers;
  /** Published limits by origin, e.g. `https://clob.polymarket.com`. An origin without one is not paced. */
  readonly ceilings?: Readonly<Record<string, RateCeiling>>;
  readonly limits?: Partial<LiveNetLimits>;
}

/** What is open now, for leak checks. */
export interface OpenHandles {
  readonly requests: number;
  readonly sockets: number;
  readonly connections: number;
}

/**
 * The real network: `undici` for requests, `ws` for sockets. No proxies, no redirects, no compression: an answer is
 * handed on as the venue sent it. Nothing here throws for what the network does.
 */
export class LiveNet implements Net {
  readonly #clock: Timers;
  readonly #ceilings: Readonly<Record<string, RateCeiling>>;
  readonly #limits: LiveNetLimits;
  readonly #origins = new Map<string, HttpOrigin>();
  readonly #exchanges = new Set<HttpExchange>();
  readonly #sockets = new Set<LiveSocket>();
  #closing: Promise<void> | null = null;
  #socketsGone: (() => void) | null = null;

  constructor(options: LiveNetOptions) {
    this.#clock = options.clock;
    this.#ceilings = options.ceilings ?? {};
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  open(): OpenHandles {
    let connections = 0;
    for (const origin of this.#origins.values()) connections += origin.connections;
    return { requests: this.#exchanges.size, sockets: this.#sockets.size, connections };
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): Cancel {
    const url = URL.parse(request.url);
    const origin = url?.origin ?? "";
    const path = url === null ? "/" : url.pathname + url.search;
    const exchange = new HttpExchange({
      clock: this.#clock,
      request,
      origin,
      path,
      done: (outcome) => {
        this.#exchanges.delete(exchange);
        done(outcome);
      },
    });
    this.#exchanges.add(exchange);
    const later = (run: () => void) => this.#clock.after(0, run);
    const target = url === null || this.#closing !== null ? null : this.#origin(origin);
    if (target === null) later(() => exchange.end("unreachable", `cannot ask ${request.url}`));
    // A cancel must not wait behind polls: venues take cancels as DELETE.
    else if (!target.enqueue(exchange, request.method === "DELETE"))
      later(() => exchange.end("queue_full", `too many requests wait for ${origin}`));
    return () => {
      if (!exchange.over) later(() => exchange.end("cancelled", "cancelled"));
    };
  }

  connect(url: string, headers: Readonly<Record<string, string>>, handlers: SocketHandlers): NetSocket {
    const allowed = this.#closing === null && this.#sockets.size < this.#limits.maxSockets;
    // An empty address ends as any other that cannot be reached.
    const address = allowed ? url : "";
    const gone = (ended: LiveSocket) => {
      this.#sockets.delete(ended);
      if (this.#sockets.size === 0) this.#socketsGone?.();
    };
    const socket = new LiveSocket(address, headers, handlers, this.#limits, this.#clock, gone);
    this.#sockets.add(socket);
    return socket;
  }

  /** Ends everything, each with its last callback; resolves once nothing is open any more. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    for (const exchange of [...this.#exchanges]) exchange.end("cancelled", "the network was closed");
    const socketsGone = new Promise<void>((resolve) => {
      this.#socketsGone = resolve;
      if (this.#sockets.size === 0) resolve();
    });
    for (const socket of [...this.#sockets]) socket.drop("the network was closed");
    await Promise.all([socketsGone, ...[...this.#origins.values()].map((origin) => origin.close())]);
  }

  #origin(origin: string): HttpOrigin | null {
    const known = this.#origins.get(origin);
    if (known !== undefined) return known;
    if (this.#origins.size >= this.#limits.maxOrigins || !/^https?:/.test(origin)) return null;
    const created = new HttpOrigin(origin, this.#limits, this.#ceilings[origin] ?? null, this.#clock);
    this.#origins.set(origin, created);
    return created;
  }
}

import PQueue from "p-queue";
import { Pool } from "undici";
import type { Clock } from "../../contracts/index.ts";
import { Ceiling, type RateCeiling } from "./ceiling.ts";
import type { HttpExchange } from "./http-exchange.ts";

/** Bounds of one origin. */
export interface OriginLimits {
  /** Requests under way at once; each has a connection of its own. */
  readonly maxInFlight: number;
  /** Requests that may wait for a place. */
  readonly maxWaiting: number;
  readonly connectTimeoutMs: number;
  readonly idleMs: number;
}

const URGENT = 1;
const USUAL = 0;

/** One origin: its connections, a bound on requests in flight, and a ceiling on how often they leave. */
export class HttpOrigin {
  readonly #limits: OriginLimits;
  readonly #pool: Pool;
  readonly #queue: PQueue;
  readonly #ceiling: Ceiling | null;
  #connections = 0;

  constructor(origin: string, limits: OriginLimits, ceiling: RateCeiling | null, clock: Clock) {
    this.#limits = limits;
    this.#ceiling = ceiling === null ? null : new Ceiling(ceiling, clock);
    this.#queue = new PQueue({ concurrency: limits.maxInFlight });
    this.#pool = new Pool(origin, {
      connections: limits.maxInFlight,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: limits.connectTimeoutMs },
      keepAliveTimeout: limits.idleMs,
      keepAliveMaxTimeout: limits.idleMs,
    });
    this.#pool.on("connect", () => this.#connections++);
    this.#pool.on("disconnect", () => this.#connections--);
  }

  /** Connections that are open, in use or kept alive. */
  get connections(): number {
    return this.#connections;
  }

  /** @param urgent goes before everything that waits (cancels). @returns false: too many wait. */
  enqueue(exchange: HttpExchange, urgent: boolean): boolean {
    if (this.#queue.size >= this.#limits.maxWaiting) return false;
    const go = () => {
      const run = () => new Promise<void>((release) => exchange.start(this.#pool, release));
      void this.#queue.add(run, { priority: urgent ? URGENT : USUAL });
    };
    if (this.#ceiling === null) {
      go();
      return true;
    }
    return this.#ceiling.pass(urgent, go);
  }

  /** Drops what waits and breaks what is under way. */
  async close(): Promise<void> {
    await this.#ceiling?.close();
    this.#queue.clear();
    await this.#pool.destroy();
  }
}

import PQueue from "p-queue";
import { Pool } from "undici";
import type { Clock } from "../../contracts/index.ts";
import { Ceiling, type RateCeiling } from "./ceiling.ts";
import type { HttpExchange } from "./http-exchange.ts";

/** Bounds of one origin. */
export interface OriginLimits {
  /** Requests under way at once; each has a connection of its own. Not less than the sum over the venue's rate classes. */
  readonly maxInFlight: number;
  /** Places besides these that only urgent requests may take, so that polls that hang hold up no cancel. */
  readonly maxUrgentInFlight: number;
  /** Requests that may wait for a place of either kind. */
  readonly maxWaiting: number;
  readonly connectTimeoutMs: number;
  readonly idleMs: number;
}

/** One origin: its connections, a bound on requests in flight, and a ceiling on how often they leave. */
export class HttpOrigin {
  readonly #limits: OriginLimits;
  readonly #pool: Pool;
  readonly #usual: PQueue;
  readonly #urgent: PQueue;
  readonly #ceiling: Ceiling | null;
  #connections = 0;

  constructor(origin: string, limits: OriginLimits, ceiling: RateCeiling | null, clock: Clock) {
    this.#limits = limits;
    this.#ceiling = ceiling === null ? null : new Ceiling(ceiling, clock);
    this.#usual = new PQueue({ concurrency: limits.maxInFlight });
    this.#urgent = new PQueue({ concurrency: limits.maxUrgentInFlight });
    this.#pool = new Pool(origin, {
      connections: limits.maxInFlight + limits.maxUrgentInFlight,
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

  /** @param urgent waits for no other kind (cancels). @returns false: too many wait. */
  enqueue(exchange: HttpExchange, urgent: boolean): boolean {
    const queue = urgent ? this.#urgent : this.#usual;
    if (queue.size >= this.#limits.maxWaiting) return false;
    const go = () => {
      void queue.add(() => new Promise<void>((release) => exchange.start(this.#pool, release)));
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
    this.#usual.clear();
    this.#urgent.clear();
    await this.#pool.destroy();
  }
}

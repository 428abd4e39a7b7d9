import type { Micros } from "../../contracts/index.ts";

const MICROS = 1_000_000;
/** Float error of many refills; without it a request could wait for its own alarm for ever. */
const TOLERANCE = 1e-6;

/**
 * Token bucket with a changing rate. What leaves within any `t` seconds is at most
 * `max(capacity, largest cost) + perSecond x t` units.
 */
export class TokenBucket {
  #perSecond: number;
  #capacity: number;
  #level: number;
  /** Refilled up to here; in the future while it is held empty. */
  #at: number;

  /** Starts full. @param perSecond units per second, above 0. @param capacity units, above 0. */
  constructor(perSecond: number, capacity: number, now: Micros) {
    this.#perSecond = perSecond;
    this.#capacity = capacity;
    this.#level = capacity;
    this.#at = now;
  }

  /** From now on refills at this rate up to this capacity; what is above is lost. */
  resize(perSecond: number, capacity: number, now: Micros): void {
    this.#refill(now);
    this.#perSecond = perSecond;
    this.#capacity = capacity;
    this.#level = Math.min(this.#level, capacity);
  }

  /** True when `cost` is covered. A cost above the capacity is covered by a full bucket and leaves a debt. */
  covers(cost: number, now: Micros): boolean {
    this.#refill(now);
    return this.#level + TOLERANCE >= Math.min(cost, this.#capacity);
  }

  /** Takes `cost` if it is covered. */
  take(cost: number, now: Micros): boolean {
    if (!this.covers(cost, now)) return false;
    this.#level -= cost;
    return true;
  }

  /** Earliest instant at which `cost` is covered if nothing else leaves. */
  readyAt(cost: number, now: Micros): Micros {
    if (this.covers(cost, now)) return now;
    const missing = Math.min(cost, this.#capacity) - this.#level;
    // Rounded before it is added: an instant of today is too large to carry a fraction of a microsecond.
    return (Math.max(now, this.#at) + Math.ceil((missing / this.#perSecond) * MICROS)) as Micros;
  }

  /** Empties it, and lets it fill from `until` on: nothing saved up meanwhile leaves at once afterwards. */
  emptyUntil(until: Micros): void {
    this.#level = Math.min(this.#level, 0);
    this.#at = Math.max(this.#at, until);
  }

  #refill(now: number): void {
    if (now <= this.#at) return;
    const filled = this.#level + ((now - this.#at) * this.#perSecond) / MICROS;
    this.#level = Math.min(this.#capacity, filled);
    this.#at = now;
  }
}

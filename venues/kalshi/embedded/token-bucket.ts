/** A token bucket of the venue: refills continuously up to its capacity, takes a request only whole. */
export class TokenBucket {
  readonly refillPerSecond: number;
  readonly capacity: number;
  #tokens: number;
  #at = 0;

  constructor(refillPerSecond: number, capacity: number) {
    this.refillPerSecond = refillPerSecond;
    this.capacity = capacity;
    this.#tokens = capacity;
  }

  /** Takes `cost` tokens at an instant in microseconds; false, and nothing taken, when they are not there. */
  take(cost: number, nowMicros: number): boolean {
    const grown = this.#tokens + ((nowMicros - this.#at) * this.refillPerSecond) / 1_000_000;
    this.#tokens = Math.min(this.capacity, grown);
    this.#at = nowMicros;
    if (cost > this.#tokens) return false;
    this.#tokens -= cost;
    return true;
  }
}

import type { Micros } from "../contracts/index.ts";

const BUCKETS = 20;
const SECOND = 1_000_000;

/** Events per second over a sliding window. Time is what the caller says it is; nothing is allocated by `add`. */
export class RateWindow {
  readonly #bucketMicros: number;
  readonly #counts = new Float64Array(BUCKETS);
  /** Number of the bucket that `#counts[number % BUCKETS]` holds now. */
  #newest = Number.NEGATIVE_INFINITY;
  #first = Number.NaN;
  #total = 0;

  /** @throws RangeError when the window is shorter than one microsecond a bucket. */
  constructor(windowMicros: number) {
    this.#bucketMicros = windowMicros / BUCKETS;
    if (!(this.#bucketMicros >= 1)) throw new RangeError(`window too short: ${windowMicros} us`);
  }

  /** All events ever counted. */
  get total(): number {
    return this.#total;
  }

  /** Counts `count` events at `now`; an instant before the window counts as its oldest. */
  add(count: number, now: Micros): void {
    this.#advance(now);
    const bucket = Math.max(this.#newest - BUCKETS + 1, Math.floor(now / this.#bucketMicros));
    this.#counts[modulo(bucket)]! += count;
    this.#total += count;
  }

  /** Events per second in the window that ends at `now`, or since the first event when that is shorter. */
  perSecond(now: Micros): number {
    if (Number.isNaN(this.#first)) return 0;
    this.#advance(now);
    let sum = 0;
    for (const count of this.#counts) sum += count;
    const covered = Math.min(now - this.#first, this.#bucketMicros * BUCKETS);
    return covered < this.#bucketMicros ? (sum * SECOND) / this.#bucketMicros : (sum * SECOND) / covered;
  }

  #advance(now: Micros): void {
    const bucket = Math.floor(now / this.#bucketMicros);
    if (Number.isNaN(this.#first)) {
      this.#first = now;
      this.#newest = bucket;
      return;
    }
    const steps = Math.min(bucket - this.#newest, BUCKETS);
    for (let i = 1; i <= steps; i++) this.#counts[modulo(bucket - steps + i)] = 0;
    if (bucket > this.#newest) this.#newest = bucket;
  }
}

/** Tallies by name with a bound on the number of names; what does not fit is counted under `other`. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #maxNames: number;

  constructor(maxNames: number) {
    this.#maxNames = maxNames;
  }

  add(name: string, count = 1): void {
    const known = this.#counts.has(name) || this.#counts.size < this.#maxNames;
    const key = known ? name : "other";
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  /** Names by falling count, equal counts by name. */
  ranked(): readonly { readonly name: string; readonly count: number }[] {
    return [...this.#counts]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  }
}

function modulo(bucket: number): number {
  return ((bucket % BUCKETS) + BUCKETS) % BUCKETS;
}

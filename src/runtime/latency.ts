import type { LatencySummary } from "../contracts/index.ts";

const BUCKETS = 512;

/**
 * Histogram of delays in microseconds: 8 linear steps per power of two, so a quantile is within 12.5 %.
 * Fixed size; recording allocates nothing.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #max = 0;

  record(micros: number): void {
    if (micros < 0) return;
    this.#counts[bucketOf(micros)]!++;
    this.#total++;
    if (micros > this.#max) this.#max = micros;
  }

  summary(): LatencySummary {
    return {
      count: this.#total,
      p50Micros: this.#quantile(0.5),
      p95Micros: this.#quantile(0.95),
      p99Micros: this.#quantile(0.99),
      maxMicros: this.#max,
    };
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#total * share);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0 && this.#total > 0) return Math.min(upperBound(bucket), this.#max);
    }
    return 0;
  }
}

function bucketOf(micros: number): number {
  let value = Math.trunc(micros);
  let halvings = 0;
  for (; value > 0x7fffffff; halvings++) value = Math.floor(value / 2);
  if (value < 8) return value;
  const power = 31 - Math.clz32(value);
  return Math.min(BUCKETS - 1, (power + halvings - 2) * 8 + ((value >> (power - 3)) & 7));
}

function upperBound(bucket: number): number {
  if (bucket < 8) return bucket;
  const power = (bucket >> 3) + 2;
  return (8 + (bucket & 7) + 1) * 2 ** (power - 3) - 1;
}

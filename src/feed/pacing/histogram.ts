const SUB_BITS = 4;
const SUB = 1 << SUB_BITS;
const EXACT = 2 * SUB;
const FIRST_EXPONENT = SUB_BITS + 1;
const BUCKETS = EXACT + (32 - FIRST_EXPONENT) * SUB;
const VALUE_MAX = 0xffff_ffff;

/** Quantiles of a `Histogram`; upper bounds that are at most 1/16 too high. 0 when nothing was counted. */
export interface Quantiles {
  readonly count: number;
  readonly p50Micros: number;
  readonly p95Micros: number;
  readonly p99Micros: number;
  readonly maxMicros: number;
}

/** Durations counted in a fixed number of buckets, 16 per power of two (as HdrHistogram); up to 71 minutes. */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #max = 0;

  add(micros: number): void {
    const value = Math.min(VALUE_MAX, Math.max(0, Math.floor(micros)));
    this.#counts[bucketOf(value)]!++;
    this.#count++;
    this.#max = Math.max(this.#max, value);
  }

  quantiles(): Quantiles {
    return {
      count: this.#count,
      p50Micros: this.#quantile(0.5),
      p95Micros: this.#quantile(0.95),
      p99Micros: this.#quantile(0.99),
      maxMicros: this.#max,
    };
  }

  #quantile(share: number): number {
    const rank = Math.ceil(share * this.#count);
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank && seen > 0) return Math.min(this.#max, upperBound(bucket));
    }
    return 0;
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return value;
  const exponent = 31 - Math.clz32(value);
  const sub = (value >>> (exponent - SUB_BITS)) & (SUB - 1);
  return EXACT + (exponent - FIRST_EXPONENT) * SUB + sub;
}

function upperBound(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const exponent = FIRST_EXPONENT + Math.floor((bucket - EXACT) / SUB);
  const sub = (bucket - EXACT) % SUB;
  return (SUB + sub + 1) * 2 ** (exponent - SUB_BITS) - 1;
}

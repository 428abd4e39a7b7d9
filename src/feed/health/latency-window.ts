/** Buckets per doubling: quantiles are right to 9 %. */
const STEPS = 4;
const BUCKETS = 128;
const SLICES = 6;

/** Quantiles of a latency over a sliding window, in fixed memory: a ring of histograms with logarithmic buckets. */
export class LatencyWindow {
  readonly #sliceMicros: number;
  readonly #counts = new Uint32Array(BUCKETS * SLICES);
  readonly #samples = new Float64Array(SLICES);
  #slice = 0;

  constructor(spanMicros: number) {
    this.#sliceMicros = spanMicros / SLICES;
  }

  add(now: number, micros: number): void {
    this.#turn(now);
    const slot = this.#slice % SLICES;
    this.#counts[slot * BUCKETS + bucketOf(micros)]!++;
    this.#samples[slot]!++;
  }

  /** Samples within the window. */
  count(now: number): number {
    this.#turn(now);
    return this.#samples.reduce((sum, each) => sum + each, 0);
  }

  /** Upper edge of the bucket that holds the quantile; 0 without samples. @param share 0 to 1. */
  quantile(now: number, share: number): number {
    const total = this.count(now);
    if (total === 0) return 0;
    let left = Math.max(1, Math.ceil(total * share));
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      for (let slot = 0; slot < SLICES; slot++) left -= this.#counts[slot * BUCKETS + bucket]!;
      if (left <= 0) return edgeOf(bucket);
    }
    return edgeOf(BUCKETS - 1);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#samples.fill(0);
  }

  #turn(now: number): void {
    const slice = Math.floor(now / this.#sliceMicros);
    if (slice - this.#slice >= SLICES) {
      this.clear();
      this.#slice = slice;
    }
    while (this.#slice < slice) {
      const slot = ++this.#slice % SLICES;
      this.#counts.fill(0, slot * BUCKETS, (slot + 1) * BUCKETS);
      this.#samples[slot] = 0;
    }
  }
}

function bucketOf(micros: number): number {
  if (!(micros > 1)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(micros) * STEPS));
}

function edgeOf(bucket: number): number {
  return 2 ** (bucket / STEPS);
}

/** Counts events of the last `spanMicros`, to the width of a bucket. Fixed memory. */
export class EventWindow {
  readonly #bucketMicros: number;
  readonly #counts: Float64Array;
  #bucket = 0;
  #total = 0;

  constructor(spanMicros: number, buckets: number) {
    this.#bucketMicros = spanMicros / buckets;
    this.#counts = new Float64Array(buckets);
  }

  add(now: number, events: number): void {
    this.#turn(now);
    this.#counts[this.#bucket % this.#counts.length]! += events;
    this.#total += events;
  }

  total(now: number): number {
    this.#turn(now);
    return this.#total;
  }

  /** Of the last `micros` only: of the whole buckets within them, at least the present one. */
  last(now: number, micros: number): number {
    this.#turn(now);
    const buckets = Math.min(this.#counts.length, Math.max(1, Math.floor(micros / this.#bucketMicros)));
    let sum = 0;
    for (let back = 0; back < buckets; back++) {
      sum += this.#counts[(this.#bucket - back + this.#counts.length) % this.#counts.length]!;
    }
    return sum;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  #turn(now: number): void {
    const bucket = Math.floor(now / this.#bucketMicros);
    if (bucket - this.#bucket >= this.#counts.length) {
      this.clear();
      this.#bucket = bucket;
    }
    while (this.#bucket < bucket) {
      const slot = ++this.#bucket % this.#counts.length;
      this.#total -= this.#counts[slot]!;
      this.#counts[slot] = 0;
    }
  }
}

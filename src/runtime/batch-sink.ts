import {
  FACT_BYTES,
  FACT_WORDS,
  type FactSink,
  type Kind,
  type Micros,
  type ObjectFact,
  type Side,
  writeFact,
} from "../contracts/index.ts";

/** An object fact and the number of packed records put before it. */
export interface PlacedObject {
  readonly before: number;
  readonly fact: ObjectFact;
  readonly at: Micros;
}

/**
 * Collects what a mapper makes of a few frames, in order, in one reused buffer.
 * The caller drains it after each frame, so its size is bounded by the largest frame.
 */
export class BatchSink implements FactSink {
  i32: Int32Array;
  f64: Float64Array;
  count = 0;
  readonly objects: PlacedObject[] = [];

  constructor(capacity = 1024) {
    const buffer = new ArrayBuffer(capacity * FACT_BYTES);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  put(
    kind: Kind,
    side: Side,
    flags: number,
    book: number,
    priceTicks: number,
    stream: number,
    lots: number,
    recvAt: number,
    venueAt: number,
    venueSeq: number,
  ): void {
    if ((this.count + 1) * FACT_WORDS > this.i32.length) this.#grow();
    writeFact(
      this.i32,
      this.f64,
      this.count * FACT_WORDS,
      kind,
      side,
      flags,
      book,
      priceTicks,
      stream,
      lots,
      recvAt,
      venueAt,
      venueSeq,
    );
    this.count++;
  }

  object(fact: ObjectFact, at: Micros): void {
    this.objects.push({ before: this.count, fact, at });
  }

  clear(): void {
    this.count = 0;
    if (this.objects.length > 0) this.objects.length = 0;
  }

  #grow(): void {
    const buffer = new ArrayBuffer(this.i32.byteLength * 2);
    const i32 = new Int32Array(buffer);
    i32.set(this.i32);
    this.i32 = i32;
    this.f64 = new Float64Array(buffer);
  }
}

import { FACT_BYTES, FACT_WORDS, type Micros, type ObjectFact } from "../../contracts/index.ts";
import type { LaneBatch, PlacedFact, PlacedLook } from "./messages.ts";

/** Packed records of one batch; a full one is sent at once. */
export const MAX_BATCH_RECORDS = 8192;

/** Collects facts for the lanes until they are sent. */
export class BatchBuilder {
  #records = new Int32Array(256 * FACT_WORDS);
  #seqs = new Float64Array(256);
  #count = 0;
  #objects: PlacedFact[] = [];
  #looks: PlacedLook[] = [];
  #nextId = 1;

  get isEmpty(): boolean {
    return this.#count === 0 && this.#objects.length === 0;
  }

  get isFull(): boolean {
    return this.#count >= MAX_BATCH_RECORDS || this.#objects.length >= MAX_BATCH_RECORDS;
  }

  /** Copies one packed record. */
  packed(i32: Int32Array, index: number, seq: number): void {
    if (this.#count === this.#seqs.length) this.#grow();
    const from = index * FACT_WORDS;
    const to = this.#count * FACT_WORDS;
    for (let word = 0; word < FACT_WORDS; word++) this.#records[to + word] = i32[from + word]!;
    this.#seqs[this.#count++] = seq;
  }

  object(fact: ObjectFact, at: Micros, seq: number): void {
    this.#objects.push({ before: this.#count, fact, at, seq });
  }

  /** After the packed record put last. */
  look(book: number): void {
    this.#looks.push({ before: this.#count, book });
  }

  /** The batch so far, with its next number; the builder is empty after it. */
  take(): LaneBatch {
    const batch: LaneBatch = {
      kind: "batch",
      id: this.#nextId++,
      count: this.#count,
      records: this.#records.buffer.slice(0, this.#count * FACT_BYTES) as ArrayBuffer,
      seqs: this.#seqs.slice(0, this.#count),
      objects: this.#objects,
      looks: this.#looks,
    };
    this.#count = 0;
    this.#objects = [];
    this.#looks = [];
    return batch;
  }

  #grow(): void {
    const records = new Int32Array(this.#records.length * 2);
    records.set(this.#records);
    this.#records = records;
    const seqs = new Float64Array(this.#seqs.length * 2);
    seqs.set(this.#seqs);
    this.#seqs = seqs;
  }
}

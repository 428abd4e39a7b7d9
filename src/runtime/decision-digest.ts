import { createHash } from "node:crypto";
import type { Decision, Kind, Side } from "../contracts/index.ts";

/** Facts between two links of the chain. */
export const CHECKPOINT_FACTS = 1000;

const PACKED_INTS = 6;

/**
 * The digest of a run: a SHA-256 chain over every decision and, at each checkpoint, over the state of all books.
 * Two runs with equal digests judged the same facts alike, in the same order, to the last tick.
 */
export class DecisionDigest {
  #link = "";
  #packed = new Int32Array(4096 * PACKED_INTS);
  #count = 0;
  #objects: string[] = [];

  /** Digest of everything up to the last `link`. */
  get value(): string {
    return this.#link;
  }

  packed(kind: Kind, side: Side, book: number, reason: number, factSeq: number): void {
    if ((this.#count + 1) * PACKED_INTS > this.#packed.length) {
      const larger = new Int32Array(this.#packed.length * 2);
      larger.set(this.#packed);
      this.#packed = larger;
    }
    const at = this.#count++ * PACKED_INTS;
    this.#packed[at] = kind;
    this.#packed[at + 1] = side;
    this.#packed[at + 2] = book;
    this.#packed[at + 3] = reason;
    this.#packed[at + 4] = factSeq | 0;
    this.#packed[at + 5] = Math.floor(factSeq / 4_294_967_296);
  }

  object(decision: Decision, factSeq: number): void {
    this.#objects.push(`${this.#count}|${factSeq}|${JSON.stringify(decision)}`);
  }

  /** Closes a block: chains the decisions since the last link and the state of the books. */
  link(factSeq: number, stateA: number, stateB: number): string {
    const hash = createHash("sha256");
    hash.update(`${this.#link}|${factSeq}|${stateA >>> 0}|${stateB >>> 0}|${this.#count}|`);
    hash.update(new Uint8Array(this.#packed.buffer, 0, this.#count * PACKED_INTS * 4));
    for (const text of this.#objects) hash.update(`\n${text}`);
    this.#link = hash.digest("hex");
    this.#count = 0;
    this.#objects.length = 0;
    return this.#link;
  }
}

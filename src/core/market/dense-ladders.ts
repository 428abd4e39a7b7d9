import { ASK, BID } from "../../contracts/index.ts";
import { BlockPool } from "./block-pool.ts";

/** Slots per side of each dense class: a cent, a tenth and a hundredth of a cent grid over a payout of one. */
export const DENSE_SLOTS = [128, 1024, 16_384] as const;
const BLOCKS_PER_PAGE_LOG2 = [8, 5, 1] as const;

/**
 * Dense ladders: a size per price slot and an occupancy bitmap, both sides in one block:
 * `[bid lots x N][ask lots x N][bid bitmap N/32 words][ask bitmap N/32 words]`.
 * Setting a level is one store; the next best price is a scan of 32 slots per word.
 */
export class DenseLadders {
  readonly #pools = DENSE_SLOTS.map(
    (slots, i) => new BlockPool(2 * slots + slots / 32, BLOCKS_PER_PAGE_LOG2[i]!),
  );

  bytesPerBook(kind: number): number {
    return this.#pools[kind]!.bytesPerBlock;
  }

  take(kind: number): number {
    return this.#pools[kind]!.take();
  }

  /** Hands a block back; it must have been cleared. */
  release(kind: number, block: number): void {
    this.#pools[kind]!.release(block);
  }

  get(kind: number, block: number, side: number, slot: number): number {
    const pool = this.#pools[kind]!;
    return pool.page(block)[pool.offset(block) + side * DENSE_SLOTS[kind]! + slot]!;
  }

  /**
   * Sets a slot to `value`, or adds it when `relative`; below zero clamps to zero.
   * Writes the size before and after to `applied`.
   * @returns the unclamped size after.
   */
  put(
    kind: number,
    block: number,
    side: number,
    slot: number,
    value: number,
    relative: boolean,
    applied: Float64Array,
  ): number {
    const pool = this.#pools[kind]!;
    const page = pool.pages[block >> pool.shift]!;
    const base = (block & ((1 << pool.shift) - 1)) * pool.blockDoubles;
    const slots = DENSE_SLOTS[kind]!;
    const at = base + (side === BID ? 0 : slots) + slot;
    const before = page[at]!;
    const wanted = relative ? before + value : value;
    const after = Math.max(wanted, 0);
    page[at] = after;
    applied[0] = before;
    applied[1] = after;
    if (before === 0 || after === 0) {
      const words = pool.words[block >> pool.shift]!;
      const word = (base + 2 * slots) * 2 + (side === BID ? 0 : slots >> 5) + (slot >> 5);
      const bit = 1 << (slot & 31);
      words[word] = after > 0 ? words[word]! | bit : words[word]! & ~bit;
    }
    return wanted;
  }

  /** The next occupied slot strictly worse than `slot` (lower for bids, higher for asks); -1 = none. */
  next(kind: number, block: number, side: number, slot: number): number {
    const pool = this.#pools[kind]!;
    const slots = DENSE_SLOTS[kind]!;
    const words = pool.words[block >> pool.shift]!;
    const start = (pool.offset(block) + 2 * slots) * 2 + (side === BID ? 0 : slots >> 5);
    return side === BID ? scanDown(words, start, slot - 1) : scanUp(words, start, slots, slot + 1);
  }

  /** Empties both sides by visiting occupied slots only. */
  clear(kind: number, block: number): void {
    const pool = this.#pools[kind]!;
    const slots = DENSE_SLOTS[kind]!;
    const page = pool.page(block);
    const words = pool.words[block >> pool.shift]!;
    const base = pool.offset(block);
    for (let side = BID; side <= ASK; side++) {
      const start = (base + 2 * slots) * 2 + side * (slots >> 5);
      for (let word = 0; word < slots >> 5; word++) {
        let bits = words[start + word]!;
        while (bits !== 0) {
          const low = 31 - Math.clz32(bits & -bits);
          page[base + side * slots + (word << 5) + low] = 0;
          bits &= bits - 1;
        }
        words[start + word] = 0;
      }
    }
  }
}

function scanDown(words: Int32Array, start: number, from: number): number {
  if (from < 0) return -1;
  let word = from >> 5;
  let bits = words[start + word]! & (-1 >>> (31 - (from & 31)));
  for (;;) {
    if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits);
    if (--word < 0) return -1;
    bits = words[start + word]!;
  }
}

function scanUp(words: Int32Array, start: number, slots: number, from: number): number {
  if (from >= slots) return -1;
  let word = from >> 5;
  let bits = words[start + word]! & (-1 << (from & 31));
  for (;;) {
    if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits & -bits);
    if (++word >= slots >> 5) return -1;
    bits = words[start + word]!;
  }
}

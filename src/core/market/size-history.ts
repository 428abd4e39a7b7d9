import { BID } from "../../contracts/index.ts";
import { BlockPool } from "./block-pool.ts";
import { B_SEEN, B_WRITTEN, type BookTable, grownFloat64, grownInt32, LINE_SHIFT } from "./book-table.ts";
import type { Ladders } from "./ladders.ts";

/** Level changes remembered per book, 16 bytes each: `[delta f64][key i32][version i32]`. */
const RING = 16;
const RING_SHIFT = 4;
/** int32 words of an entry after its delta: price x 2 + side, and the valid books seen before it. */
const E_KEY = 2;
const E_VERSION = 3;
/** Levels a side kept of a book that a snapshot replaced. */
const SUMMARY_LEVELS = 8;
const SIDE_DOUBLES = SUMMARY_LEVELS * 2;
const SUMMARY_DOUBLES = SIDE_DOUBLES * 2;
/** Key of a ring entry that says: before this, the book was the kept summary. */
const REPLACED = -1;
/** Most books a median can be taken over. */
const MAX_MEDIAN_BOOKS = 8;

/**
 * The sizes of the last valid books, rebuilt on demand. Each frame that changes a valid book makes a new one;
 * a ring of signed level changes leads back from today's book to the earlier ones, and a short summary stands in for a
 * book that a snapshot replaced (it can only understate a size). Loss of validity forgets everything: sizes seen
 * before a gap say nothing of what stands after it.
 */
export class SizeHistory {
  readonly #table: BookTable;
  readonly #ladders: Ladders;
  readonly #books: number;
  readonly #summaries: BlockPool;
  #doubles = new Float64Array(0);
  #words = new Int32Array(0);
  #summaryBlock = new Int32Array(0);
  #summaryCount = new Int32Array(0);
  readonly #samples = new Float64Array(MAX_MEDIAN_BOOKS);

  /** @param medianBooks valid books a median is taken over, 1 to 8. */
  constructor(table: BookTable, ladders: Ladders, medianBooks: number) {
    this.#table = table;
    this.#ladders = ladders;
    this.#books = Math.min(Math.max(medianBooks, 1), MAX_MEDIAN_BOOKS);
    this.#summaries = new BlockPool(SUMMARY_DOUBLES * Math.max(1, this.#books - 1), 6);
  }

  grow(capacity: number): void {
    if (this.#summaryCount.length >= capacity) return;
    this.#doubles = grownFloat64(this.#doubles, capacity << (RING_SHIFT + 1), 0);
    this.#words = new Int32Array(this.#doubles.buffer);
    this.#summaryBlock = grownInt32(this.#summaryBlock, capacity, -1);
    this.#summaryCount = grownInt32(this.#summaryCount, capacity, 0);
  }

  /** A level of a valid book changed by `delta` lots. */
  record(book: number, side: number, ticks: number, delta: number): void {
    const table = this.#table.words;
    const line = book << LINE_SHIFT;
    const written = table[line + B_WRITTEN]!;
    const entry = (book << RING_SHIFT) + (written & (RING - 1));
    this.#doubles[entry * 2] = delta;
    this.#words[entry * 4 + E_KEY] = ticks * 2 + side;
    this.#words[entry * 4 + E_VERSION] = table[line + B_SEEN]!;
    // More than RING means that entries were lost; kept small so that a long-lived book never overflows it.
    table[line + B_WRITTEN] = written === 2 * RING ? RING + 1 : written + 1;
  }

  /** A snapshot is about to replace a valid book: keeps its top levels. Call before the ladder is cleared. */
  replaced(book: number): void {
    const line = book << LINE_SHIFT;
    if (this.#table.words[line + B_SEEN] === 0) return;
    if (this.#books > 1) this.#summarise(book);
    this.record(book, 0, 0, this.#summaryCount[book]! - 1);
    const entry = (book << RING_SHIFT) + ((this.#table.words[line + B_WRITTEN]! - 1) & (RING - 1));
    this.#words[entry * 4 + E_KEY] = REPLACED;
  }

  /** The frame ended and left a new valid book. */
  commit(book: number): void {
    const at = (book << LINE_SHIFT) + B_SEEN;
    this.#table.words[at] = this.#table.words[at]! + 1;
  }

  /** The book is no longer valid. */
  reset(book: number): void {
    this.#table.words[(book << LINE_SHIFT) + B_WRITTEN] = 0;
    this.#table.words[(book << LINE_SHIFT) + B_SEEN] = 0;
    this.#summaryCount[book] = 0;
  }

  /** True when enough valid books were seen for a median. */
  isSettled(book: number): boolean {
    return this.#table.words[(book << LINE_SHIFT) + B_SEEN]! >= this.#books;
  }

  /**
   * Median over the last valid books of the size at or better than `limitTicks`, in lots.
   * The lower middle for an even number. -1 when there are too few valid books or the ring does not reach back.
   */
  settledLots(book: number, side: number, limitTicks: number): number {
    if (!this.isSettled(book)) return -1;
    const samples = this.#samples;
    const wanted = this.#books;
    let version = this.#table.words[(book << LINE_SHIFT) + B_SEEN]!;
    let have = 1;
    let total = this.#ladders.cumulative(book, side, limitTicks);
    samples[0] = total;
    const written = this.#table.words[(book << LINE_SHIFT) + B_WRITTEN]!;
    const kept = Math.min(written, RING);
    for (let i = written - 1; i >= written - kept; i--) {
      const entry = (book << RING_SHIFT) + (i & (RING - 1));
      for (; this.#words[entry * 4 + E_VERSION]! < version - 1 && have < wanted; version--)
        samples[have++] = total;
      if (have === wanted) break;
      const key = this.#words[entry * 4 + E_KEY]!;
      const delta = this.#doubles[entry * 2]!;
      if (key === REPLACED) {
        if (delta < this.#summaryCount[book]! - (this.#books - 1)) return -1;
        total = this.#summaryTotal(book, delta, side, limitTicks);
      } else if ((key & 1) === side && isAtOrBetter(side, key >> 1, limitTicks)) total -= delta;
    }
    if (have < wanted && written > RING) return -1;
    while (have < wanted) samples[have++] = total;
    return medianOf(samples, wanted);
  }

  #summarise(book: number): void {
    if (this.#summaryBlock[book] === -1) this.#summaryBlock[book] = this.#summaries.take();
    const block = this.#summaryBlock[book]!;
    const page = this.#summaries.page(block);
    const slot = this.#summaryCount[book]! % (this.#books - 1);
    let at = this.#summaries.offset(block) + slot * SUMMARY_DOUBLES;
    for (let side = 0; side < 2; side++) {
      let ticks = this.#ladders.best(book, side);
      for (let i = 0; i < SUMMARY_LEVELS; i++, at += 2) {
        page[at] = ticks;
        page[at + 1] = ticks < 0 ? 0 : this.#ladders.get(book, side, ticks);
        if (ticks >= 0) ticks = this.#ladders.next(book, side, ticks);
      }
    }
    this.#summaryCount[book] = this.#summaryCount[book]! + 1;
  }

  #summaryTotal(book: number, ordinal: number, side: number, limitTicks: number): number {
    const block = this.#summaryBlock[book]!;
    const page = this.#summaries.page(block);
    const slot = ordinal % (this.#books - 1);
    let at = this.#summaries.offset(block) + slot * SUMMARY_DOUBLES + side * SIDE_DOUBLES;
    let total = 0;
    for (let i = 0; i < SUMMARY_LEVELS; i++, at += 2) {
      const ticks = page[at]!;
      if (ticks < 0 || !isAtOrBetter(side, ticks, limitTicks)) break;
      total += page[at + 1]!;
    }
    return total;
  }
}

function isAtOrBetter(side: number, ticks: number, limitTicks: number): boolean {
  return side === BID ? ticks >= limitTicks : ticks <= limitTicks;
}

/** Sorts the first `count` samples in place (few) and returns the lower middle, never below zero. */
function medianOf(samples: Float64Array, count: number): number {
  for (let i = 1; i < count; i++) {
    const value = samples[i]!;
    let at = i - 1;
    for (; at >= 0 && samples[at]! > value; at--) samples[at + 1] = samples[at]!;
    samples[at + 1] = value;
  }
  return Math.max(0, samples[(count - 1) >> 1]!);
}

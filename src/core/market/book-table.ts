import { ASK, BID } from "../../contracts/index.ts";
import { NEVER_SEEN } from "./codes.ts";

/**
 * The state of every book that quotes touch: 128 bytes (two cache lines side by side) per book, so that an update costs
 * one place in memory and not one per field. An int32 field is `words[(book << LINE_SHIFT) + B_…]`, a float64 field
 * `doubles[(book << DOUBLES_SHIFT) + D_…]`; both view the same bytes (words 0-15, doubles 8-11, words 24-31).
 */
export const LINE_SHIFT = 5;
export const DOUBLES_SHIFT = 4;
export const B_FLAGS = 0;
/** Reason number why the book is not valid; 0 = valid. */
export const B_REASON = 1;
export const B_SCALE = 2;
/** Dense class, or `SPARSE`. */
export const B_KIND = 3;
export const B_BLOCK = 4;
/** Ticks between two slots of the dense window. */
export const B_STEP = 5;
/** Best price of a side: `B_BEST + side`; -1 = empty. */
export const B_BEST = 6;
/** Levels of a side: `B_COUNT + side`. */
export const B_COUNT = 8;
/** The stream whose snapshots and changes make this book; -1 = none. */
export const B_STREAM = 10;
/** Frame that touched the book last. */
export const B_FRAME = 11;
/** Standing of a side: 0 or the reason number it is barred for: `B_STANDING + side`. */
export const B_STANDING = 12;
/** Sparse: updates since last considered for promotion. Dense: 1 when used since the demotion hand passed. */
export const B_HEAT = 14;
/** Levels clamped to zero since the last snapshot. */
export const B_CLAMPED = 15;

/** Size history: ring entries written since the last reset, and valid books seen. */
export const B_WRITTEN = 24;
export const B_SEEN = 25;
/** Terms: `STATUS_…`, index of the tick grid, the other view of the same book (-1 = none). */
export const B_STATUS = 26;
export const B_GRID = 27;
export const B_SIBLING = 28;
/** Jump rule: last middle let through (doubled, -1 = none), the far middle waiting, how often it was seen. */
export const B_ACCEPTED = 29;
export const B_PENDING = 30;
export const B_SIGHTINGS = 31;

/** Size at the best price of a side: `D_BEST_LOTS + side`; 0 when empty. */
export const D_BEST_LOTS = 8;
/** Trading hours, Micros; 0 = not stated. */
export const D_OPENS_AT = 10;
export const D_CLOSES_AT = 11;

export const SPARSE = -1;

export const FLAG_LISTED = 1;
export const FLAG_IN_SNAPSHOT = 2;
export const FLAG_POLLED = 4;
/** Prices are not bounded by a payout. */
export const FLAG_UNBOUNDED = 8;
/** The book's depth changed since the current frame began. */
export const FLAG_DEPTH_CHANGED = 16;
/** A snapshot was completed within the current frame. */
export const FLAG_SNAPSHOT_DONE = 32;
/** A best price stated by the venue waits for the end of the frame: `FLAG_WITNESS << side`. */
export const FLAG_WITNESS = 64;
export const FLAG_WITNESS_ANY = 192;
/** The venue has stated best prices for this book at least once. */
export const FLAG_WITNESSED = 256;
/** A level of the snapshot under way was refused: its end will not make the book valid. */
export const FLAG_SPOILED = 512;
/** The book lost its validity by an unusable size. */
export const FLAG_BAD_SIZE = 1024;
/** Levels changed since the last snapshot. */
export const FLAG_DRIFTED = 2048;
/** The book must be judged at the end of the frame whatever its top did. */
export const FLAG_REJUDGE = 4096;

/** Typed columns that grow with the highest book seen, up to a bound. */
export class BookTable {
  readonly maxBooks: number;
  words = new Int32Array(0);
  doubles = new Float64Array(0);
  /** Index one past the highest listed book. */
  end = 0;
  #capacity = 0;

  constructor(maxBooks: number) {
    this.maxBooks = maxBooks;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** True when the book is listed, i.e. its terms were announced. */
  has(book: number): boolean {
    return book >= 0 && book < this.end && (this.words[(book << LINE_SHIFT) + B_FLAGS]! & FLAG_LISTED) !== 0;
  }

  hasFlag(book: number, flag: number): boolean {
    return (this.words[(book << LINE_SHIFT) + B_FLAGS]! & flag) !== 0;
  }

  setFlag(book: number, flag: number): void {
    const at = (book << LINE_SHIFT) + B_FLAGS;
    this.words[at] = this.words[at]! | flag;
  }

  clearFlag(book: number, flag: number): void {
    const at = (book << LINE_SHIFT) + B_FLAGS;
    this.words[at] = this.words[at]! & ~flag;
  }

  /** Makes room for a book; false beyond the bound. */
  list(book: number): boolean {
    if (book < 0 || book >= this.maxBooks) return false;
    if (book >= this.#capacity) this.#grow(book);
    if (book >= this.end) this.end = book + 1;
    const line = book << LINE_SHIFT;
    if ((this.words[line + B_FLAGS]! & FLAG_LISTED) === 0) {
      const words = this.words;
      words[line + B_FLAGS] = FLAG_LISTED;
      words[line + B_REASON] = NEVER_SEEN;
      words[line + B_KIND] = SPARSE;
      words[line + B_BEST + BID] = -1;
      words[line + B_BEST + ASK] = -1;
      words[line + B_STREAM] = -1;
      words[line + B_FRAME] = -1;
      words[line + B_STANDING + BID] = NEVER_SEEN;
      words[line + B_STANDING + ASK] = NEVER_SEEN;
      words[line + B_SIBLING] = -1;
      words[line + B_ACCEPTED] = -1;
    }
    return true;
  }

  #grow(book: number): void {
    this.#capacity = grownCapacity(this.#capacity, book + 1, this.maxBooks);
    this.words = grownInt32(this.words, this.#capacity << LINE_SHIFT, 0);
    this.doubles = new Float64Array(this.words.buffer);
  }
}

/** Doubles until `needed` fits, at least 64, at most `limit`. */
export function grownCapacity(current: number, needed: number, limit: number): number {
  let capacity = Math.max(current, 64);
  while (capacity < needed) capacity *= 2;
  return Math.max(needed, Math.min(capacity, limit));
}

export function grownInt32(column: Int32Array, length: number, fill: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(column);
  if (fill !== 0) larger.fill(fill, column.length);
  return larger;
}

export function grownFloat64(column: Float64Array, length: number, fill: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(column);
  if (fill !== 0) larger.fill(fill, column.length);
  return larger;
}

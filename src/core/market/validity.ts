import { B_REASON, type BookTable, grownFloat64, LINE_SHIFT } from "./book-table.ts";
import { NEVER_SEEN, VENUE_CLOSE } from "./codes.ts";

/** Ended intervals remembered over all books. */
const HISTORY = 4096;

/** Facts `[validFrom, validUntil)` during which a book was exact, and why that ended. */
export interface ValidityInterval {
  readonly book: number;
  readonly validFrom: number;
  readonly validUntil: number;
  /** Reason number. */
  readonly reason: number;
  /** Instant of the end, Micros. */
  readonly at: number;
}

export interface BookValidity {
  readonly valid: boolean;
  /** Fact that began the last interval; -1 = there was none. */
  readonly validFrom: number;
  /** Fact that ended it; -1 while it lasts. */
  readonly validUntil: number;
  /** Reason number why the book is not valid; 0 = valid. */
  readonly reason: number;
  /** Earlier intervals of this book that are still remembered, oldest first. */
  readonly ended: readonly ValidityInterval[];
}

/** When each book is exact. */
export class Validity {
  validBooks = 0;
  readonly #table: BookTable;
  #from = new Float64Array(0);
  #until = new Float64Array(0);
  readonly #ended: ValidityInterval[] = [];
  #oldest = 0;

  constructor(table: BookTable) {
    this.#table = table;
  }

  grow(capacity: number): void {
    if (this.#from.length >= capacity) return;
    this.#from = grownFloat64(this.#from, capacity, -1);
    this.#until = grownFloat64(this.#until, capacity, -1);
  }

  isValid(book: number): boolean {
    return this.#table.words[(book << LINE_SHIFT) + B_REASON] === 0;
  }

  /** A snapshot completed at this fact: a new interval begins (for a valid book, a new anchor of the same). */
  begin(book: number, factSeq: number): void {
    const words = this.#table.words;
    if (words[(book << LINE_SHIFT) + B_REASON] !== 0) this.validBooks++;
    words[(book << LINE_SHIFT) + B_REASON] = 0;
    this.#from[book] = factSeq;
    this.#until[book] = -1;
  }

  /** The book is not exact from this fact on. Returns true when it was. The first reason stays; a close replaces any. */
  end(book: number, reason: number, factSeq: number, at: number): boolean {
    const words = this.#table.words;
    const before = words[(book << LINE_SHIFT) + B_REASON]!;
    if (before === 0 || before === NEVER_SEEN || reason === VENUE_CLOSE)
      words[(book << LINE_SHIFT) + B_REASON] = reason;
    if (before !== 0) return false;
    this.validBooks--;
    this.#until[book] = factSeq;
    this.#remember({ book, validFrom: this.#from[book]!, validUntil: factSeq, reason, at });
    return true;
  }

  of(book: number): BookValidity {
    const reason = this.#table.words[(book << LINE_SHIFT) + B_REASON]!;
    return {
      valid: reason === 0,
      validFrom: this.#from[book]!,
      validUntil: this.#until[book]!,
      reason,
      ended: this.#history().filter((interval) => interval.book === book),
    };
  }

  #history(): ValidityInterval[] {
    return [...this.#ended.slice(this.#oldest), ...this.#ended.slice(0, this.#oldest)];
  }

  #remember(interval: ValidityInterval): void {
    if (this.#ended.length < HISTORY) {
      this.#ended.push(interval);
      return;
    }
    this.#ended[this.#oldest] = interval;
    this.#oldest = (this.#oldest + 1) % HISTORY;
  }
}

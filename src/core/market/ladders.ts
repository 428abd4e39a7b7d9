import { ASK, BID, type Level, type Lots, type Ticks } from "../../contracts/index.ts";
import {
  B_BEST,
  B_BLOCK,
  B_COUNT,
  B_HEAT,
  B_KIND,
  B_STEP,
  type BookTable,
  D_BEST_LOTS,
  DOUBLES_SHIFT,
  grownFloat64,
  grownInt32,
  LINE_SHIFT,
  SPARSE,
} from "./book-table.ts";
import { DenseLadders } from "./dense-ladders.ts";
import { SparseLadders } from "./sparse-ladders.ts";

const PUT_OK = 0;
/** The change went below zero and was clamped to zero. */
export const PUT_CLAMPED = 1;
/** No room for another level: nothing was stored. */
export const PUT_FULL = 2;
/** The price lies between the slots of the dense window: nothing was stored. */
export const PUT_OFF_GRID = 3;

/**
 * The ladders of all books, each in a dense window or in sparse blocks, with best prices and sizes kept in the
 * `BookTable`. Which of the two is decided by `Placement`.
 */
export class Ladders {
  /** Size at the level before and after the last `put`. */
  readonly applied = new Float64Array(2);
  readonly dense = new DenseLadders();
  readonly #table: BookTable;
  readonly #sparse = new SparseLadders();
  /** Levels lifted out of a book, a stack of runs. */
  #liftedTicks = new Int32Array(256);
  #liftedLots = new Float64Array(256);
  #liftedEnd = 0;

  constructor(table: BookTable) {
    this.#table = table;
  }

  grow(): void {
    this.#sparse.grow(this.#table.capacity);
  }

  /** Sets a level to `lots`, or adds `lots` when `relative`. Returns a `PUT_…` code. */
  put(book: number, side: number, ticks: number, lots: number, relative: boolean): number {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    const kind = words[line + B_KIND]!;
    if (kind === SPARSE) return this.#putSparse(book, line, side, ticks, lots, relative);
    const step = words[line + B_STEP]!;
    const slot = (ticks / step) | 0;
    if (slot * step !== ticks) return PUT_OFF_GRID;
    const block = words[line + B_BLOCK]!;
    const wanted = this.dense.put(kind, block, side, slot, lots, relative, this.applied);
    const after = this.applied[1]!;
    const best = words[line + B_BEST + side]!;
    if (after > 0) {
      if (this.applied[0] === 0) words[line + B_COUNT + side] = words[line + B_COUNT + side]! + 1;
      if (best < 0 || (side === BID ? ticks >= best : ticks <= best)) {
        words[line + B_BEST + side] = ticks;
        this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + side] = after;
      }
    } else if (this.applied[0]! > 0) {
      const left = words[line + B_COUNT + side]! - 1;
      words[line + B_COUNT + side] = left;
      if (ticks === best) {
        const next = left === 0 ? -1 : this.dense.next(kind, block, side, slot);
        words[line + B_BEST + side] = next < 0 ? -1 : next * step;
        this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + side] =
          next < 0 ? 0 : this.dense.get(kind, block, side, next);
      }
    }
    return wanted < 0 ? PUT_CLAMPED : PUT_OK;
  }

  /** Best price of a side; -1 = empty. */
  best(book: number, side: number): number {
    return this.#table.words[(book << LINE_SHIFT) + B_BEST + side]!;
  }

  get(book: number, side: number, ticks: number): number {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    const kind = words[line + B_KIND]!;
    if (kind === SPARSE) return this.#sparse.get(book, side, ticks);
    const step = words[line + B_STEP]!;
    const slot = (ticks / step) | 0;
    return slot * step === ticks ? this.dense.get(kind, words[line + B_BLOCK]!, side, slot) : 0;
  }

  /** The next occupied price strictly worse than the occupied price `ticks`; -1 = none. */
  next(book: number, side: number, ticks: number): number {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    const kind = words[line + B_KIND]!;
    if (kind === SPARSE) return this.#sparse.next(book, side, ticks);
    const step = words[line + B_STEP]!;
    const slot = this.dense.next(kind, words[line + B_BLOCK]!, side, (ticks / step) | 0);
    return slot < 0 ? -1 : slot * step;
  }

  /** Empties both sides; a dense book keeps its window. */
  clear(book: number): void {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    const kind = words[line + B_KIND]!;
    if (kind === SPARSE) this.#sparse.clear(book);
    else this.dense.clear(kind, words[line + B_BLOCK]!);
    for (let side = BID; side <= ASK; side++) {
      words[line + B_BEST + side] = -1;
      words[line + B_COUNT + side] = 0;
      this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + side] = 0;
    }
  }

  /** Total size at or better than `limitTicks`. */
  cumulative(book: number, side: number, limitTicks: number): number {
    let ticks = this.#table.words[(book << LINE_SHIFT) + B_BEST + side]!;
    let total = 0;
    while (ticks >= 0 && (side === BID ? ticks >= limitTicks : ticks <= limitTicks)) {
      total += this.get(book, side, ticks);
      ticks = this.next(book, side, ticks);
    }
    return total;
  }

  /** Up to `maxLevels` levels, best first. Allocates. */
  levels(book: number, side: number, maxLevels: number): Level[] {
    const levels: Level[] = [];
    let ticks = this.#table.words[(book << LINE_SHIFT) + B_BEST + side]!;
    while (ticks >= 0 && levels.length < maxLevels) {
      levels.push({ ticks: ticks as Ticks, lots: this.get(book, side, ticks) as Lots });
      ticks = this.next(book, side, ticks);
    }
    return levels;
  }

  /** Gives an empty sparse book a dense window. */
  enterDense(book: number, kind: number, step: number): void {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    words[line + B_KIND] = kind;
    words[line + B_STEP] = step;
    words[line + B_BLOCK] = this.dense.take(kind);
    words[line + B_HEAT] = 1;
  }

  /** Takes the window from an empty dense book. */
  leaveDense(book: number): void {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    this.dense.release(words[line + B_KIND]!, words[line + B_BLOCK]!);
    words[line + B_KIND] = SPARSE;
    words[line + B_HEAT] = 0;
  }

  /** Moves all levels of a book onto the stack; the book is empty then. Returns the mark for `lower`. */
  lift(book: number): number {
    const mark = this.#liftedEnd;
    for (let side = BID; side <= ASK; side++) {
      let ticks = this.#table.words[(book << LINE_SHIFT) + B_BEST + side]!;
      for (; ticks >= 0; ticks = this.next(book, side, ticks)) {
        this.#push(ticks * 2 + side, this.get(book, side, ticks));
      }
    }
    this.clear(book);
    return mark;
  }

  /** Puts the levels lifted since `mark` back, worst first so that a sparse side only appends. */
  lower(book: number, mark: number): void {
    while (this.#liftedEnd > mark) {
      const row = this.#liftedTicks[--this.#liftedEnd]!;
      this.put(book, row & 1, row >> 1, this.#liftedLots[this.#liftedEnd]!, false);
    }
  }

  #push(row: number, lots: number): void {
    if (this.#liftedEnd === this.#liftedTicks.length) {
      this.#liftedTicks = grownInt32(this.#liftedTicks, this.#liftedEnd * 2, 0);
      this.#liftedLots = grownFloat64(this.#liftedLots, this.#liftedEnd * 2, 0);
    }
    this.#liftedTicks[this.#liftedEnd] = row;
    this.#liftedLots[this.#liftedEnd++] = lots;
  }

  #putSparse(
    book: number,
    line: number,
    side: number,
    ticks: number,
    lots: number,
    relative: boolean,
  ): number {
    const words = this.#table.words;
    const wanted = this.#sparse.put(book, side, ticks, lots, relative, this.applied);
    if (Number.isNaN(wanted)) return PUT_FULL;
    const before = this.applied[0]!;
    const after = this.applied[1]!;
    if (before === 0 && after > 0) words[line + B_COUNT + side] = words[line + B_COUNT + side]! + 1;
    if (before > 0 && after === 0) words[line + B_COUNT + side] = words[line + B_COUNT + side]! - 1;
    const best = this.#sparse.best(book, side);
    words[line + B_BEST + side] = best;
    this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + side] =
      best < 0 ? 0 : this.#sparse.get(book, side, best);
    return wanted < 0 ? PUT_CLAMPED : PUT_OK;
  }
}

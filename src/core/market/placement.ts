import { ASK, BID } from "../../contracts/index.ts";
import {
  B_BEST,
  B_FLAGS,
  B_HEAT,
  B_KIND,
  B_SCALE,
  B_STEP,
  type BookTable,
  FLAG_UNBOUNDED,
  LINE_SHIFT,
  SPARSE,
} from "./book-table.ts";
import { coarsestGrid, denseKind, finerGrid } from "./grid.ts";
import { HotList } from "./hot-list.ts";
import { type Ladders, PUT_OFF_GRID } from "./ladders.ts";

/** Updates after which a sparse book asks for a dense window. */
const PROMOTE_AFTER = 32;
/** Dense books the demotion hand looks at to make room for one promotion. */
const HAND_STEPS = 16;
/** A heat that never reaches promotion: no dense grid fits this book. */
const NEVER = -(2 ** 31);

/**
 * Decides which books are dense: a book that is updated often gets a window on the coarsest grid its prices lie on,
 * within a byte budget; a book not used since the hand passed last gives its window up.
 * Only facts enter the decision, so every replay decides alike, and no decision changes what a book holds.
 */
export class Placement {
  promotions = 0;
  demotions = 0;
  regrids = 0;
  denseBytes = 0;
  readonly #table: BookTable;
  readonly #ladders: Ladders;
  readonly #hot = new HotList();
  readonly #budgetBytes: number;

  constructor(table: BookTable, ladders: Ladders, budgetBytes: number) {
    this.#table = table;
    this.#ladders = ladders;
    this.#budgetBytes = budgetBytes;
  }

  get denseBooks(): number {
    return this.#hot.count;
  }

  grow(): void {
    this.#hot.grow(this.#table.capacity);
  }

  /** As `Ladders.put`, promoting a hot book before it and refining the grid where the price needs it. */
  put(book: number, side: number, ticks: number, lots: number, relative: boolean): number {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    if (words[line + B_KIND] === SPARSE) {
      const heat = words[line + B_HEAT]! + 1;
      words[line + B_HEAT] = heat;
      if (heat >= PROMOTE_AFTER) this.#promote(book, line);
    } else words[line + B_HEAT] = 1;
    const code = this.#ladders.put(book, side, ticks, lots, relative);
    if (code !== PUT_OFF_GRID) return code;
    this.#regrid(book, line, ticks);
    return this.#ladders.put(book, side, ticks, lots, relative);
  }

  /** Empties a book and forgets its grid: its price scale changed. */
  reset(book: number): void {
    this.#ladders.clear(book);
    this.#leave(book);
    this.#table.words[(book << LINE_SHIFT) + B_HEAT] = 0;
  }

  #promote(book: number, line: number): void {
    const step = this.#gridOf(book, line);
    if (step === 0) this.#table.words[line + B_HEAT] = NEVER;
    else if (this.#move(book, line, step)) this.promotions++;
  }

  #regrid(book: number, line: number, ticks: number): void {
    const words = this.#table.words;
    const step = finerGrid(words[line + B_SCALE]!, words[line + B_STEP]!, ticks);
    this.regrids++;
    this.#move(book, line, step);
    if (step === 0) words[line + B_HEAT] = NEVER;
  }

  /** Rebuilds a book on a grid, or sparse where the grid is 0 or the budget has no room. */
  #move(book: number, line: number, step: number): boolean {
    const mark = this.#ladders.lift(book);
    this.#leave(book);
    this.#table.words[line + B_HEAT] = 0;
    const entered = step !== 0 && this.#enter(book, line, step);
    this.#ladders.lower(book, mark);
    return entered;
  }

  /** The coarsest grid that holds every price of a book; 0 = none. */
  #gridOf(book: number, line: number): number {
    const words = this.#table.words;
    if ((words[line + B_FLAGS]! & FLAG_UNBOUNDED) !== 0) return 0;
    const scale = words[line + B_SCALE]!;
    let step = coarsestGrid(scale);
    for (let side = BID; side <= ASK; side++) {
      let ticks = words[line + B_BEST + side]!;
      for (; ticks >= 0 && step !== 0; ticks = this.#ladders.next(book, side, ticks)) {
        if (ticks % step !== 0) step = finerGrid(scale, step, ticks);
      }
    }
    return step;
  }

  #enter(book: number, line: number, step: number): boolean {
    const kind = denseKind(this.#table.words[line + B_SCALE]!, step);
    const bytes = this.#ladders.dense.bytesPerBook(kind);
    if (!this.#makeRoom(bytes)) return false;
    this.denseBytes += bytes;
    this.#ladders.enterDense(book, kind, step);
    this.#hot.add(book);
    return true;
  }

  #makeRoom(bytes: number): boolean {
    const words = this.#table.words;
    for (let looked = 0; this.denseBytes + bytes > this.#budgetBytes; looked++) {
      const victim = looked < HAND_STEPS ? this.#hot.nextAtHand() : -1;
      if (victim < 0) return false;
      const line = victim << LINE_SHIFT;
      if (words[line + B_HEAT] === 0) {
        this.#move(victim, line, 0);
        this.demotions++;
      } else words[line + B_HEAT] = 0;
    }
    return true;
  }

  #leave(book: number): void {
    const kind = this.#table.words[(book << LINE_SHIFT) + B_KIND]!;
    if (kind === SPARSE) return;
    this.denseBytes -= this.#ladders.dense.bytesPerBook(kind);
    this.#hot.remove(book);
    this.#ladders.leaveDense(book);
  }
}

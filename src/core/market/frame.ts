import { ASK, BID } from "../../contracts/index.ts";
import {
  B_BEST,
  B_FRAME,
  type BookTable,
  D_BEST_LOTS,
  DOUBLES_SHIFT,
  grownFloat64,
  grownInt32,
  LINE_SHIFT,
} from "./book-table.ts";

/** The books touched since the frame began, each with its best prices and sizes as they stood before. */
export class Frame {
  /** Number of the frame; the table's `B_FRAME` holds it for touched books. */
  number = 1;
  count = 0;
  books = new Int32Array(64);
  readonly #table: BookTable;
  #bestBefore = new Int32Array(128);
  #lotsBefore = new Float64Array(128);

  constructor(table: BookTable) {
    this.#table = table;
  }

  /** Notes a book before its first change in this frame. */
  touch(book: number): void {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    if (words[line + B_FRAME] === this.number) return;
    words[line + B_FRAME] = this.number;
    if (this.count === this.books.length) this.#grow();
    const at = this.count++;
    this.books[at] = book;
    this.#bestBefore[at * 2] = words[line + B_BEST + BID]!;
    this.#bestBefore[at * 2 + 1] = words[line + B_BEST + ASK]!;
    this.#lotsBefore[at * 2] = this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + BID]!;
    this.#lotsBefore[at * 2 + 1] = this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + ASK]!;
  }

  /** True when a best price or size of the touched book number `at` differs from before. */
  topMoved(at: number): boolean {
    const words = this.#table.words;
    const book = this.books[at]!;
    const line = book << LINE_SHIFT;
    return (
      this.#bestBefore[at * 2] !== words[line + B_BEST + BID] ||
      this.#bestBefore[at * 2 + 1] !== words[line + B_BEST + ASK] ||
      this.#lotsBefore[at * 2] !== this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + BID] ||
      this.#lotsBefore[at * 2 + 1] !== this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + ASK]
    );
  }

  next(): void {
    this.count = 0;
    this.number = this.number === 0x7fffffff ? 1 : this.number + 1;
  }

  #grow(): void {
    this.books = grownInt32(this.books, this.count * 2, 0);
    this.#bestBefore = grownInt32(this.#bestBefore, this.count * 4, 0);
    this.#lotsBefore = grownFloat64(this.#lotsBefore, this.count * 4, 0);
  }
}

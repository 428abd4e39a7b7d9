import { grownInt32 } from "./book-table.ts";

/** The dense books and a hand that goes round them (second-chance eviction). */
export class HotList {
  count = 0;
  #books = new Int32Array(0);
  #places = new Int32Array(0);
  #hand = 0;

  grow(capacity: number): void {
    if (this.#books.length >= capacity) return;
    this.#books = grownInt32(this.#books, capacity, 0);
    this.#places = grownInt32(this.#places, capacity, 0);
  }

  add(book: number): void {
    this.#books[this.count] = book;
    this.#places[book] = this.count++;
  }

  remove(book: number): void {
    const place = this.#places[book]!;
    const last = this.#books[--this.count]!;
    this.#books[place] = last;
    this.#places[last] = place;
  }

  /** The next book the hand points at; -1 when there is none. */
  nextAtHand(): number {
    if (this.count === 0) return -1;
    if (this.#hand >= this.count) this.#hand = 0;
    return this.#books[this.#hand++]!;
  }
}

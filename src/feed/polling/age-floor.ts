import { grownColumn } from "./beliefs.ts";
import { LinkedQueues } from "./linked-queues.ts";

/** Past this share of the age bound a book is polled before anything else. */
const OVERDUE = 0.95;
/** Polls of ageing books that may be made up for at once. */
const BURST_MICROS = 5_000_000;

/**
 * The bound on age: while the budget has room to go round all books in `maxAgeMicros`, none waits longer. Books past a
 * share of the bound are ageing; they are served at (their number) / (time until the oldest is overdue), which drains a
 * crowd of them evenly, so that books which came together do not fall due together.
 */
export class AgeFloor {
  readonly #overdueMicros: number;
  readonly #ageingMicros: number;
  /** All books by the instant their age counts from. */
  readonly #queue = new LinkedQueues(1);
  #since = new Float64Array(0);
  #isAgeing = new Uint8Array(0);
  #ageing = 0;
  /** The oldest book that is not ageing; -1 = none. */
  #young = -1;
  #credit = 0;
  #accruedAt = Number.POSITIVE_INFINITY;

  /** @param ageingShare of the bound, from which on books are brought in; low = evenly spread, high = fewer polls. */
  constructor(maxAgeMicros: number, ageingShare: number) {
    this.#overdueMicros = maxAgeMicros * OVERDUE;
    this.#ageingMicros = maxAgeMicros * ageingShare;
  }

  grow(capacity: number): void {
    this.#queue.grow(capacity);
    this.#since = grownColumn(this.#since, capacity);
    const isAgeing = new Uint8Array(capacity);
    isAgeing.set(this.#isAgeing);
    this.#isAgeing = isAgeing;
  }

  has(book: number): boolean {
    return this.#queue.queueOf(book) !== -1;
  }

  /** The book's age counts from now. */
  renew(book: number, now: number): void {
    this.remove(book);
    this.#queue.pushBack(0, book);
    this.#since[book] = now;
    if (this.#young === -1) this.#young = book;
  }

  remove(book: number): void {
    if (!this.has(book)) return;
    if (this.#young === book) this.#young = this.#queue.next(book);
    this.#ageing -= this.#isAgeing[book]!;
    this.#isAgeing[book] = 0;
    this.#queue.remove(book);
  }

  /** To be called once before `next` at each new instant. */
  accrue(now: number): void {
    while (this.#young !== -1 && this.#age(this.#young, now) >= this.#ageingMicros) {
      this.#isAgeing[this.#young] = 1;
      this.#ageing++;
      this.#young = this.#queue.next(this.#young);
    }
    const elapsed = Math.max(0, now - this.#accruedAt);
    this.#accruedAt = now;
    if (this.#ageing === 0) {
      this.#credit = 0;
      return;
    }
    const left = this.#overdueMicros - this.#age(this.#queue.head(0), now);
    const perMicro = this.#ageing / Math.max(left, 1);
    this.#credit = Math.min(this.#credit + perMicro * elapsed, 1 + perMicro * BURST_MICROS);
  }

  /** The oldest book when its age demands a poll, else -1. The caller must `renew` or `remove` it. */
  next(now: number, minAgeMicros: number): number {
    const book = this.#queue.head(0);
    if (book === -1) return -1;
    const age = this.#age(book, now);
    if (age < minAgeMicros) return -1;
    if (age >= this.#overdueMicros) return book;
    if (this.#isAgeing[book] === 0 || this.#credit < 1) return -1;
    this.#credit--;
    return book;
  }

  #age(book: number, now: number): number {
    return now - this.#since[book]!;
  }
}

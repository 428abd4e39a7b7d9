import type { Side } from "../../contracts/index.ts";

interface Taken {
  /** What the tape showed when we took. */
  readonly tapeLots: number;
  readonly lots: number;
}

/**
 * What our own paper fills have taken from the recorded books. The tape does not know of them, so a level that we took
 * stays depleted until the tape changes its size: the same shares are never bought twice.
 */
export class Depletion {
  readonly #books = new Map<number, Map<number, Taken>>();
  #levels = 0;

  /** Lots still there at a level that shows `tapeLots` on the tape now. A changed level starts afresh. */
  available(book: number, side: Side, ticks: number, tapeLots: number): number {
    const taken = this.#books.get(book)?.get(key(side, ticks));
    if (taken === undefined) return tapeLots;
    if (taken.tapeLots !== tapeLots) {
      this.#forget(book, key(side, ticks));
      return tapeLots;
    }
    return Math.max(0, tapeLots - taken.lots);
  }

  /** `lots` were taken from a level that shows `tapeLots`. */
  take(book: number, side: Side, ticks: number, tapeLots: number, lots: number): void {
    let levels = this.#books.get(book);
    if (levels === undefined) {
      levels = new Map();
      this.#books.set(book, levels);
    }
    const at = key(side, ticks);
    const before = levels.get(at);
    if (before === undefined) this.#levels++;
    const earlier = before?.tapeLots === tapeLots ? before.lots : 0;
    levels.set(at, { tapeLots, lots: earlier + lots });
  }

  /**
   * The tape changed a level. Optional: without it a level that changed and came back to the same size between two
   * orders still counts as depleted, which errs against us. Costs one map look-up when the book was never taken from.
   */
  tapeChanged(book: number, side: Side, ticks: number): void {
    if (this.#levels === 0) return;
    if (this.#books.get(book)?.has(key(side, ticks)) === true) this.#forget(book, key(side, ticks));
  }

  /** Nothing of this book is remembered any more. */
  clearBook(book: number): void {
    this.#levels -= this.#books.get(book)?.size ?? 0;
    this.#books.delete(book);
  }

  /** Levels that are depleted now. */
  get size(): number {
    return this.#levels;
  }

  #forget(book: number, at: number): void {
    const levels = this.#books.get(book);
    if (levels?.delete(at) !== true) return;
    this.#levels--;
    if (levels.size === 0) this.#books.delete(book);
  }
}

function key(side: Side, ticks: number): number {
  return ticks * 2 + side;
}

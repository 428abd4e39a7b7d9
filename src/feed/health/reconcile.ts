import type { Level, Micros, ObservedBook } from "../../contracts/index.ts";

export interface ReconcileOptions {
  /** Checks per second, and how many may be made up for at once. */
  readonly perSecond: number;
  readonly burst: number;
  /** Levels of each side that are compared. */
  readonly depth: number;
  /** A suspicious book is checked again no sooner than this. */
  readonly recheckMicros: number;
}

export const DEFAULT_RECONCILE: ReconcileOptions = {
  perSecond: 0.5,
  burst: 4,
  depth: 5,
  recheckMicros: 2_000_000,
};

/** Both ladders of a streamed book, best first. */
export type StreamedBook = Omit<ObservedBook, "symbol">;

/**
 * What one check showed. `raced`: the streamed book changed meanwhile, so nothing can be said; `suspicious`: it differs
 * for the first time; `diverged`: for the second time in a row, the book is to be fetched anew.
 */
export type ReconcileVerdict = "equal" | "raced" | "suspicious" | "diverged";

export interface ReconcileResult {
  readonly verdict: ReconcileVerdict;
  /** Given when the book is to be fetched anew. */
  readonly reason: "feed.divergence" | null;
}

export interface ReconcileCounts {
  readonly checked: number;
  readonly equal: number;
  readonly raced: number;
  readonly suspicious: number;
  readonly diverged: number;
}

const STRIKES = 2;
const MICROS_PER_SECOND = 1_000_000;

/**
 * Compares polled books with the streamed ones. One difference may be the venue's cache or a change on its way; two in a
 * row, each with a streamed book that stood still from request to answer, are a divergence.
 */
export class Reconciler {
  readonly #options: ReconcileOptions;
  readonly #books: number[] = [];
  readonly #places = new Map<number, number>();
  /** Books that differed once: when they may be checked again. */
  readonly #suspicious = new Map<number, { strikes: number; dueAt: number }>();
  readonly #counts = { checked: 0, equal: 0, raced: 0, suspicious: 0, diverged: 0 };
  #hand = 0;
  #credit: number;
  #creditedAt = -1;

  constructor(options: ReconcileOptions) {
    this.#options = options;
    this.#credit = options.burst;
  }

  get counts(): ReconcileCounts {
    return { ...this.#counts };
  }

  /** Books that are checked in turn. */
  get size(): number {
    return this.#books.length;
  }

  /** The book comes on a stream now: it is checked in its turn. */
  watch(book: number): void {
    if (this.#places.has(book)) return;
    this.#places.set(book, this.#books.length);
    this.#books.push(book);
  }

  /** The book does not come on a stream any more. */
  unwatch(book: number): void {
    const place = this.#places.get(book);
    if (place === undefined) return;
    const last = this.#books.pop()!;
    if (last !== book) {
      this.#books[place] = last;
      this.#places.set(last, place);
    }
    this.#places.delete(book);
    this.#suspicious.delete(book);
  }

  /** Something else casts doubt on a book: it is checked out of turn. */
  doubt(book: number, now: Micros): void {
    if (this.#places.has(book) && !this.#suspicious.has(book))
      this.#suspicious.set(book, { strikes: 0, dueAt: now });
  }

  /** Books to poll and compare now: suspicious ones first, then in turn, no more than the rate allows. */
  next(now: Micros, max: number): number[] {
    const { perSecond, burst, recheckMicros } = this.#options;
    if (this.#creditedAt >= 0) {
      const elapsed = Math.max(0, now - this.#creditedAt) / MICROS_PER_SECOND;
      this.#credit = Math.min(burst, this.#credit + elapsed * perSecond);
    }
    this.#creditedAt = now;
    const room = Math.min(max, Math.floor(this.#credit), this.#books.length);
    const chosen: number[] = [];
    for (const [book, doubt] of this.#suspicious) {
      if (chosen.length >= room) break;
      if (doubt.dueAt > now) continue;
      doubt.dueAt = now + recheckMicros;
      chosen.push(book);
    }
    for (let seen = 0; chosen.length < room && seen < this.#books.length; seen++) {
      const book = this.#books[this.#hand++ % this.#books.length]!;
      if (!this.#suspicious.has(book) && !chosen.includes(book)) chosen.push(book);
    }
    if (this.#books.length > 0) this.#hand %= this.#books.length;
    this.#credit -= chosen.length;
    return chosen;
  }

  /**
   * Compares an answer with the streamed book.
   * @param changesBefore, changesAfter a counter of the streamed book's changes at request and at answer.
   */
  compare(
    book: number,
    now: Micros,
    polled: StreamedBook,
    streamed: StreamedBook,
    changesBefore: number,
    changesAfter: number,
  ): ReconcileResult {
    const verdict = this.#judge(book, now, polled, streamed, changesBefore !== changesAfter);
    this.#counts.checked++;
    this.#counts[verdict]++;
    return { verdict, reason: verdict === "diverged" ? "feed.divergence" : null };
  }

  #judge(
    book: number,
    now: Micros,
    polled: StreamedBook,
    streamed: StreamedBook,
    raced: boolean,
  ): ReconcileVerdict {
    if (raced || !this.#places.has(book)) return "raced";
    const { depth, recheckMicros } = this.#options;
    if (sameLevels(polled.bids, streamed.bids, depth) && sameLevels(polled.asks, streamed.asks, depth)) {
      this.#suspicious.delete(book);
      return "equal";
    }
    const strikes = (this.#suspicious.get(book)?.strikes ?? 0) + 1;
    if (strikes >= STRIKES) {
      this.#suspicious.delete(book);
      return "diverged";
    }
    this.#suspicious.set(book, { strikes, dueAt: now + recheckMicros });
    return "suspicious";
  }
}

/** The first `depth` levels agree in price and size, and one ladder does not end before the other within them. */
function sameLevels(one: readonly Level[], other: readonly Level[], depth: number): boolean {
  if (Math.min(one.length, depth) !== Math.min(other.length, depth)) return false;
  for (let i = 0; i < Math.min(one.length, depth); i++) {
    if (one[i]!.ticks !== other[i]!.ticks || one[i]!.lots !== other[i]!.lots) return false;
  }
  return true;
}

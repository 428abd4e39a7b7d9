import type { ListedBook } from "../../contracts/index.ts";

/** Open books remembered per venue; the largest venue lists about 200,000. */
const MAX_LISTED = 500_000;
const MAX_PINNED = 10_000;

/** Which of a venue's open books are watched: those with the most money traded in the last day. */
export class WatchList {
  #maxWatched: number;
  /** Books that stay watched whatever they weigh: an open position hangs on them. */
  readonly #pinned = new Set<string>();
  readonly #weights = new Map<string, number>();
  #watched: ReadonlySet<string> = new Set();
  #changed = false;

  constructor(maxWatched: number) {
    this.#maxWatched = maxWatched;
  }

  /** Open books that discovery found. */
  get listed(): number {
    return this.#weights.size;
  }

  get watched(): ReadonlySet<string> {
    return this.#watched;
  }

  weight(symbol: string): number {
    return this.#weights.get(symbol) ?? 0;
  }

  /** Another bound on the books watched; the lightest leave first. */
  limit(maxWatched: number): void {
    this.#changed ||= maxWatched !== this.#maxWatched;
    this.#maxWatched = maxWatched;
  }

  /** The book is not shed any more. */
  pin(symbol: string): void {
    if (this.#pinned.size < MAX_PINNED && this.#weights.has(symbol)) this.#pinned.add(symbol);
  }

  /** Takes over what discovery says of some books. */
  listedBooks(books: readonly ListedBook[]): void {
    for (const { symbol, open, weight } of books) {
      if (!open) {
        this.#changed = this.#weights.delete(symbol) || this.#changed;
      } else if (this.#weights.has(symbol) || this.#weights.size < MAX_LISTED) {
        this.#changed ||= !this.#weights.has(symbol);
        this.#weights.set(symbol, weight);
      }
    }
  }

  /** The books that joined and left the watched set since the last call; null when nothing changed. */
  update(): { readonly added: readonly string[]; readonly removed: readonly string[] } | null {
    if (!this.#changed) return null;
    this.#changed = false;
    const wanted = this.#heaviest();
    const added = [...wanted].filter((symbol) => !this.#watched.has(symbol));
    const removed = [...this.#watched].filter((symbol) => !wanted.has(symbol));
    this.#watched = wanted;
    return added.length === 0 && removed.length === 0 ? null : { added, removed };
  }

  #heaviest(): ReadonlySet<string> {
    if (this.#weights.size <= this.#maxWatched) return new Set(this.#weights.keys());
    const pinned = [...this.#pinned].filter((symbol) => this.#weights.has(symbol));
    const others = [...this.#weights].filter(([symbol]) => !this.#pinned.has(symbol));
    const byWeight = others.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const room = Math.max(0, this.#maxWatched - pinned.length);
    return new Set([...pinned, ...byWeight.slice(0, room).map(([symbol]) => symbol)]);
  }
}

/** A book that may be watched. */
export interface Candidate {
  readonly book: number;
  /** What it brings, in any unit that all candidates share. */
  readonly worth: number;
  /** Never shed: an open position hangs on it. */
  readonly pinned: boolean;
}

/** What changes when the universe is chosen anew. Shed books carry the reason `feed.shed`. */
export interface UniverseChange {
  readonly added: readonly number[];
  /** Lowest worth first. */
  readonly shed: readonly number[];
}

/**
 * The books that are watched when not all can be: the pinned ones and the worthiest of the rest. A watched book counts
 * for more than an equal one that is not, so that a difference in estimate does not swap books to and fro.
 */
export class Universe {
  readonly #incumbentBonus: number;
  #watched: ReadonlySet<number> = new Set();

  /** @param incumbentBonus a newcomer must be worth this share more than a watched book to take its place. */
  constructor(incumbentBonus: number) {
    this.#incumbentBonus = incumbentBonus;
  }

  get size(): number {
    return this.#watched.size;
  }

  has(book: number): boolean {
    return this.#watched.has(book);
  }

  /**
   * Chooses at most `limit` of the candidates, more only when more are pinned. A book that is no candidate any more is
   * dropped and not reported as shed.
   */
  choose(candidates: readonly Candidate[], limit: number): UniverseChange {
    const rank = ({ book, worth, pinned }: Candidate): number => {
      if (pinned) return Number.POSITIVE_INFINITY;
      const known = Number.isFinite(worth) ? worth : 0;
      return this.#watched.has(book) ? known * (1 + this.#incumbentBonus) : known;
    };
    const ranked = candidates.map((candidate) => ({ candidate, rank: rank(candidate) }));
    ranked.sort((a, b) => (a.rank === b.rank ? a.candidate.book - b.candidate.book : b.rank - a.rank));
    const next = new Set<number>();
    const added: number[] = [];
    const shed: number[] = [];
    for (const { candidate } of ranked) {
      const { book, pinned } = candidate;
      if (pinned || next.size < limit) {
        next.add(book);
        if (!this.#watched.has(book)) added.push(book);
      } else if (this.#watched.has(book)) shed.push(book);
    }
    this.#watched = next;
    return { added, shed: shed.reverse() };
  }
}

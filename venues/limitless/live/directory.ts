import type { ListedBook } from "../../../src/contracts/index.ts";

interface Entry {
  readonly symbol: string;
  readonly slug: string;
  open: boolean;
  weight: number;
  /** Number of the catalogue reading that showed it last. */
  seenIn: number;
}

/** The markets of the catalogue, bounded: books are known by their token, the venue asks for them by slug. */
export class Directory {
  readonly #limit: number;
  readonly #bySymbol = new Map<string, Entry>();
  readonly #bySlug = new Map<string, Entry>();
  /** Markets left out for want of room since the last reading began. */
  leftOut = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  slugOf(symbol: string): string | undefined {
    return this.#bySymbol.get(symbol)?.slug;
  }

  symbolOf(slug: string): string | undefined {
    return this.#bySlug.get(slug)?.symbol;
  }

  /** Takes a market in; what is to be told of it, null when nothing changed or there is no room. */
  put(symbol: string, slug: string, open: boolean, weight: number, reading: number): ListedBook | null {
    const known = this.#bySymbol.get(symbol);
    if (known === undefined && this.#bySymbol.size >= this.#limit) {
      this.leftOut++;
      return null;
    }
    if (known !== undefined && known.slug !== slug) this.#bySlug.delete(known.slug);
    const entry = { symbol, slug, open, weight, seenIn: reading };
    this.#bySymbol.set(symbol, entry);
    this.#bySlug.set(slug, entry);
    return known?.open === open && known.weight === weight ? null : { symbol, open, weight };
  }

  /** It trades no more; null when that is no news. */
  close(symbol: string): ListedBook | null {
    const entry = this.#bySymbol.get(symbol);
    if (entry === undefined || !entry.open) return null;
    entry.open = false;
    return { symbol, open: false, weight: entry.weight };
  }

  /** Slugs of open markets that a reading did not show. */
  unseen(reading: number): readonly string[] {
    return [...this.#bySymbol.values()]
      .filter(({ open, seenIn }) => open && seenIn < reading)
      .map(({ slug }) => slug);
  }

  /** Forgets markets that are closed and were not shown since a reading. */
  forgetClosed(before: number): void {
    for (const { symbol, slug, open, seenIn } of [...this.#bySymbol.values()]) {
      if (open || seenIn >= before) continue;
      this.#bySymbol.delete(symbol);
      if (this.#bySlug.get(slug)?.symbol === symbol) this.#bySlug.delete(slug);
    }
  }
}

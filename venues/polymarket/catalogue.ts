import type { Listing, Micros, SymbolIndex } from "../../src/contracts/index.ts";

/**
 * The listings described to one symbol index. A message that changes one term (a tick size) needs the others, and the
 * index does not give them back. Bounded by the index: a listing it has no room for is not kept.
 */
export class Catalogue {
  readonly #symbols: SymbolIndex;
  readonly #listings = new Map<string, Listing>();
  /** Counts descriptions: what was found in the index before may have changed since. */
  version = 0;

  constructor(symbols: SymbolIndex) {
    this.#symbols = symbols;
  }

  get(symbol: string): Listing | undefined {
    return this.#listings.get(symbol);
  }

  /** Takes over a listing that the index already has. */
  restored(listing: Listing): void {
    this.version++;
    this.#listings.set(listing.symbol, listing);
  }

  /** Passes a listing on; returns its book, -1 when there is no room for it. */
  describe(listing: Listing, at: Micros): number {
    const book = this.#symbols.describe(listing, at);
    this.version++;
    if (book !== -1) this.#listings.set(listing.symbol, listing);
    return book;
  }
}

const CATALOGUES = new WeakMap<SymbolIndex, Catalogue>();

/** The catalogue of an index, shared by the mapper and the recording readers that feed it. */
export function catalogueOf(symbols: SymbolIndex): Catalogue {
  const known = CATALOGUES.get(symbols);
  if (known !== undefined) return known;
  const made = new Catalogue(symbols);
  CATALOGUES.set(symbols, made);
  return made;
}

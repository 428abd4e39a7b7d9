import type { Listing, SymbolIndex } from "../../src/contracts/index.ts";
import type { SeriesFee } from "./fees.ts";

/**
 * What metadata said of this venue's markets, so that a lifecycle frame can restate one term of a listing.
 * Bounded by the number of books: only announced markets enter.
 */
export class Catalog {
  readonly #listings = new Map<string, Listing>();
  readonly #eventMarkets = new Map<string, Set<string>>();
  readonly #eventFees = new Map<string, SeriesFee | null>();

  listing(symbol: string): Listing | undefined {
    return this.#listings.get(symbol);
  }

  keep(listing: Listing): void {
    this.#listings.set(listing.symbol, listing);
  }

  /** Files a market under its event, with the fee terms the event has without an override (null = unknown). */
  file(eventTicker: string, symbol: string, fee: SeriesFee | null): void {
    const markets = this.#eventMarkets.get(eventTicker) ?? new Set<string>();
    markets.add(symbol);
    this.#eventMarkets.set(eventTicker, markets);
    this.#eventFees.set(eventTicker, fee);
  }

  marketsOf(eventTicker: string): readonly string[] {
    return [...(this.#eventMarkets.get(eventTicker) ?? [])];
  }

  /** Fee terms of the series an event belongs to; null when metadata did not say. */
  seriesFee(eventTicker: string): SeriesFee | null {
    return this.#eventFees.get(eventTicker) ?? null;
  }
}

const CATALOGS = new WeakMap<SymbolIndex, Catalog>();

/** The catalogue beside a symbol index: the mapper and the metadata of one feed share it. */
export function catalogOf(symbols: SymbolIndex): Catalog {
  let catalog = CATALOGS.get(symbols);
  if (catalog === undefined) {
    catalog = new Catalog();
    CATALOGS.set(symbols, catalog);
  }
  return catalog;
}

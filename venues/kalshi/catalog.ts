import type { Listing, SymbolIndex } from "../../src/contracts/index.ts";
import type { SeriesFee } from "./fees.ts";
import type { EventRecord } from "./metadata.ts";

/** Series and events remembered each; the venue has about 14,000 series and 10,000 open events. */
const MAX_REMEMBERED = 100_000;

/**
 * What metadata said of this venue's markets, so that a lifecycle frame can restate one term of a listing.
 * Bounded by the number of books: only announced markets enter.
 */
export class Catalog {
  readonly #listings = new Map<string, Listing>();
  readonly #eventMarkets = new Map<string, Set<string>>();
  readonly #eventFees = new Map<string, SeriesFee | null>();
  readonly #series = new Map<string, SeriesFee>();
  readonly #events = new Map<string, EventRecord>();

  listing(symbol: string): Listing | undefined {
    return this.#listings.get(symbol);
  }

  keep(listing: Listing): void {
    this.#listings.set(listing.symbol, listing);
  }

  /** Keeps what a document said of series and events, for documents that name them without saying it again. */
  learn(series: ReadonlyMap<string, SeriesFee>, events: ReadonlyMap<string, EventRecord>): void {
    for (const [ticker, fee] of series) bounded(this.#series, ticker, fee);
    for (const [ticker, event] of events) bounded(this.#events, ticker, event);
  }

  series(ticker: string): SeriesFee | null {
    return this.#series.get(ticker) ?? null;
  }

  event(ticker: string): EventRecord | undefined {
    return this.#events.get(ticker);
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

function bounded<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.has(key) || map.size < MAX_REMEMBERED) map.set(key, value);
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

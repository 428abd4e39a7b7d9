import type { BookId, Family, Listing, MapperEnv, Micros } from "../../src/contracts/index.ts";
import { catalogOf } from "./catalog.ts";
import type { MetadataDocument } from "./documents.ts";
import { familyOf } from "./families.ts";
import { DEFAULT_FEE_OPTIONS, type FeeOptions, type SeriesFee } from "./fees.ts";
import { effectiveFee, listingOf, type MarketRecord } from "./metadata.ts";

/** Families announced in one fact. */
const FAMILIES_PER_FACT = 200;

export interface MetadataOptions {
  readonly fees: FeeOptions;
  /** Terms for events whose series the documents do not state; null = unknown, which forbids trading. */
  readonly assumedFee: SeriesFee | null;
  /** Changes a listing before it is announced (replays want it as it stood earlier). */
  readonly restate: (listing: Listing) => Listing;
}

export const DEFAULT_METADATA_OPTIONS: MetadataOptions = {
  fees: DEFAULT_FEE_OPTIONS,
  assumedFee: null,
  restate: (listing) => listing,
};

export interface MetadataCounts {
  readonly markets: number;
  readonly families: number;
  /** Markets without a book because the bound on books was reached. */
  readonly dropped: number;
}

/**
 * Announces the markets of a document as instruments and its events as families, at `at`.
 * Series and events that earlier documents of the same feed described count too.
 */
export function announceMetadata(
  document: MetadataDocument,
  env: MapperEnv,
  at: Micros,
  options: MetadataOptions = DEFAULT_METADATA_OPTIONS,
): MetadataCounts {
  const catalog = catalogOf(env.symbols);
  catalog.learn(document.series, document.events);
  const groups = new Map<string, { readonly markets: MarketRecord[]; readonly books: BookId[] }>();
  let dropped = 0;
  for (const market of document.markets) {
    const event = catalog.event(market.event_ticker);
    const base = catalog.series(event?.series_ticker ?? seriesOf(market.event_ticker)) ?? options.assumedFee;
    const listing = options.restate(listingOf(market, effectiveFee(event, base), options.fees));
    const book = env.symbols.describe(listing, at);
    if (book === -1) {
      dropped++;
      continue;
    }
    catalog.keep(listing);
    catalog.file(market.event_ticker, market.ticker, base);
    const group = groups.get(market.event_ticker) ?? { markets: [], books: [] };
    group.markets.push(market);
    group.books.push(book as BookId);
    groups.set(market.event_ticker, group);
  }
  const families: Family[] = [];
  for (const [eventTicker, { markets, books }] of groups)
    if (markets.length > 1)
      families.push(familyOf({ eventTicker, event: catalog.event(eventTicker), markets, books }));
  for (let i = 0; i < families.length; i += FAMILIES_PER_FACT)
    env.sink.object({ kind: "market.families", families: families.slice(i, i + FAMILIES_PER_FACT) }, at);
  return { markets: document.markets.length - dropped, families: families.length, dropped };
}

/** Series part of an event ticker: everything before the first dash. */
function seriesOf(eventTicker: string): string {
  return eventTicker.split("-", 1)[0]!;
}

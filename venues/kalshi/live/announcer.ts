import type { ListedBook, Micros, SessionEnv } from "../../../src/contracts/index.ts";
import { catalogOf } from "../catalog.ts";
import type { MetadataDocument } from "../documents.ts";
import { DEFAULT_FEE_OPTIONS } from "../fees.ts";
import { announceMetadata } from "../metadata-facts.ts";
import { type EventPage, readEventsPage, readOneSeries, readSeries } from "./catalogue-page.ts";
import { Listings } from "./listings.ts";
import type { KalshiOptions } from "./options.ts";
import { ScheduledFees } from "./scheduled-fees.ts";

/** Objects that could not be read are named one by one up to here, then only counted. */
const NAMED_REFUSALS = 20;

/** Turns what REST says of the catalogue into announced metadata and listed books. */
export class Announcer {
  readonly listings: Listings;
  readonly fees: ScheduledFees;
  readonly #env: SessionEnv;
  readonly #options: KalshiOptions;
  #named = 0;
  /** Told of each announced event whose series nobody described yet. */
  onUnknownSeries: ((series: string, event: string) => void) | null = null;

  constructor(env: SessionEnv, options: KalshiOptions) {
    this.#env = env;
    this.#options = options;
    this.listings = new Listings(options.maxBooks);
    this.fees = new ScheduledFees({ balancePrecision: options.balancePrecision });
  }

  /** Fee terms of all series. False: the body is no such answer. */
  series(body: Uint8Array): boolean {
    const document = readSeries(body);
    if (document === null) return false;
    this.#refusals(document);
    this.#announce(document);
    return true;
  }

  /** Fee terms of one series. False: the body is no such answer, or cannot be read. */
  oneSeries(body: Uint8Array): boolean {
    const document = readOneSeries(body);
    if (document === null) return false;
    this.#refusals(document);
    this.#announce(document);
    return document.series.size > 0;
  }

  /** A page of a whole reading; null when the body is none. */
  page(body: Uint8Array, reading: number): EventPage | null {
    const page = readEventsPage(body);
    if (page !== null) this.events(page, reading);
    return page;
  }

  /** Whole events: their markets become books, what changed is listed, results are told once. */
  events(page: EventPage, reading: number): void {
    this.#refusals(page.document);
    const fits = this.listings.fitting(page.books);
    const books = page.books.filter(({ event }) => fits.has(event));
    const markets = page.document.markets.filter(({ event_ticker }) => fits.has(event_ticker));
    const results = this.listings.results(books, this.#env.venue);
    const changed = this.listings.file(books, reading);
    this.#announce({ ...page.document, markets });
    if (results.length > 0) {
      const at = this.#env.clock.now();
      this.#env.feed.describe(({ sink }) => {
        for (const fact of results) sink.object(fact, at);
      });
    }
    this.listed(changed);
  }

  listed(books: readonly ListedBook[]): void {
    if (books.length === 0) return;
    this.#env.report.listed(books.map(({ symbol, open, weight }) => ({ symbol, open, weight })));
  }

  #announce(document: MetadataDocument): void {
    const at = this.#env.clock.now() as Micros;
    const { balancePrecision } = this.#options;
    const unknown: (readonly [series: string, event: string])[] = [];
    const eventOf = new Map(document.markets.map(({ ticker, event_ticker }) => [ticker, event_ticker]));
    this.#env.feed.describe((mapper) => {
      const counts = announceMetadata(document, mapper, at, {
        fees: { ...DEFAULT_FEE_OPTIONS, balancePrecision },
        assumedFee: null,
        restate: (listing) =>
          this.fees.restate(listing, document.events.get(eventOf.get(listing.symbol) ?? "")),
      });
      if (counts.dropped > 0)
        this.#env.report.refused("book.overflow", `${counts.dropped} markets beyond the bound on books`);
      const catalog = catalogOf(mapper.symbols);
      for (const [event, { series_ticker: series }] of document.events)
        if (series != null && catalog.series(series) === null) unknown.push([series, event]);
    });
    for (const [series, event] of unknown) this.onUnknownSeries?.(series, event);
  }

  #refusals({ refused }: MetadataDocument): void {
    for (const detail of refused) {
      if (this.#named < NAMED_REFUSALS) this.#env.report.refused("feed.shape", detail);
      this.#named++;
    }
    if (this.#named > NAMED_REFUSALS && refused.length > 0)
      this.#env.report.refused("feed.shape", `${this.#named} objects of the catalogue so far`);
  }
}

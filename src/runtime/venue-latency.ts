import type { BookId, LatencySummary, MarketView } from "../contracts/index.ts";
import { LatencyHistogram } from "./latency.ts";

/** Receive time minus venue time, by venue. Only frames whose venue states its time count. */
export class VenueLatency {
  readonly #byVenue = new Map<string, LatencyHistogram>();
  readonly #byBook: (LatencyHistogram | undefined)[] = [];

  record(book: number, micros: number, view: MarketView): void {
    if (book < 0) return;
    const histogram = this.#byBook[book] ?? this.#lookup(book, view);
    histogram?.record(micros);
  }

  summary(): Readonly<Record<string, LatencySummary>> {
    return Object.fromEntries([...this.#byVenue].map(([venue, histogram]) => [venue, histogram.summary()]));
  }

  #lookup(book: number, view: MarketView): LatencyHistogram | undefined {
    const venue = view.instrument(book as BookId)?.venue;
    if (venue === undefined) return undefined;
    let histogram = this.#byVenue.get(venue);
    if (histogram === undefined) {
      histogram = new LatencyHistogram();
      this.#byVenue.set(venue, histogram);
    }
    this.#byBook[book] = histogram;
    return histogram;
  }
}

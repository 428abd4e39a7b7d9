import {
  ASK,
  BID,
  type Listing,
  type Micros,
  type RecordingReader,
  type RecordingSession,
  type RecordingSink,
} from "../../../src/contracts/index.ts";
import { type MetadataDocument, readDocument } from "../documents.ts";
import { assertedFee } from "../fees.ts";
import { instantOf, type MarketRecord } from "../metadata.ts";
import { announceMetadata, DEFAULT_METADATA_OPTIONS, type MetadataOptions } from "../metadata-facts.ts";
import { payoutOf } from "../oracle-lifecycle.ts";
import { rfc3339Micros } from "../time.ts";
import { contractLots, dollarTicks, type PolledLevel, PollFacts } from "./poll.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true });

/** Refused objects that are named one by one; the rest is counted in one line. */
const NAMED_REFUSALS = 50;

/**
 * REST documents: events (nested or not), markets, series fee terms, and the wrappings recorders put around them.
 * Markets whose top of book is stated with sizes give a one-level poll snapshot.
 */
export const kalshiMetadata: RecordingReader = {
  id: "kalshi-metadata",
  about:
    "REST events, markets and series (JSON). as_of=open announces markets as they stood when they opened, as_of=settled only their results; fee=quadratic:1 asserts fee terms where the file states none; precision=0.0001 for direct members; at=RFC3339 when the file states no time",
  unit: "document",
  open: (sink, options) => new MetadataSession(sink, options),
};

class MetadataSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #options: Readonly<Record<string, string>>;

  constructor(sink: RecordingSink, options: Readonly<Record<string, string>>) {
    this.#sink = sink;
    this.#options = options;
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    const value = parse(bytes, start, end);
    if (value === undefined) {
      this.#sink.reject("import.foreign", "not a JSON document");
      return;
    }
    const document = readDocument(value);
    if (document.venueError !== null) {
      this.#sink.reject("wire.venue_error", document.venueError.slice(0, 80));
      return;
    }
    this.#refusals(document);
    if (document.markets.length + document.events.size + document.series.size === 0) {
      this.#sink.reject("import.foreign", "no event, market or series in the document");
      return;
    }
    this.#announce(document);
  }

  end(): void {
    // A document is one piece: nothing is left over.
  }

  #refusals({ refused }: MetadataDocument): void {
    for (const detail of refused.slice(0, NAMED_REFUSALS)) this.#sink.reject("import.bad_line", detail);
    if (refused.length > NAMED_REFUSALS)
      this.#sink.reject("import.bad_line", `${refused.length - NAMED_REFUSALS} more objects`);
  }

  #announce(document: MetadataDocument): void {
    const stated = this.#options["at"] === undefined ? null : rfc3339Micros(this.#options["at"]);
    const fetched = stated ?? document.fetchedAt ?? 0;
    const asOf = this.#options["as_of"];
    const opened = asOf === "open" ? earliestOpen(document.markets) : null;
    const at = (opened ?? fetched) as Micros;
    if (asOf !== "settled") {
      announceMetadata(document, this.#sink.env, at, metadataOptions(this.#options));
      if (asOf !== "open") this.#tops(document.markets, at);
    }
    if (asOf !== "open") this.#results(document.markets, asOf === "settled" ? null : at);
  }

  /** Best prices with sizes: a size of zero means the side is empty, whatever price stands beside it. */
  #tops(markets: readonly MarketRecord[], at: number): void {
    const poll = new PollFacts(this.#sink, "metadata poll");
    for (const market of markets) {
      if (market.status !== "active") continue;
      const levels: PolledLevel[] = [];
      for (const [side, price, size] of [
        [BID, market.yes_bid_dollars, market.yes_bid_size_fp],
        [ASK, market.yes_ask_dollars, market.yes_ask_size_fp],
      ] as const) {
        const ticks = dollarTicks(price ?? "");
        const lots = contractLots(size ?? "");
        if (ticks === null || lots === null) break;
        levels.push({ side, ticks, lots });
      }
      if (levels.length === 2)
        poll.snapshot(
          market.ticker,
          levels.filter(({ lots }) => lots > 0),
          at,
        );
    }
    poll.endPoll();
  }

  /** @param at null = when each market settled */
  #results(markets: readonly MarketRecord[], at: number | null): void {
    for (const { ticker, status, result, settlement_value_dollars: value, settlement_ts } of markets) {
      if (status !== "finalized" && status !== "settled") continue;
      const yesPayout = payoutOf(result, value);
      const when = at ?? instantOf(settlement_ts);
      if (yesPayout === null || when === null)
        this.#sink.reject("wire.missing_field", `${ticker}: settled without a readable result`);
      else {
        const source = "REST market record";
        this.#sink.object(
          { kind: "market.resolved", market: `kalshi:${ticker}`, yesPayout, source },
          when as Micros,
        );
      }
    }
  }
}

function metadataOptions(options: Readonly<Record<string, string>>): MetadataOptions {
  const balancePrecision = options["precision"] === "0.0001" ? "0.0001" : "0.01";
  const restate = (listing: Listing): Listing =>
    options["as_of"] === "open" ? { ...listing, status: "open" } : listing;
  return {
    fees: { ...DEFAULT_METADATA_OPTIONS.fees, balancePrecision },
    assumedFee: assertedFee(options["fee"]),
    restate,
  };
}

function earliestOpen(markets: readonly MarketRecord[]): number | null {
  const opens = markets.map(({ open_time }) => instantOf(open_time)).filter((at) => at !== null);
  return opens.length === 0 ? null : Math.min(...opens);
}

function parse(bytes: Uint8Array, start: number, end: number): unknown {
  try {
    return JSON.parse(DECODER.decode(bytes.subarray(start, end)));
  } catch {
    return undefined;
  }
}

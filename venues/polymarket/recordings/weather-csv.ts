import { hash as digest } from "node:crypto";
import {
  type BookId,
  type Evidence,
  type Family,
  type Micros,
  parseScaled,
  type RecordingReader,
  type RecordingSession,
  type RecordingSink,
  type VenueId,
} from "../../../src/contracts/index.ts";
import { catalogueOf } from "../catalogue.ts";
import { parseInstant } from "../instant.ts";
import { listingOf } from "../listing.ts";
import { SIZE_DIGITS } from "../scales.ts";
import { splitCsv } from "./csv.ts";
import { PollWriter } from "./poll-writer.ts";

const COLUMNS = [
  "event_id",
  "event_slug",
  "market_id",
  "market_slug",
  "bucket_label",
  "best_ask",
  "best_bid",
  "order_min_size",
  "tick_size",
  "enable_order_book",
] as const;
type Column = (typeof COLUMNS)[number];
type Row = Readonly<Record<Column, string>>;

/**
 * A table of best prices of weather buckets at one moment, without tokens, fees, negative-risk fields or a time.
 * What it does not state stays unknown: its families have unknown labels and its books unknown fees.
 */
export const weatherCsvReader: RecordingReader = {
  id: "polymarket-weather-csv",
  about:
    "table of bucket best prices at one moment (option at: its instant, required; assume-size as for weather)",
  unit: "line",
  open: (sink, options) => new WeatherCsvSession(sink, options["at"], options["assume-size"]),
};

class WeatherCsvSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #polls: PollWriter;
  readonly #at: Micros | null;
  readonly #families = new Map<string, { readonly title: string; readonly members: BookId[] }>();
  #header: readonly string[] | null = null;
  #now = 0 as Micros;

  constructor(sink: RecordingSink, at: string | undefined, assumeSize: string | undefined) {
    this.#sink = sink;
    this.#polls = new PollWriter(sink, "weather table", assumeSize);
    this.#at = parseInstant(at);
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    const fault =
      this.#polls.fault ?? (this.#at === null ? "this table has no time: option at is required" : null);
    if (fault !== null) {
      this.#sink.reject("import.bad_line", fault);
      return;
    }
    const cells = splitCsv(bytes, start, end);
    if (cells === null) {
      this.#sink.reject("import.bad_line", "no CSV line in UTF-8");
      return;
    }
    if (this.#header === null && COLUMNS.every((name) => cells.includes(name))) {
      this.#header = cells;
      this.#now = this.#polls.begin(this.#at as Micros);
      return;
    }
    if (this.#header === null) {
      this.#sink.reject("import.foreign", "no header of a weather table");
      return;
    }
    if (cells.length !== this.#header.length) {
      this.#sink.reject("import.bad_line", `expected ${this.#header.length} cells, found ${cells.length}`);
      return;
    }
    const header = this.#header;
    const cell = (name: Column): string => cells[header.indexOf(name)] ?? "";
    this.#row(Object.fromEntries(COLUMNS.map((name) => [name, cell(name)])) as Record<Column, string>);
  }

  #row(row: Row): void {
    const minLots = parseScaled(row.order_min_size, SIZE_DIGITS);
    if (row.market_slug === "" || minLots === null || minLots <= 0) {
      this.#sink.reject("import.bad_line", "market_slug or order_min_size is unusable");
      return;
    }
    const listing = listingOf({
      venue: this.#sink.env.venue,
      conditionId: `gamma-${row.market_id}`,
      tokens: [row.market_slug, null],
      title: `${row.event_slug} ${row.bucket_label}`,
      tickSize: row.tick_size,
      minSize: row.order_min_size,
      fees: [],
      status: row.enable_order_book === "True" ? "open" : "paused",
      opensAt: null,
      closesAt: null,
    });
    const book = catalogueOf(this.#sink.env.symbols).describe(listing, this.#now);
    if (book === -1) {
      this.#sink.reject("book.overflow", row.market_slug);
      return;
    }
    const family = this.#families.get(row.event_id) ?? { title: row.event_slug, members: [] };
    family.members.push(book as BookId);
    this.#families.set(row.event_id, family);
    this.#polls.quote(book, row.best_bid, row.best_ask, minLots);
  }

  end(): void {
    const families = [...this.#families].map(([id, { title, members }]) =>
      unlabelled(this.#sink.env.venue, id, title, members),
    );
    if (families.length > 0) this.#sink.object({ kind: "market.families", families }, this.#now);
    this.#polls.end();
    this.#polls.close();
  }
}

function unlabelled(venue: VenueId, id: string, title: string, members: readonly BookId[]): Family {
  const evidence: Evidence = {
    label: "unknown",
    source: "the table does not say whether the event is a negative-risk event",
    hash: digest("sha256", JSON.stringify({ event: id, title })),
    expiresAt: null,
  };
  return {
    id: `${venue}:event:${id}`,
    kind: "event",
    venue,
    title,
    members,
    unquoted: [],
    exclusive: evidence,
    exhaustive: evidence,
    atMost: null,
    transforms: [],
  };
}

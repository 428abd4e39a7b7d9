import { z } from "zod";
import type { SeriesFee } from "./fees.ts";
import {
  type EventRecord,
  eventSchema,
  instantOf,
  type MarketRecord,
  marketSchema,
  seriesFeeOf,
  seriesSchema,
} from "./metadata.ts";
import { rfc3339Micros } from "./time.ts";

/** What one REST document holds, whatever its wrapping. */
export interface MetadataDocument {
  readonly events: ReadonlyMap<string, EventRecord>;
  /** In document order, first occurrence of each ticker. */
  readonly markets: readonly MarketRecord[];
  readonly series: ReadonlyMap<string, SeriesFee>;
  /** When the recorder fetched it, in microseconds; null when the document does not say. */
  readonly fetchedAt: number | null;
  /** The venue answered with an error. */
  readonly venueError: string | null;
  /** Objects that look like events, markets or series and could not be read. */
  readonly refused: readonly string[];
}

/** Objects looked at in one document; a listing of the whole venue has 100,000 markets. */
const MAX_OBJECTS = 500_000;
const MAX_WALK_DEPTH = 8;

/** Keys under which recorders and the venue wrap what is read here. */
const WRAPPERS = [
  "response",
  "event",
  "events",
  "markets",
  "market",
  "single",
  "combos",
  "payloads",
  "events_by_series",
  "kalshi",
];

/** Times of capture by the name recorders gave them: RFC 3339 text or milliseconds. */
const CAPTURE_KEYS = ["fetched_at_ms", "captured_ms", "captured_at", "taken_at", "timestamp"];

const errorSchema = z.union([
  z.object({ error: z.object({ code: z.string() }) }).transform(({ error }) => error.code),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ code: z.string(), message: z.string() }).transform(({ code }) => code),
]);

/** Finds every event, market and series of a parsed document. Never throws; bounded in depth and number. */
export function readDocument(value: unknown): MetadataDocument {
  const walk = new Walk();
  walk.visit(value, 0);
  const error = errorSchema.safeParse(value);
  const fetchedAt = captureInstant(value) ?? latestUpdate(walk.markets);
  return {
    events: walk.events,
    markets: [...walk.markets.values()],
    series: walk.series,
    fetchedAt,
    venueError: error.success ? error.data : null,
    refused: walk.refused,
  };
}

class Walk {
  readonly events = new Map<string, EventRecord>();
  readonly markets = new Map<string, MarketRecord>();
  readonly series = new Map<string, SeriesFee>();
  readonly refused: string[] = [];
  #objects = 0;

  visit(value: unknown, depth: number): void {
    if (depth > MAX_WALK_DEPTH || typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) this.visit(item, depth + 1);
      return;
    }
    if (++this.#objects > MAX_OBJECTS) return;
    const object = withoutUnderscores(value as Record<string, unknown>);
    if ("fee_type" in object && "fee_multiplier" in object) this.#series(object);
    else if ("ticker" in object && "event_ticker" in object && "status" in object) this.#market(object);
    else if ("event_ticker" in object && !("ticker" in object)) this.#event(object, depth);
    else this.#wrapper(object, depth);
  }

  #series(object: Record<string, unknown>): void {
    const parsed = seriesSchema.safeParse(object);
    const fee = parsed.success ? seriesFeeOf(parsed.data.fee_type, parsed.data.fee_multiplier) : null;
    if (!parsed.success || fee === null) this.refused.push(`series: ${brief(object["ticker"])}`);
    else this.series.set(parsed.data.ticker, fee);
  }

  #market(object: Record<string, unknown>): void {
    const parsed = marketSchema.safeParse(object);
    if (!parsed.success) this.refused.push(`market ${brief(object["ticker"])}: ${firstIssue(parsed.error)}`);
    else if (!this.markets.has(parsed.data.ticker)) this.markets.set(parsed.data.ticker, parsed.data);
  }

  #event(object: Record<string, unknown>, depth: number): void {
    const parsed = eventSchema.safeParse(object);
    if (!parsed.success)
      this.refused.push(`event ${brief(object["event_ticker"])}: ${firstIssue(parsed.error)}`);
    else if (!this.events.has(parsed.data.event_ticker))
      this.events.set(parsed.data.event_ticker, parsed.data);
    this.visit(object["markets"], depth + 1);
  }

  /** Known wrappers, `series` and `series_meta`, and maps keyed by ticker. */
  #wrapper(object: Record<string, unknown>, depth: number): void {
    for (const key of WRAPPERS) this.visit(object[key], depth + 1);
    if (!Array.isArray(object["series"])) this.visit(object["series"], depth + 1);
    const meta = object["series_meta"];
    if (typeof meta === "object" && meta !== null)
      for (const [ticker, terms] of Object.entries(meta))
        if (typeof terms === "object" && terms !== null) this.#series({ ticker, ...terms });
    for (const [key, inner] of Object.entries(object))
      if (/^[A-Z0-9][A-Z0-9.-]*$/.test(key)) this.visit(inner, depth + 1);
  }
}

/** One recorder of 2024 kept the private names of a client library: `_ticker` for `ticker`. */
function withoutUnderscores(object: Record<string, unknown>): Record<string, unknown> {
  if (!("_event_ticker" in object)) return object;
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key.replace(/^_/, ""), value]));
}

function captureInstant(value: unknown): number | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  for (const key of CAPTURE_KEYS) {
    const stated = (value as Record<string, unknown>)[key];
    if (typeof stated === "number" && Number.isSafeInteger(stated * 1000)) return stated * 1000;
    // A recorder in UTC left the zone out.
    if (typeof stated === "string") return rfc3339Micros(stated) ?? rfc3339Micros(`${stated}Z`);
  }
  return null;
}

/** Without a capture time the document is as old as its newest market. */
function latestUpdate(markets: ReadonlyMap<string, MarketRecord>): number | null {
  let latest: number | null = null;
  for (const { updated_time } of markets.values()) {
    const at = instantOf(updated_time);
    if (at !== null && (latest === null || at > latest)) latest = at;
  }
  return latest;
}

function brief(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 80) : "without ticker";
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? "unreadable" : `${issue.path.join(".")}: ${issue.message}`.slice(0, 160);
}

import { z } from "zod";
import type { ListedBook } from "../../../src/contracts/index.ts";
import { type MetadataDocument, readDocument } from "../documents.ts";
import type { MarketRecord } from "../metadata.ts";

/** Generated combinations: 99.5% of the venue's markets, none with a book worth watching. */
const COMBO = /^KXMVE/;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One event with its markets, ready to be announced. */
export interface EventPage {
  readonly document: MetadataDocument;
  /** Every market of the page with the event it belongs to. */
  readonly books: readonly EventBook[];
  readonly events: number;
  /** Empty = the last page. */
  readonly cursor: string;
}

export interface EventBook extends ListedBook {
  readonly event: string;
  readonly record: MarketRecord;
}

const pageSchema = z.object({ events: z.array(z.unknown()), cursor: z.string().nullish() });
const oneSchema = z.object({
  event: z.looseObject({ event_ticker: z.string() }),
  markets: z.array(z.unknown()).nullish(),
});
const volumeSchema = z.object({ ticker: z.string(), volume_24h_fp: z.string().max(32) });

/** A page of `GET /events?with_nested_markets=true`; null when it is none. */
export function readEventsPage(body: Uint8Array): EventPage | null {
  const page = pageSchema.safeParse(parse(body));
  return page.success ? eventPage(page.data.events, page.data.cursor ?? "") : null;
}

/** The answer to `GET /events/{ticker}?with_nested_markets=true`: the markets stand in the event or beside it. */
export function readEvent(body: Uint8Array): EventPage | null {
  const one = oneSchema.safeParse(parse(body));
  if (!one.success) return null;
  const { event, markets } = one.data;
  const nested = event["markets"];
  const hasNested = Array.isArray(nested) && nested.length > 0;
  return eventPage([hasNested ? event : { ...event, markets: markets ?? [] }], "");
}

/** The answer to `GET /series`: every series with its fee terms; null when it is none. */
export function readSeries(body: Uint8Array): MetadataDocument | null {
  const answer = z.object({ series: z.array(z.unknown()).nullable() }).safeParse(parse(body));
  return answer.success ? readDocument(answer.data.series ?? []) : null;
}

/** The answer to `GET /series/{ticker}`; null when it is none. */
export function readOneSeries(body: Uint8Array): MetadataDocument | null {
  const answer = z.object({ series: z.looseObject({ ticker: z.string() }) }).safeParse(parse(body));
  return answer.success ? readDocument([answer.data.series]) : null;
}

/** JSON text of a body, undefined when it is none. */
export function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

function eventPage(raw: readonly unknown[], cursor: string): EventPage {
  const wanted = raw.filter((event) => !COMBO.test(tickerOf(event)));
  const read = readDocument(wanted);
  const markets = read.markets.filter(({ ticker }) => !COMBO.test(ticker));
  const volumes = volumesOf(wanted);
  const books = markets.map((record) => ({
    symbol: record.ticker,
    open: record.status === "active" || record.status === "open",
    weight: volumes.get(record.ticker) ?? 0,
    event: record.event_ticker,
    record,
  }));
  return { document: { ...read, markets }, books, events: raw.length, cursor };
}

/** Contracts traded in a day by ticker. Each moves one dollar between its two sides. */
function volumesOf(events: readonly unknown[]): ReadonlyMap<string, number> {
  const volumes = new Map<string, number>();
  for (const event of events) {
    const markets = (event as { readonly markets?: unknown }).markets;
    for (const market of Array.isArray(markets) ? markets : []) {
      const parsed = volumeSchema.safeParse(market);
      const volume = parsed.success ? Number(parsed.data.volume_24h_fp) : 0;
      if (parsed.success && Number.isFinite(volume) && volume > 0) volumes.set(parsed.data.ticker, volume);
    }
  }
  return volumes;
}

function tickerOf(event: unknown): string {
  const ticker =
    typeof event === "object" && event !== null && "event_ticker" in event ? event.event_ticker : "";
  return typeof ticker === "string" ? ticker : "";
}

import { ASK, BID, parseScaled, type Reason } from "../../src/contracts/index.ts";
import { nestsDeeperThan, repeatedKey } from "./json-guard.ts";
import { readEventFee, readLifecycle } from "./oracle-lifecycle.ts";
import {
  deltaSchema,
  errorSchema,
  idSchema,
  listedSchema,
  millisSchema,
  snapshotSchema,
  subscribedSchema,
  symbolSchema,
  tradeSchema,
} from "./oracle-schema.ts";
import { MAX_LOTS, PRICE_DIGITS, PRICE_SCALE, SIZE_DIGITS } from "./scales.ts";
import { rfc3339Micros } from "./time.ts";
import type { RefusedMessage, Touched, WireLevel, WireMessage } from "./wire.ts";

/** Real frames nest four deep (envelope, msg, side, level); the deepest documented one six. */
const MAX_DEPTH = 16;

/** Codes after which a subscription sends nothing more. Source: asyncapi error table. */
const TERMINAL_ERRORS: ReadonlySet<number> = new Set([10, 25]);

/** Types that are read and say nothing about a book. Private channels belong to the account, not to the market. */
const QUIET_TYPES: ReadonlySet<string> = new Set([
  "ticker",
  "fill",
  "user_order",
  "market_position",
  "order_group_updates",
  "event_lifecycle",
  "multivariate_market_lifecycle",
  "cfbenchmarks_value",
  "cfbenchmarks_value_5hz",
  "pyth_value",
]);

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface Envelope {
  readonly sid: number | null;
  readonly seq: number | null;
  readonly msg: unknown;
}

/**
 * Reads one frame with `JSON.parse` and zod: slow, plain, and the authority on what a frame means.
 * The scanner must agree with it on everything it accepts. Never throws.
 */
export function readFrame(bytes: Uint8Array, start: number, end: number): WireMessage {
  if (nestsDeeperThan(bytes, start, end, MAX_DEPTH)) return refused("wire.too_deep", "connection");
  const frame = parse(bytes, start, end);
  if (frame === null) return refused("wire.unreadable", "connection");
  if (frame.repeated === "envelope") return refused("wire.duplicate_key", "connection");
  const { value } = frame;
  const envelope: Envelope = { sid: readId(value["sid"]), seq: readId(value["seq"]), msg: value["msg"] };
  const type = value["type"];
  if (typeof type !== "string")
    return refused("wire.missing_field", envelope.sid === null ? "connection" : "stream", envelope);
  if (frame.repeated === "msg") return refused("wire.duplicate_key", touchedBy(type), envelope);
  return readTyped(type, envelope);
}

/** A price decimal as ticks strictly between 0 and 1 dollar; null when it is none. */
function priceTicks(text: string): number | null {
  const ticks = parseScaled(text, PRICE_DIGITS);
  return ticks === null || ticks <= 0 || ticks >= PRICE_SCALE ? null : ticks;
}

/** A size decimal as lots within the believed range; null when it is none. */
function sizeLots(text: string): number | null {
  const lots = parseScaled(text, SIZE_DIGITS);
  return lots === null || Math.abs(lots) > MAX_LOTS ? null : lots;
}

function parse(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly value: Record<string, unknown>; readonly repeated: "envelope" | "msg" | null } | null {
  try {
    const text = UTF8.decode(bytes.subarray(start, end));
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return { value: value as Record<string, unknown>, repeated: repeatedKey(text) };
  } catch {
    return null;
  }
}

function readTyped(type: string, envelope: Envelope): WireMessage {
  switch (type) {
    case "orderbook_delta":
      return readDelta(envelope);
    case "orderbook_snapshot":
      return readSnapshot(envelope);
    case "trade":
      return readTrade(envelope);
    case "market_lifecycle_v2":
      return readLifecycle(envelope) ?? refused("wire.missing_field", "nothing", envelope);
    case "event_fee_update":
      return readEventFee(envelope) ?? refused("wire.missing_field", "nothing", envelope);
    case "subscribed": {
      const parsed = subscribedSchema.safeParse(envelope.msg);
      if (!parsed.success) return refused("wire.missing_field", "nothing", envelope);
      return { kind: "subscribed", sid: parsed.data.sid, channel: parsed.data.channel };
    }
    case "ok":
      return readOk(envelope);
    case "unsubscribed":
      if (envelope.sid === null) return refused("wire.missing_field", "nothing", envelope);
      return { kind: "unsubscribed", sid: envelope.sid, seq: envelope.seq };
    case "error":
      return readError(envelope);
    default:
      if (QUIET_TYPES.has(type)) return { kind: "quiet", sid: envelope.sid, seq: envelope.seq };
      return refused("wire.unknown_type", "nothing", envelope);
  }
}

function readSnapshot(envelope: Envelope): WireMessage {
  const { sid, seq } = envelope;
  const parsed = snapshotSchema.safeParse(envelope.msg);
  if (!parsed.success || sid === null || seq === null || hasForeignSide(envelope.msg))
    return refused("wire.missing_field", "book", envelope);
  const levels: WireLevel[] = [];
  for (const side of ["yes", "no"] as const) {
    const seen = new Set<number>();
    for (const [price, size] of parsed.data[`${side}_dollars_fp`] ?? []) {
      const ticks = priceTicks(price);
      const lots = sizeLots(size);
      if (ticks === null || lots === null || lots < 0) return refused("wire.bad_number", "book", envelope);
      if (seen.has(ticks)) return refused("wire.duplicate_key", "book", envelope);
      seen.add(ticks);
      if (lots > 0) levels.push(onYesScale(side, ticks, lots));
    }
  }
  return { kind: "snapshot", sid, seq, symbol: parsed.data.market_ticker, levels };
}

/** Older formats name the sides `yes`, `yes_dollars` …: reading them as absent would show an empty book. */
function hasForeignSide(msg: unknown): boolean {
  const keys = Object.keys(msg as object);
  return (
    (keys.some((key) => /^yes(_|$)/.test(key)) && !keys.includes("yes_dollars_fp")) ||
    (keys.some((key) => /^no(_|$)/.test(key)) && !keys.includes("no_dollars_fp"))
  );
}

function readDelta(envelope: Envelope): WireMessage {
  const { sid, seq } = envelope;
  const parsed = deltaSchema.safeParse(envelope.msg);
  if (!parsed.success || sid === null || seq === null) return refused("wire.missing_field", "book", envelope);
  const { market_ticker, price_dollars, delta_fp, side } = parsed.data;
  const ticks = priceTicks(price_dollars);
  const lots = sizeLots(delta_fp);
  const venueAt = venueMicros(envelope.msg);
  if (ticks === null || lots === null || venueAt === null)
    return refused("wire.bad_number", "book", envelope);
  return { kind: "delta", sid, seq, symbol: market_ticker, venueAt, ...onYesScale(side, ticks, lots) };
}

function readTrade(envelope: Envelope): WireMessage {
  const { sid, seq } = envelope;
  const parsed = tradeSchema.safeParse(envelope.msg);
  if (!parsed.success || sid === null || seq === null)
    return refused("wire.missing_field", "nothing", envelope);
  const trade = parsed.data;
  const takers = new Set(
    [
      trade.taker_side,
      trade.taker_outcome_side,
      trade.taker_book_side === undefined ? undefined : trade.taker_book_side === "bid" ? "yes" : "no",
    ].filter((side) => side !== undefined),
  );
  if (takers.size !== 1) return refused("wire.missing_field", "nothing", envelope);
  const ticks = tradeTicks(trade.yes_price_dollars, trade.no_price_dollars);
  const lots = sizeLots(trade.count_fp);
  const venueAt = venueMicros(envelope.msg);
  if (ticks === null || lots === null || lots <= 0 || venueAt === null)
    return refused("wire.bad_number", "nothing", envelope);
  if (trade.is_block_trade === true) return { kind: "quiet", sid, seq };
  const side = takers.has("yes") ? BID : ASK;
  return { kind: "trade", sid, seq, symbol: trade.market_ticker, side, ticks, lots, venueAt };
}

/** The YES price of a print from either leg; the legs must add up to one dollar when both are given. */
function tradeTicks(yes: string | undefined, no: string | undefined): number | null {
  const yesTicks = yes === undefined ? null : priceTicks(yes);
  const noTicks = no === undefined ? null : priceTicks(no);
  if ((yes !== undefined && yesTicks === null) || (no !== undefined && noTicks === null)) return null;
  if (yesTicks !== null && noTicks !== null && yesTicks + noTicks !== PRICE_SCALE) return null;
  return yesTicks ?? (noTicks === null ? null : PRICE_SCALE - noTicks);
}

/** Both wire ladders are bids; a NO bid at p is a YES ask at 1 - p. */
function onYesScale(side: "yes" | "no", ticks: number, lots: number): WireLevel {
  return side === "yes" ? { side: BID, ticks, lots } : { side: ASK, ticks: PRICE_SCALE - ticks, lots };
}

/** Exchange time of a message: `ts_ms`, else `ts` (RFC 3339 text or whole seconds), else 0; null when malformed. */
function venueMicros(msg: unknown): number | null {
  const { ts_ms, ts } = msg as { readonly ts_ms?: unknown; readonly ts?: unknown };
  if (ts_ms !== undefined) {
    const millis = millisSchema.safeParse(ts_ms);
    return millis.success ? millis.data * 1000 : null;
  }
  if (ts === undefined) return 0;
  if (typeof ts === "string") return rfc3339Micros(ts);
  const seconds = millisSchema.safeParse(typeof ts === "number" ? ts * 1000 : ts);
  return seconds.success ? seconds.data * 1000 : null;
}

/** Replies to a change carry numbers and the full list; other replies say nothing about books. */
function readOk(envelope: Envelope): WireMessage {
  const { sid, seq, msg } = envelope;
  const lists = typeof msg === "object" && msg !== null && "market_tickers" in msg;
  if (!lists || sid === null || seq === null) return { kind: "quiet", sid, seq };
  const parsed = listedSchema.safeParse(msg);
  if (!parsed.success) return refused("wire.missing_field", "stream", envelope);
  return { kind: "listed", sid, seq, symbols: parsed.data.market_tickers };
}

function readError(envelope: Envelope): WireMessage {
  const parsed = errorSchema.safeParse(envelope.msg);
  const code = parsed.success ? parsed.data.code : 0;
  const { sid, seq } = envelope;
  return { kind: "venue_error", sid, seq, code, terminal: TERMINAL_ERRORS.has(code) };
}

function readId(value: unknown): number | null {
  const parsed = idSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function touchedBy(type: string): Touched {
  return type === "orderbook_delta" || type === "orderbook_snapshot" ? "book" : "nothing";
}

function refused(reason: Reason, touched: Touched, envelope?: Envelope): RefusedMessage {
  const msg = envelope?.msg;
  const ticker =
    typeof msg === "object" && msg !== null ? (msg as Record<string, unknown>)["market_ticker"] : undefined;
  const symbol = symbolSchema.safeParse(ticker);
  return {
    kind: "refused",
    reason,
    sid: envelope?.sid ?? null,
    seq: envelope?.seq ?? null,
    symbol: symbol.success ? symbol.data : null,
    touched,
  };
}

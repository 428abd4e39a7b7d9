import { ASK, formatDecimal, type Side } from "../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_SCALE, SIZE_DIGITS } from "./scales.ts";

/**
 * Facts -> frames, byte for byte in the recorded shape: the inverse of the mapper. For simulated markets.
 * Prices come in ticks of the unified YES book (1e-4 dollar), sizes in lots (0.01 contract), instants in microseconds.
 */

const ENCODER = new TextEncoder();

export interface Numbered {
  readonly sid: number;
  readonly seq: number;
}

export interface EncodedLevel {
  readonly ticks: number;
  readonly lots: number;
}

/** `orderbook_snapshot`. A side without levels is left out, as the venue does; both left out clears the book. */
export function encodeSnapshot(
  snapshot: Numbered & {
    readonly symbol: string;
    readonly bids: readonly EncodedLevel[];
    readonly asks: readonly EncodedLevel[];
  },
): Uint8Array {
  const { sid, seq, symbol, bids, asks } = snapshot;
  const no = asks.map(({ ticks, lots }) => ({ ticks: PRICE_SCALE - ticks, lots }));
  return frame(
    "orderbook_snapshot",
    { sid, seq },
    {
      market_ticker: symbol,
      market_id: marketId(symbol),
      ...(bids.length === 0 ? {} : { yes_dollars_fp: ladder(bids) }),
      ...(no.length === 0 ? {} : { no_dollars_fp: ladder(no) }),
    },
  );
}

/** `orderbook_delta`: `lots` is the signed change of the level. */
export function encodeDelta(
  delta: Numbered & EncodedLevel & { readonly symbol: string; readonly side: Side; readonly venueAt: number },
): Uint8Array {
  const { sid, seq, symbol, side, ticks, lots, venueAt } = delta;
  return frame(
    "orderbook_delta",
    { sid, seq },
    {
      market_ticker: symbol,
      market_id: marketId(symbol),
      price_dollars: price(side === ASK ? PRICE_SCALE - ticks : ticks),
      delta_fp: size(lots),
      side: side === ASK ? "no" : "yes",
      ts: rfc3339(venueAt),
      ts_ms: Math.floor(venueAt / 1000),
    },
  );
}

/** `trade`: `side` is the taker's, BID = the taker bought YES; `ticks` is the YES price. */
export function encodeTrade(
  trade: Numbered &
    EncodedLevel & {
      readonly symbol: string;
      readonly side: Side;
      readonly venueAt: number;
      readonly tradeId: string;
    },
): Uint8Array {
  const { sid, seq, symbol, side, ticks, lots, venueAt, tradeId } = trade;
  const taker = side === ASK ? "no" : "yes";
  return frame(
    "trade",
    { sid, seq },
    {
      trade_id: tradeId,
      market_ticker: symbol,
      yes_price_dollars: price(ticks),
      no_price_dollars: price(PRICE_SCALE - ticks),
      count_fp: size(lots),
      taker_side: taker,
      taker_outcome_side: taker,
      taker_book_side: side === ASK ? "ask" : "bid",
      ts: Math.floor(venueAt / 1_000_000),
      ts_ms: Math.floor(venueAt / 1000),
    },
  );
}

/** Reply to `subscribe`, one per channel; it carries no number. */
export function encodeSubscribed(reply: {
  readonly id: number;
  readonly channel: string;
  readonly sid: number;
}): Uint8Array {
  const { id, channel, sid } = reply;
  return ENCODER.encode(JSON.stringify({ type: "subscribed", id, msg: { channel, sid } }));
}

/** Reply to `update_subscription`. It consumes a number of the subscription. */
export function encodeOk(
  reply: Numbered & { readonly id: number; readonly symbols: readonly string[] },
): Uint8Array {
  const { id, sid, seq, symbols } = reply;
  const msg = { market_tickers: [...symbols].sort() };
  return ENCODER.encode(JSON.stringify({ id, sid, seq, type: "ok", msg }));
}

/** Reply to `unsubscribe`; the subscription ends. */
export function encodeUnsubscribed(reply: Numbered & { readonly id: number }): Uint8Array {
  const { id, sid, seq } = reply;
  return ENCODER.encode(JSON.stringify({ id, sid, seq, type: "unsubscribed" }));
}

/** An error reply. Code 10 and 25 end the subscription `sid`. */
export function encodeError(reply: {
  readonly id: number;
  readonly code: number;
  readonly text: string;
  readonly sid?: number;
}): Uint8Array {
  const { id, code, text, sid } = reply;
  return ENCODER.encode(
    JSON.stringify({ id, type: "error", ...(sid === undefined ? {} : { sid }), msg: { code, msg: text } }),
  );
}

/** What a lifecycle frame may announce. Seconds since the epoch; decimals as text. */
export type EncodedLifecycle =
  | { readonly event_type: "activated" | "deactivated" }
  | { readonly event_type: "close_date_updated"; readonly close_ts: number }
  | {
      readonly event_type: "determined";
      readonly result: "yes" | "no" | "scalar";
      readonly settlement_value: string;
      readonly determination_ts: number;
    }
  | { readonly event_type: "settled"; readonly settled_ts: number; readonly result?: "yes" | "no" }
  | {
      readonly event_type: "price_level_structure_updated";
      readonly price_level_structure: string;
      readonly price_ranges: readonly {
        readonly start: string;
        readonly end: string;
        readonly step: string;
      }[];
    };

/** `market_lifecycle_v2`. */
export function encodeLifecycle(
  event: Numbered & { readonly symbol: string; readonly body: EncodedLifecycle },
): Uint8Array {
  const { sid, seq, symbol, body } = event;
  return frame("market_lifecycle_v2", { sid, seq }, { market_ticker: symbol, ...body });
}

/** `event_fee_update`; both nulls clear the override. */
export function encodeEventFee(
  update: Numbered & {
    readonly eventTicker: string;
    readonly feeType: string | null;
    readonly multiplier: number | null;
  },
): Uint8Array {
  const { sid, seq, eventTicker, feeType, multiplier } = update;
  return frame(
    "event_fee_update",
    { sid, seq },
    {
      event_ticker: eventTicker,
      fee_type_override: feeType,
      fee_multiplier_override: multiplier,
    },
  );
}

function frame(type: string, { sid, seq }: Numbered, msg: object): Uint8Array {
  return ENCODER.encode(JSON.stringify({ type, sid, seq, msg }));
}

/** The venue lists levels in ascending price. */
function ladder(levels: readonly EncodedLevel[]): readonly (readonly [string, string])[] {
  return [...levels].sort((a, b) => a.ticks - b.ticks).map(({ ticks, lots }) => [price(ticks), size(lots)]);
}

function price(ticks: number): string {
  return fixed(ticks, PRICE_DIGITS);
}

function size(lots: number): string {
  return fixed(lots, SIZE_DIGITS);
}

/** A scaled integer with all its decimals: `fixed(4800, 4) === "0.4800"`. */
function fixed(value: number, digits: number): string {
  const shortest = formatDecimal(BigInt(value), digits);
  const [whole, fraction = ""] = shortest.split(".");
  return `${whole}.${fraction.padEnd(digits, "0")}`;
}

/** The venue writes microseconds without trailing zeros. */
function rfc3339(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** A stable identifier in the shape of the venue's, made from the ticker (FNV-1a, four rounds). */
function marketId(symbol: string): string {
  let hex = "";
  for (let round = 0; round < 4; round++) {
    let hash = 0x811c9dc5 ^ round;
    for (let i = 0; i < symbol.length; i++) hash = Math.imul(hash ^ symbol.charCodeAt(i), 0x01000193);
    hex += (hash >>> 0).toString(16).padStart(8, "0");
  }
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

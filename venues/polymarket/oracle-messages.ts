import type { z } from "zod";
import { ASK, BID, parseScaled, type Side } from "../../src/contracts/index.ts";
import { judgeHash } from "./hash.ts";
import { MAX_TIMESTAMP_MS, PRICE_DIGITS, PRICE_ONE, SIZE_DIGITS } from "./scales.ts";
import { Event, HashState, type RareEvent, TOP_EMPTY, TOP_UNSTATED } from "./wire-frame.ts";
import {
  BestBidAsk,
  Book,
  LastTradePrice,
  MarketResolved,
  NewMarket,
  OldPriceChange,
  PriceChange,
  TickSizeChange,
} from "./wire-schemas.ts";

/** A number in a message that is no exact decimal in range. */
export class BadNumber extends Error {}

interface Op {
  readonly asset: string;
  readonly side: Side;
  readonly ticks: number;
  readonly lots: number;
  readonly topBid: number;
  readonly topAsk: number;
}

/** One message, read. */
export interface Reading {
  readonly kind: Event;
  readonly asset: string | null;
  readonly at: number;
  readonly ops: readonly Op[];
  readonly hash?: HashState;
  readonly rare?: RareEvent;
}

/** One reader per message kind: null when a field is missing, `BadNumber` when one is out of range. */
export const READERS: Readonly<Record<string, (message: unknown) => Reading | null>> = {
  book: readBook,
  price_change: readPriceChange,
  last_trade_price: readTrade,
  best_bid_ask: readTop,
  tick_size_change: readTick,
  new_market: readNewMarket,
  market_resolved: readResolved,
};

function readBook(message: unknown): Reading | null {
  const parsed = Book.safeParse(message);
  if (!parsed.success) return null;
  const book = parsed.data;
  const { asset_id: asset, timestamp } = book;
  const bids = book.bids.map(({ price, size }) => plainOp(asset, BID, price, size));
  const asks = book.asks.map(({ price, size }) => plainOp(asset, ASK, price, size));
  const keys = Object.keys(message as object);
  const ops = keys.indexOf("bids") < keys.indexOf("asks") ? [...bids, ...asks] : [...asks, ...bids];
  return { kind: Event.BOOK, asset, at: micros(timestamp), ops, hash: bookHashState(message, book) };
}

/** Re-serialises the levels as served: `message` still holds fields a schema would drop. */
function bookHashState(message: unknown, book: z.infer<typeof Book>): HashState {
  if (book.hash === undefined) return HashState.OPAQUE;
  const served = message as { readonly bids: unknown; readonly asks: unknown };
  const json = (value: string | boolean | undefined): string | null =>
    value === undefined ? null : JSON.stringify(value);
  return judgeHash(book.hash, {
    market: JSON.stringify(book.market),
    assetId: JSON.stringify(book.asset_id),
    timestamp: JSON.stringify(book.timestamp),
    bids: JSON.stringify(served.bids),
    asks: JSON.stringify(served.asks),
    minOrderSize: json(book.min_order_size),
    tickSize: json(book.tick_size),
    negRisk: json(book.neg_risk),
    lastTradePrice: json(book.last_trade_price),
  });
}

function readPriceChange(message: unknown): Reading | null {
  const parsed = PriceChange.safeParse(message);
  if (!parsed.success) return readOldPriceChange(message);
  const ops = parsed.data.price_changes.map((change) => ({
    ...plainOp(change.asset_id, sideOf(change.side), change.price, change.size),
    topBid: top(change.best_bid, BID),
    topAsk: top(change.best_ask, ASK),
  }));
  return { kind: Event.CHANGE, asset: null, at: micros(parsed.data.timestamp), ops };
}

function readOldPriceChange(message: unknown): Reading | null {
  const parsed = OldPriceChange.safeParse(message);
  if (!parsed.success || Object.hasOwn(message as object, "price_changes")) return null;
  const { asset_id: asset, changes, price, size, side, timestamp } = parsed.data;
  const single =
    price === undefined || size === undefined || side === undefined ? null : [{ price, size, side }];
  const listed = changes ?? single;
  if (listed === null) return null;
  const ops = listed.map((change) => plainOp(asset, sideOf(change.side), change.price, change.size));
  return { kind: Event.CHANGE, asset: null, at: micros(timestamp), ops };
}

function readTrade(message: unknown): Reading | null {
  const parsed = LastTradePrice.safeParse(message);
  if (!parsed.success) return null;
  const { asset_id: asset, price, size, side, timestamp } = parsed.data;
  return {
    kind: Event.TRADE,
    asset,
    at: micros(timestamp),
    ops: [plainOp(asset, sideOf(side), price, size)],
  };
}

function readTop(message: unknown): Reading | null {
  const parsed = BestBidAsk.safeParse(message);
  if (!parsed.success) return null;
  const { asset_id: asset, best_bid: bid, best_ask: ask, timestamp } = parsed.data;
  const op = { ...NO_LEVEL, asset, topBid: top(bid, BID), topAsk: top(ask, ASK) };
  return { kind: Event.TOP, asset, at: micros(timestamp), ops: [op] };
}

function readTick(message: unknown): Reading | null {
  const parsed = TickSizeChange.safeParse(message);
  if (!parsed.success) return null;
  const { asset_id: asset, market, new_tick_size: tick, timestamp } = parsed.data;
  const newTicks = priceTicks(tick);
  return {
    kind: Event.RARE,
    asset,
    at: micros(timestamp),
    ops: [],
    rare: { kind: "tick", market, newTicks },
  };
}

function readNewMarket(message: unknown): Reading | null {
  const parsed = NewMarket.safeParse(message);
  if (!parsed.success) return null;
  const { data } = parsed;
  const schedule = data.fee_schedule ?? null;
  const market = {
    conditionId: data.market,
    question: data.question,
    tokens: data.assets_ids,
    tickSize: data.order_price_min_tick_size ?? null,
    feesEnabled: data.fees_enabled ?? null,
    feeSchedule:
      schedule === null
        ? null
        : { rate: schedule.rate, exponent: schedule.exponent, takerOnly: schedule.taker_only },
  };
  const at = micros(data.timestamp);
  return { kind: Event.RARE, asset: null, at, ops: [], rare: { kind: "listed", market } };
}

function readResolved(message: unknown): Reading | null {
  const parsed = MarketResolved.safeParse(message);
  if (!parsed.success) return null;
  const { market, assets_ids: assets, winning_asset_id: winner, timestamp } = parsed.data;
  const outcome = assets.indexOf(winner);
  if (assets.length !== 2 || outcome === -1) return null;
  const ops = assets.map((asset) => ({ ...NO_LEVEL, asset }));
  const rare: RareEvent = { kind: "resolved", market, yesPayout: outcome === 0 ? "1" : "0" };
  return { kind: Event.RARE, asset: null, at: micros(timestamp), ops, rare };
}

const NO_LEVEL = { side: BID, ticks: 0, lots: 0, topBid: TOP_UNSTATED, topAsk: TOP_UNSTATED } as const;

function plainOp(asset: string, side: Side, price: string, size: string): Op {
  const lots = parseScaled(size, SIZE_DIGITS);
  if (lots === null || lots < 0) throw new BadNumber();
  return { ...NO_LEVEL, asset, side, ticks: priceTicks(price), lots };
}

function priceTicks(text: string): number {
  const ticks = parseScaled(text, PRICE_DIGITS);
  if (ticks === null || ticks <= 0 || ticks >= PRICE_ONE) throw new BadNumber();
  return ticks;
}

/** A stated best price: "" and "0" say that the side is empty, and so does an ask of "1". */
function top(text: string | undefined, side: Side): number {
  if (text === undefined) return TOP_UNSTATED;
  if (text === "") return TOP_EMPTY;
  const ticks = parseScaled(text, PRICE_DIGITS);
  if (ticks === 0 || (side === ASK && ticks === PRICE_ONE)) return TOP_EMPTY;
  return priceTicks(text);
}

function sideOf(side: "BUY" | "SELL"): Side {
  return side === "BUY" ? BID : ASK;
}

function micros(timestamp: string): number {
  const ms = /^[1-9]\d{12}$/.test(timestamp) ? Number(timestamp) : 0;
  if (ms === 0 || ms > MAX_TIMESTAMP_MS) throw new BadNumber();
  return ms * 1000;
}

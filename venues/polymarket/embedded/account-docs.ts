import { createHash } from "node:crypto";
import type { ExchangeFill, Micros } from "../../../src/contracts/index.ts";
import { PRICE_ONE } from "../scales.ts";
import { uuidOf } from "./auth.ts";
import { millis, priceText, seconds, sizeText } from "./decimals.ts";
import type { WireOrder } from "./order-registry.ts";

/** Stages of a trade on its way to the chain. */
export type TradeStatus = "MATCHED" | "MINED" | "CONFIRMED";

/** Everybody else: the counterparties of an account are nobody's business. */
const STRANGER = "0x000000000000000000000000000000000000dead";

/** An open order as `/data/orders` lists it. */
export function openOrderDocument(order: WireOrder): object {
  return {
    id: order.id,
    status: order.status,
    owner: order.owner,
    maker_address: order.maker,
    market: order.conditionId,
    asset_id: order.token,
    side: order.side,
    original_size: sizeText(order.lots),
    size_matched: sizeText(order.matchedLots),
    price: priceText(order.ticks),
    associate_trades: order.trades,
    outcome: order.outcome,
    created_at: seconds(order.createdAt),
    expiration: order.expiration,
    order_type: order.orderType,
  };
}

/** An order event of the user channel. @param status overrides the order's own, with the reason of a cancellation. */
export function orderEvent(
  order: WireOrder,
  type: "PLACEMENT" | "UPDATE" | "CANCELLATION",
  at: Micros,
  status: string = order.status,
): string {
  return JSON.stringify({
    ...openOrderDocument(order),
    status,
    created_at: String(seconds(order.createdAt)),
    associate_trades: order.trades.length === 0 ? null : order.trades,
    event_type: "order",
    order_owner: order.owner,
    timestamp: String(millis(at)),
    type,
  });
}

/** The venue's id of a fill. */
export function tradeId(fill: ExchangeFill): string {
  return uuidOf(createHash("sha256").update(`trade/${fill.orderId}/${fill.id}`).digest("hex"));
}

/** One fill of an account as `/data/trades` lists it: from the taker's side, with the maker's part in it. */
export function tradeDocument(fill: ExchangeFill, order: WireOrder, status: TradeStatus, at: Micros): object {
  const own = { order_id: order.id, owner: order.owner, maker_address: order.maker };
  const other = {
    order_id: `0x${createHash("sha256").update(`other/${fill.id}`).digest("hex")}`,
    owner: "00000000-0000-0000-0000-000000000000",
    maker_address: STRANGER,
  };
  const isTaker = fill.role === "taker";
  const maker = isTaker ? other : own;
  const price = priceText(order.token === order.symbol ? fill.ticks : PRICE_ONE - fill.ticks);
  const counter = order.side === "BUY" ? "SELL" : "BUY";
  return {
    id: tradeId(fill),
    taker_order_id: isTaker ? order.id : other.order_id,
    market: order.conditionId,
    asset_id: order.token,
    side: isTaker ? order.side : counter,
    size: sizeText(fill.lots),
    fee_rate_bps: "0",
    price,
    status,
    match_time: String(seconds(fill.at)),
    last_update: String(seconds(at)),
    outcome: order.outcome,
    bucket_index: 0,
    owner: order.owner,
    maker_address: isTaker ? order.maker : STRANGER,
    maker_orders: [
      {
        ...maker,
        matched_amount: sizeText(fill.lots),
        price,
        fee_rate_bps: "0",
        asset_id: order.token,
        outcome: order.outcome,
        side: isTaker ? counter : order.side,
      },
    ],
    transaction_hash: `0x${createHash("sha256").update(`transaction/${fill.id}`).digest("hex")}`,
    trader_side: isTaker ? "TAKER" : "MAKER",
  };
}

/** A trade event of the user channel. */
export function tradeEvent(fill: ExchangeFill, order: WireOrder, status: TradeStatus, at: Micros): string {
  return JSON.stringify({
    ...tradeDocument(fill, order, status, at),
    event_type: "trade",
    timestamp: String(millis(at)),
    trade_owner: order.owner,
    type: "TRADE",
  });
}

const MINED_AFTER = 2_000_000;
const CONFIRMED_AFTER = 5_000_000;

/** When a trade reaches its later stages, microseconds after the match. */
export const STAGES: readonly { readonly status: TradeStatus; readonly afterMicros: number }[] = [
  { status: "MINED", afterMicros: MINED_AFTER },
  { status: "CONFIRMED", afterMicros: CONFIRMED_AFTER },
];

/** Where a trade stands by now. */
export function stageOf(fill: ExchangeFill, now: Micros): TradeStatus {
  const age = now - fill.at;
  if (age >= CONFIRMED_AFTER) return "CONFIRMED";
  return age >= MINED_AFTER ? "MINED" : "MATCHED";
}

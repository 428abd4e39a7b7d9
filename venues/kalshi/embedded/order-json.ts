import {
  ASK,
  type ExchangeFill,
  type ExchangeOrder,
  type Sha256Hex,
  type Side,
} from "../../../src/contracts/index.ts";
import { PRICE_SCALE } from "../scales.ts";
import { feeOf, type OrderSums } from "./ledger.ts";
import type { OrderName } from "./order-names.ts";
import { contracts, dollars, millis, money, rfc3339, seconds, uuidOf } from "./values.ts";

type Fields = Readonly<Record<string, unknown>>;

const NO_MONEY = "0.000000";

/** `bid` and `yes` are the same, `ask` and `no` are; every order buys one of the two. */
export function direction(side: Side): { readonly outcome: "yes" | "no"; readonly book: "bid" | "ask" } {
  return side === ASK ? { outcome: "no", book: "ask" } : { outcome: "yes", book: "bid" };
}

export function userId(sha256: Sha256Hex, account: string): string {
  return uuidOf(sha256, `user/${account}`);
}

export function wireStatusOf(order: ExchangeOrder): "resting" | "canceled" | "executed" {
  return order.status === "filled" ? "executed" : order.status === "cancelled" ? "canceled" : "resting";
}

/** What is left of an order; nothing once it is over. */
export function remainingLots(order: ExchangeOrder): number {
  return order.status === "resting" ? order.lots - order.filledLots : 0;
}

function counts(order: ExchangeOrder, { filledBefore }: OrderName): Fields {
  return {
    fill_count_fp: contracts(order.filledLots + filledBefore),
    initial_count_fp: contracts(order.lots + filledBefore),
    remaining_count_fp: contracts(remainingLots(order)),
  };
}

function sumsFields(sums: OrderSums): Fields {
  return {
    maker_fees_dollars: sums.makerFees === 0n ? NO_MONEY : money(sums.makerFees, 6),
    maker_fill_cost_dollars: sums.makerCost === 0n ? NO_MONEY : money(sums.makerCost, 6),
    taker_fees_dollars: sums.takerFees === 0n ? NO_MONEY : money(sums.takerFees, 6),
    taker_fill_cost_dollars: sums.takerCost === 0n ? NO_MONEY : money(sums.takerCost, 6),
  };
}

/** An order as `GET /portfolio/orders` shows it. */
export function restOrder(order: ExchangeOrder, name: OrderName, sums: OrderSums, user: string): Fields {
  const { outcome, book } = direction(order.side);
  return {
    action: "buy",
    book_side: book,
    client_order_id: name.clientId ?? "",
    created_time: rfc3339(order.createdAt),
    exchange_index: 0,
    ...counts(order, name),
    last_update_time: rfc3339(order.updatedAt),
    ...sumsFields(sums),
    no_price_dollars: dollars(PRICE_SCALE - order.ticks),
    order_id: name.id,
    outcome_side: outcome,
    self_trade_prevention_type: "taker_at_cross",
    side: outcome,
    status: wireStatusOf(order),
    subaccount_number: 0,
    ticker: order.symbol,
    type: "limit",
    user_id: user,
    yes_price_dollars: dollars(order.ticks),
  };
}

/** An order as the `user_orders` channel shows it. @param reason null for a new order. */
export function streamOrder(
  order: ExchangeOrder,
  name: OrderName,
  sums: OrderSums,
  user: string,
  reason: string | null,
): Fields {
  const { outcome, book } = direction(order.side);
  return {
    order_id: name.id,
    user_id: user,
    ticker: order.symbol,
    exchange_index: 0,
    status: wireStatusOf(order),
    side: outcome,
    is_yes: outcome === "yes",
    outcome_side: outcome,
    book_side: book,
    yes_price_dollars: dollars(order.ticks),
    ...counts(order, name),
    ...sumsFields(sums),
    client_order_id: name.clientId ?? "",
    self_trade_prevention_type: "taker_at_cross",
    created_time: rfc3339(order.createdAt),
    created_ts_ms: millis(order.createdAt),
    last_updated_ts_ms: millis(order.updatedAt),
    ...(reason === null ? {} : { last_update_reason: reason }),
    subaccount_number: 0,
  };
}

/** A fill as `GET /portfolio/fills` shows it: it does not name the client's id. */
export function restFill(fill: ExchangeFill, name: OrderName, tradeId: string): Fields {
  const { outcome, book } = direction(fill.side);
  return {
    action: "buy",
    book_side: book,
    count_fp: contracts(fill.lots),
    created_time: rfc3339(fill.at),
    exchange_index: 0,
    fee_cost: money(feeOf(fill), 6),
    fill_id: tradeId,
    is_taker: fill.role === "taker",
    market_ticker: fill.symbol,
    no_price_dollars: dollars(PRICE_SCALE - fill.ticks),
    order_id: name.id,
    outcome_side: outcome,
    side: outcome,
    subaccount_number: 0,
    ticker: fill.symbol,
    trade_id: tradeId,
    ts: seconds(fill.at),
    yes_price_dollars: dollars(fill.ticks),
  };
}

/** A fill as the `fill` channel shows it. @param positionLots after the fill, negative = NO. */
export function streamFill(
  fill: ExchangeFill,
  name: OrderName,
  tradeId: string,
  positionLots: number,
): Fields {
  const { outcome, book } = direction(fill.side);
  return {
    trade_id: tradeId,
    order_id: name.id,
    ...(name.clientId === null ? {} : { client_order_id: name.clientId }),
    market_ticker: fill.symbol,
    exchange_index: 0,
    is_taker: fill.role === "taker",
    side: outcome,
    yes_price_dollars: dollars(fill.ticks),
    count_fp: contracts(fill.lots),
    fee_cost: money(feeOf(fill), 6),
    action: "buy",
    ts: seconds(fill.at),
    ts_ms: millis(fill.at),
    post_position_fp: contracts(positionLots),
    purchased_side: outcome,
    outcome_side: outcome,
    book_side: book,
    subaccount: 0,
  };
}

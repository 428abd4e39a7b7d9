import { z } from "zod";
import { parseScaled } from "../../../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_ONE, SIZE_DIGITS } from "../../scales.ts";

/** Payloads about the account's own orders, from REST and the user channel; each reader gives null for anything else. */

const text = z.string().nullish().catch(null);

const Posted = z.object({
  success: z.boolean().nullish().catch(null),
  errorMsg: text,
  orderID: text,
  status: text,
  takingAmount: text,
  makingAmount: text,
});
const Cancelled = z.object({
  canceled: z.array(z.string()).nullish(),
  not_canceled: z.record(z.string(), z.string()).nullish(),
});
const OrderWire = z.object({ id: z.string(), status: z.string(), size_matched: text });
const TradeWire = z.object({
  id: z.string(),
  taker_order_id: z.string(),
  asset_id: z.string(),
  price: z.string(),
  size: z.string(),
  status: z.string(),
  maker_orders: z
    .array(
      z.object({ order_id: z.string(), asset_id: z.string(), price: z.string(), matched_amount: z.string() }),
    )
    .nullish()
    .catch(null),
});
const TradePage = z.object({ data: z.array(z.unknown()), next_cursor: text });

/** The answer to an order. Amounts null = not stated. */
export interface PostedOrder {
  /** Empty: not taken; `error` says why. */
  readonly id: string;
  readonly error: string;
  /** `live`, `matched`, `delayed` or `unmatched`. */
  readonly status: string;
  readonly takingAmount: number | null;
  readonly makingAmount: number | null;
}

/** A leg that was not taken says success and has no id. */
export function readPosted(value: unknown): PostedOrder | null {
  const parsed = Posted.safeParse(value).data;
  if (parsed === undefined || (parsed.success == null && parsed.orderID == null)) return null;
  return {
    id: parsed.success === false ? "" : (parsed.orderID ?? ""),
    error: parsed.errorMsg ?? "",
    status: (parsed.status ?? "").toLowerCase(),
    takingAmount: amountOf(parsed.takingAmount),
    makingAmount: amountOf(parsed.makingAmount),
  };
}

export interface CancelledOrders {
  readonly cancelled: readonly string[];
  /** Reason by id. */
  readonly refused: Readonly<Record<string, string>>;
}

export function readCancelled(value: unknown): CancelledOrders | null {
  const parsed = Cancelled.safeParse(value).data;
  if (parsed?.canceled == null) return null;
  return { cancelled: parsed.canceled, refused: parsed.not_canceled ?? {} };
}

/** How an order stands at the venue. */
export interface OrderRecord {
  readonly id: string;
  readonly state: "live" | "delayed" | "ended";
  /** Millionths of a share. */
  readonly matchedLots: number;
  /** The venue's words when it ended without being matched; empty = none. */
  readonly why: string;
}

/** `GET /data/order/{id}`, or an order event of the user channel. */
export function readOrderRecord(value: unknown): OrderRecord | null {
  const parsed = OrderWire.safeParse(value).data;
  if (parsed === undefined) return null;
  const status = parsed.status.replace(/^ORDER_STATUS_/i, "");
  const [word = ""] = status.toUpperCase().split("_", 1);
  const state = word === "LIVE" ? "live" : word === "DELAYED" ? "delayed" : "ended";
  const why = word === "CANCELED" || word === "CANCELLED" ? status.slice(word.length + 1) : "";
  const matchedLots = amountOf(parsed.size_matched) ?? 0;
  return { id: parsed.id, state, matchedLots, why: word === "INVALID" ? "INVALID" : why };
}

/** What one trade did to one order. */
export interface TradePart {
  readonly trade: string;
  readonly orderId: string;
  readonly lots: number;
  /** Ticks x lots: what was paid or received, in units of 1e-10 dollars. */
  readonly money: bigint;
  readonly status: "matched" | "mined" | "confirmed" | "retrying" | "failed" | "other";
}

/** The parts of a trade, one per order in it; prices on the scale of that order's own token. */
export function readTrade(value: unknown): readonly TradePart[] | null {
  const parsed = TradeWire.safeParse(value).data;
  if (parsed === undefined) return null;
  const { id: trade, asset_id: asset } = parsed;
  const lots = amountOf(parsed.size);
  const ticks = priceOf(parsed.price);
  if (lots === null || ticks === null) return null;
  const status = statusOf(parsed.status);
  const parts: TradePart[] = [];
  let makerLots = 0;
  let takerMoney = 0n;
  for (const maker of parsed.maker_orders ?? []) {
    const matched = amountOf(maker.matched_amount);
    const price = priceOf(maker.price);
    if (matched === null || price === null) return null;
    makerLots += matched;
    // Matched against the other token: both sides together make one.
    takerMoney += product(maker.asset_id === asset ? price : PRICE_ONE - price, matched);
    parts.push({ trade, orderId: maker.order_id, lots: matched, money: product(price, matched), status });
  }
  const money = makerLots === lots ? takerMoney : product(ticks, lots);
  return [{ trade, orderId: parsed.taker_order_id, lots, money, status }, ...parts];
}

/** A page of `GET /data/trades`; `cursor` empty = it is the last one. */
export function readTradePage(
  value: unknown,
): { readonly parts: readonly TradePart[]; readonly cursor: string } | null {
  const parsed = TradePage.safeParse(value).data;
  if (parsed === undefined) return null;
  const parts: TradePart[] = [];
  for (const trade of parsed.data) {
    const read = readTrade(trade);
    if (read === null) return null;
    parts.push(...read);
  }
  const cursor = parsed.next_cursor ?? "";
  return { parts, cursor: cursor === LAST_CURSOR ? "" : cursor };
}

const LAST_CURSOR = "LTE=";

function statusOf(wire: string): TradePart["status"] {
  const word = wire.replace(/^TRADE_STATUS_/i, "").toLowerCase();
  switch (word) {
    case "mined":
    case "confirmed":
    case "retrying":
    case "failed":
      return word;
    default:
      return word.startsWith("matched") ? "matched" : "other";
  }
}

/** Millionths of a share or dollar; null when it is not stated or no exact decimal. */
function amountOf(wire: string | null | undefined): number | null {
  const amount = wire == null || wire === "" ? null : parseScaled(wire, SIZE_DIGITS);
  return amount === null || amount < 0 ? null : amount;
}

function priceOf(wire: string): number | null {
  const ticks = parseScaled(wire, PRICE_DIGITS);
  return ticks === null || ticks <= 0 || ticks >= PRICE_ONE ? null : ticks;
}

function product(ticks: number, lots: number): bigint {
  return BigInt(ticks) * BigInt(lots);
}

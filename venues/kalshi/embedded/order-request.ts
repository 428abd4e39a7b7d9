import { z } from "zod";
import { ASK, BID, parseScaled, type Side } from "../../../src/contracts/index.ts";
import { PRICE_DIGITS, SIZE_DIGITS } from "../scales.ts";
import type { WireError } from "./answers.ts";

/** A create as its body states it; sizes in lots, the price in ticks of the YES scale. */
export interface CreateRequest {
  readonly ticker: string;
  readonly clientId: string | null;
  readonly side: Side;
  readonly lots: number;
  readonly ticks: number;
  readonly timeInForce: "fill_or_kill" | "good_till_canceled" | "immediate_or_cancel";
  readonly selfTrade: "taker_at_cross" | "maker";
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  /** Microseconds; null = none. */
  readonly expiresAt: number | null;
}

/** The price or size that replaces an order's. */
export interface AmendRequest {
  readonly ticker: string;
  readonly side: Side;
  readonly ticks: number;
  /** What was filled counts in. */
  readonly lots: number;
  readonly clientId: string | null;
}

/** How a body was refused: one that does not decode is answered flat, everything else nested. */
export type Refused = { readonly ok: false; readonly flat: boolean; readonly error: WireError };
export type Read<T> = { readonly ok: true; readonly value: T } | Refused;

const text = z.string().max(128);
const createSchema = z.object({
  ticker: text,
  client_order_id: text.optional(),
  side: text,
  count: text,
  price: text,
  time_in_force: text,
  self_trade_prevention_type: text,
  expiration_time: z.int().optional(),
  post_only: z.boolean().optional(),
  reduce_only: z.boolean().optional(),
  cancel_order_on_pause: z.boolean().optional(),
  subaccount: z.int().optional(),
  order_group_id: text.optional(),
  exchange_index: z.int().optional(),
});
const amendSchema = z.object({
  ticker: text,
  side: text,
  price: text,
  count: text,
  client_order_id: text.optional(),
  updated_client_order_id: text.optional(),
  exchange_index: z.int().optional(),
});
const decreaseSchema = z.object({ reduce_by: text.optional(), reduce_to: text.optional() });
const batchSchema = z.object({ orders: z.array(z.unknown()).min(1) });
const batchCancelSchema = z.object({ order_id: text });

const TIMES = ["fill_or_kill", "good_till_canceled", "immediate_or_cancel"] as const;
const SELF_TRADES = ["taker_at_cross", "maker"] as const;
/** Requests may state fewer decimals than answers; more are refused. */
const PRICE = /^\d(\.\d{1,4})?$/;
const COUNT = /^\d{1,11}(\.\d{1,2})?$/;

/** JSON of a body; null when it is none. */
export function readJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return null;
  }
}

export function readCreate(value: unknown): Read<CreateRequest> {
  const parsed = createSchema.safeParse(value);
  if (!parsed.success) return undecodable("CreateOrderV2Request", parsed.error);
  const { data } = parsed;
  const side = sideOf(data.side);
  const timeInForce = TIMES.find((each) => each === data.time_in_force);
  const selfTrade = SELF_TRADES.find((each) => each === data.self_trade_prevention_type);
  const expiration = data.expiration_time ?? null;
  if (side === null) return invalid("Side");
  if (timeInForce === undefined) return invalid("TimeInForce");
  if (selfTrade === undefined) return invalid("SelfTradePreventionType");
  if (expiration !== null && timeInForce !== "good_till_canceled") return invalid("ExpirationTime");
  const amounts = amountsOf(data.price, data.count);
  if (!amounts.ok) return amounts;
  return {
    ok: true,
    value: {
      ticker: data.ticker,
      clientId: data.client_order_id ?? null,
      side,
      ...amounts.value,
      timeInForce,
      selfTrade,
      postOnly: data.post_only ?? false,
      reduceOnly: data.reduce_only ?? false,
      expiresAt: expiration === null ? null : expiration * 1_000_000,
    },
  };
}

export function readAmend(value: unknown): Read<AmendRequest> {
  const parsed = amendSchema.safeParse(value);
  if (!parsed.success) return undecodable("AmendOrderV2Request", parsed.error);
  const { data } = parsed;
  const side = sideOf(data.side);
  if (side === null) return invalid("Side");
  const amounts = amountsOf(data.price, data.count);
  if (!amounts.ok) return amounts;
  const clientId = data.updated_client_order_id ?? null;
  return { ok: true, value: { ticker: data.ticker, side, ...amounts.value, clientId } };
}

/** Exactly one of both, in lots. */
export function readDecrease(
  value: unknown,
): Read<{ readonly by: number | null; readonly to: number | null }> {
  const parsed = decreaseSchema.safeParse(value);
  if (!parsed.success) return undecodable("DecreaseOrderV2Request", parsed.error);
  const { reduce_by, reduce_to } = parsed.data;
  if ((reduce_by === undefined) === (reduce_to === undefined)) return invalid("ReduceBy");
  const lots = lotsOf(reduce_by ?? reduce_to!);
  if (lots === null) return invalid("ReduceBy");
  return { ok: true, value: reduce_by === undefined ? { by: null, to: lots } : { by: lots, to: null } };
}

/** Legs of a batch, unread; null when the body is no batch. */
export function readBatch(value: unknown): readonly unknown[] | null {
  const parsed = batchSchema.safeParse(value);
  return parsed.success ? parsed.data.orders : null;
}

export function readBatchCancel(value: unknown): string | null {
  const parsed = batchCancelSchema.safeParse(value);
  return parsed.success ? parsed.data.order_id : null;
}

function sideOf(name: string): Side | null {
  return name === "bid" ? BID : name === "ask" ? ASK : null;
}

function lotsOf(count: string): number | null {
  return COUNT.test(count) ? parseScaled(count, SIZE_DIGITS) : null;
}

function amountsOf(price: string, count: string): Read<{ readonly ticks: number; readonly lots: number }> {
  const ticks = PRICE.test(price) ? parseScaled(price, PRICE_DIGITS) : null;
  const lots = lotsOf(count);
  if (ticks === null)
    return { ok: false, flat: false, error: { code: "invalid_price", message: "invalid price" } };
  return lots === null || lots === 0 ? invalid("Count") : { ok: true, value: { ticks, lots } };
}

function invalid(field: string): Refused {
  const details = `Field validation for '${field}' failed`;
  return {
    ok: false,
    flat: false,
    error: { code: "invalid_parameters", message: "invalid parameters", details },
  };
}

/** A field of the wrong type does not decode; one that is absent decodes and is then missed. */
function undecodable(request: string, error: z.ZodError): Refused {
  const issue = error.issues[0];
  const field = issue?.path.join(".") ?? "";
  const absent =
    issue?.code === "invalid_type" && issue.message.endsWith("received undefined") && field !== "";
  if (absent) {
    const details = `Key: '${request}.${pascal(field)}' Error:Field validation for '${pascal(field)}' failed on the 'required' tag`;
    return {
      ok: false,
      flat: false,
      error: { code: "missing_parameters", message: "missing parameters", details },
    };
  }
  const details = `json: cannot unmarshal value into Go struct field ${request}.${field}`;
  return { ok: false, flat: true, error: { code: "bad_request", message: "bad request", details } };
}

function pascal(field: string): string {
  return field.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}

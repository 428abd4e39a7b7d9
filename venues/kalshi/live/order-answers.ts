import { z } from "zod";
import { type Micros, parseScaled } from "../../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_SCALE, SIZE_DIGITS } from "../scales.ts";
import { rfc3339Micros } from "../time.ts";
import { parse } from "./catalogue-page.ts";
import { feePico } from "./order-wire.ts";

/** What the venue says of an order. Sizes in lots. */
export interface OrderRecord {
  readonly venueId: string;
  /** Empty when it is not stated. */
  readonly clientId: string;
  readonly status: "resting" | "canceled" | "executed";
  readonly filled: number;
}

/** One execution of one of our orders. */
export interface VenueFill {
  readonly venueId: string;
  readonly clientId: string;
  readonly tradeId: string;
  /** On the YES scale. */
  readonly yesTicks: number;
  readonly lots: number;
  /** Exact text in `Pico`. */
  readonly fee: string;
  readonly at: Micros;
}

const id = z.string().min(1).max(200);
const count = z
  .string()
  .max(32)
  .transform((text, context) => {
    const lots = parseScaled(text, SIZE_DIGITS);
    if (lots !== null && lots >= 0) return lots;
    context.addIssue("no size");
    return z.NEVER;
  });
const price = z
  .string()
  .max(32)
  .transform((text, context) => {
    const ticks = parseScaled(text, PRICE_DIGITS);
    if (ticks !== null && ticks > 0 && ticks < PRICE_SCALE) return ticks;
    context.addIssue("no price");
    return z.NEVER;
  });
const fee = z
  .string()
  .max(32)
  .transform((text, context) => {
    const pico = feePico(text);
    if (pico !== null) return pico;
    context.addIssue("no fee");
    return z.NEVER;
  });

const createdSchema = z.object({
  order_id: id,
  client_order_id: id.nullish(),
  fill_count: count,
  remaining_count: count,
});
const cancelledSchema = z.object({ order_id: id, reduced_by: count });
const recordSchema = z.object({
  order_id: id,
  client_order_id: z.string().max(200).nullish(),
  status: z.enum(["resting", "canceled", "executed"]),
  fill_count_fp: count,
});
const fillSchema = z.object({
  order_id: id,
  client_order_id: z.string().max(200).nullish(),
  trade_id: id,
  yes_price_dollars: price,
  count_fp: count,
  fee_cost: fee,
  ts_ms: z.int().min(0).nullish(),
  ts: z.union([z.int().min(0), z.string()]).nullish(),
  created_time: z.string().nullish(),
});

/** The answer to a create: it never rests, so what did not fill is cancelled; null when it is none. */
export function readCreated(body: Uint8Array): OrderRecord | null {
  const parsed = createdSchema.safeParse(parse(body));
  if (!parsed.success) return null;
  const { order_id: venueId, client_order_id, fill_count: filled, remaining_count: remaining } = parsed.data;
  const status = remaining === 0 && filled > 0 ? "executed" : "canceled";
  return { venueId, clientId: client_order_id ?? "", status, filled };
}

/** The answer to a cancel: how much was taken off the book. */
export function readCancelled(body: Uint8Array): { readonly venueId: string; readonly cut: number } | null {
  const parsed = cancelledSchema.safeParse(parse(body));
  return parsed.success ? { venueId: parsed.data.order_id, cut: parsed.data.reduced_by } : null;
}

/** The answer to `GET /portfolio/orders/{id}`. */
export function readOrder(body: Uint8Array): OrderRecord | null {
  const parsed = z.object({ order: z.unknown() }).safeParse(parse(body));
  return parsed.success ? readOrderRecord(parsed.data.order) : null;
}

/** A page of `GET /portfolio/orders`; null when it is none or one of its orders is unreadable. */
export function readOrders(
  body: Uint8Array,
): { readonly orders: readonly OrderRecord[]; readonly cursor: string } | null {
  const page = z
    .object({ orders: z.array(z.unknown()), cursor: z.string().nullish() })
    .safeParse(parse(body));
  if (!page.success) return null;
  const orders = page.data.orders.map(readOrderRecord);
  if (orders.includes(null)) return null;
  return { orders: orders.filter((order) => order !== null), cursor: page.data.cursor ?? "" };
}

/** An order as REST and the `user_order` channel state it. */
export function readOrderRecord(value: unknown): OrderRecord | null {
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) return null;
  const { order_id: venueId, client_order_id, status, fill_count_fp: filled } = parsed.data;
  return { venueId, clientId: client_order_id ?? "", status, filled };
}

/** A page of `GET /portfolio/fills`; null when it is none or one of its fills is unreadable. */
export function readFills(
  body: Uint8Array,
): { readonly fills: readonly VenueFill[]; readonly cursor: string } | null {
  const page = z.object({ fills: z.array(z.unknown()), cursor: z.string().nullish() }).safeParse(parse(body));
  if (!page.success) return null;
  const fills = page.data.fills.map(readFill);
  if (fills.includes(null)) return null;
  return { fills: fills.filter((fill) => fill !== null), cursor: page.data.cursor ?? "" };
}

/** A fill as REST and the `fill` channel state it. */
export function readFill(value: unknown): VenueFill | null {
  const parsed = fillSchema.safeParse(value);
  if (!parsed.success) return null;
  const { order_id, client_order_id, trade_id, yes_price_dollars, count_fp, fee_cost } = parsed.data;
  const at = fillInstant(parsed.data);
  if (at === null || count_fp === 0) return null;
  return {
    venueId: order_id,
    clientId: client_order_id ?? "",
    tradeId: trade_id,
    yesTicks: yes_price_dollars,
    lots: count_fp,
    fee: fee_cost,
    at: at as Micros,
  };
}

/** How many orders a cancel-all names as cancelled, in whichever way; null when it does not say. */
export function readCancelCount(body: Uint8Array): number | null {
  const value = parse(body);
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (Array.isArray(inner) && /order/.test(key)) return inner.length;
    if (Number.isSafeInteger(inner) && /count|cancel/.test(key)) return inner as number;
  }
  return null;
}

function fillInstant({ ts_ms, ts, created_time }: z.output<typeof fillSchema>): number | null {
  if (typeof ts_ms === "number") return ts_ms * 1_000;
  if (typeof created_time === "string") return rfc3339Micros(created_time);
  if (typeof ts === "number") return ts * 1_000_000;
  return typeof ts === "string" ? rfc3339Micros(ts) : null;
}

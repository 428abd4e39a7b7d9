import { z } from "zod";
import type {
  BookId,
  Certificate,
  Command,
  Evidence,
  Family,
  FeeSpec,
  Fill,
  Finding,
  Instrument,
  Leg,
  Lots,
  Micros,
  Order,
  OrderUpdate,
  Ticks,
} from "../contracts/index.ts";

/** Schemas of the objects inside facts and decisions. Brands cost nothing at run time, hence the casts here. */
const wholeNumber = z.number().int();
export const micros = wholeNumber.nonnegative() as unknown as z.ZodType<Micros>;
const ticks = wholeNumber as unknown as z.ZodType<Ticks>;
const lots = wholeNumber as unknown as z.ZodType<Lots>;
const bookId = wholeNumber.nonnegative() as unknown as z.ZodType<BookId>;
/** Exact decimal text. */
export const decimalText = z.string().regex(/^-?\d+(\.\d+)?$/, "expected a plain decimal");

const feeSpec: z.ZodType<FeeSpec> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  z.strictObject({
    type: z.literal("kalshi"),
    takerRate: decimalText,
    makerRate: decimalText,
    balancePrecision: decimalText,
    tradeFeePrecision: decimalText,
  }),
  z.strictObject({
    type: z.literal("quadratic"),
    rate: decimalText,
    exponent: z.number(),
    decimals: wholeNumber,
    rounding: z.enum(["up", "half_up", "down"]),
    takerOnly: z.boolean(),
  }),
  z.strictObject({ type: z.literal("in_shares"), bps: decimalText }),
  z.strictObject({ type: z.literal("payout_profit"), bps: decimalText }),
  z.strictObject({ type: z.literal("per_contract"), amount: decimalText }),
  z.strictObject({ type: z.literal("unknown"), why: z.string() }),
]);

export const instrumentSchema: z.ZodType<Instrument> = z.strictObject({
  book: bookId,
  key: z.string(),
  venue: z.string(),
  symbol: z.string(),
  market: z.string(),
  side: z.enum(["unified", "yes", "no"]),
  mirrorSymbol: z.string().exactOptional(),
  title: z.string(),
  priceScale: wholeNumber.positive(),
  sizeScale: wholeNumber.positive(),
  tickRanges: z.array(z.strictObject({ fromTicks: ticks, toTicks: ticks, stepTicks: ticks })),
  minLots: lots,
  lotStep: lots,
  fees: z.array(z.strictObject({ id: z.string(), from: micros, spec: feeSpec, source: z.string() })),
  currency: z.string(),
  status: z.enum(["open", "paused", "closed", "resolved", "unknown"]),
  opensAt: micros.nullable(),
  closesAt: micros.nullable(),
});

const evidence: z.ZodType<Evidence> = z.strictObject({
  label: z.enum(["yes", "no", "unknown"]),
  source: z.string(),
  hash: z.string(),
  expiresAt: micros.nullable(),
});

export const familySchema: z.ZodType<Family> = z.strictObject({
  id: z.string(),
  kind: z.enum(["market", "event"]),
  venue: z.string(),
  title: z.string(),
  members: z.array(bookId),
  unquoted: z.array(z.string()),
  exclusive: evidence,
  exhaustive: evidence,
  atMost: wholeNumber.nullable(),
  transforms: z.array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("split"), market: z.string(), maxLots: lots.nullable() }),
      z.strictObject({ type: z.literal("merge"), market: z.string(), maxLots: lots.nullable() }),
      z.strictObject({
        type: z.literal("neg_risk_convert"),
        markets: z.array(z.string()),
        feeBips: z.number(),
        maxLots: lots.nullable(),
      }),
    ]),
  ),
});

const legAction = z.enum(["buy_yes", "buy_no", "sell_yes", "sell_no"]);
export const legSchema: z.ZodType<Leg> = z.strictObject({
  book: bookId,
  action: legAction,
  lots,
  limitTicks: ticks,
});

/** A certificate is checked by its own checker; here only that it is an object that names its version and hash. */
const certificate = z.looseObject({
  version: wholeNumber.positive(),
  kind: z.string(),
  hash: z.string(),
}) as unknown as z.ZodType<Certificate>;

export const findingSchema: z.ZodType<Finding> = z.strictObject({
  lane: z.string(),
  family: z.string(),
  style: z.string(),
  legs: z.array(legSchema),
  certificate,
  guaranteed: decimalText,
  capital: decimalText,
  confidence: z.number().min(0).max(1),
});

export const fillSchema: z.ZodType<Fill> = z.strictObject({
  orderId: z.string(),
  execId: z.string(),
  book: bookId,
  action: legAction,
  lots,
  priceTicks: ticks,
  fee: decimalText,
  at: micros,
});

export const orderUpdateSchema: z.ZodType<OrderUpdate> = z.strictObject({
  orderId: z.string(),
  state: z.enum(["sent", "acked", "partial", "filled", "cancelled", "rejected", "unknown"]),
  fills: z.array(fillSchema),
  reason: z.string().nullable(),
  at: micros,
});

const orderSchema: z.ZodType<Order> = z.strictObject({
  id: z.string(),
  opportunity: z.string(),
  leg: wholeNumber.nonnegative(),
  attempt: wholeNumber.nonnegative(),
  book: bookId,
  action: legAction,
  lots,
  limitTicks: ticks,
  role: z.literal("taker"),
  purpose: z.enum(["entry", "unwind"]),
});

export const commandSchema: z.ZodType<Command> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("venue.submit"), venue: z.string(), order: orderSchema }),
  z.strictObject({ kind: z.literal("venue.cancel"), venue: z.string(), orderId: z.string() }),
  z.strictObject({ kind: z.literal("wake"), at: micros }),
]);

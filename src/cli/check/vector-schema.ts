import { z } from "zod";

/** The schema of the arbitrage cases (the README beside them), as far as a case may use it. */
const decimal = z.string();
const ladder = z.array(z.tuple([decimal, decimal]));

const vectorFee = z.discriminatedUnion("type", [
  z.object({ type: z.literal("none") }),
  z.object({
    type: z.literal("kalshi"),
    rate: decimal,
    balance_precision: decimal,
    trade_fee_precision: decimal.optional(),
    trade_fee_given: z.array(decimal).optional(),
  }),
  z.object({
    type: z.literal("quadratic"),
    rate: decimal,
    exponent: z.number().int().optional(),
    dp: z.number().int(),
    round: z.enum(["up", "half_up", "down"]),
  }),
  z.object({ type: z.literal("in_shares"), bps: decimal }),
  z.object({ type: z.literal("payout_profit"), bps: decimal }),
  z.object({ type: z.literal("per_contract"), amount: decimal }),
]);
export type VectorFee = z.infer<typeof vectorFee>;

const names = z.array(z.string());
const relation = z.discriminatedUnion("type", [
  z.object({ type: z.enum(["exclusive", "exhaustive"]), props: names }),
  z.object({ type: z.enum(["at_most", "at_least"]), props: names, k: z.number().int() }),
  z.object({ type: z.enum(["implies", "equals", "complement"]), a: z.string(), b: z.string() }),
  z.object({ type: z.enum(["union", "intersection"]), parent: z.string(), children: names }),
  z.object({ type: z.literal("unknown"), about: z.string().optional(), props: names.optional() }),
]);
export type VectorRelation = z.infer<typeof relation>;

const instrument = z.object({
  id: z.string(),
  venue: z.string(),
  market: z.string(),
  prop: z.string(),
  side: z.enum(["YES", "NO"]),
  asks: ladder,
  bids: ladder.optional(),
  fee: z.string(),
  lot: decimal,
  min_qty: decimal.optional(),
  tick: decimal.optional(),
  quote_age_ms: z.number().optional(),
});
export type VectorInstrument = z.infer<typeof instrument>;

const amount = z.union([z.number(), z.string()]).nullable().optional();
const transform = z.discriminatedUnion("type", [
  z.object({ type: z.enum(["split", "merge"]), market: z.string(), max: amount }),
  z.object({ type: z.literal("neg_risk_convert"), markets: names, fee_bips: z.number().int(), max: amount }),
]);

const gates = z.strictObject({
  max_quote_age_ms: z.number().optional(),
  unified_markets: names.optional(),
  micro_price: z.object({ min: decimal, max: decimal }).optional(),
});
export type VectorGates = z.infer<typeof gates>;

/** Strict at the top: an input that names something not known here is not judged. */
const input = z.strictObject({
  propositions: names,
  relations: z.array(relation),
  instruments: z.array(instrument),
  fees: z.record(z.string(), vectorFee),
  transforms: z.array(transform).optional(),
  allow_sell: z.boolean().optional(),
  gates: gates.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  markets: z.record(z.string(), z.string()).optional(),
});
export type VectorInput = z.infer<typeof input>;

const leg = z.object({
  instrument: z.string(),
  action: z.enum(["buy", "sell"]),
  qty: decimal,
  received: decimal.optional(),
  fills: z.array(z.tuple([decimal, decimal, decimal])),
  gross: decimal,
  fee: decimal,
  cost: decimal.optional(),
  proceeds: decimal.optional(),
});

const expected = z.object({
  tradable: z.boolean(),
  rejected_instruments: z.record(z.string(), z.string()),
  legs: z.array(leg),
  transforms: z.array(z.record(z.string(), z.unknown())),
  capital: decimal,
  immediate_cash: decimal,
  fees: decimal,
  guaranteed_profit: decimal,
  payoff_by_state: z.record(z.string(), decimal),
  net_by_state: z.record(z.string(), decimal),
  worst_states: names,
  conditional_profit_if_exhaustive: decimal.optional(),
  loss_if_none_state: decimal.optional(),
});
export type VectorExpected = z.infer<typeof expected>;

/** What every arbitrage case has; `input` is read apart, so that an unknown kind of input is pending, not an error. */
export const arbitrageCase = z.object({ id: z.string(), lane: z.string(), input: z.unknown(), expected });
export type ArbitrageCase = z.infer<typeof arbitrageCase>;
export const arbitrageInput = input;

export const feeCase = z.object({
  id: z.string(),
  fee: vectorFee,
  side: z.enum(["buy", "sell"]),
  fills: z.array(z.tuple([decimal, decimal])),
  expected: z.object({
    net_fee_per_fill: z.array(decimal),
    total_fee: decimal,
    detail: z
      .array(
        z.object({
          trade_fee: decimal,
          rounding_fee: decimal,
          accumulator: decimal,
          rebate: decimal,
          net_fee: decimal,
        }),
      )
      .optional(),
  }),
});
export type FeeCase = z.infer<typeof feeCase>;

import { z } from "zod";
import { MAX_MILLIS, MAX_SYMBOL_LENGTH } from "./scales.ts";

/** Shapes of the frames this adapter reads. Keys it does not read are ignored. */

const counter = z
  .int()
  .min(0)
  .transform((value) => value + 0);
const symbol = z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${MAX_SYMBOL_LENGTH}}$`));
const decimal = z.string().max(32);
const yesNo = z.enum(["yes", "no"]);
const levels = z.array(z.tuple([decimal, decimal])).nullish();

export const idSchema = counter;
export const symbolSchema = symbol;
export const millisSchema = z.int().min(0).max(MAX_MILLIS);

export const snapshotSchema = z.object({
  market_ticker: symbol,
  yes_dollars_fp: levels,
  no_dollars_fp: levels,
});

export const deltaSchema = z.object({
  market_ticker: symbol,
  price_dollars: decimal,
  delta_fp: decimal,
  side: yesNo,
});

export const tradeSchema = z.object({
  market_ticker: symbol,
  yes_price_dollars: decimal.optional(),
  no_price_dollars: decimal.optional(),
  count_fp: decimal,
  taker_side: yesNo.optional(),
  taker_outcome_side: yesNo.optional(),
  taker_book_side: z.enum(["bid", "ask"]).optional(),
  is_block_trade: z.boolean().optional(),
});

export const priceRangeSchema = z.object({ start: decimal, end: decimal, step: decimal });

export const lifecycleSchema = z.object({
  market_ticker: symbol,
  event_type: z.string(),
  close_ts: z
    .int()
    .min(0)
    .max(MAX_MILLIS / 1000)
    .nullish(),
  result: z.string().nullish(),
  settlement_value: decimal.nullish(),
  price_ranges: z.array(priceRangeSchema).max(64).nullish(),
});

export const eventFeeSchema = z.object({
  event_ticker: symbol,
  fee_type_override: z.string().nullish(),
  fee_multiplier_override: z.number().nullish(),
});

export const subscribedSchema = z.object({ channel: z.string().min(1).max(64), sid: counter });

export const errorSchema = z.object({ code: z.int() });

/** Reply to a change of a subscription. A session may hold 500,000 markets. */
export const listedSchema = z.object({ market_tickers: z.array(symbol).max(500_000) });

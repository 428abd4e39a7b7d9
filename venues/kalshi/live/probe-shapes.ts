import { z } from "zod";

/** What this adapter expects of each public answer, down to the last key it has seen. */

const text = z.string();
const anything = z.unknown().optional();
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, "decimal text");
const price = decimal.optional();

const unread = (keys: readonly string[]): Record<string, z.ZodOptional<z.ZodUnknown>> =>
  Object.fromEntries(keys.map((key) => [key, anything])) as Record<string, z.ZodOptional<z.ZodUnknown>>;

const marketShape = z.strictObject({
  ...unread(
    [
      "can_close_early,created_time,early_close_condition,exchange_index,expected_expiration_time,expiration_time",
      "expiration_value,functional_strike,is_provisional,latest_expiration_time,liquidity_dollars,last_price_dollars",
      "market_type,mve_collection_ticker,mve_selected_legs,no_ask_dollars,no_bid_dollars,no_sub_title,no_ask_size_fp",
      "no_bid_size_fp,notional_value_dollars,occurrence_datetime,open_interest_fp,previous_price_dollars",
      "previous_yes_ask_dollars,previous_yes_bid_dollars,primary_participant_key,rules_primary,rules_secondary",
      "settlement_timer_seconds,price_level_structure,category,response_price_units,settlement_bounds_type",
      "settlement_floor_dollars,tick_size,custom_strike,fractional_trading_enabled,settlement_ts,subtitle,volume",
    ].flatMap((line) => line.split(",")),
  ),
  ticker: text,
  event_ticker: text,
  status: text,
  title: text.nullish(),
  yes_sub_title: text.nullish(),
  result: text.nullish(),
  settlement_value_dollars: text.nullish(),
  open_time: text,
  close_time: text,
  updated_time: text.nullish(),
  fee_waiver_expiration_time: text.nullish(),
  strike_type: text.nullish(),
  floor_strike: z.number().nullish(),
  cap_strike: z.number().nullish(),
  price_ranges: z.array(z.strictObject({ start: decimal, end: decimal, step: decimal })),
  volume_fp: decimal,
  volume_24h_fp: decimal,
  yes_bid_dollars: price,
  yes_ask_dollars: price,
  yes_bid_size_fp: price,
  yes_ask_size_fp: price,
});

export const eventsShape = z.strictObject({
  cursor: text.nullish(),
  milestones: anything,
  events: z.array(
    z.strictObject({
      ...unread([
        "available_on_brokers",
        "category",
        "exchange_index",
        "last_updated_ts",
        "product_metadata",
        "settlement_sources",
        "strike_date",
        "strike_period",
      ]),
      event_ticker: text,
      series_ticker: text,
      title: text,
      sub_title: text.nullish(),
      mutually_exclusive: z.boolean(),
      collateral_return_type: text.nullish(),
      fee_type_override: text.nullish(),
      fee_multiplier_override: z.number().nullish(),
      markets: z.array(marketShape),
    }),
  ),
});

export const seriesShape = z.strictObject({
  cursor: anything,
  series: z.array(
    z.strictObject({
      ...unread([
        "additional_prohibitions",
        "category",
        "contract_terms_url",
        "contract_url",
        "exchange_index",
        "frequency",
        "last_updated_ts",
        "product_metadata",
        "settlement_sources",
        "tags",
        "title",
        "volume",
        "volume_fp",
      ]),
      ticker: text,
      fee_type: z.enum(["quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees", "flat"]),
      fee_multiplier: z.number(),
    }),
  ),
});

const levels = z.array(z.tuple([decimal, decimal]));

export const orderbooksShape = z.strictObject({
  orderbooks: z.array(
    z.strictObject({
      ticker: text,
      orderbook_fp: z.strictObject({ yes_dollars: levels.nullish(), no_dollars: levels.nullish() }),
    }),
  ),
});

export const feeChangesShape = z.strictObject({
  series_fee_change_arr: z.array(
    z.strictObject({
      id: anything,
      series_ticker: text,
      fee_type: text,
      fee_multiplier: z.number(),
      scheduled_ts: z.union([text, z.int()]),
    }),
  ),
});

export const statusShape = z.strictObject({
  exchange_active: z.boolean(),
  trading_active: z.boolean(),
  exchange_estimated_resume_time: anything,
  exchange_index_statuses: anything,
  intra_exchange_transfers_active: anything,
});

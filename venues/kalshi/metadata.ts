import { z } from "zod";
import type { InstrumentStatus, Listing, Lots, Micros } from "../../src/contracts/index.ts";
import { DEFAULT_FEE_OPTIONS, type FeeOptions, feeVersion, multiplierText, type SeriesFee } from "./fees.ts";
import { priceRangeSchema } from "./oracle-schema.ts";
import { MAX_SYMBOL_LENGTH, PRICE_SCALE, SIZE_SCALE } from "./scales.ts";
import { tickRanges } from "./tick-ranges.ts";
import { rfc3339Micros } from "./time.ts";

/** REST metadata -> listings. Fields that are not read are ignored; a field of the wrong type refuses the object. */

const ticker = z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${MAX_SYMBOL_LENGTH}}$`));
const text = z.string().max(20_000).nullish();
const decimalText = z.string().max(32).nullish();
const strike = z.number().nullish();

export const marketSchema = z.object({
  ticker,
  event_ticker: ticker,
  market_type: text,
  title: text,
  subtitle: text,
  yes_sub_title: text,
  status: z.string().max(40),
  result: text,
  settlement_value_dollars: decimalText,
  settlement_ts: text,
  open_time: text,
  close_time: text,
  updated_time: text,
  fee_waiver_expiration_time: text,
  strike_type: text,
  floor_strike: strike,
  cap_strike: strike,
  custom_strike: z.record(z.string(), z.unknown()).nullish(),
  price_ranges: z.array(priceRangeSchema).max(64).nullish(),
  fractional_trading_enabled: z.boolean().nullish(),
  volume: z.number().nullish(),
  volume_fp: text,
  yes_bid_dollars: decimalText,
  yes_ask_dollars: decimalText,
  yes_bid_size_fp: decimalText,
  yes_ask_size_fp: decimalText,
});
export type MarketRecord = z.infer<typeof marketSchema>;

export const eventSchema = z.object({
  event_ticker: ticker,
  series_ticker: text,
  title: text,
  sub_title: text,
  mutually_exclusive: z.boolean().nullish(),
  collateral_return_type: text,
  fee_type_override: text,
  fee_multiplier_override: z.number().nullish(),
});
export type EventRecord = z.infer<typeof eventSchema>;

export const seriesSchema = z.object({
  ticker,
  fee_type: z.string().max(100),
  fee_multiplier: z.number(),
});

/** Status names of the field and of the filter. Source: market lifecycle page. */
const STATUSES: ReadonlyMap<string, InstrumentStatus> = new Map([
  ["initialized", "paused"],
  ["unopened", "paused"],
  ["active", "open"],
  ["open", "open"],
  ["inactive", "paused"],
  ["paused", "paused"],
  ["closed", "closed"],
  ["determined", "closed"],
  ["disputed", "closed"],
  ["amended", "closed"],
  ["finalized", "resolved"],
  ["settled", "resolved"],
]);

/** Status of a market; a name that is not known stays unknown, which forbids trading. */
function statusOf(name: string): InstrumentStatus {
  return STATUSES.get(name) ?? "unknown";
}

/** An instant of the REST interface; the zero time of Go ("0001-…") and empty text mean "not stated". */
export function instantOf(value: string | null | undefined): Micros | null {
  return value === null || value === undefined ? null : (rfc3339Micros(value) as Micros | null);
}

/** The fee terms of a series as `fee_type` and exact multiplier text; null when the multiplier is not plain. */
export function seriesFeeOf(feeType: string, feeMultiplier: number): SeriesFee | null {
  const multiplier = multiplierText(feeMultiplier);
  return multiplier === null ? null : { type: feeType, multiplier };
}

/** Terms in force for an event: each override replaces its own field of the series' terms. */
export function effectiveFee(event: EventRecord | undefined, series: SeriesFee | null): SeriesFee | null {
  const type = event?.fee_type_override ?? series?.type ?? null;
  const override = event?.fee_multiplier_override ?? null;
  const multiplier = override === null ? (series?.multiplier ?? null) : multiplierText(override);
  return type === null || multiplier === null ? null : { type, multiplier };
}

/**
 * What metadata says of one market.
 * Whole contracts only, unless the format is the one in which every market trades hundredths (no integer `volume`).
 */
export function listingOf(
  market: MarketRecord,
  fee: SeriesFee | null,
  options: FeeOptions = DEFAULT_FEE_OPTIONS,
): Listing {
  const whole =
    market.fractional_trading_enabled === false || typeof market.volume === "number" || !market.volume_fp;
  const step = (whole ? SIZE_SCALE : 1) as Lots;
  return {
    symbol: market.ticker,
    market: `kalshi:${market.ticker}`,
    side: "unified",
    title:
      [market.title, market.yes_sub_title ?? market.subtitle].filter(Boolean).join(" | ") || market.ticker,
    priceScale: PRICE_SCALE,
    sizeScale: SIZE_SCALE,
    tickRanges: tickRanges(market.price_ranges ?? []),
    minLots: step,
    lotStep: step,
    fees: feesOf(market, fee, options),
    currency: "USD",
    status: statusOf(market.status),
    opensAt: instantOf(market.open_time),
    closesAt: instantOf(market.close_time),
  };
}

function feesOf(market: MarketRecord, fee: SeriesFee | null, options: FeeOptions): Listing["fees"] {
  const always = 0 as Micros;
  const waivedUntil = instantOf(market.fee_waiver_expiration_time);
  const source =
    waivedUntil === null ? "series and event metadata" : "series and event metadata; fee waiver stated";
  if (waivedUntil === null || !options.relyOnWaiver) return [feeVersion(fee, always, source, options)];
  const waiver = {
    id: "kalshi:waiver",
    from: always,
    spec: { type: "none" },
    source: "fee_waiver_expiration_time",
  } as const;
  return [waiver, feeVersion(fee, waivedUntil, source, options)];
}

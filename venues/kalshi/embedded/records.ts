import type { EventSpec } from "../../../src/contracts/index.ts";
import { type Strike, strikesOf } from "./strikes.ts";
import { type FeeTerms, feesOf, gridOf, type PriceGrid } from "./terms.ts";
import { rfc3339 } from "./values.ts";

/** The fixed part of what the venue says of an event, its series and its markets, made from a question. */
export interface EventRecords {
  readonly eventTicker: string;
  readonly seriesTicker: string;
  readonly fees: FeeTerms;
  readonly grid: PriceGrid;
  readonly settlementTimerSeconds: number;
  readonly series: Readonly<Record<string, unknown>>;
  /** Without `last_updated_ts`. */
  readonly event: Readonly<Record<string, unknown>>;
  /** One per outcome; without what changes with time. */
  readonly markets: readonly Readonly<Record<string, unknown>>[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"] as const;
const CATEGORIES = ["Economics", "Climate and Weather", "Sports", "Politics"] as const;
const TIMERS = [1, 5, 30] as const;
const SOURCES = [{ name: "Simulated Gazette", url: "https://gazette.invalid" }];
const HOUR_MICROS = 3_600_000_000;

/** Everything fixed about an event. The same question always gives the same records. */
export function recordsOf(spec: EventSpec): EventRecords {
  const fees = feesOf(spec.variety);
  const seriesTicker = `KXSIM${spec.slot}${fees.letter}`;
  const eventTicker = `${seriesTicker}-${dayCode(spec.closesAt)}G${spec.generation}`;
  const settlementTimerSeconds = TIMERS[spec.variety % TIMERS.length]!;
  const common = { spec, seriesTicker, eventTicker, settlementTimerSeconds };
  const strikes = strikesOf(spec.outcomes);
  return {
    eventTicker,
    seriesTicker,
    fees,
    grid: gridOf(spec.variety),
    settlementTimerSeconds,
    series: seriesRecord(spec, seriesTicker, fees),
    event: eventRecord(common, fees),
    markets: strikes.map((strike, index) => marketRecord(common, strike, index)),
  };
}

/** `26NOV21`: the day of a close. The real venue takes it in Eastern Time, this one in UTC. */
function dayCode(micros: number): string {
  const date = new Date(Math.floor(micros / 1_000));
  const year = String(date.getUTCFullYear() % 100).padStart(2, "0");
  return `${year}${MONTHS[date.getUTCMonth()]!}${String(date.getUTCDate()).padStart(2, "0")}`;
}

function categoryOf(spec: EventSpec): string {
  return CATEGORIES[spec.slot % CATEGORIES.length]!;
}

function seriesRecord(spec: EventSpec, ticker: string, fees: FeeTerms): Readonly<Record<string, unknown>> {
  return {
    additional_prohibitions: [],
    category: categoryOf(spec),
    contract_terms_url: `https://contracts.invalid/terms/${ticker}.pdf`,
    contract_url: `https://contracts.invalid/product/${ticker}.pdf`,
    exchange_index: 0,
    fee_multiplier: fees.multiplier,
    fee_type: fees.type,
    frequency: "custom",
    last_updated_ts: rfc3339(spec.opensAt),
    product_metadata: { scope: "Simulated" },
    settlement_sources: SOURCES,
    tags: ["Simulated"],
    ticker,
    title: spec.title.replace(/\?$/, ""),
  };
}

interface Common {
  readonly spec: EventSpec;
  readonly seriesTicker: string;
  readonly eventTicker: string;
  readonly settlementTimerSeconds: number;
}

/**
 * `collateral_return_type` is empty throughout: netting of collateral within an event (MECNET, DIRECNET) is not
 * embedded, so nothing may count on it.
 */
function eventRecord(
  { spec, seriesTicker, eventTicker }: Common,
  fees: FeeTerms,
): Readonly<Record<string, unknown>> {
  return {
    available_on_brokers: true,
    category: categoryOf(spec),
    collateral_return_type: "",
    event_ticker: eventTicker,
    exchange_index: 0,
    ...(fees.override === null ? {} : { fee_multiplier_override: fees.override }),
    mutually_exclusive: spec.kind !== "binary",
    product_metadata: { scope: "Simulated" },
    series_ticker: seriesTicker,
    settlement_sources: SOURCES,
    strike_period: "",
    sub_title: `Closes ${rfc3339(spec.closesAt).slice(0, 10)}`,
    title: spec.title,
  };
}

function marketRecord(common: Common, strike: Strike, index: number): Readonly<Record<string, unknown>> {
  const { spec, eventTicker, settlementTimerSeconds } = common;
  const outcome = spec.outcomes[index]!;
  return {
    can_close_early: true,
    created_time: rfc3339(spec.opensAt - HOUR_MICROS),
    early_close_condition: "This market will close and expire early if the event occurs.",
    event_ticker: eventTicker,
    exchange_index: 0,
    liquidity_dollars: "0.0000",
    market_type: "binary",
    no_sub_title: outcome,
    notional_value_dollars: "1.0000",
    open_time: rfc3339(spec.opensAt),
    rules_primary: spec.rules,
    rules_secondary: "",
    settlement_timer_seconds: settlementTimerSeconds,
    ...strike.fields,
    ticker: `${eventTicker}-${strike.code}`,
    title: spec.title,
    yes_sub_title: outcome,
  };
}

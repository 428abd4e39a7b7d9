import {
  type FeeSpec,
  type FeeVersion,
  type InstrumentStatus,
  type Listing,
  type Lots,
  type Micros,
  parseScaled,
  type TickRange,
  type Ticks,
  type VenueId,
} from "../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_ONE, SCALES, SIZE_DIGITS, SIZE_ONE } from "./scales.ts";

/** Usual minimum of an order in shares; used where a source does not state one. */
const USUAL_MIN_SHARES = 5;
/** Order sizes have two decimals whatever the tick (clob-client-v2, src/order-builder/helpers.ts). */
const LOT_STEP = SIZE_ONE / 100;

/** Terms of one market, as any source of metadata states them. */
export interface MarketTerms {
  /** The venue's id in this run. */
  readonly venue: VenueId;
  readonly conditionId: string;
  /** Token of outcome 0, whose scale the book has, and of outcome 1, its mirror (null when it is not known). */
  readonly tokens: readonly [string, string | null];
  readonly title: string;
  /** Decimal text in currency; null = unknown, no trade. */
  readonly tickSize: string | null;
  /** Decimal text in shares; null = the usual minimum. */
  readonly minSize: string | null;
  readonly fees: readonly FeeVersion[];
  readonly status: InstrumentStatus;
  readonly opensAt: Micros | null;
  readonly closesAt: Micros | null;
}

/** Fee terms as Gamma, the CLOB and the market channel state them. `null` = not stated. */
export interface FeeTerms {
  readonly enabled: boolean | null;
  readonly schedule: {
    readonly rate: string;
    readonly exponent: string;
    readonly takerOnly: boolean;
  } | null;
}

/** How the fifth decimal of a fee is rounded. The venue does not say; "up" bounds every charge seen from above. */
export type FeeRounding = "up" | "half_up" | "down";

/** The group key of a market's books and settlement. */
export function marketKey(venue: VenueId, conditionId: string): string {
  return `${venue}:${conditionId}`;
}

/** One market as a unified book on the scale of outcome 0. */
export function listingOf(terms: MarketTerms): Listing {
  const [symbol, mirrorSymbol] = terms.tokens;
  const tick = terms.tickSize === null ? null : parseScaled(terms.tickSize, PRICE_DIGITS);
  const minLots = terms.minSize === null ? null : parseScaled(terms.minSize, SIZE_DIGITS);
  return {
    symbol,
    market: marketKey(terms.venue, terms.conditionId),
    side: "unified",
    ...(mirrorSymbol === null ? {} : { mirrorSymbol }),
    title: terms.title,
    priceScale: SCALES.priceScale,
    sizeScale: SCALES.sizeScale,
    tickRanges: tick === null ? [] : tickRanges(tick),
    minLots: (minLots ?? USUAL_MIN_SHARES * SIZE_ONE) as Lots,
    lotStep: LOT_STEP as Lots,
    fees: terms.fees,
    currency: SCALES.currency,
    status: terms.status,
    opensAt: terms.opensAt,
    closesAt: terms.closesAt,
  };
}

/** Prices are multiples of the tick in [tick, 1 - tick]; no usable tick gives no range, hence no trade. */
export function tickRanges(tick: number): readonly TickRange[] {
  if (tick <= 0 || tick > PRICE_ONE / 2 || PRICE_ONE % tick !== 0) return [];
  return [{ fromTicks: tick as Ticks, toTicks: (PRICE_ONE - tick) as Ticks, stepTicks: tick as Ticks }];
}

/**
 * rate x C x (P(1-P))^exponent in currency, five decimals, takers only (FEES 2.1: docs trading/fees; Gamma
 * `feeSchedule`). Fees that are on without a readable rate, or not stated at all, are unknown: no trade.
 */
export function feeVersions(
  terms: FeeTerms,
  source: string,
  rounding: FeeRounding = "up",
): readonly FeeVersion[] {
  const spec = feeSpec(terms, rounding);
  const id =
    spec.type === "quadratic" ? `quadratic-${spec.rate}-${spec.exponent}-${spec.rounding}` : spec.type;
  return [{ id, from: 0 as Micros, spec, source }];
}

function feeSpec({ enabled, schedule }: FeeTerms, rounding: FeeRounding): FeeSpec {
  if (enabled === null) return { type: "unknown", why: "not stated whether fees are enabled" };
  if (!enabled) return { type: "none" };
  if (schedule === null) return { type: "unknown", why: "fees are enabled without a schedule" };
  const { rate, exponent, takerOnly } = schedule;
  if (!/^0(\.\d{1,6})?$/.test(rate))
    return { type: "unknown", why: `fee rate ${rate} is no decimal below 1` };
  if (!/^[1-9]$/.test(exponent))
    return { type: "unknown", why: `fee exponent ${exponent} is no small integer` };
  if (Number(rate) === 0) return { type: "none" };
  return { type: "quadratic", rate, exponent: Number(exponent), decimals: 5, rounding, takerOnly };
}

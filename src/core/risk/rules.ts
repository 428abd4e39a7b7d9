import {
  type Certificate,
  formatDecimal,
  type Instrument,
  type Leg,
  type MarketView,
  type Micros,
  PICO_DIGITS,
  PICO_ONE,
  type Pico,
  type Plan,
  type Reason,
  reasonOf,
} from "../../contracts/index.ts";
import { claimOf, claimTicks, contractsOf, isBuy, takenSide } from "../ledger/claim.ts";
import type { VenueMoney } from "../ledger/reservations.ts";
import { capitalByVenue, picoOf } from "../sizing/capital.ts";
import type { RiskLimits } from "./limits.ts";

/** What the gate sees of the world at the instant of judging. Reading only. */
export interface RiskState {
  readonly now: Micros;
  /** Why trading is paused; null when it is not. */
  readonly paused: string | null;
  /** Why a venue's feed counts as degraded; null when it does not. */
  readonly degraded: (venue: string) => string | null;
  /** From `DailyDrawdown.off`. */
  readonly drawdownHit: boolean;
  /** Plans being carried out. */
  readonly openPlans: number;
  readonly equity: Pico;
  readonly familyExposure: (family: string) => Pico;
  readonly venueExposure: (venue: string) => Pico;
  readonly totalExposure: Pico;
  readonly freeCash: (venue: string, currency: string) => Pico;
  /** What the plan would reserve (`reservationOf`); null when a fee is unknown. */
  readonly reservation: readonly VenueMoney[] | null;
  readonly view: Pick<MarketView, "instrument" | "barred">;
}

export interface Refusal {
  readonly reason: Reason;
  readonly detail: string;
}

/** One reason for not trading: null lets the plan pass. Pure. */
export type RiskRule = (plan: Plan, state: RiskState, limits: RiskLimits) => Refusal | null;

const money = (amount: bigint): string => formatDecimal(amount, PICO_DIGITS);

function over(reason: Reason, what: string, amount: bigint, cap: bigint): Refusal | null {
  return amount > cap ? { reason, detail: `${what}: ${money(amount)} above ${money(cap)}` } : null;
}

export const notPaused: RiskRule = (_plan, { paused }) =>
  paused === null ? null : { reason: "risk.paused", detail: paused };

export const dailyDrawdown: RiskRule = (_plan, { drawdownHit }, { dailyDrawdownPpm }) =>
  drawdownHit
    ? { reason: "risk.daily_drawdown", detail: `trading is off since ${dailyDrawdownPpm} ppm were lost` }
    : null;

/** A venue whose feed is degraded gives no size: what its books show may be behind the market. */
export const feedSound: RiskRule = (plan, { view, degraded }) => {
  for (const { book } of plan.legs) {
    const venue = view.instrument(book)?.venue ?? "unknown";
    const why = degraded(venue);
    if (why !== null) return { reason: "risk.degraded", detail: `${venue}: ${why}` };
  }
  return null;
};

export const whitelisted: RiskRule = (plan, { view }, limits) => {
  const { finding } = plan.opportunity;
  const refuse = (what: string): Refusal => ({ reason: "risk.not_whitelisted", detail: what });
  if (!limits.lanes.includes(finding.lane)) return refuse(`lane ${finding.lane}`);
  if (limits.barredFamilies.includes(finding.family)) return refuse(`family ${finding.family}`);
  for (const { book } of plan.legs) {
    const venue = view.instrument(book)?.venue ?? "unknown";
    if (!limits.venues.includes(venue)) return refuse(`venue ${venue}`);
  }
  return null;
};

export const minEdge: RiskRule = (plan, _state, limits) => {
  const { guaranteed, capital } = plan;
  const bips = guaranteed * 10_000n >= capital * BigInt(limits.minEdgeBips);
  if (guaranteed > 0n && guaranteed >= limits.minEdge && bips) return null;
  return { reason: "risk.min_edge", detail: `${money(guaranteed)} on ${money(capital)}` };
};

export const maxConcurrent: RiskRule = (_plan, { openPlans }, limits) =>
  openPlans < limits.maxConcurrent
    ? null
    : { reason: "risk.max_concurrent", detail: `${openPlans} plans are open` };

export const familyCap: RiskRule = (plan, state, limits) => {
  const { family } = plan.opportunity.finding;
  return over("risk.family_cap", family, state.familyExposure(family) + plan.capital, limits.familyCap);
};

export const venueCap: RiskRule = (plan, state, limits) => {
  const byVenue = capitalByVenue(plan.certificate);
  if (byVenue === null) return { reason: "risk.venue_cap", detail: "the certificate states no capital" };
  for (const [venue, amount] of byVenue) {
    const refusal = over("risk.venue_cap", venue, state.venueExposure(venue) + amount, limits.venueCap);
    if (refusal !== null) return refusal;
  }
  return null;
};

export const totalCap: RiskRule = (plan, state, limits) =>
  over("risk.total_cap", "all plans", state.totalExposure + plan.capital, limits.totalCap);

export const leverage: RiskRule = (plan, state, limits) => {
  const atRisk = state.totalExposure + plan.capital;
  const permitted = (state.equity * BigInt(limits.maxLeveragePpm)) / 1_000_000n;
  return over("risk.leverage", "capital at risk", atRisk, permitted);
};

/** Every leg must be on a known book that quotes the claim, with a known tick grid that the limit lies on. */
export const knownTicks: RiskRule = (plan, { view }) => {
  for (const { book, action, limitTicks } of plan.legs) {
    const instrument = view.instrument(book);
    const known = instrument !== undefined && takenSide(instrument.side, action) !== null;
    if (!known || !onGrid(instrument, action, limitTicks)) {
      return { reason: "risk.unknown_tick", detail: instrument?.key ?? `book ${book}` };
    }
  }
  return null;
};

function onGrid(instrument: Instrument, action: Leg["action"], limitTicks: number): boolean {
  const ticks = claimTicks(instrument.side, claimOf(action), limitTicks, instrument.priceScale);
  return instrument.tickRanges.some(
    ({ fromTicks, toTicks, stepTicks }) =>
      ticks >= fromTicks && ticks <= toTicks && stepTicks > 0 && (ticks - fromTicks) % stepTicks === 0,
  );
}

export const knownFees: RiskRule = (plan, { view, reservation, now }) => {
  for (const { book } of plan.legs) {
    const instrument = view.instrument(book);
    const version = instrument?.fees.findLast(({ from }) => from <= now);
    if (version === undefined || version.spec.type === "unknown") {
      return { reason: "risk.unknown_fee", detail: instrument?.key ?? `book ${book}` };
    }
  }
  return reservation === null ? { reason: "risk.unknown_fee", detail: "a fee cannot be computed" } : null;
};

export const marketOpen: RiskRule = (plan, { view, now }, { minToCloseMicros }) => {
  for (const { book } of plan.legs) {
    const instrument = view.instrument(book);
    const open = instrument?.status === "open";
    const closesSoon = (instrument?.closesAt ?? Number.MAX_SAFE_INTEGER) - now < minToCloseMicros;
    if (!open || closesSoon) {
      const detail = `${instrument?.key ?? book} is ${instrument?.status ?? "unknown"}, closes at ${instrument?.closesAt}`;
      return { reason: "risk.market_closing", detail };
    }
  }
  return null;
};

export const quoteStands: RiskRule = (plan, { view }) => {
  for (const { book, action } of plan.legs) {
    const instrument = view.instrument(book);
    const side = instrument === undefined ? null : takenSide(instrument.side, action);
    const barred = side === null ? 0 : view.barred(book, side);
    if (side === null || barred !== 0) {
      const why = reasonOf(barred) ?? "not quoted";
      return { reason: "risk.quote_gone", detail: `${instrument?.key ?? book}: ${why}` };
    }
  }
  return null;
};

export const enoughCash: RiskRule = (_plan, { reservation, freeCash }) => {
  const needed = new Map<string, VenueMoney>();
  for (const line of reservation ?? []) {
    const key = `${line.venue}|${line.currency}`;
    const amount = ((needed.get(key)?.amount ?? 0n) + line.amount) as Pico;
    needed.set(key, { ...line, amount });
  }
  for (const { venue, currency, amount } of needed.values()) {
    const refusal = over("risk.cash", `${venue} ${currency}`, amount, freeCash(venue, currency));
    if (refusal !== null) return refusal;
  }
  return null;
};

/** The certificate must be about this plan: same legs, same sizes, no price beyond a limit, same money. */
export const certificateCovers: RiskRule = (plan, { view }) => {
  const refuse = (detail: string): Refusal => ({ reason: "certificate.refused", detail });
  const { certificate } = plan;
  if (picoOf(certificate.capital) !== plan.capital || picoOf(certificate.guaranteed) !== plan.guaranteed) {
    return refuse("capital or guaranteed profit differ from the certificate");
  }
  if (plan.legs.length !== certificate.legs.length) return refuse("another number of legs");
  for (const [index, leg] of plan.legs.entries()) {
    const instrument = view.instrument(leg.book);
    const detail =
      instrument === undefined ? "unknown book" : legDifference(leg, instrument, certificate, index);
    if (detail !== null) return refuse(`leg ${index}: ${detail}`);
  }
  return null;
};

function legDifference(
  leg: Leg,
  { venue, market, priceScale, sizeScale }: Instrument,
  certificate: Certificate,
  index: number,
): string | null {
  const proved = certificate.legs[index]!;
  const buy = isBuy(leg.action);
  if (proved.venue !== venue || proved.market !== market) return "another market";
  if (proved.action !== (buy ? "buy" : "sell") || proved.side.toLowerCase() !== claimOf(leg.action)) {
    return "another claim or action";
  }
  if (picoOf(proved.quantity) !== contractsOf(leg.lots, sizeScale)) return "another size";
  const limit = BigInt(leg.limitTicks) * (PICO_ONE / BigInt(priceScale));
  const worst = picoOf(proved.fills.at(-1)?.[0] ?? "");
  const beyond = worst === null || (buy ? limit > worst : limit < worst);
  return beyond ? "the limit permits a price that was not proved" : null;
}

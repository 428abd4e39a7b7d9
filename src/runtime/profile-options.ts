import { parseDecimal, parseScaled, PICO_DIGITS, type Pico } from "../contracts/index.ts";
import { DEFAULT_EXECUTION_OPTIONS, type ExecutionOptions } from "../core/execution/options.ts";
import type { FirewallOptions } from "../core/market/options.ts";
import type { OpportunityOptions } from "../core/opportunities.ts";
import type { RiskLimits } from "../core/risk/limits.ts";
import type { SizingOptions } from "../core/sizing/options.ts";
import type { DrawdownScaleOptions } from "../core/sizing/drawdown.ts";
import { DEFAULT_PAPER_OPTIONS, type PaperOptions, type VenueLatency } from "../sim/exchange/options.ts";
import type { Profile } from "./profile/schema.ts";

/** A validated profile in the units of the core: microseconds, parts per million, exact money. */

const MICROS_PER_MS = 1000;

function pico(text: string): Pico {
  return need(parseDecimal(text, PICO_DIGITS), text) as Pico;
}

function ppm(text: string): number {
  return need(parseScaled(text, 6), text);
}

function permille(text: string): number {
  return need(parseScaled(text, 3), text);
}

/** The schema has checked every decimal; a finer one than the core can hold is a bug of the schema. */
function need<T>(value: T | null, text: string): T {
  if (value === null) throw new RangeError(`profile: ${text} has more digits than its field holds`);
  return value;
}

export function firewallOptions({ firewall }: Profile): FirewallOptions {
  return {
    maxAgeMicros: firewall.maxAgeMs * MICROS_PER_MS,
    microMinPermille: permille(firewall.microPriceLow),
    microMaxPermille: permille(firewall.microPriceHigh),
    maxJumpPermille: permille(firewall.maxJump),
    jumpConfirmations: firewall.jumpConfirmations,
    requireTwoSides: firewall.requireTwoSides,
    sizeMedianBooks: firewall.sizeMedianBooks,
    requireSettledSize: firewall.requireSettledSize,
    maxClampedLevels: firewall.maxClampedLevels,
    witnessMismatches: firewall.witnessMismatches,
    frozenWitnessMoves: firewall.frozenWitnessMoves,
    allowUnknownStatus: firewall.allowUnknownStatus,
  };
}

export function sizingOptions({ sizing, risk }: Profile): SizingOptions {
  return {
    scaleByConfidence: sizing.scaleByConfidence,
    settledSharePpm: ppm(sizing.settledShare),
    successPpm: ppm(sizing.successProbability),
    unwindLossPpm: ppm(sizing.unwindLoss),
    kellyFractionPpm: ppm(sizing.kellyFraction),
    planCap: pico(sizing.maxPlanCapital),
    familyCap: pico(risk.familyCap),
    venueCap: pico(risk.venueCap),
    totalCap: pico(risk.totalCap),
    maxLoss: pico(sizing.maxPlanLoss),
  };
}

/** The stake multiplier is no money: plain fractions are good enough. */
export function drawdownOptions({ sizing }: Profile): DrawdownScaleOptions {
  const { soft, hard, restoreStep, restoreEvery } = sizing.drawdown;
  return { soft: Number(soft), hard: Number(hard), restoreStep: Number(restoreStep), restoreEvery };
}

/** Empty whitelists in a profile mean all venues and lanes that it names. */
export function riskLimits({ risk, venues, lanes }: Profile): RiskLimits {
  return {
    venues: risk.venues.length > 0 ? risk.venues : Object.keys(venues),
    lanes: risk.lanes.length > 0 ? risk.lanes : Object.keys(lanes),
    barredFamilies: risk.barredFamilies,
    minEdge: pico(risk.minEdge),
    minEdgeBips: risk.minEdgeBps,
    maxConcurrent: risk.maxConcurrent,
    familyCap: pico(risk.familyCap),
    venueCap: pico(risk.venueCap),
    totalCap: pico(risk.totalCap),
    maxLeveragePpm: ppm(risk.maxLeverage),
    dailyDrawdownPpm: ppm(risk.dailyDrawdown),
    minToCloseMicros: risk.minTimeToCloseMs * MICROS_PER_MS,
  };
}

export function executionOptions({ execution }: Profile): ExecutionOptions {
  return {
    ...DEFAULT_EXECUTION_OPTIONS,
    legDeadlineMicros: execution.legDeadlineMs * MICROS_PER_MS,
    cancelGraceMicros: execution.cancelGraceMs * MICROS_PER_MS,
    unwindDeadlineMicros: execution.unwindDeadlineMs * MICROS_PER_MS,
    unwindRetryMicros: execution.unwindRetryMs * MICROS_PER_MS,
    unwindSlackPpm: ppm(execution.unwindSlack),
    maxUnwindAttempts: execution.unwind ? execution.maxUnwindAttempts : 0,
    unwindFloorPpm: ppm(execution.unwindFloor),
    mergeCompleteSets: execution.useTransforms,
  };
}

export function opportunityOptions({ opportunity }: Profile): OpportunityOptions {
  return {
    cooldownMicros: opportunity.cooldownMs * MICROS_PER_MS,
    idBucketMicros: opportunity.idBucketMs * MICROS_PER_MS,
    maxRemembered: opportunity.maxRemembered,
  };
}

export function paperOptions({ paper }: Profile): PaperOptions {
  const byVenue = Object.entries(paper.latency).map(([venue, line]) => [venue, latency(line)] as const);
  const fallback = paper.latency["default"];
  return {
    ...DEFAULT_PAPER_OPTIONS,
    latency: Object.fromEntries(byVenue.filter(([venue]) => venue !== "default")),
    defaultLatency: fallback === undefined ? DEFAULT_PAPER_OPTIONS.defaultLatency : latency(fallback),
    rejectPpm: paper.rejectPpm,
  };
}

/** Submit and answer each take the stated time; the venue's answer half of it. */
function latency(line: { readonly minMs: number; readonly typicalMs: number; readonly maxMs: number }): VenueLatency {
  const quantiles = [line.minMs, line.typicalMs, line.maxMs].map((ms) => ms * MICROS_PER_MS);
  return { orderMicros: quantiles, answerMicros: quantiles.map((micros) => Math.floor(micros / 2)) };
}

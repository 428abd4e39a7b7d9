import {
  type Micros,
  PICO_DIGITS,
  type Pico,
  parseDecimal,
  parseScaled,
  type Sha256Hex,
} from "../../contracts/index.ts";
import type { ExecutionOptions } from "../../core/execution/options.ts";
import type { FirewallOptions } from "../../core/market/options.ts";
import type { OpportunityOptions } from "../../core/opportunities.ts";
import type { RiskLimits } from "../../core/risk/limits.ts";
import type { DrawdownScaleOptions } from "../../core/sizing/drawdown.ts";
import type { SizingOptions } from "../../core/sizing/options.ts";
import { DEFAULT_PAPER_OPTIONS, type PaperOptions, type VenueLatency } from "../../sim/exchange/options.ts";
import { DEFAULT_WORLD, type WorldOptions } from "../../sim/world/options.ts";
import type { Profile } from "./schema.ts";

/** A validated profile in the units of the core: microseconds, parts per million, exact money. */

export function firewallOptions({ firewall }: Profile): FirewallOptions {
  return {
    maxAgeMicros: micros(firewall.maxAgeMs),
    microMinPermille: scaled(firewall.microPriceLow, 3),
    microMaxPermille: scaled(firewall.microPriceHigh, 3),
    maxJumpPermille: scaled(firewall.maxJump, 3),
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

/** The caps by family, by venue and in all are the risk gate's: sizing stays below what the gate would refuse. */
export function sizingOptions({ sizing, risk }: Profile): SizingOptions {
  return {
    successPpm: ppm(sizing.successProbability),
    unwindLossPpm: ppm(sizing.unwindLoss),
    kellyFractionPpm: ppm(sizing.kellyFraction),
    scaleByConfidence: sizing.scaleByConfidence,
    planCap: money(sizing.maxPlanCapital),
    familyCap: money(risk.familyCap),
    venueCap: money(risk.venueCap),
    totalCap: money(risk.totalCap),
    maxLoss: money(sizing.maxPlanLoss),
    settledSharePpm: ppm(sizing.settledShare),
  };
}

export function drawdownOptions({ sizing: { drawdown } }: Profile): DrawdownScaleOptions {
  return {
    soft: ppm(drawdown.soft) / 1_000_000,
    hard: ppm(drawdown.hard) / 1_000_000,
    restoreStep: ppm(drawdown.restoreStep) / 1_000_000,
    restoreEvery: drawdown.restoreEvery,
  };
}

/** Empty whitelists in a profile mean all venues and lanes that it names and enables. */
export function riskLimits({ risk, venues, lanes }: Profile): RiskLimits {
  const enabled = Object.keys(venues).filter((id) => venues[id]!.enabled);
  return {
    venues: risk.venues.length > 0 ? risk.venues : enabled,
    lanes: risk.lanes.length > 0 ? risk.lanes : Object.keys(lanes),
    barredFamilies: risk.barredFamilies,
    minEdge: money(risk.minEdge),
    minEdgeBips: risk.minEdgeBps,
    maxConcurrent: risk.maxConcurrent,
    familyCap: money(risk.familyCap),
    venueCap: money(risk.venueCap),
    totalCap: money(risk.totalCap),
    maxLeveragePpm: ppm(risk.maxLeverage),
    dailyDrawdownPpm: ppm(risk.dailyDrawdown),
    minToCloseMicros: micros(risk.minTimeToCloseMs),
  };
}

/** The bound on remembered orders is that on remembered opportunities. */
export function executionOptions({ execution, opportunity }: Profile): ExecutionOptions {
  return {
    legDeadlineMicros: micros(execution.legDeadlineMs),
    cancelGraceMicros: micros(execution.cancelGraceMs),
    unwindDeadlineMicros: micros(execution.unwindDeadlineMs),
    unwindRetryMicros: micros(execution.unwindRetryMs),
    maxUnwindAttempts: execution.unwind ? execution.maxUnwindAttempts : 0,
    unwindSlackPpm: ppm(execution.unwindSlack),
    unwindFloorPpm: ppm(execution.unwindFloor),
    mergeCompleteSets: execution.useTransforms,
    maxRemembered: opportunity.maxRemembered,
  };
}

export function opportunityOptions({ opportunity }: Profile): OpportunityOptions {
  return {
    cooldownMicros: micros(opportunity.cooldownMs),
    idBucketMicros: micros(opportunity.idBucketMs),
    maxRemembered: opportunity.maxRemembered,
  };
}

/** Bounds of the paper exchange that no profile needs to change keep their defaults. */
export function paperOptions({ paper }: Profile): PaperOptions {
  const { default: fallback, ...byVenue } = paper.latency;
  const latency = Object.entries(byVenue).map(([venue, line]) => [venue, venueLatency(line)] as const);
  return {
    ...DEFAULT_PAPER_OPTIONS,
    latency: Object.fromEntries(latency),
    defaultLatency: fallback === undefined ? DEFAULT_PAPER_OPTIONS.defaultLatency : venueLatency(fallback),
    rejectPpm: paper.rejectPpm,
  };
}

/** Starting cash of a venue in exact money. */
export function startCash({ paper }: Profile, venue: string): Pico {
  return money(paper.startCash[venue] ?? paper.startCash["default"] ?? "0");
}

/**
 * The simulated market that a profile asks for; null when it has none.
 * A stale leg is planted only after twice the firewall's limit of age.
 */
export function worldOptions({ world, firewall }: Profile, sha256: Sha256Hex): WorldOptions | null {
  if (world === undefined) return null;
  return {
    startAt: micros(Date.parse(world.startAt)) as Micros,
    actionsPerSecond: world.actionsPerSecond,
    plantEveryMicros: micros(world.plantEveryMs),
    decoyEveryMicros: micros(world.decoyEveryMs),
    hazardEveryMicros: micros(world.hazardEveryMs),
    eventLifeMicros: micros(world.eventLifeMs),
    staleAfterMicros: micros(2 * firewall.maxAgeMs),
    events: DEFAULT_WORLD.events,
    sha256,
  };
}

function venueLatency(line: Profile["paper"]["latency"][string]): VenueLatency {
  const order = [line.minMs, line.typicalMs, line.maxMs].map(micros);
  return { orderMicros: order, answerMicros: order.map((value) => Math.floor(value / 2)) };
}

function micros(ms: number): number {
  return ms * 1_000;
}

function money(text: string): Pico {
  return held(parseDecimal(text, PICO_DIGITS), text) as Pico;
}

function ppm(text: string): number {
  return scaled(text, 6);
}

function scaled(text: string, digits: number): number {
  return held(parseScaled(text, digits), text);
}

/** The schema has checked every decimal; a finer one than the core can hold is a bug of the schema. */
function held<T>(value: T | null, text: string): T {
  if (value === null) throw new RangeError(`profile: ${text} has more digits than its field holds`);
  return value;
}

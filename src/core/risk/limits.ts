import { PICO_ONE, type Pico } from "../../contracts/index.ts";

/** Limits of the pre-trade gate. */
export interface RiskLimits {
  /** Venues that may be traded. Empty = none. */
  readonly venues: readonly string[];
  /** Lanes that may trade. Empty = none. */
  readonly lanes: readonly string[];
  /** Families that may never trade, by family key. Default none. */
  readonly barredFamilies: readonly string[];
  /** Least guaranteed profit of a plan. Default 0.01. */
  readonly minEdge: Pico;
  /** Least guaranteed profit per capital, in basis points. Default 10. */
  readonly minEdgeBips: number;
  /** Plans carried out at the same time. Default 8. */
  readonly maxConcurrent: number;
  /** Most capital at risk in one family. Default 200. */
  readonly familyCap: Pico;
  /** Most capital at risk at one venue. Default 1000. */
  readonly venueCap: Pico;
  /** Most capital at risk in all. Default 2000. */
  readonly totalCap: Pico;
  /** Capital at risk over equity, in parts per million. Default 1.0: nothing borrowed. */
  readonly maxLeveragePpm: number;
  /** Fall of the equity since the start of the UTC day that ends trading, in parts per million. Default 0.02. */
  readonly dailyDrawdownPpm: number;
  /** A market that closes sooner than this is not entered. Default 60 s. */
  readonly minToCloseMicros: number;
}

const units = (whole: number): Pico => (BigInt(whole) * PICO_ONE) as Pico;

/** Everything but the whitelists, which a profile must state. */
export const DEFAULT_RISK_LIMITS: Omit<RiskLimits, "venues" | "lanes"> = {
  barredFamilies: [],
  minEdge: (PICO_ONE / 100n) as Pico,
  minEdgeBips: 10,
  maxConcurrent: 8,
  familyCap: units(200),
  venueCap: units(1000),
  totalCap: units(2000),
  maxLeveragePpm: 1_000_000,
  dailyDrawdownPpm: 20_000,
  minToCloseMicros: 60_000_000,
};

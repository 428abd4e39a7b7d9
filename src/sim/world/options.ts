import type { Micros, Sha256Hex } from "../../contracts/index.ts";

/** Options of the simulated market. Durations are simulated time. */
export interface WorldOptions {
  /** Instant of the first action. */
  readonly startAt: Micros;
  /** Mean number of actions a second over all venues. */
  readonly actionsPerSecond: number;
  /** Mean distance between genuine arbitrages. 0 = none. */
  readonly plantEveryMicros: number;
  /** Mean distance between traps (apart from the standing ones of non-exhaustive events). 0 = none. */
  readonly decoyEveryMicros: number;
  /** Mean distance between faults of wire and venue. 0 = none. */
  readonly hazardEveryMicros: number;
  /** Mean life of an event from listing to close. */
  readonly eventLifeMicros: number;
  /** A stalled connection is left silent this long before a stale leg is planted; set it above the firewall's limit. */
  readonly staleAfterMicros: number;
  /** Events by kind and venue. */
  readonly events: WorldShape;
  /** Hash for the evidence texts of families. */
  readonly sha256: Sha256Hex;
}

/** How many events of each kind are open at any time. */
export interface WorldShape {
  /** simk: exclusive and exhaustive buckets. */
  readonly kalshiBuckets: number;
  /** simk: exclusive, not exhaustive. */
  readonly kalshiOpenBuckets: number;
  readonly kalshiBinaries: number;
  /** simp: negative-risk buckets with every outcome listed. */
  readonly polymarketBuckets: number;
  /** simp: negative-risk buckets with an unlisted rest (augmented). */
  readonly polymarketOpenBuckets: number;
  readonly polymarketBinaries: number;
  /** sims: markets with separate YES and NO books. */
  readonly pairs: number;
}

/** About 120 markets, 300 actions and one fault every few seconds: lively enough to watch. */
export const DEFAULT_WORLD = {
  startAt: 1_767_571_200_000_000 as Micros,
  actionsPerSecond: 300,
  plantEveryMicros: 12_000_000,
  decoyEveryMicros: 15_000_000,
  hazardEveryMicros: 4_000_000,
  eventLifeMicros: 600_000_000,
  staleAfterMicros: 6_000_000,
  events: {
    kalshiBuckets: 6,
    kalshiOpenBuckets: 3,
    kalshiBinaries: 12,
    polymarketBuckets: 4,
    polymarketOpenBuckets: 2,
    polymarketBinaries: 8,
    pairs: 12,
  },
} as const satisfies Omit<WorldOptions, "sha256">;

import type { Micros } from "../contracts/index.ts";

/** Everything the live view shows. Money is decimal text of whole currency units, as in decisions and summaries. */
export interface ScreenState {
  readonly profile: string;
  readonly profileHash: string;
  readonly mode: string;
  readonly journal: string;
  readonly uptimeMs: number;
  /** The instant of the last fact; null before the first. */
  readonly marketAt: Micros | null;
  /** Simulated seconds per real second; null when time is real. */
  readonly speed: number | null;
  readonly books: {
    readonly listed: number;
    readonly valid: number;
    readonly quarantined: number;
    /** Standing quarantines by reason code, most frequent first. */
    readonly reasons: readonly Count[];
  };
  readonly rates: {
    readonly framesPerSecond: number;
    readonly factsPerSecond: number;
    readonly frames: number;
    readonly facts: number;
  };
  readonly venues: readonly ScreenVenue[];
  readonly lanes: readonly ScreenLane[];
  readonly funnel: {
    readonly detected: number;
    readonly refused: number;
    readonly approved: number;
    readonly filled: number;
    readonly partial: number;
    readonly missed: number;
  };
  /** Newest first. */
  readonly opportunities: readonly ScreenOpportunity[];
  readonly money: {
    readonly currency: string;
    readonly startCash: string;
    readonly cash: string;
    readonly reserved: string;
    readonly openAtWorst: string;
    readonly fees: string;
    readonly equity: string;
    readonly openPositions: number;
  };
  /** Time from a frame's receipt to the end of its judgement; null where it is not measured. */
  readonly decision: { readonly p50Micros: number; readonly p99Micros: number } | null;
  readonly health: { readonly level: "ok" | "degraded" | "halted"; readonly text: string };
}

export interface Count {
  /** A reason code or another short name. */
  readonly name: string;
  readonly count: number;
}

export interface ScreenVenue {
  readonly id: string;
  readonly status: "up" | "degraded" | "down";
  readonly books: number;
  readonly valid: number;
  readonly framesPerSecond: number;
  /** Messages refused by the mapper. */
  readonly rejects: number;
  readonly gaps: number;
  /** Venue's instant to receipt; null where the venue states none. */
  readonly delay: { readonly p50Micros: number; readonly p99Micros: number } | null;
}

export interface ScreenLane {
  readonly id: string;
  readonly families: number;
  readonly findings: number;
  /** Families by the last diagnosis, most frequent first. */
  readonly diagnoses: readonly Count[];
}

export interface ScreenOpportunity {
  readonly at: Micros;
  readonly id: string;
  readonly lane: string;
  readonly style: string;
  readonly family: string;
  readonly guaranteed: string;
  readonly capital: string;
  readonly outcome: "refused" | "filled" | "partial" | "missed" | "open";
  /** Why it was refused or missed; null otherwise. */
  readonly reason: string | null;
}

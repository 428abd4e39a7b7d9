import type { LatencySummary, RunSummary } from "../contracts/index.ts";
import type { EquityReport } from "./equity.ts";
import type { Funnel, KeyedReasons } from "./funnel.ts";
import type { Robust, Verdict } from "./verdict.ts";
import type { View, ViewOptions } from "./views.ts";

/** One row as listed in the report. */
export interface ListedRow {
  readonly id: string;
  readonly lane: string;
  readonly family: string;
  readonly familyTitle: string;
  readonly style: string;
  readonly venues: readonly string[];
  readonly foundAt: number;
  readonly factSeq: number;
  readonly outcome: string;
  readonly fills: number;
  readonly certified: string;
  readonly planned: string;
  readonly expectedRealised: string;
  readonly simulatedRealised: string;
  readonly capital: string;
  readonly outlier: boolean;
}

/** Simulated-realised P&L over opened rows as bars of equal width; outliers beyond the range have their own end bars. */
export interface Distribution {
  readonly bars: readonly { readonly label: string; readonly kept: number; readonly outliers: number }[];
}

/** [instant in microseconds, expected-realised, simulated-realised, the same without outliers], cumulated, exact. */
export type CumulativePoint = readonly [number, string, string, string];

/** What a reader needs to know of the run, without its counters. */
export type RunIdentity = Pick<
  RunSummary,
  | "profile"
  | "profileHash"
  | "journal"
  | "mode"
  | "seed"
  | "nodeMajor"
  | "startedAt"
  | "endedAt"
  | "facts"
  | "frames"
  | "digest"
  | "books"
  | "quarantines"
  | "releases"
  | "ledger"
  | "wallMs"
>;

/** A named comparison of two numbers that must be equal. */
export interface Check {
  readonly name: string;
  readonly left: string;
  readonly right: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Everything the KPI report says, before it is laid out. Its JSON form is `kpi.json`. */
export interface KpiReport {
  readonly version: 1;
  readonly kind: "kpi";
  readonly run: RunIdentity;
  readonly viewOptions: ViewOptions;
  readonly verdict: Verdict;
  readonly robust: Robust;
  readonly views: readonly View[];
  readonly funnel: Funnel;
  readonly diagnoses: readonly KeyedReasons[];
  readonly rejects: readonly KeyedReasons[];
  readonly latency: Readonly<Record<string, LatencySummary>>;
  readonly equity: EquityReport;
  readonly cumulative: readonly CumulativePoint[];
  readonly distribution: Distribution;
  /** Opened rows by falling |P&L|, capped; `listedMore` were left out. */
  readonly listed: readonly ListedRow[];
  readonly listedMore: number;
}

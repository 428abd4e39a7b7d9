import { money } from "./money.ts";
import type { ReportRow } from "./run-files.ts";

/** The ladder, from first sight to the simulated result. `realised` and `settled` need live fills and are not reported here. */
export const STAGES = ["detected", "certified", "planned", "expectedRealised", "simulatedRealised"] as const;
export type Stage = (typeof STAGES)[number];

export const STAGE_TITLES: Readonly<Record<Stage, string>> = {
  detected: "Detected",
  certified: "Certified",
  planned: "Planned",
  expectedRealised: "Expected-realised",
  simulatedRealised: "Simulated-realised",
};

/** A row with its money as exact integers. */
export interface KpiRow {
  readonly source: ReportRow;
  readonly amounts: Readonly<Record<Stage, bigint>>;
  readonly capital: bigint;
  readonly fees: bigint;
  readonly minAsk: bigint;
  readonly maxAsk: bigint;
  readonly minDepth: bigint;
  /** It passed the risk gate: orders were sent. */
  readonly opened: boolean;
}

/** @throws RangeError when an amount is no decimal; `loadRun` has excluded that. */
export function toKpiRow(source: ReportRow): KpiRow {
  return {
    source,
    amounts: {
      detected: money(source.detected),
      certified: money(source.certified),
      planned: money(source.planned),
      expectedRealised: money(source.expectedRealised),
      simulatedRealised: money(source.simulatedRealised),
    },
    capital: money(source.capital),
    fees: money(source.fees),
    minAsk: money(source.minAsk),
    maxAsk: money(source.maxAsk),
    minDepth: money(source.minDepthNotional),
    opened: source.outcome !== "refused",
  };
}

/** Profit or loss of an opened row. */
export function pnlOf(row: KpiRow): bigint {
  return row.amounts.simulatedRealised;
}

import { REASONS, type RunSummary } from "../contracts/index.ts";
import type { KpiRow } from "./kpi-row.ts";

/** Stages at which a detected opportunity can be refused, in the engine's order. */
const REFUSAL_STAGES = ["certify", "dedupe", "size", "risk"] as const;
const OUTCOMES = ["filled", "partial", "missed", "open"] as const;

interface ReasonCount {
  readonly reason: string;
  /** What it means, from the catalogue; empty for a code of another version. */
  readonly text: string;
  readonly count: number;
}

/** Where the detected rows went: refused by stage and reason, or opened and with what outcome. */
export interface Funnel {
  readonly detected: number;
  readonly refused: readonly {
    readonly stage: (typeof REFUSAL_STAGES)[number];
    readonly count: number;
    readonly reasons: readonly ReasonCount[];
  }[];
  readonly opened: number;
  readonly outcomes: readonly { readonly outcome: (typeof OUTCOMES)[number]; readonly count: number }[];
}

export interface KeyedReasons {
  readonly key: string;
  readonly total: number;
  readonly reasons: readonly ReasonCount[];
}

export function funnelOf(rows: readonly KpiRow[]): Funnel {
  const stages = new Map(REFUSAL_STAGES.map((stage) => [stage, new Map<string, number>()]));
  const outcomes = new Map<string, number>();
  let opened = 0;
  for (const { source, opened: isOpened } of rows) {
    if (isOpened) {
      opened++;
      increment(outcomes, source.outcome);
    } else if (source.refusalStage !== null) {
      increment(stages.get(source.refusalStage)!, source.refusal ?? "not stated");
    }
  }
  return {
    detected: rows.length,
    refused: REFUSAL_STAGES.map((stage) => {
      const reasons = toReasonCounts(stages.get(stage)!);
      return { stage, count: countOf(reasons), reasons };
    }),
    opened,
    outcomes: OUTCOMES.map((outcome) => ({ outcome, count: outcomes.get(outcome) ?? 0 })),
  };
}

/** Lane -> why each family gave nothing, or that it emitted; last diagnosis of each family. */
export function diagnosesOf(summary: RunSummary): KeyedReasons[] {
  return keyed(summary.diagnoses);
}

/** Venue -> rejects and quarantines by reason. */
export function rejectsOf(summary: RunSummary): KeyedReasons[] {
  return keyed(summary.reasons);
}

/** Text of a reason code; empty for one this version does not know. */
export function reasonText(code: string): string {
  return code in REASONS ? REASONS[code as keyof typeof REASONS].text : "";
}

function keyed(counts: Readonly<Record<string, Readonly<Record<string, number>>>>): KeyedReasons[] {
  return Object.keys(counts)
    .sort()
    .map((key) => {
      const reasons = toReasonCounts(new Map(Object.entries(counts[key]!)));
      return { key, total: countOf(reasons), reasons };
    });
}

function toReasonCounts(counts: ReadonlyMap<string, number>): ReasonCount[] {
  return [...counts]
    .filter(([, count]) => count > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([reason, count]) => ({ reason, text: reasonText(reason), count }));
}

function countOf(reasons: readonly ReasonCount[]): number {
  return reasons.reduce((total, { count }) => total + count, 0);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

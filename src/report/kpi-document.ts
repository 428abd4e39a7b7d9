import { cumulativeChart, distributionChart, equityChart, ladderChart } from "./charts/pnl-charts.ts";
import { funnelChart, latencyChart, rejectsChart } from "./charts/run-charts.ts";
import type { Check, KpiReport } from "./kpi-model.ts";
import {
  checksTable,
  groupTable,
  latencyTable,
  openedTable,
  outcomeTable,
  reasonsTable,
  refusalTable,
  signsTable,
  viewsTable,
} from "./kpi-tables.ts";
import { tilesOf } from "./kpi-tiles.ts";
import { countLabel, meanLabel } from "./money.ts";
import type { ReportDocument, Section, Table } from "./page/document.ts";
import { isReconciled } from "./reconcile.ts";
import { coverageTable, equityTable } from "./run-tables.ts";
import { instantLabel, spanLabel } from "./time.ts";

/** Lays out a KPI report. */
export function kpiDocument(report: KpiReport, checks: readonly Check[]): ReportDocument {
  const { run } = report;
  const ok = isReconciled(checks);
  return {
    title: `KPI report: ${run.profile}`,
    subtitle: `${run.journal} · ${run.mode} · ${instantLabel(run.startedAt)} to ${instantLabel(run.endedAt)} (${spanLabel(run.endedAt - run.startedAt)}) · digest ${run.digest.slice(0, 16)}`,
    badge: ok ? { text: "RECONCILED", tone: "good" } : { text: "NOT RECONCILED", tone: "bad" },
    verdict: verdictLine(report),
    tiles: tilesOf(report),
    sections: sectionsOf(report, checks, ok),
    notes: notesOf(report),
  };
}

function verdictLine({ verdict, robust, funnel }: KpiReport): ReportDocument["verdict"] {
  const test =
    robust.meanInterval === null || robust.signFlipP === null
      ? "One family or none: no interval can be given."
      : `Mean per opened row ${meanLabel(robust.meanPerRow ?? 0)}, 95 % interval ${meanLabel(robust.meanInterval[0])} to ${meanLabel(robust.meanInterval[1])}, sign-flip p = ${robust.signFlipP.toFixed(4)} over ${countLabel(robust.families)} families.`;
  if (funnel.opened === 0)
    return {
      text: "Inconclusive: nothing was opened",
      detail:
        funnel.detected === 0
          ? "No opportunity was detected; the diagnoses below say why."
          : "Every detected opportunity was refused; the funnel says where.",
      tone: "plain",
    };
  if (verdict.sign === "inconclusive")
    return {
      text: `Inconclusive: the sign depends on ${disagreement(verdict)}`,
      detail: test,
      tone: "plain",
    };
  return {
    text: `Simulated ${verdict.sign} in every view and without any one family`,
    detail: test,
    tone: verdict.sign === "profit" ? "good" : "bad",
  };
}

/** Names the measures whose sign is not the sign of the raw total. */
function disagreement({ signs }: KpiReport["verdict"]): string {
  const raw = signs[0]!;
  if (raw.sign === 0) return "which view is asked: the raw total is zero";
  return signs
    .filter((entry) => entry.sign !== raw.sign)
    .map((entry) => entry.name.charAt(0).toLowerCase() + entry.name.slice(1))
    .join(", ");
}

function sectionsOf(report: KpiReport, checks: readonly Check[], ok: boolean): Section[] {
  const [raw, filtered, outlierRemoved] = report.views;
  const byLane = [raw!, filtered!, outlierRemoved!].map((view) =>
    groupTable(`By lane: ${view.title.toLowerCase()}`, "Lane", view.by.lane),
  );
  const hasRows = report.funnel.detected > 0;
  const hasOpened = report.funnel.opened > 0;
  const failed = checks.filter((check) => !check.ok).length;
  return [
    section(
      "views",
      "Verdict and views",
      [viewsTable(report.views), signsTable(report)],
      [],
      [
        "A result counts only when its sign is the same in all three views, in both robust means, and whichever single family is left out.",
      ],
    ),
    section("lanes", "By lane", byLane, hasRows ? [ladderChart(raw!.by.lane)] : []),
    ...(hasOpened
      ? [section("pnl", "Profit and loss", [], [cumulativeChart(report), distributionChart(report)])]
      : []),
    section(
      "equity",
      "Equity",
      [equityTable(report)],
      report.equity.points.length > 1 ? [equityChart(report)] : [],
    ),
    section(
      "funnel",
      "Funnel",
      hasRows ? [refusalTable(report), outcomeTable(report)] : [],
      hasRows ? [funnelChart(report)] : [],
      hasRows ? [] : ["No opportunity was detected."],
    ),
    section("diagnoses", "Why lanes gave nothing", [
      reasonsTable("Families by the last diagnosis of each lane", "Lane", "Families", report.diagnoses),
    ]),
    section(
      "rejects",
      "Rejects and quarantines",
      [reasonsTable("By venue and reason", "Venue", "Count", report.rejects)],
      report.rejects.some((venue) => venue.total > 0) ? [rejectsChart(report.rejects)] : [],
    ),
    section(
      "latency",
      "Latency",
      [latencyTable(report)],
      Object.values(report.latency).some((venue) => venue.count > 0) ? [latencyChart(report)] : [],
    ),
    section("coverage", "Coverage", [coverageTable(report)]),
    section("groups", "By venue, style and family", [
      groupTable("By venue (raw)", "Venue", raw!.by.venues),
      groupTable("By style (raw)", "Style", raw!.by.style),
      groupTable("By family (raw)", "Family", raw!.by.family),
    ]),
    ...(hasOpened ? [section("rows", "Opened rows", [openedTable(report)], [], [], true)] : []),
    section(
      "checks",
      "Reconciliation",
      [checksTable(checks)],
      [],
      [
        ok
          ? `RECONCILED: all ${checks.length} checks hold exactly.`
          : `NOT RECONCILED: ${failed} of ${checks.length} checks fail; do not use these numbers.`,
      ],
      ok,
    ),
  ];
}

function section(
  id: string,
  title: string,
  tables: readonly Table[],
  charts: Section["charts"] = [],
  text: readonly string[] = [],
  folded = false,
): Section {
  return { id, title, text, charts, tables, folded };
}

function notesOf({ viewOptions, robust }: KpiReport): string[] {
  return [
    "Amounts are in account currency and shown in cents; the full number is in the tooltip and in kpi.json. Assumed: dollar-pegged currencies of different venues count at par.",
    "Detected: worst-state profit of the full finding. Certified: the same after the independent checker accepted it. Planned: worst-state profit at the planned size. Expected-realised: worst-state profit of what filled, at the plan's prices and fees. Simulated-realised: cash in minus cash out after fills, fees, unwinds and payouts, open claims at their worst state.",
    "Simulated, not real: fills come from the paper exchange against the recorded books. Assumed: order latencies, no market impact beyond the depth taken, venue fees as versioned in the profile. Realised and settled need live orders and are not in this report.",
    `Micro-price filter: best ask in [${viewOptions.minAsk}, ${viewOptions.maxAsk}] on every leg and at least $${viewOptions.minDepth} at the smallest touch. Outliers: the max(1, ceil(1 %)) opened rows of largest |P&L|.`,
    `Intervals: ${countLabel(robust.draws)} seeded draws of whole families (cluster bootstrap, percentile). p: two-sided sign flips of family totals. Both are computed in floating point and decide nothing.`,
    "Delays include the difference between the venue's clock and ours.",
  ];
}

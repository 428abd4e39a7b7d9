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
    verdict: ok
      ? verdictLine(report)
      : {
          text: "No verdict: the totals do not reconcile",
          detail: "Do not use these numbers. The failing checks come first below, with both sides.",
          tone: "bad",
        },
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

/** Results first; a run without rows begins with why there are none, a report that does not reconcile with that. */
function sectionsOf(report: KpiReport, checks: readonly Check[], ok: boolean): Section[] {
  const proof = checksSection(checks, ok);
  const sections =
    report.funnel.detected > 0
      ? [...resultSections(report), ...runSections(report), ...groupSections(report)]
      : runSections(report);
  return ok ? [...sections, proof] : [proof, ...sections];
}

function resultSections(report: KpiReport): Section[] {
  const byLane = report.views.map((view) =>
    groupTable(`By lane: ${view.title.toLowerCase()}`, "Lane", view.by.lane),
  );
  const pnl = section("pnl", "Profit and loss", [], [cumulativeChart(report), distributionChart(report)]);
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
    section("lanes", "By lane", byLane, [ladderChart(report.views[0]!.by.lane)]),
    ...(report.funnel.opened > 0 ? [pnl] : []),
    section("funnel", "Funnel", [refusalTable(report), outcomeTable(report)], [funnelChart(report)]),
  ];
}

function runSections(report: KpiReport): Section[] {
  const { equity, rejects, latency } = report;
  const hasRejects = rejects.some((venue) => venue.total > 0);
  const hasLatency = Object.values(latency).some((venue) => venue.count > 0);
  return [
    section("diagnoses", "Why lanes gave nothing", [
      reasonsTable("Families by the last diagnosis of each lane", "Lane", "Families", report.diagnoses),
    ]),
    section(
      "rejects",
      "Rejects and quarantines",
      [reasonsTable("By venue and reason", "Venue", "Count", rejects)],
      hasRejects ? [rejectsChart(rejects)] : [],
    ),
    section("equity", "Equity", [equityTable(report)], equity.points.length > 1 ? [equityChart(report)] : []),
    section("latency", "Latency", [latencyTable(report)], hasLatency ? [latencyChart(report)] : []),
    section("coverage", "Coverage", [coverageTable(report)]),
  ];
}

function groupSections(report: KpiReport): Section[] {
  const { by } = report.views[0]!;
  const groups = section("groups", "By venue, style and family", [
    groupTable("By venue (raw)", "Venue", by.venues),
    groupTable("By style (raw)", "Style", by.style),
    groupTable("By family (raw)", "Family", by.family),
  ]);
  const rows = { ...section("rows", "Opened rows", [openedTable(report)]), folded: true };
  return report.funnel.opened > 0 ? [groups, rows] : [groups];
}

function checksSection(checks: readonly Check[], ok: boolean): Section {
  const failed = checks.filter((check) => !check.ok);
  const text = ok
    ? `RECONCILED: all ${checks.length} checks hold exactly.`
    : `NOT RECONCILED: ${failed.length} of ${checks.length} checks fail; do not use these numbers.`;
  const listed = [...failed, ...checks.filter((check) => check.ok)];
  return { ...section("checks", "Reconciliation", [checksTable(listed)], [], [text]), folded: ok };
}

function section(
  id: string,
  title: string,
  tables: readonly Table[],
  charts: Section["charts"] = [],
  text: readonly string[] = [],
): Section {
  return { id, title, text, charts, tables, folded: false };
}

function notesOf({ viewOptions, robust }: KpiReport): string[] {
  return [
    "Amounts are in account currency and shown in cents; the full number is in the tooltip and in kpi.json. Assumed: dollar-pegged currencies of different venues count at par.",
    "Detected: worst-state profit of the full finding. Certified: the same after the independent checker accepted it. Planned: worst-state profit at the planned size. Expected-realised: worst-state profit of what filled, at the plan's prices and fees. Simulated-realised: cash in minus cash out after fills, fees, unwinds and payouts, open claims at their worst state.",
    "Simulated, not real: fills come from the paper exchange against the recorded books. Assumed: order latencies, no market impact beyond the depth taken, venue fees as versioned in the profile. Realised and settled need live orders and are not in this report.",
    `Micro-price filter: best ask in [${viewOptions.minAsk}, ${viewOptions.maxAsk}] on every leg and at least $${viewOptions.minDepth} at the smallest touch. Outliers: the max(1, ceil(1 %)) opened rows of largest |P&L|.`,
    `Intervals: ${countLabel(robust.draws)} seeded draws of whole families (cluster bootstrap, percentile). p: two-sided sign flips of family totals. Both are computed in floating point and decide nothing.`,
    "The equity curve is thinned to at most 2,000 points; a drawdown between two of them is not seen.",
    "Delays include the difference between the venue's clock and ours.",
  ];
}

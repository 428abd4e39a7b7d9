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
import { countLabel, money, moneyLabel, percentLabel, signOf } from "./money.ts";
import { columns, countCell, moneyCell, textCell } from "./page/cells.ts";
import type { ReportDocument, Section, Table, Tile, Tone } from "./page/document.ts";
import { isReconciled } from "./reconcile.ts";
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
      : `Mean per opened row ${dollars(robust.meanPerRow ?? 0)}, 95 % interval ${dollars(robust.meanInterval[0])} to ${dollars(robust.meanInterval[1])}, sign-flip p = ${robust.signFlipP.toFixed(4)} over ${countLabel(robust.families)} families.`;
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

function tilesOf(report: KpiReport): Tile[] {
  const { run, robust, funnel, equity } = report;
  const total = report.views[0]!.total;
  const moneyTile = (label: string, exact: string, detail: string, tone: Tone = "plain"): Tile => ({
    label,
    value: moneyLabel(money(exact)),
    exact: `$${exact}`,
    detail,
    tone,
  });
  const plain = (label: string, value: string, detail: string): Tile => ({
    label,
    value,
    exact: null,
    detail,
    tone: "plain",
  });
  const share = robust.topShare === null ? "n/a" : `${(robust.topShare * 100).toFixed(1)} %`;
  return [
    moneyTile(
      "Simulated-realised",
      total.ladder.simulatedRealised,
      `after fees of ${moneyLabel(money(total.fees))}`,
      (["bad", "plain", "good"] as const)[signOf(money(total.ladder.simulatedRealised)) + 1]!,
    ),
    moneyTile(
      "Expected-realised",
      total.ladder.expectedRealised,
      `${percentLabel(money(total.ladder.simulatedRealised), money(total.ladder.expectedRealised))} of it simulated`,
    ),
    moneyTile("Certified", total.ladder.certified, `of ${moneyLabel(money(total.ladder.detected))} detected`),
    plain(
      "Opened",
      countLabel(funnel.opened),
      `of ${countLabel(funnel.detected)} detected, ${countLabel(robust.families)} families`,
    ),
    plain(
      "Share of the top row",
      share,
      robust.top === null
        ? "nothing opened"
        : `${moneyLabel(money(robust.top))} of ${moneyLabel(money(robust.total))}`,
    ),
    moneyTile(
      "Maximum drawdown",
      equity.maxDrawdown,
      `${percentLabel(money(equity.maxDrawdown), money(equity.peak))} of the peak`,
    ),
    moneyTile("Equity", run.ledger.equity, `started with ${moneyLabel(money(run.ledger.startCash))}`),
    plain("Books valid at the end", countLabel(run.books.valid), `of ${countLabel(run.books.listed)} listed`),
  ];
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
      [viewsTable(report.views), signsTable(report), robustTable(report)],
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

function robustTable({ robust }: KpiReport): Table {
  const amount = (text: string | null) => (text === null ? textCell("n/a") : moneyCell(text));
  const range = robust.leaveOneFamilyOut;
  return {
    caption: "Robust statistics of simulated-realised P&L over opened rows",
    columns: columns("Statistic", "#Value", "Note"),
    rows: [
      [
        textCell("10 % trimmed mean per row"),
        amount(robust.trimmedMean),
        textCell("a tenth cut at each end"),
      ],
      [textCell("Median of means"), amount(robust.medianOfMeans), textCell("5 blocks in order of closing")],
      [textCell("Largest |P&L| of one row"), amount(robust.top), textCell(robust.topId ?? "")],
      [
        textCell("Total without one family, lowest"),
        amount(range?.min ?? null),
        textCell(range === null ? "" : `without ${range.minWithout}`),
      ],
      [
        textCell("Total without one family, highest"),
        amount(range?.max ?? null),
        textCell(range === null ? "" : `without ${range.maxWithout}`),
      ],
    ],
    note: null,
  };
}

function equityTable({ run: { ledger } }: KpiReport): Table {
  return {
    caption: "Ledger at the end",
    columns: columns("Account", "#Amount"),
    rows: [
      [textCell("Start cash"), moneyCell(ledger.startCash)],
      [textCell("Cash"), moneyCell(ledger.cash)],
      [textCell("Reserved for open plans"), moneyCell(ledger.reserved)],
      [textCell("Open claims at their worst state"), moneyCell(ledger.openAtWorst)],
      [textCell("Fees paid"), moneyCell(ledger.fees)],
      [textCell("Equity"), moneyCell(ledger.equity)],
      [textCell("Open positions (count)"), countCell(ledger.openPositions)],
    ],
    note: null,
  };
}

function coverageTable({ run }: KpiReport): Table {
  const seconds = run.wallMs / 1000;
  const rate = seconds > 0 ? `${countLabel(Math.round(run.facts / seconds))} facts/s` : "n/a";
  return {
    caption: "What the run saw",
    columns: columns("Measure", "#Value"),
    rows: [
      [textCell("Raw frames"), countCell(run.frames)],
      [textCell("Facts"), countCell(run.facts)],
      [textCell("Books listed"), countCell(run.books.listed)],
      [textCell("Books valid at the end"), countCell(run.books.valid)],
      [textCell("Quotes quarantined"), countCell(run.quarantines)],
      [textCell("Quotes released"), countCell(run.releases)],
      [textCell("Time the run took"), textCell(`${countLabel(Math.round(run.wallMs))} ms`)],
      [textCell("Rate"), textCell(rate)],
      [textCell("Profile hash"), textCell(run.profileHash)],
      [textCell("Decision digest"), textCell(run.digest)],
      [textCell("Seed"), textCell(String(run.seed))],
      [textCell("Node major version"), textCell(String(run.nodeMajor))],
    ],
    note: null,
  };
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

/** A float amount for statistics: four decimals, because means are often below a cent. */
function dollars(value: number): string {
  return `${value < 0 ? "-" : ""}$${Math.abs(value).toFixed(4)}`;
}

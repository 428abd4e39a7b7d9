import type { RunSummary } from "../contracts/index.ts";
import type { Check, KpiReport } from "./kpi-model.ts";
import { STAGES, type Stage } from "./kpi-row.ts";
import { GROUPINGS, type LadderGroup } from "./ladder.ts";
import { money, moneyText, sumOf } from "./money.ts";
import type { LoadedRun, ReportRow } from "./run-files.ts";
import type { View } from "./views.ts";

/**
 * Compares what the report says, as written, with the rows and the ledger it was made from. Every comparison is exact.
 * A report is RECONCILED when all checks hold.
 */
export function reconcile(report: KpiReport, run: LoadedRun): Check[] {
  const totals = totalsOf(run.rows);
  return [
    ...ladderChecks(report, run.rows, totals),
    ...viewChecks(report, totals),
    ...funnelChecks(report, run.rows),
    ...rowChecks(run.rows, totals),
    ...ledgerChecks(run.summary, totals),
  ];
}

/** All checks hold. */
export function isReconciled(checks: readonly Check[]): boolean {
  return checks.every((check) => check.ok);
}

/** Sums taken straight from the rows, by a path of their own. */
interface RowTotals {
  readonly rows: number;
  readonly opened: number;
  readonly stages: Readonly<Record<Stage, bigint>>;
  readonly openedPnl: bigint;
  readonly refusedPnl: bigint;
  readonly openedFees: bigint;
}

function totalsOf(rows: readonly ReportRow[]): RowTotals {
  const opened = rows.filter((row) => row.outcome !== "refused");
  const refused = rows.filter((row) => row.outcome === "refused");
  const stages = Object.fromEntries(STAGES.map((stage) => [stage, sumRows(rows, stage)]));
  return {
    rows: rows.length,
    opened: opened.length,
    stages: stages as Record<Stage, bigint>,
    openedPnl: sumRows(opened, "simulatedRealised"),
    refusedPnl: sumRows(refused, "simulatedRealised"),
    openedFees: sumOf(opened.map((row) => money(row.fees))),
  };
}

function ladderChecks(report: KpiReport, rows: readonly ReportRow[], totals: RowTotals): Check[] {
  const raw = report.views.find((view) => view.id === "raw")!;
  const checks = GROUPINGS.flatMap((grouping) =>
    STAGES.map((stage) =>
      checkAmounts(
        `ladder ${stage}: sum by ${grouping} = sum of rows`,
        sumGroups(raw.by[grouping], stage),
        totals.stages[stage],
      ),
    ),
  );
  const counts = GROUPINGS.map((grouping) =>
    checkNumbers(`rows: sum by ${grouping} = rows`, countRows(raw.by[grouping]), totals.rows),
  );
  return [
    ...checks,
    ...counts,
    checkAmounts(
      "simulated-realised: sum by family = sum of opened rows",
      sumGroups(raw.by.family, "simulatedRealised"),
      totals.openedPnl,
    ),
    checkNumbers("families whose totals differ from their own rows", differingFamilies(raw, rows), 0),
    checkNumbers("opened: sum by family = opened rows", countOpened(raw.by.family), totals.opened),
  ];
}

/** Catches what sums over families cannot: an amount moved from one family to another. */
function differingFamilies(raw: View, rows: readonly ReportRow[]): number {
  const byFamily = new Map<string, ReportRow[]>();
  for (const row of rows) {
    const own = byFamily.get(row.family);
    if (own === undefined) byFamily.set(row.family, [row]);
    else own.push(row);
  }
  const differing = raw.by.family.filter(({ key, ladder }) => {
    const own = byFamily.get(key) ?? [];
    return STAGES.some((stage) => money(ladder[stage]) !== sumRows(own, stage));
  });
  return differing.length + Math.abs(byFamily.size - raw.by.family.length);
}

function viewChecks(report: KpiReport, totals: RowTotals): Check[] {
  return report.views.flatMap((view) => [
    checkNumbers(`${view.id} view: kept + removed = rows`, view.rows + view.removed, totals.rows),
    checkAmounts(
      `${view.id} view: kept + removed P&L = sum of rows`,
      money(view.total.ladder.simulatedRealised) + money(view.removedPnl),
      totals.stages.simulatedRealised,
    ),
    ...STAGES.map((stage) =>
      checkAmounts(
        `${view.id} view ${stage}: sum by family = view total`,
        sumGroups(view.by.family, stage),
        money(view.total.ladder[stage]),
      ),
    ),
  ]);
}

function funnelChecks({ funnel }: KpiReport, rows: readonly ReportRow[]): Check[] {
  const refused = funnel.refused.reduce((total, stage) => total + stage.count, 0);
  const outcomes = funnel.outcomes.reduce((total, entry) => total + entry.count, 0);
  return [
    checkNumbers("funnel: detected = rows", funnel.detected, rows.length),
    checkNumbers("funnel: refused + opened = detected", refused + funnel.opened, rows.length),
    checkNumbers("funnel: filled + partial + missed + open = opened", outcomes, funnel.opened),
    ...funnel.refused.map((stage) =>
      checkNumbers(
        `funnel ${stage.stage}: sum of reasons = refused rows`,
        stage.reasons.reduce((total, reason) => total + reason.count, 0),
        rows.filter((row) => row.outcome === "refused" && row.refusalStage === stage.stage).length,
      ),
    ),
  ];
}

function rowChecks(rows: readonly ReportRow[], totals: RowTotals): Check[] {
  const contradictory = rows.filter(
    (row) => (row.outcome === "refused") !== (row.refusal !== null && row.refusalStage !== null),
  ).length;
  return [
    checkNumbers("rows: distinct ids = rows", new Set(rows.map((row) => row.id)).size, rows.length),
    checkNumbers("rows: refused without reason and stage, or opened with one", contradictory, 0),
    checkAmounts("refused rows realise nothing", totals.refusedPnl, 0n),
  ];
}

/**
 * A row is closed with its claims at their worst state. What happens to them later (a settlement that pays more, claims
 * of two rows that net, a liquidation) is in the ledger and in no row: the engine sums it as `outsideRows`. A row lost
 * between the engine and this report fails the first check with the exact amount.
 */
function ledgerChecks({ ledger }: RunSummary, totals: RowTotals): Check[] {
  return [
    checkAmounts(
      "ledger: start cash + P&L of rows + outside of rows = equity",
      money(ledger.startCash) + totals.stages.simulatedRealised + money(ledger.outsideRows),
      money(ledger.equity),
    ),
    checkAmounts("ledger: fees of opened rows = fees", totals.openedFees, money(ledger.fees)),
  ];
}

function sumGroups(groups: readonly LadderGroup[], stage: Stage): bigint {
  return sumOf(groups.map((group) => money(group.ladder[stage])));
}

function sumRows(rows: readonly ReportRow[], stage: Stage): bigint {
  return sumOf(rows.map((row) => money(row[stage])));
}

function countRows(groups: readonly LadderGroup[]): number {
  return groups.reduce((total, group) => total + group.rows, 0);
}

function countOpened(groups: readonly LadderGroup[]): number {
  return groups.reduce((total, group) => total + group.opened, 0);
}

/** Two exact amounts that must be equal. */
export function checkAmounts(name: string, left: bigint, right: bigint): Check {
  const ok = left === right;
  const detail = ok ? "equal" : `differ by ${moneyText(left - right)}`;
  return { name, left: moneyText(left), right: moneyText(right), ok, detail };
}

function checkNumbers(name: string, left: number, right: number): Check {
  const ok = left === right;
  return {
    name,
    left: String(left),
    right: String(right),
    ok,
    detail: ok ? "equal" : `differ by ${left - right}`,
  };
}

/** Two texts that must be the same. */
export function checkText(name: string, left: string, right: string): Check {
  const ok = left === right;
  return { name, left, right, ok, detail: ok ? "equal" : "differ" };
}

import type { RunSummary } from "../contracts/index.ts";
import type { Check, KpiReport } from "./kpi-model.ts";
import { STAGES, type Stage } from "./kpi-row.ts";
import { GROUPINGS, type LadderGroup } from "./ladder.ts";
import { money, moneyText, sumOf } from "./money.ts";
import type { LoadedRun, ReportRow } from "./run-files.ts";

/**
 * Compares what the report says, as written, with the rows and the ledger it was made from. Every comparison is exact.
 * A report is RECONCILED when all checks hold.
 */
export function reconcile(report: KpiReport, run: LoadedRun): Check[] {
  return [
    ...ladderChecks(report, run.rows),
    ...viewChecks(report, run.rows),
    ...funnelChecks(report, run.rows),
    ...rowChecks(run.rows),
    ...ledgerChecks(run.summary, run.rows),
  ];
}

export function isReconciled(checks: readonly Check[]): boolean {
  return checks.every((check) => check.ok);
}

function ladderChecks(report: KpiReport, rows: readonly ReportRow[]): Check[] {
  const raw = report.views.find((view) => view.id === "raw")!;
  const checks = GROUPINGS.flatMap((grouping) =>
    STAGES.map((stage) =>
      checkAmounts(
        `ladder ${stage}: sum by ${grouping} = sum of rows`,
        sumGroups(raw.by[grouping], stage),
        sumRows(rows, stage),
      ),
    ),
  );
  const counts = GROUPINGS.map((grouping) =>
    checkNumbers(`rows: sum by ${grouping} = rows`, countRows(raw.by[grouping]), rows.length),
  );
  const opened = rows.filter((row) => row.outcome !== "refused");
  return [
    ...checks,
    ...counts,
    checkAmounts(
      "simulated-realised: sum by family = sum of opened rows",
      sumGroups(raw.by.family, "simulatedRealised"),
      sumRows(opened, "simulatedRealised"),
    ),
    checkNumbers("opened: sum by family = opened rows", countOpened(raw.by.family), opened.length),
  ];
}

function viewChecks(report: KpiReport, rows: readonly ReportRow[]): Check[] {
  return report.views.flatMap((view) => [
    checkNumbers(`${view.id} view: kept + removed = rows`, view.rows + view.removed, rows.length),
    checkAmounts(
      `${view.id} view: kept + removed P&L = sum of rows`,
      money(view.total.ladder.simulatedRealised) + money(view.removedPnl),
      sumRows(rows, "simulatedRealised"),
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

function rowChecks(rows: readonly ReportRow[]): Check[] {
  const contradictory = rows.filter(
    (row) => (row.outcome === "refused") !== (row.refusal !== null && row.refusalStage !== null),
  ).length;
  const refused = rows.filter((row) => row.outcome === "refused");
  return [
    checkNumbers("rows: distinct ids = rows", new Set(rows.map((row) => row.id)).size, rows.length),
    checkNumbers("rows: refused without reason and stage, or opened with one", contradictory, 0),
    checkAmounts("refused rows realise nothing", sumRows(refused, "simulatedRealised"), 0n),
  ];
}

function ledgerChecks({ ledger, equity }: RunSummary, rows: readonly ReportRow[]): Check[] {
  const pnl = sumRows(rows, "simulatedRealised");
  const checks = [
    checkAmounts(
      "ledger: start cash + P&L of rows = equity",
      money(ledger.startCash) + pnl,
      money(ledger.equity),
    ),
    checkAmounts("ledger: fees of opened rows = fees", sumOf(openedFees(rows)), money(ledger.fees)),
  ];
  const last = equity.at(-1);
  if (last !== undefined)
    checks.push(checkAmounts("equity curve: last point = equity", money(last[1]), money(ledger.equity)));
  return checks;
}

function openedFees(rows: readonly ReportRow[]): bigint[] {
  return rows.filter((row) => row.outcome !== "refused").map((row) => money(row.fees));
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

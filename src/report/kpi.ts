import type { Rng, RunSummary } from "../contracts/index.ts";
import { equityOf } from "./equity.ts";
import { diagnosesOf, funnelOf, rejectsOf } from "./funnel.ts";
import type { KpiReport, ListedRow, RunIdentity } from "./kpi-model.ts";
import { type KpiRow, pnlOf, toKpiRow } from "./kpi-row.ts";
import { cumulativeOf, distributionOf } from "./pnl-series.ts";
import type { LoadedRun } from "./run-files.ts";
import { robustOf, verdictOf } from "./verdict.ts";
import { buildView, DEFAULT_VIEW_OPTIONS, splitViews, VIEW_IDS, type ViewOptions } from "./views.ts";

const MAX_LISTED = 200;

/**
 * All numbers of the KPI report, from the rows and the run's summary alone. Pure: same inputs, same result.
 * Sums and signs are exact; `rng` only feeds the resampled interval and test.
 */
export function buildKpi(run: LoadedRun, rng: Rng, options: ViewOptions = DEFAULT_VIEW_OPTIONS): KpiReport {
  const rows = run.rows.map(toKpiRow);
  const parts = splitViews(rows, options);
  const views = VIEW_IDS.map((id) => buildView(id, parts[id], options));
  const opened = rows.filter((row) => row.opened).sort(byClosing);
  const outliers = new Set(parts.outlierRemoved.removed);
  const robust = robustOf(opened, rng);
  const listed = [...opened].sort(byMagnitude).slice(0, MAX_LISTED);
  return {
    version: 1,
    kind: "kpi",
    run: identityOf(run.summary),
    viewOptions: options,
    verdict: verdictOf(views, robust),
    robust,
    views,
    funnel: funnelOf(rows),
    diagnoses: diagnosesOf(run.summary),
    rejects: rejectsOf(run.summary),
    latency: sortedRecord(run.summary.latency),
    equity: equityOf(run.summary),
    cumulative: cumulativeOf(opened, outliers),
    distribution: distributionOf(opened, outliers),
    listed: listed.map((row) => listedRow(row, outliers.has(row))),
    listedMore: opened.length - listed.length,
  };
}

/** What identifies a run and says what it saw, without its counters by reason. */
export function identityOf(summary: RunSummary): RunIdentity {
  const { version: _v, reasons: _r, diagnoses: _d, latency: _l, equity: _e, ...identity } = summary;
  return identity;
}

function listedRow({ source }: KpiRow, outlier: boolean): ListedRow {
  return {
    id: source.id,
    lane: source.lane,
    family: source.family,
    familyTitle: source.familyTitle,
    style: source.style,
    venues: source.venues,
    foundAt: source.foundAt,
    factSeq: source.factSeq,
    outcome: source.outcome,
    fills: source.fillCount,
    certified: source.certified,
    planned: source.planned,
    expectedRealised: source.expectedRealised,
    simulatedRealised: source.simulatedRealised,
    capital: source.capital,
    outlier,
  };
}

function sortedRecord<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byClosing(a: KpiRow, b: KpiRow): number {
  return a.source.closedAt - b.source.closedAt || byId(a, b);
}

function byMagnitude(a: KpiRow, b: KpiRow): number {
  const size = (row: KpiRow) => (pnlOf(row) < 0n ? -pnlOf(row) : pnlOf(row));
  const difference = size(b) - size(a);
  return difference > 0n ? 1 : difference < 0n ? -1 : byId(a, b);
}

function byId(a: KpiRow, b: KpiRow): number {
  return a.source.id < b.source.id ? -1 : a.source.id > b.source.id ? 1 : 0;
}

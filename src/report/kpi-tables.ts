import { type KeyedReasons, reasonText } from "./funnel.ts";
import type { Check, KpiReport, ListedRow } from "./kpi-model.ts";
import { STAGE_TITLES, STAGES } from "./kpi-row.ts";
import type { LadderGroup } from "./ladder.ts";
import {
  cappedTable,
  columns,
  countCell,
  countShareCell,
  moneyCell,
  pnlCell,
  resultCell,
  shareCell,
  textCell,
} from "./page/cells.ts";
import type { Cell, Table } from "./page/document.ts";
import { ROWS_FILE } from "./run-files.ts";
import { instantLabel, millisLabel } from "./time.ts";
import type { View } from "./views.ts";

const STAGE_COLUMNS = STAGES.map((stage) => `#${STAGE_TITLES[stage]}`);

function ladderCells({ ladder }: LadderGroup): Cell[] {
  return STAGES.map((stage) =>
    stage === "simulatedRealised" ? pnlCell(ladder[stage]) : moneyCell(ladder[stage]),
  );
}

export function viewsTable(views: readonly View[]): Table {
  return {
    caption: "The ladder in three views (account currency)",
    columns: columns("View", "#Rows", "#Removed", "#Opened", ...STAGE_COLUMNS, "#Of certified"),
    rows: views.map(({ title, rule, rows, removed, total }) => [
      textCell(title, rule),
      countCell(rows),
      countCell(removed),
      countCell(total.opened),
      ...ladderCells(total),
      shareCell(total.ladder.simulatedRealised, total.ladder.certified),
    ]),
    note: null,
  };
}

/** One ladder line per group. */
export function groupTable(caption: string, head: string, groups: readonly LadderGroup[]): Table {
  return cappedTable(
    caption,
    columns(head, "#Rows", "#Opened", ...STAGE_COLUMNS, "#Capital", "#Fees"),
    groups.map((group) => [
      textCell(group.title, group.title === group.key ? null : group.key),
      countCell(group.rows),
      countCell(group.opened),
      ...ladderCells(group),
      moneyCell(group.capital),
      moneyCell(group.fees),
    ]),
    "kpi.json",
  );
}

/** Everything whose sign must agree, with what it is. */
export function signsTable({ verdict, views, robust }: KpiReport): Table {
  const names = { 1: "profit", 0: "zero", [-1]: "loss" } as const;
  const range = robust.leaveOneFamilyOut;
  const about = [
    ...views.map((view) => view.rule),
    "a tenth of the opened rows cut at each end",
    "blocks of opened rows in order of closing",
    range === null ? "" : `without ${range.minWithout}`,
    range === null ? "" : `without ${range.maxWithout}`,
  ];
  return {
    caption: "Simulated-realised P&L: what must agree for a verdict",
    columns: columns("Measure", "#Amount", "Sign", "What it is"),
    rows: verdict.signs.map(({ name, amount, sign }, index) => [
      textCell(name),
      amount === null ? textCell("n/a") : pnlCell(amount),
      { text: amount === null ? "no data" : names[sign], exact: null, tone: toneOf(sign) },
      textCell(about[index] ?? ""),
    ]),
    note: null,
  };
}

export function refusalTable({ funnel }: KpiReport): Table {
  const rows = funnel.refused.flatMap(({ stage, reasons }) =>
    reasons.map(({ reason, text, count }) => [
      textCell(stage),
      textCell(reason),
      textCell(text),
      countCell(count),
      countShareCell(count, funnel.detected),
    ]),
  );
  return cappedTable(
    "Refused, by stage and reason",
    columns("Stage", "Reason", "Meaning", "#Rows", "#Of detected"),
    rows,
    "kpi.json",
  );
}

export function outcomeTable({ funnel }: KpiReport): Table {
  return {
    caption: "Opened, by outcome",
    columns: columns("Outcome", "#Rows", "#Of opened"),
    rows: funnel.outcomes.map(({ outcome, count }) => [
      textCell(outcome),
      countCell(count),
      countShareCell(count, funnel.opened),
    ]),
    note: null,
  };
}

/** Reasons under a lane or a venue, most frequent first. */
export function reasonsTable(
  caption: string,
  head: string,
  unit: string,
  groups: readonly KeyedReasons[],
): Table {
  return cappedTable(
    caption,
    columns(head, "Reason", "Meaning", `#${unit}`, `#Of ${head.toLowerCase()}`),
    groups.flatMap(({ key, total, reasons }) =>
      reasons.map(({ reason, count }) => [
        textCell(key),
        textCell(reason),
        textCell(reasonText(reason)),
        countCell(count),
        countShareCell(count, total),
      ]),
    ),
    "kpi.json",
    100,
  );
}

export function latencyTable({ latency }: KpiReport): Table {
  return {
    caption: "Delay from venue to us, by venue",
    columns: columns("Venue", "#Stamped messages", "#p50", "#p95", "#p99", "#Max"),
    rows: Object.entries(latency).map(([venue, summary]) => [
      textCell(venue),
      countCell(summary.count),
      textCell(millisLabel(summary.p50Micros)),
      textCell(millisLabel(summary.p95Micros)),
      textCell(millisLabel(summary.p99Micros)),
      textCell(millisLabel(summary.maxMicros)),
    ]),
    note: null,
  };
}

export function openedTable({ listed, listedMore }: KpiReport): Table {
  const row = (entry: ListedRow): Cell[] => [
    textCell(entry.id.slice(0, 10), entry.id),
    textCell(entry.lane),
    textCell(entry.familyTitle || entry.family, entry.family),
    textCell(instantLabel(entry.foundAt), `fact ${entry.factSeq}`),
    textCell(entry.outlier ? `${entry.outcome}, outlier` : entry.outcome),
    moneyCell(entry.capital),
    moneyCell(entry.planned),
    moneyCell(entry.expectedRealised),
    pnlCell(entry.simulatedRealised),
  ];
  const table = cappedTable(
    "Opened rows by |P&L|",
    columns("Id", "Lane", "Family", "Found", "Outcome", "#Capital", "#Planned", "#Expected", "#Simulated"),
    listed.map(row),
    ROWS_FILE,
    listed.length,
  );
  return listedMore > 0
    ? { ...table, note: `… and ${countCell(listedMore).text} more in ${ROWS_FILE}` }
    : table;
}

export function checksTable(checks: readonly Check[]): Table {
  return {
    caption: "Checks, exact to the last digit",
    columns: columns("Check", "#One side", "#Other side", "Result"),
    rows: checks.map(({ name, left, right, ok, detail }) => [
      textCell(name),
      textCell(left),
      textCell(right),
      resultCell(ok, detail),
    ]),
    note: null,
  };
}

function toneOf(sign: -1 | 0 | 1): "good" | "bad" | "plain" {
  return sign > 0 ? "good" : sign < 0 ? "bad" : "plain";
}

import type { AbReport, PairedTest } from "./ab.ts";
import { countsTable, ladderTable, pairedTable, reasonsTable } from "./ab-tables.ts";
import { differenceChart } from "./charts/ab-charts.ts";
import type { Check } from "./kpi-model.ts";
import { checksTable } from "./kpi-tables.ts";
import { countLabel, meanLabel } from "./money.ts";
import { cappedTable, columns, moneyCell, pnlCell, textCell } from "./page/cells.ts";
import type { Cell, ReportDocument, Section, Table, Tile } from "./page/document.ts";
import { isReconciled } from "./reconcile.ts";
import { instantLabel, spanLabel } from "./time.ts";

const CHART_FAMILIES = 16;

/** Lays out a comparison of two runs. */
export function abDocument(report: AbReport, checks: readonly Check[]): ReportDocument {
  const ok = isReconciled(checks);
  const { a, b } = report;
  return {
    title: `A/B report: ${a.run.profile} (A) against ${b.run.profile} (B)`,
    subtitle: `${a.run.journal} · ${instantLabel(a.run.startedAt)} to ${instantLabel(a.run.endedAt)} · digest A ${a.run.digest.slice(0, 16)}, B ${b.run.digest.slice(0, 16)}`,
    badge: ok ? { text: "RECONCILED", tone: "good" } : { text: "NOT RECONCILED", tone: "bad" },
    verdict: ok
      ? verdictLine(report)
      : {
          text: "No verdict: the comparison does not reconcile",
          detail: "Do not use these numbers. The failing checks are below, with both sides.",
          tone: "bad",
        },
    tiles: tilesOf(report),
    sections: sectionsOf(report, checks),
    notes: notesOf(report),
  };
}

function verdictLine({ verdict, plain, equalTurnover }: AbReport): ReportDocument["verdict"] {
  const detail = `${testLine("As traded", plain)} ${equalTurnover === null ? "At equal turnover: not defined, a run committed no capital." : testLine("At equal turnover", equalTurnover)}`;
  switch (verdict) {
    case "identical":
      return {
        text: "Identical: both runs decided the same",
        detail: "The decision digests are equal.",
        tone: "plain",
      };
    case "a":
      return { text: "A earned more than B", detail, tone: "plain" };
    case "b":
      return { text: "B earned more than A", detail, tone: "plain" };
    case "inconclusive":
      return { text: inconclusive(plain, equalTurnover), detail, tone: "plain" };
  }
}

function inconclusive(plain: PairedTest, equal: PairedTest | null): string {
  const better = { 1: "B earned more", 0: "no clear difference", [-1]: "A earned more" } as const;
  if (equal === null || plain.side === equal.side)
    return "Inconclusive: the difference may be chance, one outlier or one family";
  return `Inconclusive: ${better[plain.side]} as traded, ${better[equal.side]} at equal turnover`;
}

function testLine(name: string, { familyInterval, meanPerPair, signFlipP }: PairedTest): string {
  if (familyInterval === null || signFlipP === null || meanPerPair === null)
    return `${name}: fewer than two families, no interval.`;
  return `${name}: B minus A ${meanLabel(meanPerPair)} per pair, 95 % interval ${meanLabel(familyInterval[0])} to ${meanLabel(familyInterval[1])}, p = ${signFlipP.toFixed(4)}.`;
}

function tilesOf({ a, b, plain, equalTurnover, divergence }: AbReport): Tile[] {
  const tile = (label: string, cell: Cell, detail: string): Tile => ({
    label,
    value: cell.text,
    exact: cell.exact,
    detail,
    tone: cell.tone,
  });
  const left = a.total.ladder.simulatedRealised;
  const right = b.total.ladder.simulatedRealised;
  return [
    tile(
      "B minus A",
      pnlCell(plain.total),
      `over ${countLabel(plain.pairs)} pairs, ${countLabel(plain.families)} families`,
    ),
    tile(
      "B minus A at equal turnover",
      equalTurnover === null ? textCell("n/a") : pnlCell(equalTurnover.total),
      "both scaled to the smaller",
    ),
    tile(
      "Simulated-realised, A · B",
      textCell(`${moneyCell(left).text} · ${moneyCell(right).text}`),
      `${countLabel(a.total.opened)} · ${countLabel(b.total.opened)} opened`,
    ),
    tile(
      "First divergence",
      textCell(divergence === null ? "none" : `fact ${countLabel(divergence.factSeq)}`),
      divergence === null ? "none given" : divergence.rule,
    ),
  ];
}

function sectionsOf(report: AbReport, checks: readonly Check[]): Section[] {
  const { families, familiesMore } = report;
  const bars = chartRows(report);
  const familyTable = cappedTable(
    "Simulated-realised by family, largest difference first",
    columns("Family", "#A", "#B", "#B minus A"),
    families.map((row) => [
      textCell(row.title, row.family),
      moneyCell(row.a),
      moneyCell(row.b),
      pnlCell(row.difference),
    ]),
    "ab.json",
  );
  return [
    divergenceSection(report),
    section("paired", "Paired comparison", [pairedTable(report)]),
    section("ladder", "Ladder", [ladderTable(report), countsTable(report)]),
    section("families", "By family", [familyTable], bars.length === 0 ? [] : [differenceChart(bars)], [
      ...(familiesMore > 0
        ? [`${countLabel(familiesMore)} families of smaller difference are not listed.`]
        : []),
    ]),
    section("reasons", "Refusals", [reasonsTable(report)]),
    { ...section("checks", "Reconciliation", [checksTable(checks)]), folded: isReconciled(checks) },
  ];
}

function chartRows({ families }: AbReport): { label: string; amount: string }[] {
  return families
    .filter((row) => row.difference !== "0")
    .slice(0, CHART_FAMILIES)
    .map((row) => ({ label: row.title, amount: row.difference }));
}

function divergenceSection({ divergence, verdict }: AbReport): Section {
  if (divergence === null)
    return section(
      "divergence",
      "First divergence",
      [],
      [],
      [
        verdict === "identical"
          ? "None: the decision digests are equal."
          : "The replayer named none, although the decision digests differ.",
      ],
    );
  const table: Table = {
    caption: "The first decision in which the runs differ",
    columns: columns("What", "Value"),
    rows: [
      [textCell("Fact"), textCell(String(divergence.factSeq))],
      [textCell("Instant"), textCell(`${instantLabel(divergence.at)} (${divergence.at} us)`)],
      [textCell("Rule"), textCell(divergence.rule)],
      [textCell("A decided"), textCell(divergence.a)],
      [textCell("B decided"), textCell(divergence.b)],
    ],
    note: null,
  };
  return section("divergence", "First divergence", [table]);
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

function notesOf({ blockMicros, draws }: AbReport): string[] {
  return [
    `A pair is one family in one time block of ${spanLabel(blockMicros)} (by first sight). A run that opened nothing there counts 0. Both runs saw the same recorded books. Assumed: neither moves the market.`,
    "Turnover is the capital committed by opened rows. At equal turnover each run's P&L is multiplied by smaller turnover / own turnover before pairing.",
    `Intervals: ${countLabel(draws)} seeded draws, percentile. Families: whole families drawn with replacement. Time: stationary bootstrap of block sums, mean run the cube root of their number. p: two-sided sign flips of family totals, all patterns up to 13 families.`,
    "A winner is named only when the family interval is clear of zero as traded and at equal turnover, and the sign stays without the largest 1 % of pairs and without any one family.",
    "Amounts are in account currency and shown in cents; the full number is in the tooltip and in ab.json. Simulated fills, not real ones.",
  ];
}

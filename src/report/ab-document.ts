import type { AbReport, PairedTest } from "./ab.ts";
import { differenceChart } from "./charts/ab-charts.ts";
import type { Check } from "./kpi-model.ts";
import { STAGE_TITLES, STAGES } from "./kpi-row.ts";
import { checksTable } from "./kpi-tables.ts";
import { countLabel, meanLabel, money, moneyText } from "./money.ts";
import { cappedTable, columns, countCell, moneyCell, pnlCell, shareCell, textCell } from "./page/cells.ts";
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
    verdict: verdictLine(report),
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
      return { text: "Inconclusive: the difference may be chance or one outlier", detail, tone: "plain" };
  }
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
      "A simulated-realised",
      pnlCell(a.total.ladder.simulatedRealised),
      `${countLabel(a.total.opened)} opened`,
    ),
    tile(
      "B simulated-realised",
      pnlCell(b.total.ladder.simulatedRealised),
      `${countLabel(b.total.opened)} opened`,
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
    section(
      "families",
      "By family",
      [familyTable],
      families.length === 0 ? [] : [differenceChart(chartRows(report))],
      [
        ...(familiesMore > 0
          ? [`${countLabel(familiesMore)} families of smaller difference are not listed.`]
          : []),
      ],
    ),
    section("reasons", "Refusals", [reasonsTable(report)]),
    { ...section("checks", "Reconciliation", [checksTable(checks)]), folded: isReconciled(checks) },
  ];
}

function chartRows({ families }: AbReport): { label: string; amount: string }[] {
  return families.slice(0, CHART_FAMILIES).map((row) => ({ label: row.title, amount: row.difference }));
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

function pairedTable({ plain, equalTurnover }: AbReport): Table {
  const line = (name: string, read: (test: PairedTest) => Cell): Cell[] => [
    textCell(name),
    read(plain),
    equalTurnover === null ? textCell("n/a") : read(equalTurnover),
  ];
  const range = (interval: readonly [number, number] | null) =>
    textCell(interval === null ? "n/a" : `${meanLabel(interval[0])} to ${meanLabel(interval[1])}`);
  const mean = (value: number | null) => textCell(value === null ? "n/a" : meanLabel(value));
  return {
    caption: "B minus A, simulated-realised P&L",
    columns: columns("Measure", "#As traded", "#At equal turnover"),
    rows: [
      line("Pairs (family and time block)", (test) => countCell(test.pairs)),
      line("Total difference", (test) => pnlCell(test.total)),
      line("Mean per pair", (test) => mean(test.meanPerPair)),
      line("95 % interval of it, families resampled", (test) => range(test.familyInterval)),
      line("Sign-flip p over families", (test) =>
        textCell(test.signFlipP === null ? "n/a" : test.signFlipP.toFixed(4)),
      ),
      line("Mean per time block", (test) => mean(test.meanPerBlock)),
      line("95 % interval of it, stationary bootstrap", (test) => range(test.blockInterval)),
      line("Total without the largest 1 % of pairs", (test) => pnlCell(test.withoutOutliers)),
      line("Lowest total without one family", (test) => optional(test.leaveOneFamilyOut?.min)),
      line("Highest total without one family", (test) => optional(test.leaveOneFamilyOut?.max)),
    ],
    note: null,
  };
}

function optional(text: string | undefined): Cell {
  return text === undefined ? textCell("n/a") : pnlCell(text);
}

function ladderTable({ a, b }: AbReport): Table {
  const difference = (left: string, right: string) => moneyText(money(right) - money(left));
  const line = (name: string, left: string, right: string): Cell[] => [
    textCell(name),
    moneyCell(left),
    moneyCell(right),
    moneyCell(difference(left, right)),
    shareCell(difference(left, right), left),
  ];
  return {
    caption: "Amounts (account currency)",
    columns: columns("Stage", "#A", "#B", "#B minus A", "#Of A"),
    rows: [
      ...STAGES.map((stage) => line(STAGE_TITLES[stage], a.total.ladder[stage], b.total.ladder[stage])),
      line("Turnover (capital committed)", a.turnover, b.turnover),
      line("Fees", a.total.fees, b.total.fees),
    ],
    note: null,
  };
}

function countsTable({ a, b }: AbReport): Table {
  const line = (name: string, left: number, right: number) => [
    textCell(name),
    countCell(left),
    countCell(right),
    countCell(right - left),
  ];
  return {
    caption: "Counts",
    columns: columns("Rows", "#A", "#B", "#B minus A"),
    rows: [
      line("Detected", a.funnel.detected, b.funnel.detected),
      line("Opened", a.funnel.opened, b.funnel.opened),
      ...a.funnel.outcomes.map(({ outcome, count }, index) =>
        line(outcome, count, b.funnel.outcomes[index]?.count ?? 0),
      ),
    ],
    note: null,
  };
}

function reasonsTable({ a, b }: AbReport): Table {
  const counts = new Map<string, { stage: string; reason: string; a: number; b: number }>();
  for (const [arm, { funnel }] of [
    ["a", a],
    ["b", b],
  ] as const)
    for (const { stage, reasons } of funnel.refused)
      for (const { reason, count } of reasons) {
        const key = `${stage}|${reason}`;
        const entry = counts.get(key) ?? { stage, reason, a: 0, b: 0 };
        entry[arm] += count;
        counts.set(key, entry);
      }
  const rows = [...counts.values()].sort((x, y) => y.a + y.b - x.a - x.b || (x.reason < y.reason ? -1 : 1));
  return cappedTable(
    "Refused rows by stage and reason",
    columns("Stage", "Reason", "#A", "#B", "#B minus A"),
    rows.map((row) => [
      textCell(row.stage),
      textCell(row.reason),
      countCell(row.a),
      countCell(row.b),
      countCell(row.b - row.a),
    ]),
    "ab.json",
  );
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

import type { AbReport, PairedTest } from "./ab.ts";
import { STAGE_TITLES, STAGES } from "./kpi-row.ts";
import { meanLabel, money, moneyText } from "./money.ts";
import { cappedTable, columns, countCell, moneyCell, pnlCell, shareCell, textCell } from "./page/cells.ts";
import type { Cell, Table } from "./page/document.ts";

/** The tests, as traded and at equal turnover. */
export function pairedTable({ plain, equalTurnover }: AbReport): Table {
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

/** The ladder of both runs side by side. */
export function ladderTable({ a, b }: AbReport): Table {
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

/** Rows of both runs by outcome. */
export function countsTable({ a, b }: AbReport): Table {
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

/** Why either run refused, most frequent first. */
export function reasonsTable({ a, b }: AbReport): Table {
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

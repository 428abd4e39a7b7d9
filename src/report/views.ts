import { type KpiRow, pnlOf } from "./kpi-row.ts";
import { GROUPINGS, type Grouping, type LadderGroup, ladderBy, ladderTotal } from "./ladder.ts";
import { money } from "./money.ts";
import { outliersOf } from "./robust.ts";

export const VIEW_IDS = ["raw", "filtered", "outlierRemoved"] as const;
export type ViewId = (typeof VIEW_IDS)[number];

/** Decimal text, currency units. Defaults: best ask in [0.02, 0.98] and at least 10 of depth. */
export interface ViewOptions {
  readonly minAsk: string;
  readonly maxAsk: string;
  readonly minDepth: string;
}

export const DEFAULT_VIEW_OPTIONS: ViewOptions = { minAsk: "0.02", maxAsk: "0.98", minDepth: "10" };

/** The ladder over a part of the rows. `removed` rows are the rest. */
export interface View {
  readonly id: ViewId;
  readonly title: string;
  readonly rule: string;
  readonly rows: number;
  readonly removed: number;
  readonly removedPnl: string;
  readonly total: LadderGroup;
  readonly by: Readonly<Record<Grouping, readonly LadderGroup[]>>;
}

export interface ViewRows {
  readonly kept: readonly KpiRow[];
  readonly removed: readonly KpiRow[];
}

/** The rows of each view. Outliers are chosen among opened rows: a refused row has no result to be one. */
export function splitViews(
  rows: readonly KpiRow[],
  options: ViewOptions,
): Readonly<Record<ViewId, ViewRows>> {
  const opened = rows.filter((row) => row.opened);
  const outliers = new Set(outliersOf(opened.map(pnlOf)).map((index) => opened[index]!));
  return {
    raw: { kept: rows, removed: [] },
    filtered: partition(rows, fitsMicroPrice(options)),
    outlierRemoved: partition(rows, (row) => !outliers.has(row)),
  };
}

export function buildView(id: ViewId, rows: ViewRows, options: ViewOptions): View {
  const { title, rule } = describe(id, rows.removed.length, options);
  const groups = GROUPINGS.map((grouping) => [grouping, ladderBy(grouping, rows.kept)] as const);
  return {
    id,
    title,
    rule,
    rows: rows.kept.length,
    removed: rows.removed.length,
    removedPnl: ladderTotal(rows.removed).ladder.simulatedRealised,
    total: ladderTotal(rows.kept),
    by: Object.fromEntries(groups) as Record<Grouping, LadderGroup[]>,
  };
}

function fitsMicroPrice(options: ViewOptions): (row: KpiRow) => boolean {
  const minAsk = money(options.minAsk);
  const maxAsk = money(options.maxAsk);
  const minDepth = money(options.minDepth);
  return (row) => row.minAsk >= minAsk && row.maxAsk <= maxAsk && row.minDepth >= minDepth;
}

function describe(id: ViewId, removed: number, options: ViewOptions): { title: string; rule: string } {
  switch (id) {
    case "raw":
      return { title: "Raw", rule: "every row" };
    case "filtered":
      return {
        title: "Micro-price-filtered",
        rule: `every leg's best ask in [${options.minAsk}, ${options.maxAsk}] and at least $${options.minDepth} at the touch`,
      };
    case "outlierRemoved":
      return {
        title: "Outlier-removed",
        rule: `without the ${removed} opened row(s) of largest |P&L|: max(1, 1 % rounded up)`,
      };
  }
}

function partition(rows: readonly KpiRow[], keep: (row: KpiRow) => boolean): ViewRows {
  const kept: KpiRow[] = [];
  const removed: KpiRow[] = [];
  for (const row of rows) (keep(row) ? kept : removed).push(row);
  return { kept, removed };
}

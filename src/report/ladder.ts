import { type KpiRow, STAGES, type Stage } from "./kpi-row.ts";
import { moneyText } from "./money.ts";

/** Exact decimal text by stage. */
type Ladder = Readonly<Record<Stage, string>>;

/** Sums over the rows of one group. */
export interface LadderGroup {
  readonly key: string;
  readonly title: string;
  readonly rows: number;
  readonly opened: number;
  readonly ladder: Ladder;
  readonly capital: string;
  readonly fees: string;
}

/** The partitions every view is shown in. Each row is in exactly one group of each. */
export const GROUPINGS = ["lane", "venues", "style", "family"] as const;
export type Grouping = (typeof GROUPINGS)[number];

class Tally {
  readonly key: string;
  readonly title: string;
  rows = 0;
  opened = 0;
  capital = 0n;
  fees = 0n;
  readonly sums: Record<Stage, bigint> = {
    detected: 0n,
    certified: 0n,
    planned: 0n,
    expectedRealised: 0n,
    simulatedRealised: 0n,
  };

  constructor(key: string, title: string) {
    this.key = key;
    this.title = title;
  }

  add(row: KpiRow): void {
    this.rows++;
    for (const stage of STAGES) this.sums[stage] += row.amounts[stage];
    if (!row.opened) return;
    this.opened++;
    this.capital += row.capital;
    this.fees += row.fees;
  }

  close(): LadderGroup {
    const { detected, certified, planned, expectedRealised, simulatedRealised } = this.sums;
    return {
      key: this.key,
      title: this.title,
      rows: this.rows,
      opened: this.opened,
      ladder: {
        detected: moneyText(detected),
        certified: moneyText(certified),
        planned: moneyText(planned),
        expectedRealised: moneyText(expectedRealised),
        simulatedRealised: moneyText(simulatedRealised),
      },
      capital: moneyText(this.capital),
      fees: moneyText(this.fees),
    };
  }
}

/** Exact sums over all rows. `capital` and `fees` count opened rows only. */
export function ladderTotal(rows: readonly KpiRow[]): LadderGroup {
  const tally = new Tally("all", "All");
  for (const row of rows) tally.add(row);
  return tally.close();
}

/** Exact sums by group, largest simulated-realised amount first, then by key. */
export function ladderBy(grouping: Grouping, rows: readonly KpiRow[]): LadderGroup[] {
  const tallies = new Map<string, Tally>();
  for (const row of rows) {
    const key = groupKey(grouping, row);
    let tally = tallies.get(key);
    if (tally === undefined) {
      tally = new Tally(key, grouping === "family" ? row.source.familyTitle || key : key);
      tallies.set(key, tally);
    }
    tally.add(row);
  }
  return [...tallies.values()].sort(byMagnitude).map((tally) => tally.close());
}

/** Venues of a row are one key (`kalshi + polymarket`), so that a cross-venue row is counted once. */
function groupKey(grouping: Grouping, row: KpiRow): string {
  switch (grouping) {
    case "lane":
      return row.source.lane;
    case "family":
      return row.source.family;
    case "style":
      return row.source.style;
    case "venues":
      return [...new Set(row.source.venues)].sort().join(" + ");
  }
}

function byMagnitude(a: Tally, b: Tally): number {
  for (const stage of ["simulatedRealised", "certified", "detected"] as const) {
    const difference = magnitude(b.sums[stage]) - magnitude(a.sums[stage]);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
  }
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

import type { Rng } from "../contracts/index.ts";
import { type KpiRow, pnlOf } from "./kpi-row.ts";
import { money, moneyFloat, moneyText, signOf, sumOf } from "./money.ts";
import { leaveOneOut, medianOfMeans, outliersOf, trimmedMean } from "./robust.ts";
import { type Cluster, clusterBootstrap, DRAWS, signFlipTest } from "./stats/resample.ts";
import type { View } from "./views.ts";

const MEDIAN_BLOCKS = 5;

/** Robust statistics of the simulated-realised P&L over opened rows, in order of closing. Money is exact decimal text. */
export interface Robust {
  readonly opened: number;
  readonly families: number;
  readonly total: string;
  readonly trimmedMean: string | null;
  readonly medianOfMeans: string | null;
  /** P&L of the row of largest magnitude. */
  readonly top: string | null;
  readonly topId: string | null;
  /** top / total as a plain number; null when the total is zero. */
  readonly topShare: number | null;
  readonly leaveOneFamilyOut: {
    readonly min: string;
    readonly max: string;
    readonly minWithout: string;
    readonly maxWithout: string;
  } | null;
  /** 95 % interval of the mean per opened row, families resampled; null below two families. */
  readonly meanInterval: readonly [number, number] | null;
  readonly meanPerRow: number | null;
  /** Two-sided sign-flip p-value over families; null below two families. */
  readonly signFlipP: number | null;
  readonly draws: number;
}

export interface Verdict {
  readonly sign: "profit" | "loss" | "inconclusive";
  /** One line per thing whose sign was asked, in a fixed order. */
  readonly signs: readonly {
    readonly name: string;
    readonly amount: string | null;
    readonly sign: -1 | 0 | 1;
  }[];
}

/** @param opened opened rows in order of closing. `rng` is used for the interval and the test only. */
export function robustOf(opened: readonly KpiRow[], rng: Rng): Robust {
  const values = opened.map(pnlOf);
  const clusters = clustersOf(opened);
  const total = sumOf(values);
  const topRow = outliersOf(values).map((index) => opened[index]!)[0];
  const trimmed = trimmedMean(values);
  const median = medianOfMeans(values, MEDIAN_BLOCKS);
  const range = leaveOneOut(new Map([...clusters].map(([key, cluster]) => [key, cluster.sum])));
  const floats: Cluster[] = [...clusters.values()].map(({ sum, count }) => ({ sum: moneyFloat(sum), count }));
  return {
    opened: opened.length,
    families: clusters.size,
    total: moneyText(total),
    trimmedMean: trimmed === null ? null : moneyText(trimmed),
    medianOfMeans: median === null ? null : moneyText(median),
    top: topRow === undefined ? null : moneyText(pnlOf(topRow)),
    topId: topRow?.source.id ?? null,
    topShare: topRow === undefined || total === 0n ? null : moneyFloat(pnlOf(topRow)) / moneyFloat(total),
    leaveOneFamilyOut:
      range === null ? null : { ...range, min: moneyText(range.min), max: moneyText(range.max) },
    meanInterval: clusterBootstrap(floats, rng.fork("bootstrap")),
    meanPerRow: opened.length === 0 ? null : moneyFloat(total) / opened.length,
    signFlipP:
      floats.length < 2
        ? null
        : signFlipTest(
            floats.map((cluster) => cluster.sum),
            rng.fork("sign-flip"),
          ),
    draws: DRAWS,
  };
}

/** The sign must agree in all views, both robust means and every leave-one-family-out total; otherwise it says nothing. */
export function verdictOf(views: readonly View[], robust: Robust): Verdict {
  const asked: [string, string | null][] = [
    ...views.map((view): [string, string] => [`${view.title} total`, view.total.ladder.simulatedRealised]),
    ["10 % trimmed mean", robust.trimmedMean],
    [`Median of means (${MEDIAN_BLOCKS} blocks)`, robust.medianOfMeans],
    ["Lowest total without one family", robust.leaveOneFamilyOut?.min ?? null],
    ["Highest total without one family", robust.leaveOneFamilyOut?.max ?? null],
  ];
  const signs = asked.map(([name, amount]) => ({
    name,
    amount,
    sign: amount === null ? (0 as const) : signOf(money(amount)),
  }));
  const agree = (sign: number) => signs.every((entry) => entry.sign === sign);
  return { sign: agree(1) ? "profit" : agree(-1) ? "loss" : "inconclusive", signs };
}

function clustersOf(opened: readonly KpiRow[]): Map<string, { sum: bigint; count: number }> {
  const clusters = new Map<string, { sum: bigint; count: number }>();
  for (const row of opened) {
    const cluster = clusters.get(row.source.family) ?? { sum: 0n, count: 0 };
    cluster.sum += pnlOf(row);
    cluster.count++;
    clusters.set(row.source.family, cluster);
  }
  return clusters;
}

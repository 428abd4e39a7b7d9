import type { Rng } from "../contracts/index.ts";
import { atEqualTurnover, type PairCell, pairCells, turnoverOf } from "./ab-pairs.ts";
import { type Funnel, funnelOf } from "./funnel.ts";
import { identityOf } from "./kpi.ts";
import type { Check, RunIdentity } from "./kpi-model.ts";
import { STAGES, toKpiRow } from "./kpi-row.ts";
import { type LadderGroup, ladderTotal } from "./ladder.ts";
import { money, moneyFloat, moneyText, signOf, sumOf } from "./money.ts";
import { checkAmounts, checkText } from "./reconcile.ts";
import { leaveOneOut, outliersOf } from "./robust.ts";
import type { LoadedRun } from "./run-files.ts";
import { clusterBootstrap, DRAWS, signFlipTest, stationaryBootstrap } from "./stats/resample.ts";

/** Length of a time block; events last hours, books move in seconds. */
export const BLOCK_MICROS = 3_600_000_000;
const MAX_FAMILIES = 200;

/** The first decision in which two runs over one journal differ, as the replayer found it. */
export interface Divergence {
  readonly factSeq: number;
  /** Instant of the fact, microseconds. */
  readonly at: number;
  /** The rule that judged differently. */
  readonly rule: string;
  /** What each run decided, in words. */
  readonly a: string;
  readonly b: string;
}

/** A paired comparison, B minus A. Amounts are exact decimal text; intervals and p are floats. */
export interface PairedTest {
  readonly pairs: number;
  readonly families: number;
  readonly total: string;
  readonly meanPerPair: number | null;
  /** 95 %, families drawn with replacement; null below two families. */
  readonly familyInterval: readonly [number, number] | null;
  /** Mean per time block and its 95 % interval, blocks of blocks drawn (stationary bootstrap); null below two blocks. */
  readonly meanPerBlock: number | null;
  readonly blockInterval: readonly [number, number] | null;
  /** Two-sided sign flips of family totals; null below two families. */
  readonly signFlipP: number | null;
  /** Total without the max(1, ceil(1 %)) pairs of largest |difference|, and the range without any one family. */
  readonly withoutOutliers: string;
  readonly leaveOneFamilyOut: { readonly min: string; readonly max: string } | null;
  /** 1: B better, -1: A better, when the family interval is clear of zero and every total above agrees; else 0. */
  readonly side: -1 | 0 | 1;
}

interface AbArm {
  readonly run: RunIdentity;
  readonly total: LadderGroup;
  readonly funnel: Funnel;
  readonly turnover: string;
}

export interface AbReport {
  readonly version: 1;
  readonly kind: "ab";
  readonly a: AbArm;
  readonly b: AbArm;
  readonly divergence: Divergence | null;
  readonly blockMicros: number;
  readonly draws: number;
  readonly verdict: "identical" | "a" | "b" | "inconclusive";
  readonly plain: PairedTest;
  /** Null when one run committed no capital. */
  readonly equalTurnover: PairedTest | null;
  /** By falling |difference|, capped. */
  readonly families: readonly {
    readonly family: string;
    readonly title: string;
    readonly a: string;
    readonly b: string;
    readonly difference: string;
  }[];
  readonly familiesMore: number;
}

/** All numbers of the comparison. Pure; `rng` feeds the resampling only. */
export function buildAb(
  a: LoadedRun,
  b: LoadedRun,
  divergence: Divergence | null,
  rng: Rng,
  blockMicros = BLOCK_MICROS,
): AbReport {
  const rowsA = a.rows.map(toKpiRow);
  const rowsB = b.rows.map(toKpiRow);
  const cells = pairCells(rowsA, rowsB, blockMicros);
  const turnoverA = turnoverOf(rowsA);
  const turnoverB = turnoverOf(rowsB);
  const scaled = atEqualTurnover(cells, turnoverA, turnoverB);
  const plain = pairedTest(cells, rng.fork("plain"));
  const equalTurnover = scaled === null ? null : pairedTest(scaled, rng.fork("equal-turnover"));
  const identical = a.summary.digest === b.summary.digest && divergence === null;
  const families = familyDifferences(cells);
  return {
    version: 1,
    kind: "ab",
    a: {
      run: identityOf(a.summary),
      total: ladderTotal(rowsA),
      funnel: funnelOf(rowsA),
      turnover: moneyText(turnoverA),
    },
    b: {
      run: identityOf(b.summary),
      total: ladderTotal(rowsB),
      funnel: funnelOf(rowsB),
      turnover: moneyText(turnoverB),
    },
    divergence,
    blockMicros,
    draws: DRAWS,
    verdict: identical ? "identical" : winner(plain, equalTurnover),
    plain,
    equalTurnover,
    families: families.slice(0, MAX_FAMILIES),
    familiesMore: Math.max(0, families.length - MAX_FAMILIES),
  };
}

/** Compares the report, as written, with the rows of both runs. */
export function reconcileAb(report: AbReport, a: LoadedRun, b: LoadedRun): Check[] {
  const sum = (run: LoadedRun, stage: (typeof STAGES)[number]) =>
    sumOf(run.rows.map((row) => money(row[stage])));
  const arms = [
    ["A", report.a, a],
    ["B", report.b, b],
  ] as const;
  return [
    checkText("same journal", a.summary.journal, b.summary.journal),
    ...arms.flatMap(([name, arm, run]) =>
      STAGES.map((stage) =>
        checkAmounts(
          `${name} ${stage}: total = sum of rows`,
          money(arm.total.ladder[stage]),
          sum(run, stage),
        ),
      ),
    ),
    checkAmounts(
      "sum of pairs = P&L of B minus P&L of A",
      money(report.plain.total),
      sum(b, "simulatedRealised") - sum(a, "simulatedRealised"),
    ),
  ];
}

function pairedTest(cells: readonly PairCell[], rng: Rng): PairedTest {
  const differences = cells.map((cell) => cell.b - cell.a);
  const total = sumOf(differences);
  const families = totalsBy(cells, (cell) => cell.family);
  const counts = new Map<string, number>();
  for (const { family } of cells) counts.set(family, (counts.get(family) ?? 0) + 1);
  const clusters = [...families].map(([family, sum]) => ({
    sum: moneyFloat(sum),
    count: counts.get(family)!,
  }));
  const blocks = blockSeries(cells);
  const outliers = sumOf(outliersOf(differences).map((index) => differences[index]!));
  const range = leaveOneOut(families);
  const test = {
    pairs: cells.length,
    families: families.size,
    total: moneyText(total),
    meanPerPair: cells.length === 0 ? null : moneyFloat(total) / cells.length,
    familyInterval: clusterBootstrap(clusters, rng.fork("families")),
    meanPerBlock: blocks.length === 0 ? null : moneyFloat(total) / blocks.length,
    blockInterval: stationaryBootstrap(blocks, Math.max(1, Math.cbrt(blocks.length)), rng.fork("blocks")),
    signFlipP:
      clusters.length < 2
        ? null
        : signFlipTest(
            clusters.map(({ sum }) => sum),
            rng.fork("sign-flip"),
          ),
    withoutOutliers: moneyText(total - outliers),
    leaveOneFamilyOut: range === null ? null : { min: moneyText(range.min), max: moneyText(range.max) },
  };
  return { ...test, side: sideOf(test) };
}

/** A winner must win as traded and at equal turnover. */
function winner(plain: PairedTest, equal: PairedTest | null): "a" | "b" | "inconclusive" {
  if (equal === null || plain.side !== equal.side || plain.side === 0) return "inconclusive";
  return plain.side === 1 ? "b" : "a";
}

function sideOf({
  total,
  familyInterval,
  withoutOutliers,
  leaveOneFamilyOut,
}: Omit<PairedTest, "side">): -1 | 0 | 1 {
  if (familyInterval === null || leaveOneFamilyOut === null) return 0;
  const side = familyInterval[0] > 0 ? 1 : familyInterval[1] < 0 ? -1 : 0;
  const exact = [total, withoutOutliers, leaveOneFamilyOut.min, leaveOneFamilyOut.max];
  return exact.every((text) => signOf(money(text)) === side) ? side : 0;
}

const MAX_BLOCKS = 100_000;

/** Differences per time block from the first to the last, quiet blocks as 0; quiet ones left out when there are too many. */
function blockSeries(cells: readonly PairCell[]): number[] {
  const totals = totalsBy(cells, (cell) => cell.block);
  const first = cells[0]?.block ?? 0;
  const length = cells.length === 0 ? 0 : cells.at(-1)!.block - first + 1;
  if (length > MAX_BLOCKS) return [...totals.values()].map(moneyFloat);
  return Array.from({ length }, (_, index) => moneyFloat(totals.get(first + index) ?? 0n));
}

function totalsBy<K>(cells: readonly PairCell[], key: (cell: PairCell) => K): Map<K, bigint> {
  const totals = new Map<K, bigint>();
  for (const cell of cells) totals.set(key(cell), (totals.get(key(cell)) ?? 0n) + cell.b - cell.a);
  return totals;
}

function familyDifferences(cells: readonly PairCell[]): AbReport["families"][number][] {
  const families = new Map<string, { title: string; a: bigint; b: bigint }>();
  for (const { family, title, a, b } of cells) {
    const entry = families.get(family) ?? { title, a: 0n, b: 0n };
    entry.a += a;
    entry.b += b;
    families.set(family, entry);
  }
  const size = ({ a, b }: { a: bigint; b: bigint }) => (b < a ? a - b : b - a);
  return [...families]
    .sort(([x, p], [y, q]) => (size(q) > size(p) ? 1 : size(q) < size(p) ? -1 : x < y ? -1 : 1))
    .map(([family, { title, a, b }]) => ({
      family,
      title,
      a: moneyText(a),
      b: moneyText(b),
      difference: moneyText(b - a),
    }));
}

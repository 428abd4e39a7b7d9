import { divideRounded, sumOf } from "./money.ts";

/** Robust statistics over exact money (quanta of 1e-18); only a mean rounds, at the 18th place. */

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

/** Mean after cutting floor(n / 10) values at each end; null for an empty sample. */
export function trimmedMean(values: readonly bigint[]): bigint | null {
  if (values.length === 0) return null;
  const cut = Math.floor(values.length / 10);
  const kept = [...values].sort(ascending).slice(cut, values.length - cut);
  return divideRounded(sumOf(kept), BigInt(kept.length));
}

/**
 * Median of the means of `blocks` consecutive blocks (sizes differ by at most one, the longer first), in the order given.
 * Fewer values than blocks: one block per value. Null for an empty sample.
 */
export function medianOfMeans(values: readonly bigint[], blocks: number): bigint | null {
  const used = Math.min(blocks, values.length);
  if (used === 0) return null;
  const base = Math.floor(values.length / used);
  const longer = values.length % used;
  const means: bigint[] = [];
  for (let block = 0, at = 0; block < used; block++) {
    const size = base + (block < longer ? 1 : 0);
    means.push(divideRounded(sumOf(values.slice(at, at + size)), BigInt(size)));
    at += size;
  }
  means.sort(ascending);
  const middle = means[used >> 1]!;
  return used % 2 === 1 ? middle : divideRounded(means[(used >> 1) - 1]! + middle, 2n);
}

/** How many values the outlier-removed view drops: max(1, ceil(1 % of n)); 0 for an empty sample. */
export function outlierCount(n: number): number {
  return n === 0 ? 0 : Math.max(1, Math.ceil(n / 100));
}

/** Indices of the `outlierCount` largest magnitudes; ties go to the earlier value. */
export function outliersOf(values: readonly bigint[]): number[] {
  const size = (index: number) => (values[index]! < 0n ? -values[index]! : values[index]!);
  return values
    .map((_, index) => index)
    .sort((a, b) => ascending(size(b), size(a)) || a - b)
    .slice(0, outlierCount(values.length));
}

/** Smallest and largest total when one cluster is left out; null when there is none. */
export function leaveOneOut(totals: ReadonlyMap<string, bigint>): {
  readonly min: bigint;
  readonly max: bigint;
  readonly minWithout: string;
  readonly maxWithout: string;
} | null {
  const all = sumOf(totals.values());
  let range: { min: bigint; max: bigint; minWithout: string; maxWithout: string } | null = null;
  for (const [key, total] of totals) {
    const left = all - total;
    range ??= { min: left, max: left, minWithout: key, maxWithout: key };
    if (left < range.min) Object.assign(range, { min: left, minWithout: key });
    if (left > range.max) Object.assign(range, { max: left, maxWithout: key });
  }
  return range;
}

import type { Rng } from "../../contracts/index.ts";
import type { Interval } from "./intervals.ts";

export const DRAWS = 10_000;

/** One cluster (a family): the sum of its values and how many there are. */
export interface Cluster {
  readonly sum: number;
  readonly count: number;
}

/**
 * 95 % percentile interval of the mean per value, clusters drawn with replacement (values of one family move together).
 * @returns null with fewer than two clusters: nothing can be resampled.
 */
export function clusterBootstrap(clusters: readonly Cluster[], rng: Rng, draws = DRAWS): Interval | null {
  if (clusters.length < 2) return null;
  const sums = Float64Array.from(clusters, (cluster) => cluster.sum);
  const counts = Float64Array.from(clusters, (cluster) => cluster.count);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < sums.length; i++) {
      const pick = rng.int(sums.length);
      sum += sums[pick]!;
      count += counts[pick]!;
    }
    means[draw] = sum / count;
  }
  return percentileInterval(means);
}

/**
 * 95 % percentile interval of the mean of a series in time order, by blocks of random length around `meanBlock`
 * (stationary bootstrap, Politis and Romano 1994). Null with fewer than two values.
 */
export function stationaryBootstrap(
  values: readonly number[],
  meanBlock: number,
  rng: Rng,
  draws = DRAWS,
): Interval | null {
  const n = values.length;
  if (n < 2) return null;
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    let at = rng.int(n);
    for (let i = 0; i < n; i++) {
      sum += values[at]!;
      at = rng.next() * meanBlock < 1 ? rng.int(n) : (at + 1) % n;
    }
    means[draw] = sum / n;
  }
  return percentileInterval(means);
}

/** Clusters up to which every sign pattern is tried. */
const EXACT_CLUSTERS = 13;

/**
 * Two-sided p-value of "the sign of each cluster is a coin toss": the share of sign patterns whose |sum| reaches the
 * observed one. All patterns for up to 13 clusters, else `draws` random ones with the observed counted once.
 */
export function signFlipTest(sums: readonly number[], rng: Rng, draws = DRAWS): number {
  const nonZero = sums.filter((sum) => sum !== 0);
  const observed = Math.abs(nonZero.reduce((total, sum) => total + sum, 0));
  // a tolerance of a few last bits, so that a pattern equal to the observed one counts whatever the order of addition
  const reach = observed - 1e-9 * nonZero.reduce((total, sum) => total + Math.abs(sum), 0);
  if (nonZero.length <= EXACT_CLUSTERS) return exactSignFlip(nonZero, reach);
  let hits = 1;
  for (let draw = 0; draw < draws; draw++) {
    let total = 0;
    for (const sum of nonZero) total += rng.next() < 0.5 ? sum : -sum;
    if (Math.abs(total) >= reach) hits++;
  }
  return hits / (draws + 1);
}

function exactSignFlip(sums: readonly number[], reach: number): number {
  const patterns = 1 << sums.length;
  let hits = 0;
  for (let pattern = 0; pattern < patterns; pattern++) {
    let total = 0;
    for (let i = 0; i < sums.length; i++) total += (pattern >> i) & 1 ? -sums[i]! : sums[i]!;
    if (Math.abs(total) >= reach) hits++;
  }
  return hits / patterns;
}

function percentileInterval(means: Float64Array): Interval {
  means.sort();
  const at = (share: number) => means[Math.min(means.length - 1, Math.floor(share * means.length))]!;
  return [at(0.025), at(0.975)];
}

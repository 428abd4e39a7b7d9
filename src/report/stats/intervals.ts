import { betaCdf, betaQuantile, normalQuantile } from "./special.ts";

export type Interval = readonly [low: number, high: number];

/** Wilson score interval of a proportion at two-sided confidence `confidence` (Wilson 1927). */
export function wilson(hits: number, n: number, confidence: number): Interval {
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const share = hits / n;
  const scale = 1 + (z * z) / n;
  const centre = (share + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [hits === 0 ? 0 : centre - half, hits === n ? 1 : centre + half];
}

/** Exact interval of a proportion from Beta quantiles (Clopper, Pearson 1934). */
export function clopperPearson(hits: number, n: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  return [
    hits === 0 ? 0 : betaQuantile(tail, hits, n - hits + 1),
    hits === n ? 1 : betaQuantile(1 - tail, hits + 1, n - hits),
  ];
}

/** Exact one-sided lower bound of a proportion. */
export function clopperPearsonLower(hits: number, n: number, confidence: number): number {
  return hits === 0 ? 0 : betaQuantile(1 - confidence, hits, n - hits + 1);
}

/** Smallest sample that certifies `share >= target` one-sided at `confidence` when it holds `misses` misses. */
export function sampleSizeFor(target: number, misses: number, confidence: number): number {
  // lower bound >= target is the same as I_target(n - k, k + 1) <= 1 - confidence, which falls with n
  const enough = (n: number) => betaCdf(target, n - misses, misses + 1) <= 1 - confidence;
  let short = misses;
  let n = misses + 1;
  while (!enough(n)) {
    short = n;
    n *= 2;
  }
  while (n - short > 1) {
    const middle = Math.floor((short + n) / 2);
    if (enough(middle)) n = middle;
    else short = middle;
  }
  return n;
}

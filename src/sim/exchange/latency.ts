import type { Rng } from "../../contracts/index.ts";

/**
 * One draw from a table of equally likely quantiles, linear between neighbours, in whole microseconds.
 * An empty table is no delay. Uses one number of `rng`.
 */
export function drawLatency(quantiles: readonly number[], rng: Rng): number {
  const position = rng.next() * (quantiles.length - 1);
  const below = Math.max(0, Math.floor(position));
  const low = quantiles[below] ?? 0;
  const high = quantiles[below + 1] ?? low;
  return Math.max(0, Math.floor(low + (high - low) * (position - below)));
}

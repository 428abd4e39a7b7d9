import type { CostTable } from "./claim.ts";
import { minOf } from "./exact.ts";
import { type Budget, bestSize, highest } from "./scan.ts";

/** Splits one unit of money into YES and NO and sells both into bids that sum above one. */
export interface SplitSizes {
  readonly lots: readonly [number, number];
  /** Contracts split, in quanta. */
  readonly quantity: bigint;
}

/** Best size to split and sell; both sides are sold completely. `max` bounds the split, in quanta. */
export function splitSell(
  yes: CostTable,
  no: CostTable,
  max: bigint | null,
  budget: Budget,
  maxCapital: bigint | null,
): SplitSizes | null {
  const grid = leastCommonMultiple(yes.quantity(yes.stepLots), no.quantity(no.stepLots));
  let most = minOf(yes.quantity(yes.depthLots), no.quantity(no.depthLots));
  if (max !== null) most = minOf(most, max);
  if (maxCapital !== null) most = minOf(most, maxCapital);
  most -= most % grid;
  const least = maxQuantity(yes.quantity(yes.minLots), no.quantity(no.minLots), grid);
  if (most < least) return null;
  const bound = (size: bigint) => yes.cashBound(size) + no.cashBound(size) - size;
  const ends = [yes, no].flatMap((table) => table.levelEnds.map((end) => table.quantity(end)));
  const candidates = [least, most, ...ends.map((end) => end - (end % grid))].filter(
    (size) => size >= least && size <= most,
  );
  candidates.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const lotsOf = (table: CostTable, size: bigint) => Number(size / table.quantity(1));
  const best = bestSize(
    {
      start: highest(candidates, bound) ?? most,
      lower: (size) => (size - grid < least ? null : size - grid),
      higher: (size) => (size + grid > most ? null : size + grid),
      exact: (size) => yes.cash(lotsOf(yes, size)) + no.cash(lotsOf(no, size)) - size,
      bound,
    },
    budget,
  );
  if (best === null) return null;
  return { lots: [lotsOf(yes, best.size), lotsOf(no, best.size)], quantity: best.size };
}

function maxQuantity(a: bigint, b: bigint, grid: bigint): bigint {
  const larger = a > b ? a : b;
  return larger % grid === 0n ? larger : larger - (larger % grid) + grid;
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let x = a;
  let y = b;
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}

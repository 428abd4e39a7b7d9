import { type CostTable, mostPayout } from "./claim.ts";
import { maxOf, minOf } from "./exact.ts";
import { affordable, type BestSize, type Budget, bestSize, highest, type SizeLine, within } from "./scan.ts";

/**
 * T1, the fixed-ratio basket: at least one leg wins in every state, so the basket pays the smallest payout of its legs.
 * Walk the ladders together while a further contract of each leg costs less than one unit, then scan exactly.
 * Legs are unequal where a fee is taken in shares or out of the winnings, or where lot grids differ.
 */

export interface CoverSizes {
  readonly lots: readonly number[];
  readonly profit: bigint;
}

/** Best sizes of a basket of buys of which at least one wins; null when no size pays. `maxCapital` in quanta. */
export function coverBasket(
  tables: readonly CostTable[],
  budget: Budget,
  maxCapital: bigint | null,
): CoverSizes | null {
  if (tables.length === 0 || tables.some((table) => table.depthLots < table.minLots)) return null;
  const leastCost = (size: bigint): bigint =>
    tables.reduce((sum, table) => sum + table.cashBound(contractsFor(table, size)), 0n);
  const most = affordable(mostPayout(tables), maxCapital, leastCost);
  const bound = (size: bigint): bigint => size - leastCost(size);
  const start = highest(breakpoints(tables, most), bound);
  if (start === null) return null;
  const line: SizeLine = {
    start: maxOf(start, smallestSize(tables)),
    lower: (size) => step(tables, size, -1),
    higher: (size) => within(step(tables, size, 1), most),
    exact: (size) => exactProfit(tables, size, maxCapital),
    bound,
  };
  const best: BestSize | null = bestSize(line, budget);
  if (best === null) return null;
  return { lots: tables.map((table) => table.lotsPaying(best.size)), profit: best.profit };
}

function exactProfit(tables: readonly CostTable[], size: bigint, maxCapital: bigint | null): bigint | null {
  let cost = 0n;
  let payoff: bigint | null = null;
  for (const table of tables) {
    const lots = table.lotsPaying(size);
    if (lots < 0) return null;
    cost += table.cash(lots);
    const paid = table.payout(lots);
    payoff = payoff === null ? paid : minOf(payoff, paid);
  }
  if (maxCapital !== null && cost > maxCapital) return null;
  return payoff === null ? null : payoff - cost;
}

/** A lower bound of the contracts that must be bought for a payout of `size`. */
function contractsFor(table: CostTable, size: bigint): bigint {
  if (table.fee.type !== "in_shares") return size;
  return (size * table.quantity(1)) / table.receivedPerLot;
}

/** Payouts at the ends of the legs' levels, ascending, up to the most that all legs reach. */
function breakpoints(tables: readonly CostTable[], most: bigint): bigint[] {
  const found = new Set<bigint>([most]);
  for (const table of tables) {
    for (const end of table.levelEnds) {
      const onGrid = end - (end % table.stepLots);
      if (onGrid <= 0 || onGrid > table.depthLots) continue;
      const payout = table.payout(onGrid);
      if (payout < most) found.add(payout);
    }
  }
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

/** Below the venues' minima a size only wastes contracts. */
function smallestSize(tables: readonly CostTable[]): bigint {
  let least: bigint | null = null;
  for (const table of tables) {
    const payout = table.payout(table.minLots);
    least = least === null ? payout : minOf(least, payout);
  }
  return least ?? 0n;
}

/** The nearest payout below or above `size` that some leg reaches exactly. */
function step(tables: readonly CostTable[], size: bigint, direction: 1 | -1): bigint | null {
  let next: bigint | null = null;
  for (const table of tables) {
    const lots = table.lotsPaying(size);
    const from = lots < 0 ? table.depthLots : lots;
    const reached = neighbour(table, from, size, direction);
    if (reached === null) continue;
    if (next === null) next = reached;
    else next = direction === -1 ? maxOf(next, reached) : minOf(next, reached);
  }
  return next;
}

function neighbour(table: CostTable, from: number, size: bigint, direction: 1 | -1): bigint | null {
  let lots = from;
  for (let tries = 0; tries < 3; tries += 1) {
    if (lots < table.minLots || lots > table.depthLots) return null;
    const payout = table.payout(lots);
    if (direction === -1 ? payout < size : payout > size) return payout;
    lots += direction * table.stepLots;
  }
  return null;
}

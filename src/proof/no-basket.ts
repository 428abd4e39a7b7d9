import type { CostTable } from "./claim.ts";
import { maxOf, minOf } from "./exact.ts";
import { affordable, type Budget, bestSize, highest, within } from "./scan.ts";

/**
 * T2, the NO basket by water-filling: when at most `k` propositions are true, the NO contracts x pay at least
 * sum(x) minus the k largest. Because "the k largest" is the minimum over t of k*t + sum(max(0, x - t)), the best
 * portfolio is the best over t of sum over legs of max over n <= t of (n - cost(n)), less k*t. Exact for every k,
 * unequal depth and rounding included; a leg that runs out stops, the others continue.
 */
export interface NoSizes {
  readonly lots: readonly number[];
}

interface LegBest {
  readonly lots: number;
  readonly value: bigint;
}

/** Best sizes of NO contracts of which at most `k` lose; null when no size pays. `maxCapital` in quanta. */
export function noBasket(
  tables: readonly CostTable[],
  k: number,
  budget: Budget,
  maxCapital: bigint | null,
): NoSizes | null {
  const threshold = BigInt(k);
  const legs = tables.map((table) => new NoLeg(table));
  const bound = (cap: bigint): bigint => {
    let value = -threshold * cap;
    for (const leg of legs) value += leg.bound(cap);
    return value;
  };
  const capital = (cap: bigint): bigint =>
    legs.reduce((sum, leg) => sum + leg.table.cash(leg.best(cap, budget).lots), 0n);
  const caps = breakpoints(tables);
  const leastCost = (cap: bigint): bigint => legs.reduce((sum, leg) => sum + leg.leastCost(cap), 0n);
  const most = affordable(caps.at(-1) ?? 0n, maxCapital, leastCost);
  const start = highest([...caps.filter((cap) => cap < most), most], bound);
  if (start === null) return null;
  const best = bestSize(
    {
      start,
      lower: (cap) => nextCap(tables, cap, -1),
      higher: (cap) => within(nextCap(tables, cap, 1), most),
      exact: (cap) => {
        if (maxCapital !== null && capital(cap) > maxCapital) return null;
        return legs.reduce((sum, leg) => sum + leg.best(cap, budget).value, -threshold * cap);
      },
      bound,
    },
    budget,
  );
  return best === null ? null : { lots: legs.map((leg) => leg.best(best.size, budget).lots) };
}

/** One leg: the best number of contracts up to a cap, remembered per cap. */
class NoLeg {
  readonly table: CostTable;
  private readonly peak: bigint;
  private readonly known = new Map<number, LegBest>();

  constructor(table: CostTable) {
    this.table = table;
    const ends = table.levelEnds.map((end) => table.received(end));
    this.peak = highest([0n, ...ends], (contracts) => this.boundAt(contracts)) ?? 0n;
  }

  /** Never below the best exact value at any size up to `cap`. */
  bound(cap: bigint): bigint {
    return maxOf(0n, this.boundAt(cap < this.peak ? cap : this.peak));
  }

  /** Never above what the leg costs at a cap, were it filled up to the cap. */
  leastCost(cap: bigint): bigint {
    const contracts = minOf(cap, this.peak);
    return this.table.cashBound((contracts * this.table.quantity(1)) / this.table.receivedPerLot);
  }

  /**
   * The best contribution at a cap. On a coarse grid, or below the venue's minimum, the smallest order above the cap
   * can be worth more than the largest below: what exceeds the cap then counts for nothing.
   */
  best(cap: bigint, budget: Budget): LegBest {
    const within = this.within(this.table.lotsWithin(cap), budget);
    const lots = this.table.lotsPaying(cap);
    if (lots < 0) return within;
    const value = cap - this.table.cash(lots);
    return value > within.value ? { lots, value } : within;
  }

  private within(most: number, budget: Budget): LegBest {
    const known = this.known.get(most);
    if (known !== undefined) return known;
    const found = this.search(most, budget);
    this.known.set(most, found);
    return found;
  }

  private search(most: number, budget: Budget): LegBest {
    const { table } = this;
    if (most === 0) return { lots: 0, value: 0n };
    const peakLots = Math.max(table.lotsWithin(this.peak), table.minLots);
    const size = bestSize(
      {
        start: BigInt(Math.min(most, peakLots)),
        lower: (lots) =>
          Number(lots) - table.stepLots < table.minLots ? null : lots - BigInt(table.stepLots),
        higher: (lots) => (Number(lots) + table.stepLots > most ? null : lots + BigInt(table.stepLots)),
        exact: (lots) => table.received(Number(lots)) - table.cash(Number(lots)),
        bound: (lots) => this.boundAt(table.received(Number(lots))),
      },
      budget,
    );
    return size === null ? { lots: 0, value: 0n } : { lots: Number(size.size), value: size.profit };
  }

  private boundAt(contracts: bigint): bigint {
    const { table } = this;
    return contracts - table.cashBound((contracts * table.quantity(1)) / table.receivedPerLot);
  }
}

function breakpoints(tables: readonly CostTable[]): bigint[] {
  const found = new Set<bigint>();
  for (const table of tables)
    for (const end of [...table.levelEnds, table.depthLots]) {
      const onGrid = end - (end % table.stepLots);
      if (onGrid > 0 && onGrid <= table.depthLots) found.add(table.received(onGrid));
    }
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

/** The nearest cap below or above that some leg reaches exactly. */
function nextCap(tables: readonly CostTable[], cap: bigint, direction: 1 | -1): bigint | null {
  let next: bigint | null = null;
  for (const table of tables) {
    const lots = Number(direction === 1 ? cap / table.receivedPerLot : (cap - 1n) / table.receivedPerLot);
    const below = lots - (lots % table.stepLots);
    const onGrid =
      direction === 1 ? Math.max(below + table.stepLots, table.minLots) : Math.min(below, table.depthLots);
    if (onGrid < table.minLots || onGrid > table.depthLots) continue;
    const reached = table.received(onGrid);
    if (next === null || (direction === 1 ? reached < next : reached > next)) next = reached;
  }
  return next;
}

/**
 * The exact rounding scan (T4). With whole lots, minima and rounded fees profit is not monotone in size, so a closed
 * form only gives the place to start. From there every size is tried, downward and upward, until a bound that rounding
 * cannot pass falls behind the best size found.
 */
export interface SizeLine {
  /** Where the bound is highest. */
  readonly start: bigint;
  /** The next smaller / larger size worth trying; null at the end. */
  lower(size: bigint): bigint | null;
  higher(size: bigint): bigint | null;
  /** Exact guaranteed profit in quanta; null where the size is not possible. */
  exact(size: bigint): bigint | null;
  /** At least `exact`, unimodal around `start`. */
  bound(size: bigint): bigint;
}

export interface BestSize {
  readonly size: bigint;
  readonly profit: bigint;
}

/** Work left, shared by the scans of one solve; counts sizes, never time. */
export interface Budget {
  left: number;
}

/**
 * Sizes that one solve may try. A scan that runs out of them settles for the best size found so far: its profit is exact
 * and certified like any other, only a better size may exist. What is emitted is never wrong, at worst not the optimum.
 */
export const SCAN_STEPS = 4096;

/**
 * Size with the largest positive exact profit, the smaller one on ties; null when none pays. With the budget used up,
 * the best of the sizes tried until then (null when none of those paid).
 */
export function bestSize(line: SizeLine, budget: Budget): BestSize | null {
  let best: BestSize | null = null;
  for (let size: bigint | null = line.start; size !== null && budget.left > 0; size = line.lower(size)) {
    if (line.bound(size) < (best === null ? 1n : best.profit)) break;
    budget.left -= 1;
    const profit = line.exact(size);
    if (profit !== null && profit > 0n && (best === null || profit >= best.profit)) best = { size, profit };
  }
  for (let size = line.higher(line.start); size !== null && budget.left > 0; size = line.higher(size)) {
    if (line.bound(size) <= (best === null ? 0n : best.profit)) break;
    budget.left -= 1;
    const profit = line.exact(size);
    if (profit !== null && profit > (best === null ? 0n : best.profit)) best = { size, profit };
  }
  return best;
}

/** The candidate with the highest value; the first (smallest) on ties. Candidates ascending. */
export function highest(candidates: readonly bigint[], value: (candidate: bigint) => bigint): bigint | null {
  let best: bigint | null = null;
  let bestValue = 0n;
  for (const candidate of candidates) {
    const found = value(candidate);
    if (best === null || found > bestValue) {
      best = candidate;
      bestValue = found;
    }
  }
  return best;
}

/** The largest size up to `most` whose cost (rising with size) stays within `limit`; `most` when there is no limit. */
export function affordable(most: bigint, limit: bigint | null, cost: (size: bigint) => bigint): bigint {
  if (limit === null || cost(most) <= limit) return most;
  let low = 0n;
  let high = most;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (cost(middle) <= limit) low = middle;
    else high = middle;
  }
  return low;
}

/** A size, or null when there is none or it is beyond `most`. */
export function within(size: bigint | null, most: bigint): bigint | null {
  return size === null || size > most ? null : size;
}

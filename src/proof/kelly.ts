import { ln } from "./ln.ts";

/**
 * Kelly stakes as fractions of the bankroll. Floats are allowed here: a stake sizes, it never certifies. Only + - x /
 * and our own `ln` are used, so every platform gives the same bits. Formulas: docs/sizing.md, ARBITRAGE.md 3.1-3.4.
 */

export interface BinaryStake {
  readonly fraction: number;
  /** Expected logarithmic growth at that fraction. */
  readonly growth: number;
}

/** A claim that pays 1 with probability `p` and costs `price` (fee included): f = (p - c) / (1 - c), at least 0. */
export function binaryKelly(p: number, price: number): BinaryStake {
  const fraction = Math.max(0, (p - price) / (1 - price));
  const growth = p * ln(1 + fraction * (1 / price - 1)) + (1 - p) * ln(1 - fraction);
  return { fraction, growth: fraction === 0 ? 0 : growth };
}

/** An arbitrage that may have to be unwound. */
export interface ArbitrageBet {
  /** Probability that every leg fills. */
  readonly successProbability: number;
  /** Guaranteed profit per unit of capital when it does. */
  readonly edge: number;
  /** Loss per unit of capital when it is unwound. */
  readonly unwindLoss: number;
}

/** Full Kelly fraction of an arbitrage: f = p/u - (1 - p)/e, from 0 to `cap` (1 = no leverage). */
export function arbitrageKelly(bet: ArbitrageBet, cap = 1): number {
  const { successProbability, edge, unwindLoss } = bet;
  if (!(edge > 0)) return 0;
  if (!(unwindLoss > 0)) return cap;
  const free = unconstrainedArbitrageKelly(bet);
  return free > 0 && successProbability <= 1 ? Math.min(free, cap) : 0;
}

/** The same without its bounds: negative when the trade is not worth making. */
export function unconstrainedArbitrageKelly({ successProbability, edge, unwindLoss }: ArbitrageBet): number {
  return successProbability / unwindLoss - (1 - successProbability) / edge;
}

/** Expected logarithmic growth of staking `fraction` on an arbitrage. */
export function arbitrageGrowth(
  { successProbability, edge, unwindLoss }: ArbitrageBet,
  fraction: number,
): number {
  if (fraction === 0) return 0;
  return (
    successProbability * ln(1 + fraction * edge) + (1 - successProbability) * ln(1 - fraction * unwindLoss)
  );
}

/** Probability of success at which an arbitrage neither grows nor shrinks the bankroll. */
export function breakEvenSuccess(edge: number, unwindLoss: number): number {
  return unwindLoss / (edge + unwindLoss);
}

export interface ExclusiveStakes {
  readonly fractions: readonly number[];
  /** What a unit of bankroll is worth when no backed outcome happens. */
  readonly reserveRate: number;
  /** Backed outcomes, ascending. */
  readonly support: readonly number[];
  readonly growth: number;
}

/**
 * Kelly over mutually exclusive outcomes (Smoczynski & Tomkins 2010): take outcomes by falling p/q while p/q exceeds
 * the reserve rate R = (1 - sum p) / (1 - sum q) of those taken; f = p - q R.
 */
export function exclusiveKelly(p: readonly number[], price: readonly number[]): ExclusiveStakes {
  const order = p.map((_, index) => index).sort((a, b) => p[b]! / price[b]! - p[a]! / price[a]! || a - b);
  let [sumP, sumPrice, reserveRate] = [0, 0, 1];
  const support: number[] = [];
  for (const index of order) {
    if (p[index]! / price[index]! <= reserveRate) break;
    sumP += p[index]!;
    sumPrice += price[index]!;
    support.push(index);
    reserveRate = sumPrice < 1 ? Math.max(0, (1 - sumP) / (1 - sumPrice)) : 0;
  }
  const backed = new Set(support);
  const fractions = p.map((chance, index) => (backed.has(index) ? chance - price[index]! * reserveRate : 0));
  const kept = 1 - fractions.reduce((sum, fraction) => sum + fraction, 0);
  const growth = p.reduce(
    (sum, chance, index) =>
      chance === 0 ? sum : sum + chance * ln(kept + fractions[index]! / price[index]!),
    0,
  );
  return { fractions, reserveRate, support: support.sort((a, b) => a - b), growth };
}

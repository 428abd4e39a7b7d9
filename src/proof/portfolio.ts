import { type Claim, CostTable, type Walk } from "./claim.ts";
import { minOf, ONE } from "./exact.ts";
import type { AppliedConversion, Problem, Solution, Style } from "./problem.ts";
import { enumerateStates, type State } from "./states.ts";

/** One leg of a solved portfolio, exact. Money and contracts in quanta. */
export interface PortfolioLeg extends Walk {
  readonly claim: Claim;
  readonly lots: number;
  /** Contracts received (buy), 0 for a sell. */
  readonly received: bigint;
}

/** What the portfolio pays and nets in one state of the world. */
interface StateResult {
  readonly name: string;
  readonly payoff: bigint;
  readonly net: bigint;
}

/** A solution worked out to the last quantum: what a certificate is written from. */
export interface Portfolio {
  readonly style: Style;
  readonly problem: Problem;
  readonly solution: Solution;
  readonly legs: readonly PortfolioLeg[];
  readonly conversions: readonly AppliedConversion[];
  readonly states: readonly StateResult[];
  /** Money paid in: purchases with their fees, and splits. */
  readonly capital: bigint;
  /** Money that comes back before settlement: sales net of fees, merges, conversions. */
  readonly immediateCash: bigint;
  readonly fees: bigint;
  /** Net profit in the worst state. */
  readonly guaranteed: bigint;
  readonly worst: readonly string[];
}

/** Venues count converted amounts in millionths and round down (conservative where they do not). */
const CONVERSION_QUANTUM = 1_000_000n;
const BIPS = 10_000n;

/** Works a solution out over all states; null when the states are too many or the holdings do not suffice. */
export function evaluate(problem: Problem, solution: Solution): Portfolio | null {
  const states = enumerateStates(problem.propositions, problem.relations);
  if (states === null || states.length === 0) return null;
  const holdings = new Holdings();
  const legs: PortfolioLeg[] = [];
  let capital = 0n;
  let immediateCash = 0n;
  let fees = 0n;
  for (const conversion of solution.conversions)
    if (conversion.type === "split") capital += holdings.split(conversion.market, conversion.quantity);
  for (const [index, claim] of problem.claims.entries()) {
    const lots = solution.lots[index]!;
    if (lots === 0) continue;
    const table = new CostTable(claim);
    const walk = table.walk(lots);
    const bought = claim.action === "buy";
    legs.push({ ...walk, claim, lots, received: bought ? table.received(lots) : 0n });
    fees += walk.fee;
    if (bought) capital += walk.cash;
    else immediateCash += walk.cash;
    holdings.add(claim.side, claim.market, bought ? table.payout(lots) : -table.quantity(lots));
  }
  for (const conversion of solution.conversions) immediateCash += holdings.convert(conversion);
  if (holdings.short()) return null;
  const results = states.map((state) => resultOf(problem, state, holdings, immediateCash - capital));
  const guaranteed = results.map((state) => state.net).reduce(minOf);
  return {
    style: solution.style,
    problem,
    solution,
    legs,
    conversions: solution.conversions,
    states: results,
    capital,
    immediateCash,
    fees,
    guaranteed,
    worst: results.filter((state) => state.net === guaranteed).map((state) => state.name),
  };
}

function resultOf(problem: Problem, state: State, holdings: Holdings, cash: bigint): StateResult {
  let payoff = 0n;
  for (const [index, proposition] of problem.propositions.entries()) {
    const market = problem.markets[proposition];
    if (market !== undefined) payoff += holdings.of(state.truth[index] === true ? "YES" : "NO", market);
  }
  return { name: state.name, payoff, net: payoff + cash };
}

/** Claims held per market and side, in quanta of what they pay when they win. */
class Holdings {
  private readonly held = { YES: new Map<string, bigint>(), NO: new Map<string, bigint>() };

  of(side: "YES" | "NO", market: string): bigint {
    return this.held[side].get(market) ?? 0n;
  }

  add(side: "YES" | "NO", market: string, contracts: bigint): void {
    this.held[side].set(market, this.of(side, market) + contracts);
  }

  /** Returns the money that the split takes. */
  split(market: string, quantity: bigint): bigint {
    this.add("YES", market, quantity);
    this.add("NO", market, quantity);
    return quantity;
  }

  /** Returns the money that a merge or a conversion releases. */
  convert(conversion: AppliedConversion): bigint {
    switch (conversion.type) {
      case "split":
        return 0n;
      case "merge":
        this.add("YES", conversion.market, -conversion.quantity);
        this.add("NO", conversion.market, -conversion.quantity);
        return conversion.quantity;
      case "neg_risk_convert": {
        const inSet = new Set(conversion.noSet);
        for (const market of conversion.noSet) this.add("NO", market, -conversion.quantity);
        const yes = conversionOutput(conversion.quantity, conversion.feeBips);
        for (const market of conversion.markets) if (!inSet.has(market)) this.add("YES", market, yes);
        return collateralOf(conversion);
      }
    }
  }

  short(): boolean {
    return [...this.held.YES.values(), ...this.held.NO.values()].some((contracts) => contracts < 0n);
  }
}

/** Money released by a negative-risk conversion, in quanta. */
export function collateralOf(conversion: Extract<AppliedConversion, { type: "neg_risk_convert" }>): bigint {
  const sets = BigInt(conversion.noSet.length - 1);
  return conversionOutput(conversion.quantity * sets, conversion.feeBips);
}

/** An amount that passes a conversion, less its fee, rounded down to a millionth. */
export function conversionOutput(quantity: bigint, feeBips: number): bigint {
  const exact = (quantity * (BIPS - BigInt(feeBips))) / BIPS;
  return exact - (exact % CONVERSION_QUANTUM);
}

/**
 * Order of preference between portfolios: larger guarantee, smaller capital, more immediate cash, lexicographically
 * smaller lots in instrument order. Negative when `a` is better.
 */
export function comparePortfolios(a: Portfolio, b: Portfolio): number {
  if (a.guaranteed !== b.guaranteed) return a.guaranteed > b.guaranteed ? -1 : 1;
  if (a.capital !== b.capital) return a.capital < b.capital ? -1 : 1;
  if (a.immediateCash !== b.immediateCash) return a.immediateCash > b.immediateCash ? -1 : 1;
  for (const [index, claim] of a.problem.claims.entries()) {
    const x = BigInt(a.solution.lots[index] ?? 0) * (ONE / BigInt(claim.sizeScale));
    const y = BigInt(b.solution.lots[index] ?? 0) * (ONE / BigInt(claim.sizeScale));
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

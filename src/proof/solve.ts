import { CostTable, isUsable } from "./claim.ts";
import { releaseCapital } from "./convert.ts";
import { coverBasket } from "./cover-basket.ts";
import { minOf } from "./exact.ts";
import { noBasket } from "./no-basket.ts";
import { comparePortfolios, evaluate, type Portfolio } from "./portfolio.ts";
import type { AppliedConversion, Problem, Solution, Style } from "./problem.ts";
import { type Budget, SCAN_STEPS } from "./scan.ts";
import { splitSell } from "./split-sell.ts";

/** What limits a solve besides the books. Money in quanta; steps are sizes tried, never time. */
export interface Limits {
  readonly maxCapital: bigint | null;
  readonly steps: number;
}

const NO_LIMITS: Limits = { maxCapital: null, steps: SCAN_STEPS };

/**
 * The best portfolio among the baskets named by `styles` (docs: closed forms T1, T2, T4).
 * @returns null when none has a positive guarantee. Claims whose fee or scales are not usable are left out.
 */
export function solve(
  problem: Problem,
  styles: readonly Style[],
  limits: Limits = NO_LIMITS,
): Portfolio | null {
  const desk = new Desk(problem, limits);
  const solutions = styles.flatMap((style) => FINDERS[style](desk));
  let best: Portfolio | null = null;
  for (const solution of solutions) {
    const portfolio = evaluate(problem, solution);
    if (portfolio === null || portfolio.guaranteed <= 0n) continue;
    if (best === null || comparePortfolios(portfolio, best) < 0) best = portfolio;
  }
  return best;
}

const FINDERS: Readonly<Record<Style, (desk: Desk) => readonly Solution[]>> = {
  pair: pairs,
  split_sell: splits,
  yes_basket: yesBaskets,
  no_basket: noBaskets,
};

/** One solve: the problem's claims with their cost tables, and the work left. */
class Desk {
  readonly problem: Problem;
  readonly limits: Limits;
  readonly budget: Budget;
  private readonly tables: readonly (CostTable | null)[];

  constructor(problem: Problem, limits: Limits) {
    this.problem = problem;
    this.limits = limits;
    this.budget = { left: limits.steps };
    this.tables = problem.claims.map((claim) =>
      isUsable(claim) && claim.ladder.length > 0 ? new CostTable(claim) : null,
    );
  }

  /** Index of the only claim on a proposition's side; -1 when there is none or more than one (no closed form). */
  find(proposition: string, side: "YES" | "NO", action: "buy" | "sell"): number {
    let found = -1;
    for (const [index, claim] of this.problem.claims.entries()) {
      if (claim.proposition !== proposition || claim.side !== side || claim.action !== action) continue;
      if (this.tables[index] === null) continue;
      if (found !== -1) return -1;
      found = index;
    }
    return found;
  }

  table(index: number): CostTable {
    return this.tables[index]!;
  }

  /** What the venue lets a holder do with the YES and NO of one market. */
  netting(type: "split" | "merge", market: string) {
    for (const conversion of this.problem.conversions)
      if (conversion.type !== "neg_risk_convert" && conversion.type === type && conversion.market === market)
        return conversion;
    return null;
  }

  /** The negative-risk conversion that covers a market. */
  negativeRisk(market: string) {
    for (const conversion of this.problem.conversions)
      if (conversion.type === "neg_risk_convert" && conversion.markets.includes(market)) return conversion;
    return null;
  }

  solution(
    style: Style,
    chosen: readonly number[],
    lots: readonly number[],
    conversions: readonly AppliedConversion[],
  ): Solution {
    const all = this.problem.claims.map(() => 0);
    for (const [at, index] of chosen.entries()) all[index] = lots[at]!;
    return { style, lots: all, conversions };
  }
}

function pairs(desk: Desk): Solution[] {
  return desk.problem.propositions.flatMap((proposition) => {
    const chosen = [desk.find(proposition, "YES", "buy"), desk.find(proposition, "NO", "buy")];
    const market = desk.problem.markets[proposition];
    if (chosen.includes(-1) || market === undefined) return [];
    const tables = chosen.map((index) => desk.table(index));
    const sizes = coverBasket(tables, desk.budget, desk.limits.maxCapital);
    if (sizes === null) return [];
    const held = desk.solution("pair", chosen, sizes.lots, []);
    const merge = desk.netting("merge", market);
    const sameMarket = chosen.every((index) => desk.problem.claims[index]!.market === market);
    if (merge === null || !sameMarket || tables.some(paysFeeOnProfit)) return [held];
    const reach = tables.map((table, at) => table.received(sizes.lots[at]!)).reduce(minOf);
    const quantity = merge.max === null ? reach : minOf(reach, merge.max);
    return [held, { ...held, conversions: [{ type: "merge", market, quantity }] }];
  });
}

function splits(desk: Desk): Solution[] {
  return desk.problem.propositions.flatMap((proposition) => {
    const market = desk.problem.markets[proposition];
    const split = market === undefined ? null : desk.netting("split", market);
    const chosen = [desk.find(proposition, "YES", "sell"), desk.find(proposition, "NO", "sell")];
    if (split === null || market === undefined || chosen.includes(-1)) return [];
    const [yes, no] = [desk.table(chosen[0]!), desk.table(chosen[1]!)];
    const sizes = splitSell(yes, no, split.max, desk.budget, desk.limits.maxCapital);
    if (sizes === null) return [];
    return [
      desk.solution("split_sell", chosen, sizes.lots, [{ type: "split", market, quantity: sizes.quantity }]),
    ];
  });
}

function yesBaskets(desk: Desk): Solution[] {
  return desk.problem.relations.flatMap((relation) => {
    if (relation.type !== "exhaustive") return [];
    const chosen = relation.propositions.map((proposition) => desk.find(proposition, "YES", "buy"));
    if (chosen.length < 2 || chosen.includes(-1)) return [];
    const tables = chosen.map((index) => desk.table(index));
    const sizes = coverBasket(tables, desk.budget, desk.limits.maxCapital);
    return sizes === null ? [] : [desk.solution("yes_basket", chosen, sizes.lots, [])];
  });
}

function noBaskets(desk: Desk): Solution[] {
  return desk.problem.relations.flatMap((relation) => {
    const k = relation.type === "exclusive" ? 1 : relation.type === "at_most" ? relation.k : 0;
    if (k < 1 || (relation.type !== "exclusive" && relation.type !== "at_most")) return [];
    const chosen = relation.propositions
      .map((proposition) => desk.find(proposition, "NO", "buy"))
      .filter((index) => index !== -1);
    const tables = chosen.map((index) => desk.table(index));
    if (chosen.length <= k || tables.some(paysFeeOnProfit)) return [];
    const sizes = noBasket(tables, k, desk.budget, desk.limits.maxCapital);
    if (sizes === null) return [];
    const held = desk.solution("no_basket", chosen, sizes.lots, []);
    const conversion = k === 1 ? convertible(desk, chosen) : null;
    if (conversion === null) return [held];
    const holdings = chosen.map((index, at) => ({
      market: desk.problem.claims[index]!.market,
      contracts: desk.table(index).received(sizes.lots[at]!),
    }));
    const conversions = releaseCapital(conversion, holdings);
    return conversions.length === 0 ? [held] : [held, { ...held, conversions }];
  });
}

/** The negative-risk conversion that covers the chosen legs, when the family has one. */
function convertible(desk: Desk, chosen: readonly number[]) {
  const first = desk.problem.claims[chosen[0]!];
  return first === undefined ? null : desk.negativeRisk(first.market);
}

/** A fee on winnings belongs to a purchase; converted or netted claims would lose track of it. */
function paysFeeOnProfit(table: CostTable): boolean {
  return table.fee.type === "payout_profit";
}

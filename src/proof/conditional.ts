import { evaluate, type Portfolio } from "./portfolio.ts";
import type { Problem } from "./problem.ts";
import { solve } from "./solve.ts";

/** What a YES basket would earn if the outcomes were exhaustive, and what it loses when none of them happens. */
export interface Conditional {
  readonly profit: bigint;
  readonly lossIfNone: bigint;
}

/** For a label that is not known: the profit is only reported, never traded. Null when there is none even then. */
export function conditionalOnExhaustive(problem: Problem): Conditional | null {
  const assumed = { type: "exhaustive", evidenceHash: "assumed", expiresAt: null } as const;
  const relations = [...problem.relations, { ...assumed, propositions: problem.propositions }];
  const portfolio: Portfolio | null = solve({ ...problem, relations }, ["yes_basket"]);
  if (portfolio === null) return null;
  const real = evaluate(problem, portfolio.solution);
  return real === null ? null : { profit: portfolio.guaranteed, lossIfNone: -real.guaranteed };
}

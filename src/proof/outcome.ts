import type { Finding, MarketView, Reason } from "../contracts/index.ts";
import type { CertificateMeta } from "./certificate.ts";
import type { Claim } from "./claim.ts";
import { findingOf } from "./finding.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { Portfolio } from "./portfolio.ts";
import type { Problem, Style } from "./problem.ts";
import { solve } from "./solve.ts";

/** What came of looking at a basket: a finding, or the reason why there is none. */
export type Outcome =
  | { readonly finding: Finding; readonly portfolio: Portfolio }
  | { readonly reason: Reason };

/** Solves a basket whose best prices show an edge, and certifies it. */
export function proveBasket(
  problem: Problem,
  styles: readonly Style[],
  options: LaneOptions,
  meta: CertificateMeta,
  view: MarketView,
): Outcome {
  const portfolio = solve(problem, styles);
  if (portfolio === null) return { reason: withoutMinimum(problem, styles) };
  if (portfolio.guaranteed < options.minProfit) return { reason: "lane.no_edge_net" };
  return { portfolio, finding: findingOf(portfolio, meta, view.sha256) };
}

/** Why no size pays: the venue's minimum stands in the way, or fees take the edge. */
function withoutMinimum(problem: Problem, styles: readonly Style[]): Reason {
  if (problem.claims.every((claim) => claim.minLots <= claim.lotStep)) return "lane.no_edge_net";
  const claims = problem.claims.map((claim): Claim => ({ ...claim, minLots: claim.lotStep }));
  return solve({ ...problem, claims }, styles) === null ? "lane.no_edge_net" : "lane.below_minimum";
}

/** How far a family got: of several baskets looked at, the reason of the furthest is the family's. */
const PROGRESS: readonly Reason[] = [
  "lane.too_few_legs",
  "lane.unified",
  "lane.quote_missing",
  "lane.no_edge_gross",
  "lane.not_exclusive",
  "lane.not_exhaustive",
  "lane.label_unknown",
  "lane.budget",
  "lane.fee_unknown",
  "lane.no_edge_net",
  "lane.below_minimum",
  "lane.emitted",
];

/** The reason that lies further along the way to a finding. */
export function further(a: Reason, b: Reason): Reason {
  return PROGRESS.indexOf(b) > PROGRESS.indexOf(a) ? b : a;
}

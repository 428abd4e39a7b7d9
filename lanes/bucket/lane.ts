import {
  defineLane,
  type Family,
  type LaneOutput,
  type MarketView,
  type Reason,
  reasonNumber,
} from "../../src/contracts/index.ts";
import type { Claim } from "../../src/proof/claim.ts";
import { familyProblem, labelAt, mostTrue } from "../../src/proof/family-problem.ts";
import { type LaneOptions, parseLaneOptions } from "../../src/proof/lane-options.ts";
import { further, type Outcome, proveBasket } from "../../src/proof/outcome.ts";
import { comparePortfolios } from "../../src/proof/portfolio.ts";
import { bestPrice, COMMON_SCALE, claimOf } from "../../src/proof/quotes.ts";
import { MAX_STATES } from "../../src/proof/states.ts";
import { type Gross, grossOf } from "./gross.ts";

const ID = "bucket";

/** The outcomes of one event: all YES bought below one, or NO contracts bought below what must pay. */
export const bucket = defineLane<LaneOptions>({
  id: ID,
  about: "all outcomes of one event: YES baskets, NO baskets, negative-risk conversions",
  parse: (options) => parseLaneOptions(ID, options),
  create: (options) => {
    const gross: Gross = { yesSum: 0, yesMissing: false, noGain: 0, noCount: 0, outcomes: 0 };
    return {
      scan(view, changed, changedCount, out) {
        for (let at = 0; at < changedCount; at += 1) {
          const index = changed[at]!;
          const family = view.family(index);
          if (family.kind !== "event") continue;
          out.diagnose(index, reasonNumber(look(view, family, options, gross, out)));
        }
      },
    };
  },
});

/** Looks at one event, hands its best finding on, and says what came of it. */
function look(view: MarketView, family: Family, options: LaneOptions, gross: Gross, out: LaneOutput): Reason {
  grossOf(view, family, gross);
  if (gross.outcomes < 2) return "lane.too_few_legs";
  const most = mostTrue(family, view.now);
  const yes = yesReason(view, family, gross, options);
  const no = noReason(view, family, gross, most);
  if (yes !== "lane.emitted" && no !== "lane.emitted") return further(yes, no);
  const outcomes = [
    yes === "lane.emitted" ? proveYes(view, family, options) : { reason: yes },
    no === "lane.emitted" ? proveNo(view, family, options, most ?? 1) : { reason: no },
  ];
  const best = bestOf(outcomes);
  if ("reason" in best) return best.reason;
  out.finding(best.finding);
  return "lane.emitted";
}

/** Gross check of the YES basket; `lane.emitted` when it is worth solving. */
function yesReason(view: MarketView, family: Family, gross: Gross, options: LaneOptions): Reason {
  if (gross.yesMissing) return "lane.quote_missing";
  if (gross.yesSum >= COMMON_SCALE) return "lane.no_edge_gross";
  const label = labelAt(family.exhaustive, view.now);
  if (label === "unknown") return "lane.label_unknown";
  if (label === "no") return "lane.not_exhaustive";
  return gross.outcomes > options.maxLegs ? "lane.budget" : "lane.emitted";
}

/** Gross check of the NO basket: what the NO contracts cost less than one must exceed what can be lost. */
function noReason(view: MarketView, family: Family, gross: Gross, most: number | null): Reason {
  const lost = most ?? 1;
  if (gross.noCount <= lost) return "lane.quote_missing";
  if (gross.noGain <= lost * COMMON_SCALE) return "lane.no_edge_gross";
  if (most !== null) return "lane.emitted";
  return labelAt(family.exclusive, view.now) === "no" ? "lane.not_exclusive" : "lane.label_unknown";
}

function proveYes(view: MarketView, family: Family, options: LaneOptions): Outcome {
  const claims: Claim[] = [];
  for (const book of family.members) {
    const instrument = view.instrument(book);
    if (instrument === undefined || instrument.side === "no") continue;
    const claim = claimOf(view, book, "YES", "buy", options.maxLevels);
    if (claim === null) return { reason: "lane.fee_unknown" };
    claims.push(claim);
  }
  return prove(view, family, claims, "yes_basket", options);
}

/** Legs without a quote or with an unknown fee are left out: a NO basket on a subset pays as well. */
function proveNo(view: MarketView, family: Family, options: LaneOptions, most: number): Outcome {
  const claims: Claim[] = [];
  for (const book of family.members) {
    const instrument = view.instrument(book);
    if (instrument === undefined || instrument.side === "yes" || bestPrice(view, instrument, "NO", "buy") < 0)
      continue;
    const claim = claimOf(view, book, "NO", "buy", options.maxLevels);
    if (claim !== null && claim.ladder.length > 0) claims.push(claim);
  }
  if (claims.length <= most) return { reason: "lane.fee_unknown" };
  return prove(view, family, cheapest(claims, options.maxLegs), "no_basket", options);
}

function prove(
  view: MarketView,
  family: Family,
  claims: readonly Claim[],
  style: "yes_basket" | "no_basket",
  options: LaneOptions,
): Outcome {
  const problem = { ...familyProblem(family, view.now, (book) => view.instrument(book)), claims };
  if (problem.propositions.length > MAX_STATES) return { reason: "lane.budget" };
  const meta = { lane: ID, family: family.id, issuedAt: view.now, factSeq: view.factSeq };
  return proveBasket(problem, [style], options, meta, view);
}

/** The better of two findings; without one, the reason of the basket that got further. */
function bestOf(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((a, b) => {
    if ("reason" in a) return "reason" in b ? { reason: further(a.reason, b.reason) } : b;
    if ("reason" in b) return a;
    return comparePortfolios(a.portfolio, b.portfolio) <= 0 ? a : b;
  });
}

/** The `most` claims with the lowest best price, in their order. */
function cheapest(claims: readonly Claim[], most: number): readonly Claim[] {
  if (claims.length <= most) return claims;
  const price = (claim: Claim) => claim.ladder[0]!.ticks * (COMMON_SCALE / claim.priceScale);
  const chosen = new Set([...claims].sort((a, b) => price(a) - price(b)).slice(0, most));
  return claims.filter((claim) => chosen.has(claim));
}

import {
  ASK,
  BID,
  defineLane,
  type Family,
  type Instrument,
  type LaneOutput,
  type MarketView,
  type Reason,
  reasonNumber,
} from "../../src/contracts/index.ts";
import type { Claim } from "../../src/proof/claim.ts";
import { familyProblem } from "../../src/proof/family-problem.ts";
import { type LaneOptions, parseLaneOptions } from "../../src/proof/lane-options.ts";
import { further, proveBasket } from "../../src/proof/outcome.ts";
import type { Style } from "../../src/proof/problem.ts";
import { bestPrice, COMMON_SCALE, claimOf } from "../../src/proof/quotes.ts";

const ID = "intra";

/** YES and NO of one market in separate books: both bought below one, or split and both sold above one. */
export const intra = defineLane<LaneOptions>({
  id: ID,
  about: "YES and NO of one market, quoted in separate books",
  parse: (options) => parseLaneOptions(ID, options),
  create: (options) => ({
    scan(view, changed, changedCount, out) {
      for (let at = 0; at < changedCount; at += 1) {
        const index = changed[at]!;
        const family = view.family(index);
        if (family.kind === "market") out.diagnose(index, reasonNumber(look(view, family, options, out)));
      }
    },
  }),
});

/** Looks at one market, hands its finding on, and says what came of it. */
function look(view: MarketView, family: Family, options: LaneOptions, out: LaneOutput): Reason {
  const unified = unifiedReason(view, family);
  if (unified !== null) return unified;
  const yes = memberOf(view, family, "yes");
  const no = memberOf(view, family, "no");
  if (yes === null || no === null) return "lane.too_few_legs";
  const bought = edgeOf(view, yes, no, "buy");
  const sold = family.transforms.some((transform) => transform.type === "split")
    ? edgeOf(view, yes, no, "sell")
    : "lane.quote_missing";
  const styles: Style[] = [];
  if (bought === "lane.emitted") styles.push("pair");
  if (sold === "lane.emitted") styles.push("split_sell");
  if (styles.length === 0) return further(bought, sold);
  return prove(view, family, [yes, no], styles, options, out);
}

function prove(
  view: MarketView,
  family: Family,
  members: readonly Instrument[],
  styles: readonly Style[],
  options: LaneOptions,
  out: LaneOutput,
): Reason {
  const claims: Claim[] = [];
  for (const style of styles)
    for (const { book, side } of members) {
      const action = style === "pair" ? "buy" : "sell";
      const claim = claimOf(view, book, side === "yes" ? "YES" : "NO", action, options.maxLevels);
      if (claim === null) return "lane.fee_unknown";
      claims.push(claim);
    }
  const problem = { ...familyProblem(family, view.now, (book) => view.instrument(book)), claims };
  const meta = { lane: ID, family: family.id, issuedAt: view.now, factSeq: view.factSeq };
  const outcome = proveBasket(problem, styles, options, meta, view);
  if ("reason" in outcome) return outcome.reason;
  out.finding(outcome.finding);
  return "lane.emitted";
}

/** A unified book holds nothing to arbitrage: YES ask + NO ask below one means that it is crossed, a data fault. */
function unifiedReason(view: MarketView, family: Family): Reason | null {
  for (const book of family.members) {
    if (view.instrument(book)?.side !== "unified") continue;
    const bid = view.bestTicks(book, BID);
    const ask = view.bestTicks(book, ASK);
    return bid >= 0 && ask >= 0 && bid >= ask ? "quote.unified_cross" : "lane.unified";
  }
  return null;
}

/** The gross check on best prices, in integers: `lane.emitted` when there is an edge before fees. */
function edgeOf(view: MarketView, yes: Instrument, no: Instrument, action: "buy" | "sell"): Reason {
  const yesPrice = bestPrice(view, yes, "YES", action);
  const noPrice = bestPrice(view, no, "NO", action);
  if (yesPrice < 0 || noPrice < 0) return "lane.quote_missing";
  const sum = yesPrice + noPrice;
  const pays = action === "buy" ? sum < COMMON_SCALE : sum > COMMON_SCALE;
  return pays ? "lane.emitted" : "lane.no_edge_gross";
}

/** The only member quoting that side; null when there is none or more than one. */
function memberOf(view: MarketView, family: Family, side: "yes" | "no"): Instrument | null {
  let found: Instrument | null = null;
  for (const book of family.members) {
    const instrument = view.instrument(book);
    if (instrument?.side !== side) continue;
    if (found !== null) return null;
    found = instrument;
  }
  return found;
}

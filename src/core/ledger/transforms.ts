import type { Posting } from "./accounts.ts";
import type { Claim, Contracts, MarketTerms } from "./claim.ts";
import {
  basisPointsUp,
  cashPosting,
  contractPostings,
  costShare,
  feePosting,
  profitPosting,
  setValue,
} from "./postings.ts";

/** What is held of one claim: contracts, and what they cost without fees. */
export interface Position {
  readonly contracts: Contracts;
  readonly cost: bigint;
}

export type PositionOf = (market: string, claim: Claim) => Position;

/** One unit of currency per contract becomes a YES and a NO; the cost is shared equally. */
export function splitPostings(terms: MarketTerms, contracts: Contracts): Posting[] {
  const cost = setValue(contracts);
  const yesCost = cost / 2n;
  return [
    cashPosting(terms, -cost),
    ...contractPostings(terms, "yes", contracts, yesCost),
    ...contractPostings(terms, "no", contracts, cost - yesCost),
  ];
}

/** A YES and a NO become one unit of currency. Null when either is not held in that number. */
export function mergePostings(
  terms: MarketTerms,
  contracts: Contracts,
  position: PositionOf,
): Posting[] | null {
  const yes = position(terms.market, "yes");
  const no = position(terms.market, "no");
  if (yes.contracts < contracts || no.contracts < contracts) return null;
  const yesCost = costShare(yes.cost, contracts, yes.contracts);
  const noCost = costShare(no.cost, contracts, no.contracts);
  const money = setValue(contracts);
  return [
    cashPosting(terms, money),
    ...contractPostings(terms, "yes", -contracts, -yesCost),
    ...contractPostings(terms, "no", -contracts, -noCost),
    profitPosting(terms, money - yesCost - noCost),
  ];
}

/** Negative-risk conversion of the NO claims of `noSet` into money and the YES claims of the other markets. */
export interface Conversion {
  /** Every market of the event. */
  readonly markets: readonly MarketTerms[];
  readonly noSet: readonly string[];
  readonly feeBips: number;
}

/** One act on claims without trading. */
export type ClaimTransform =
  | { readonly type: "split" | "merge"; readonly terms: MarketTerms; readonly contracts: Contracts }
  | { readonly type: "convert"; readonly conversion: Conversion; readonly contracts: Contracts };

/** What a conversion gives: `(|S|-1) x (1-f)` money and `1-f` YES of each other market, per NO (facts: ARBITRAGE.md 2.2). */
export function conversionYield(noSetSize: number, feeBips: number, contracts: Contracts) {
  const gross = BigInt(noSetSize - 1) * contracts;
  const bips = BigInt(feeBips);
  return {
    gross,
    fee: basisPointsUp(gross, bips),
    yesContracts: contracts - basisPointsUp(contracts, bips),
  };
}

/**
 * Postings of a conversion. The NO claims' cost pays for the money received first; what is left of it is the cost of
 * the YES claims. Null when a NO claim is not held in that number or the set is empty or unknown.
 */
export function convertPostings(
  conversion: Conversion,
  contracts: Contracts,
  position: PositionOf,
): Posting[] | null {
  const chosen = new Set(conversion.noSet);
  const burnt = conversion.markets.filter(({ market }) => chosen.has(market));
  const [first] = burnt;
  if (first === undefined || burnt.length !== chosen.size) return null;
  const postings: Posting[] = [];
  let cost = 0n;
  for (const terms of burnt) {
    const held = position(terms.market, "no");
    if (held.contracts < contracts) return null;
    const share = costShare(held.cost, contracts, held.contracts);
    cost += share;
    postings.push(...contractPostings(terms, "no", -contracts, -share));
  }
  const others = conversion.markets.filter(({ market }) => !chosen.has(market));
  const { gross, fee, yesContracts } = conversionYield(burnt.length, conversion.feeBips, contracts);
  const carried = others.length > 0 && cost > gross ? cost - gross : 0n;
  const each = others.length > 0 ? carried / BigInt(others.length) : 0n;
  others.forEach((terms, index) => {
    const yesCost = index === 0 ? carried - each * BigInt(others.length - 1) : each;
    postings.push(...contractPostings(terms, "yes", yesContracts, yesCost));
  });
  postings.push(cashPosting(first, gross - fee), feePosting(first, fee));
  postings.push(profitPosting(first, gross + carried - cost));
  return postings;
}

import { PICO_ONE, type Pico } from "../../contracts/index.ts";
import type { Posting } from "./accounts.ts";
import type { Claim, Contracts, MarketTerms } from "./claim.ts";

/** Names of the accounts. One place, so that no caller spells one. */
export const account = {
  cash: (venue: string, currency: string) => `cash|${venue}|${currency}`,
  reserved: (venue: string, currency: string) => `reserved|${venue}|${currency}`,
  fees: (venue: string, currency: string) => `fees|${venue}|${currency}`,
  profit: (venue: string, currency: string) => `profit|${venue}|${currency}`,
  equity: (venue: string, currency: string) => `equity|${venue}|${currency}`,
  /** What the open contracts of a claim cost, without fees. */
  cost: (market: string, claim: Claim) => `cost|${market}|${claim}`,
  contracts: (market: string, claim: Claim) => `contracts|${market}|${claim}`,
  /** Counterpart of `contracts`: what the rest of the world owes us. */
  issued: (market: string, claim: Claim) => `issued|${market}|${claim}`,
} as const;

/** Contracts of a claim come in (positive) or go out, at their cost. */
export function contractPostings(
  terms: MarketTerms,
  claim: Claim,
  contracts: Contracts,
  cost: bigint,
): Posting[] {
  const unit = `${terms.market}|${claim}`;
  return [
    { account: account.contracts(terms.market, claim), unit, amount: contracts },
    { account: account.issued(terms.market, claim), unit, amount: -contracts },
    { account: account.cost(terms.market, claim), unit: terms.currency, amount: cost },
  ];
}

export function feePosting(terms: MarketTerms, fee: bigint): Posting {
  return { account: account.fees(terms.venue, terms.currency), unit: terms.currency, amount: fee };
}

/** Profit is a credit: it balances what came in against what it cost. */
export function profitPosting(terms: MarketTerms, profit: bigint): Posting {
  return { account: account.profit(terms.venue, terms.currency), unit: terms.currency, amount: -profit };
}

export function cashPosting(terms: MarketTerms, amount: bigint): Posting {
  return { account: account.cash(terms.venue, terms.currency), unit: terms.currency, amount };
}

/** Part of `cost` that leaves with `part` of `whole` contracts (average cost; the last part takes what is left). */
export function costShare(cost: bigint, part: Contracts, whole: Contracts): bigint {
  if (whole <= 0n) return 0n;
  return part >= whole ? cost : (cost * part) / whole;
}

/** Basis points of an amount, rounded up: a fee is never understated. */
export function basisPointsUp(amount: bigint, bips: bigint): bigint {
  if (amount <= 0n) return 0n;
  return (amount * bips + 9_999n) / 10_000n;
}

/** Contracts withheld by a fee taken in shares: `bps` (decimal hundredths allowed as 1e-12) of what was bought, rounded up. */
export function withheldShares(contracts: Contracts, bpsPico: bigint): Contracts {
  const scale = 10_000n * PICO_ONE;
  return (contracts * bpsPico + scale - 1n) / scale;
}

/** Money of complete sets: one unit of currency per contract. */
export function setValue(contracts: Contracts): Pico {
  return contracts as Pico;
}

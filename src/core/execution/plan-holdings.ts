import { type Instrument, PICO_ONE } from "../../contracts/index.ts";
import { type Claim, type Contracts, lesser, type MarketTerms } from "../ledger/claim.ts";
import { type Conversion, conversionYield } from "../ledger/transforms.ts";
import type { Holding } from "../ledger/worst-value.ts";

/** What one plan holds of one claim, and what its matched basket would hold. */
export interface HeldClaim {
  readonly market: string;
  readonly claim: Claim;
  /** Book where it can be sold, and the leg it belongs to; null for claims that came from a conversion. */
  readonly book: { readonly instrument: Instrument; readonly leg: number } | null;
  held: Contracts;
  /** Part of `held` that belongs to the complete baskets; the rest is to be unwound. */
  target: Contracts;
  /** Contracts bought and what they cost without fees, for the price paid. */
  bought: Contracts;
  paid: bigint;
}

/** The claims of one plan, in order of first sight. */
export class PlanHoldings {
  readonly #claims = new Map<string, HeldClaim>();

  /** The entry of a claim, made when absent. */
  claim(market: string, claim: Claim, book: HeldClaim["book"] = null): HeldClaim {
    const key = `${market}|${claim}`;
    const known = this.#claims.get(key);
    if (known !== undefined) return known;
    const made: HeldClaim = { market, claim, book, held: 0n, target: 0n, bought: 0n, paid: 0n };
    this.#claims.set(key, made);
    return made;
  }

  /** Claims in order of first sight. */
  all(): HeldClaim[] {
    return [...this.#claims.values()];
  }

  /** What is held, or what the matched basket holds, by market. */
  byMarket(which: "held" | "target"): Holding[] {
    const markets = new Map<string, { market: string; yes: Contracts; no: Contracts }>();
    for (const entry of this.#claims.values()) {
      const holding = markets.get(entry.market) ?? { market: entry.market, yes: 0n, no: 0n };
      holding[entry.claim] = entry[which];
      markets.set(entry.market, holding);
    }
    return [...markets.values()];
  }

  /** Adds to what is held and to what belongs to the basket. */
  split(market: string, contracts: Contracts): void {
    this.claim(market, "yes").held += contracts;
    this.claim(market, "no").held += contracts;
  }

  /** Merges every YES + NO pair. What the basket needs is netted the same way. @returns the pairs merged. */
  mergePairs(market: string): Contracts {
    const yes = this.claim(market, "yes");
    const no = this.claim(market, "no");
    const pairs = lesser(yes.held, no.held);
    if (pairs <= 0n) return 0n;
    yes.held -= pairs;
    no.held -= pairs;
    const wanted = lesser(yes.target, no.target);
    yes.target -= wanted;
    no.target -= wanted;
    return pairs;
  }

  /** Merges or converts up to `contracts` of the basket's own claims. @returns what was really available. */
  mergeTarget(market: string, contracts: Contracts): Contracts {
    const yes = this.claim(market, "yes");
    const no = this.claim(market, "no");
    const done = least([contracts, yes.target, no.target, yes.held, no.held]);
    for (const entry of [yes, no]) take(entry, done);
    return done;
  }

  convertTarget({ markets, noSet, feeBips }: Conversion, contracts: Contracts): Contracts {
    const burnt = noSet.map((market) => this.claim(market, "no"));
    const done = least([contracts, ...burnt.flatMap(({ held, target }) => [held, target])]);
    if (done <= 0n) return 0n;
    for (const entry of burnt) take(entry, done);
    const { yesContracts } = conversionYield(noSet.length, feeBips, done);
    for (const { market } of markets) {
      if (noSet.includes(market)) continue;
      const entry = this.claim(market, "yes");
      entry.held += yesContracts;
      entry.target += yesContracts;
    }
    return done;
  }
}

function take(entry: HeldClaim, contracts: Contracts): void {
  entry.held -= contracts;
  entry.target -= contracts;
}

function least(amounts: readonly Contracts[]): Contracts {
  const smallest = amounts.reduce(lesser);
  return smallest > 0n ? smallest : 0n;
}

/** Price paid per contract in 1e-12 of currency; 0 when nothing was bought. */
export function pricePaid({ bought, paid }: HeldClaim): bigint {
  return bought > 0n ? (paid * PICO_ONE) / bought : 0n;
}

/** Terms of a market of the same event as a known instrument. */
export function termsOf(market: string, { venue, currency }: MarketTerms): MarketTerms {
  return { market, venue, currency };
}

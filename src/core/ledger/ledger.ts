import {
  type Fill,
  formatDecimal,
  type LedgerSummary,
  notional,
  PICO_DIGITS,
  PICO_ONE,
  type Pico,
  parseDecimal,
} from "../../contracts/index.ts";
import { Accounts, type Posting } from "./accounts.ts";
import {
  type Claim,
  type Contracts,
  claimOf,
  contractsOf,
  isBuy,
  type MarketTerms,
  worthOf,
} from "./claim.ts";
import {
  account,
  basisPointsUp,
  cashPosting,
  contractPostings,
  costShare,
  feePosting,
  profitPosting,
} from "./postings.ts";
import { Reservations, type VenueMoney } from "./reservations.ts";
import {
  type ClaimTransform,
  type Conversion,
  convertPostings,
  mergePostings,
  type Position,
  splitPostings,
} from "./transforms.ts";
import { type Holding, pairsOnly, type WorstValue } from "./worst-value.ts";

export interface LedgerOptions {
  readonly deposits: readonly VenueMoney[];
  /** Currencies counted one to one in the summary. Assumed, not measured; a deposit in any other is refused. */
  readonly parCurrencies: readonly string[];
}

/** Terms of a book that the ledger needs; an `Instrument` is one. */
export interface BookTerms extends MarketTerms {
  readonly priceScale: number;
  readonly sizeScale: number;
}

export interface Settlement {
  readonly market: string;
  /** Money received, after a fee on the profit. */
  readonly paid: Pico;
  readonly fee: Pico;
  /** Payout minus the cost of the contracts, before that fee. */
  readonly profit: Pico;
}

/** What happened that a sound run never shows. Facts are posted all the same: the venue's word stands. */
export interface LedgerAnomalies {
  /** Fills that took a venue's free cash below zero. */
  overdrawn: number;
  /** Sells of more contracts than were held. */
  oversold: number;
}

/**
 * Double-entry ledger in exact money. Free and reserved cash per venue and currency, contracts and cost per claim,
 * fees, realised profit, opening equity. Every act is one balanced posting set.
 */
export class Ledger {
  readonly #accounts = new Accounts();
  readonly #open = new Map<string, MarketTerms>();
  readonly #reservations = new Reservations(this.#accounts);
  readonly anomalies: LedgerAnomalies = { overdrawn: 0, oversold: 0 };
  readonly #positionOf = (market: string, claim: Claim): Position => this.position(market, claim);

  /** @throws RangeError on a negative deposit or a currency without a stated parity. */
  constructor(options: LedgerOptions) {
    for (const { venue, currency, amount } of options.deposits) {
      if (amount < 0n) throw new RangeError(`deposit at ${venue} is negative`);
      if (!options.parCurrencies.includes(currency)) {
        throw new RangeError(`deposit at ${venue} is in ${currency}, which has no stated parity`);
      }
      this.#accounts.post([
        { account: account.cash(venue, currency), unit: currency, amount },
        { account: account.equity(venue, currency), unit: currency, amount: -amount },
      ]);
    }
  }

  freeCash(venue: string, currency: string): Pico {
    return this.#accounts.balance(account.cash(venue, currency)) as Pico;
  }

  position(market: string, claim: Claim): Position {
    return {
      contracts: this.#accounts.balance(account.contracts(market, claim)),
      cost: this.#accounts.balance(account.cost(market, claim)),
    };
  }

  /** Open claims by market, in the order they were opened. */
  holdings(): Holding[] {
    return [...this.#open.keys()].map((market) => ({
      market,
      yes: this.position(market, "yes").contracts,
      no: this.position(market, "no").contracts,
    }));
  }

  /** Sum of all balances by unit; all zero, always. */
  trialBalance(): ReadonlyMap<string, bigint> {
    return this.#accounts.trialBalance();
  }

  /**
   * Sets money aside for a plan, all lines or none.
   * @returns false when a line exceeds the free cash or the plan already holds a reservation.
   */
  reserve(plan: string, lines: readonly VenueMoney[]): boolean {
    return this.#reservations.reserve(plan, lines);
  }

  /** Returns what is left of a plan's reservation to free cash. Nothing happens for an unknown plan. */
  release(plan: string): void {
    this.#reservations.release(plan);
  }

  /** Books one fill. `withheld` contracts never arrived (fees taken in shares). Call once per execution id. */
  fill(plan: string, fill: Fill, terms: BookTerms, withheld: Contracts = 0n): void {
    const claim = claimOf(fill.action);
    const money = notional(fill.priceTicks, fill.lots, terms.priceScale, terms.sizeScale);
    const fee = BigInt(fill.fee);
    const contracts = contractsOf(fill.lots, terms.sizeScale);
    if (isBuy(fill.action)) {
      this.#draw(plan, terms, money + fee);
      this.#post(terms, [
        cashPosting(terms, -money - fee),
        feePosting(terms, fee),
        ...contractPostings(terms, claim, contracts - withheld, money),
      ]);
      return;
    }
    const held = this.position(terms.market, claim);
    if (contracts > held.contracts) this.anomalies.oversold++;
    const cost = costShare(held.cost, contracts, held.contracts);
    this.#post(terms, [
      cashPosting(terms, money - fee),
      feePosting(terms, fee),
      ...contractPostings(terms, claim, -contracts, -cost),
      profitPosting(terms, money - cost),
    ]);
  }

  /** Carries out one transform of a plan. @returns false, and books nothing, when the claims are not held. */
  transform(plan: string, transform: ClaimTransform): boolean {
    if (transform.type === "convert") return this.convert(transform.conversion, transform.contracts);
    if (transform.type === "merge") return this.merge(transform.terms, transform.contracts);
    this.split(plan, transform.terms, transform.contracts);
    return true;
  }

  /** Money becomes YES + NO; drawn from the plan's reservation. */
  split(plan: string, terms: MarketTerms, contracts: Contracts): void {
    this.#draw(plan, terms, contracts);
    this.#post(terms, splitPostings(terms, contracts));
  }

  /** YES + NO become money. @returns false when they are not held. */
  merge(terms: MarketTerms, contracts: Contracts): boolean {
    const postings = mergePostings(terms, contracts, this.#positionOf);
    if (postings === null) return false;
    this.#post(terms, postings);
    return true;
  }

  /** Negative-risk conversion. @returns false when the NO claims are not held. */
  convert(conversion: Conversion, contracts: Contracts): boolean {
    const postings = convertPostings(conversion, contracts, this.#positionOf);
    if (postings === null) return false;
    this.#accounts.post(postings);
    for (const terms of conversion.markets) this.#track(terms);
    return true;
  }

  /**
   * A market resolved: its claims turn into money at `yesPayout` (decimal text in [0, 1]; NO pays the rest).
   * `profitFeeBips` is the share of a claim's profit that the venue keeps.
   * @returns null when nothing is held or the payout is no such decimal; positions then stay.
   */
  settle(market: string, yesPayout: string, profitFeeBips = 0n): Settlement | null {
    const terms = this.#open.get(market);
    const price = parseDecimal(yesPayout, PICO_DIGITS);
    if (terms === undefined || price === null || price < 0n || price > PICO_ONE) return null;
    const postings: Posting[] = [];
    let paid = 0n;
    let profit = 0n;
    let fees = 0n;
    for (const claim of ["yes", "no"] as const) {
      const { contracts, cost } = this.position(market, claim);
      const due = worthOf(contracts, claim === "yes" ? price : PICO_ONE - price);
      const fee = basisPointsUp(due - cost, profitFeeBips);
      postings.push(...contractPostings(terms, claim, -contracts, -cost));
      paid += due - fee;
      profit += due - cost;
      fees += fee;
    }
    postings.push(cashPosting(terms, paid), feePosting(terms, fees), profitPosting(terms, profit));
    this.#post(terms, postings);
    return { market, paid: paid as Pico, fee: fees as Pico, profit: profit as Pico };
  }

  /** Least payout of everything open; the default knows no relation between markets. */
  openAtWorst(worst: WorstValue = pairsOnly): Pico {
    return worst(this.holdings());
  }

  /** Cash, reserved cash and open claims at their worst state. */
  equityAtWorst(worst: WorstValue = pairsOnly): Pico {
    return (this.#cash() + this.openAtWorst(worst)) as Pico;
  }

  /** Cash plus open claims at a price (1e-12 of currency per contract) given by the caller, rounded down. */
  mark(priceOf: (market: string, claim: Claim) => bigint): Pico {
    let sum = this.#cash();
    for (const { market, yes, no } of this.holdings()) {
      if (yes !== 0n) sum += worthOf(yes, priceOf(market, "yes"));
      if (no !== 0n) sum += worthOf(no, priceOf(market, "no"));
    }
    return sum as Pico;
  }

  /** Profit and loss booked so far after fees, open claims at cost. */
  realised(): Pico {
    return (-this.#accounts.total("profit|") - this.#accounts.total("fees|")) as Pico;
  }

  summary(worst: WorstValue = pairsOnly): Omit<LedgerSummary, "outsideRows"> {
    const text = (value: bigint) => formatDecimal(value, PICO_DIGITS);
    return {
      cash: text(this.#accounts.total("cash|")),
      reserved: text(this.#accounts.total("reserved|")),
      openAtWorst: text(this.openAtWorst(worst)),
      fees: text(this.#accounts.total("fees|")),
      equity: text(this.equityAtWorst(worst)),
      startCash: text(-this.#accounts.total("equity|")),
      openPositions: this.holdings().reduce(
        (n, { yes, no }) => n + (yes === 0n ? 0 : 1) + (no === 0n ? 0 : 1),
        0,
      ),
    };
  }

  #cash(): bigint {
    return this.#accounts.total("cash|") + this.#accounts.total("reserved|");
  }

  #draw(plan: string, terms: MarketTerms, needed: bigint): void {
    this.#reservations.draw(plan, terms, needed);
    if (this.freeCash(terms.venue, terms.currency) < needed) this.anomalies.overdrawn++;
  }

  #post(terms: MarketTerms, postings: readonly Posting[]): void {
    this.#accounts.post(postings);
    this.#track(terms);
  }

  #track(terms: MarketTerms): void {
    const { market, venue, currency } = terms;
    const yes = this.position(market, "yes");
    const no = this.position(market, "no");
    const empty = yes.contracts === 0n && no.contracts === 0n && yes.cost === 0n && no.cost === 0n;
    if (empty) this.#open.delete(market);
    else if (!this.#open.has(market)) this.#open.set(market, { market, venue, currency });
  }
}

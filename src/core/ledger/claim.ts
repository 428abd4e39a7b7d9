import {
  ASK,
  BID,
  type BookSide,
  type LegAction,
  type Lots,
  PICO_ONE,
  type Pico,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";

/** A claim of a market: pays one unit of currency when its outcome happens (YES) or does not (NO). */
export type Claim = "yes" | "no";

/** What identifies where a claim lives and in which money it pays. An `Instrument` is one. */
export interface MarketTerms {
  /** `venue:market`. */
  readonly market: string;
  readonly venue: string;
  readonly currency: string;
}

/** A quantity of one claim in quanta of 1e-12 contract, exact for every venue's lot scale. */
export type Contracts = bigint;

export function claimOf(action: LegAction): Claim {
  return action === "buy_yes" || action === "sell_yes" ? "yes" : "no";
}

export function isBuy(action: LegAction): boolean {
  return action === "buy_yes" || action === "buy_no";
}

/** The action that sells a claim. */
export function sellOf(claim: Claim): LegAction {
  return claim === "yes" ? "sell_yes" : "sell_no";
}

/**
 * Side of the book an action takes from; null when the book does not quote that claim.
 * On a unified book a NO buyer takes YES bids and a NO seller takes YES asks.
 */
export function takenSide(book: BookSide, action: LegAction): Side | null {
  const claim = claimOf(action);
  if (book !== "unified" && book !== claim) return null;
  const onBookScale = book === "no" || claim === "yes";
  return isBuy(action) === onBookScale ? ASK : BID;
}

/** Price on the claim's own scale of a price on the book's scale, and back (the mirror is its own inverse). */
export function claimTicks(book: BookSide, claim: Claim, ticks: number, priceScale: number): Ticks {
  return (book === "unified" && claim === "no" ? priceScale - ticks : ticks) as Ticks;
}

/** `lots` of an instrument as exact contracts. */
export function contractsOf(lots: Lots, sizeScale: number): Contracts {
  return BigInt(lots) * (PICO_ONE / BigInt(sizeScale));
}

/** What `contracts` pay at `price` (1e-12 of currency per contract), rounded down: never more than is due. */
export function worthOf(contracts: Contracts, price: bigint): Pico {
  const exact = contracts * price;
  const whole = exact / PICO_ONE;
  return (exact < 0n && exact % PICO_ONE !== 0n ? whole - 1n : whole) as Pico;
}

/** The smaller of two exact amounts (`Math.min` knows no bigint). */
export function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

import { ASK, BID, type Lots, notional, PICO_ONE, type Side, type Ticks } from "../../contracts/index.ts";
import { feeOfFill } from "../../proof/fees.ts";
import type { DecoyReason, PlantStyle } from "./plant.ts";
import { PARTS, type Quote, type Topic } from "./topic.ts";

/** Claims are never planted cheaper: they stay well clear of micro prices. */
const LOWEST_PARTS = 300;
/** A price moves by at least this much at a time. */
const MOVE_PARTS = 20;
/** A trap that fees kill shows this much before them. */
const TEMPTING_PARTS = 60;
const MAX_MOVES = 400;

export interface Leg {
  readonly quote: Quote;
  /** Side of the book that is taken, and at which price on the book's own scale. */
  readonly side: Side;
  ticks: number;
}

/** Quotes that together pay `units` of money per contract, whatever happens. */
export interface Portfolio {
  readonly legs: readonly Leg[];
  readonly units: number;
}

/** The portfolio of a style at today's best prices; null when a side is empty. `cross` takes the first outcome. */
export function portfolioOf(topic: Topic, style: PlantStyle): Portfolio | null {
  const legs = style === "cross" ? crossLegs(topic) : basketLegs(topic, style === "no_basket" ? BID : ASK);
  if (legs.length < 2 || legs.some((leg) => leg.ticks === -1)) return null;
  return { legs, units: style === "no_basket" ? legs.length - 1 : 1 };
}

/**
 * Moves the dearest leg step by step until the portfolio gives `wantedParts` per contract after fees (for the trap
 * `fees`: something before fees, nothing after). False when it cannot; the portfolio is then of no use.
 */
export function cheapen(
  portfolio: Portfolio,
  decoy: DecoyReason | null,
  contracts: bigint,
  wantedParts: number,
): boolean {
  const wanted = (BigInt(wantedParts) * contracts) / BigInt(PARTS);
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const net = profitOf(portfolio, contracts);
    if (net === null) return false;
    if (decoy === "fees" && grossParts(portfolio) >= TEMPTING_PARTS) return net < 0n;
    if (decoy !== "fees" && net >= wanted) return true;
    const leg = portfolio.legs.reduce((best, each) => (claimParts(each) > claimParts(best) ? each : best));
    const next = better(leg);
    if (next === -1 || claimParts({ ...leg, ticks: next }) < LOWEST_PARTS) return false;
    leg.ticks = next;
  }
  return false;
}

/**
 * Profit in quanta of 1e-12 of buying every leg's claim at its price with one fill each.
 * @param contracts in quanta of 1e-12. Null under a fee that is not paid in money when trading.
 */
export function profitOf(portfolio: Portfolio, contracts: bigint): bigint | null {
  let left = BigInt(portfolio.units) * contracts;
  for (const leg of portfolio.legs) {
    const { book } = leg.quote;
    const fee = book.fees.taker;
    if (fee.type === "in_shares" || fee.type === "payout_profit") return null;
    const lots = lotsOf(leg.quote, contracts);
    const terms = {
      ticks: BigInt(claimTicks(leg)),
      lots: BigInt(lots),
      priceScale: BigInt(book.priceScale),
      sizeScale: BigInt(book.sizeScale),
    };
    const price = notional(claimTicks(leg) as Ticks, lots as Lots, book.priceScale, book.sizeScale);
    left -= price + feeOfFill(fee, "buy", terms, 0n).fee;
  }
  return left;
}

/** Contracts in quanta as lots of a book. */
export function lotsOf(quote: Quote, contracts: bigint): number {
  return Number((contracts * BigInt(quote.book.sizeScale)) / PICO_ONE);
}

/** Parts per contract before fees. */
function grossParts({ legs, units }: Portfolio): number {
  return legs.reduce((left, leg) => left - claimParts(leg), units * PARTS);
}

function basketLegs(topic: Topic, side: Side): readonly Leg[] {
  return topic.outcomes.map(({ quotes }) => legOf(quotes[0]!, side));
}

function crossLegs(topic: Topic): readonly Leg[] {
  const [cheap, dear] = topic.outcomes[0]!.quotes;
  return cheap === undefined || dear === undefined ? [] : [legOf(cheap, ASK), legOf(dear, BID)];
}

function legOf(quote: Quote, side: Side): Leg {
  return { quote, side, ticks: quote.book.side(side).best() };
}

function claimTicks({ quote, side, ticks }: Leg): number {
  return side === ASK ? ticks : quote.book.priceScale - ticks;
}

function claimParts(leg: Leg): number {
  return (claimTicks(leg) * PARTS) / leg.quote.book.priceScale;
}

/** The next price that is better for the taker; -1 = none. */
function better({ quote, side, ticks }: Leg): number {
  const { grid, priceScale } = quote.book;
  const move = Math.max(1, Math.floor((MOVE_PARTS * priceScale) / PARTS));
  return side === ASK ? grid.outward(BID, ticks - move) : grid.outward(ASK, ticks + move);
}

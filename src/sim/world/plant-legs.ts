import { ASK, BID, type Side } from "../../contracts/index.ts";
import type { DecoyReason, PlantStyle } from "./actions.ts";
import { buyCost } from "./cost.ts";
import { PRICE_SCALE } from "./ladder.ts";
import { type EventState, type Outcome, type Quote, quotesOf } from "./state.ts";

const PICO_PER_TICK = 100_000_000n;
/** Planted quotes stay well inside the micro-price band. */
const LOWEST_TICKS = 300;
/** A trap that fees kill shows this much before them, in ticks per set. */
const TEMPTING_TICKS = 60;
const MAX_MOVES = 600;

export interface Leg {
  readonly quote: Quote;
  /** Side of the book that is taken, and at which price on the book's own scale. */
  readonly side: Side;
  ticks: number;
}

/**
 * One leg per book, the dearest moved step by step until the portfolio gives `wantedTicks` per set after fees
 * (for the trap `fees`: something before fees, nothing after). Null when this event cannot give it.
 */
export function legsFor(
  event: EventState,
  style: PlantStyle,
  decoy: DecoyReason | null,
  lots: number,
  wantedTicks: number,
): readonly Leg[] | null {
  const side: Side = style === "no_basket" ? BID : ASK;
  const legs = quotesOf(event).map((quote): Leg => ({ quote, side, ticks: quote.ladder.best(side) }));
  if (legs.some((leg) => leg.ticks === -1)) return null;
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const net = profit(event, style, legs, lots);
    if (decoy === "fees" && gross(event, style, legs) >= TEMPTING_TICKS) return net < 0n ? legs : null;
    if (decoy !== "fees" && net >= perLot(event, wantedTicks, lots)) return legs;
    const leg = dearest(decoy === "stale_leg" ? legs.slice(0, 1) : legs);
    if (claimPrice(leg) - leg.quote.stepTicks < LOWEST_TICKS) return null;
    leg.ticks += leg.side === ASK ? -leg.quote.stepTicks : leg.quote.stepTicks;
  }
  return null;
}

/** Profit in Pico of buying every leg's claim at its price, if labels and quotes are what they seem. */
export function profit(event: EventState, style: PlantStyle, legs: readonly Leg[], lots: number): bigint {
  const { sizeScale } = legs[0]!.quote.book.listing;
  const sets = style === "no_basket" ? legs.length - 1 : 1;
  const pays = perLot(event, sets * PRICE_SCALE, lots);
  return legs.reduce((left, leg) => left - buyCost(event.fee, claimPrice(leg), lots, sizeScale), pays);
}

/** Ticks per set before fees. */
function gross(event: EventState, style: PlantStyle, legs: readonly Leg[]): number {
  const sets = style === "no_basket" ? event.outcomes.length - 1 : 1;
  return legs.reduce((left, leg) => left - claimPrice(leg), sets * PRICE_SCALE);
}

function perLot(event: EventState, ticks: number, lots: number): bigint {
  const { sizeScale } = quotesOf(event)[0]!.book.listing;
  return (BigInt(ticks) * BigInt(lots) * PICO_PER_TICK) / BigInt(sizeScale);
}

function claimPrice(leg: Leg): number {
  return leg.side === ASK ? leg.ticks : PRICE_SCALE - leg.ticks;
}

/** The leg whose claim costs most and may move; a longshot stays where it is. */
function dearest(legs: readonly Leg[]): Leg {
  return legs.reduce((best, leg) => (claimPrice(leg) > claimPrice(best) ? leg : best));
}

export function askOf(quote: Quote): number {
  return quote.ladder.best(ASK);
}

export function isBasket(event: EventState): boolean {
  return event.kind === "bucket" && !hasLongshot(event);
}

export function isPair(event: EventState): boolean {
  return event.kind === "pair";
}

export function hasLongshot(event: EventState): boolean {
  return event.outcomes.some((outcome) => outcome.pinned);
}

export function isFree(event: EventState): boolean {
  return event.fee.type === "kalshi" && event.fee.takerRate === "0";
}

export function yesOnly(event: EventState): Outcome {
  const [outcome] = event.outcomes;
  return { ...outcome!, quotes: outcome!.quotes.slice(0, 1) };
}

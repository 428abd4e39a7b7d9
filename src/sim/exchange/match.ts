import {
  ASK,
  BID,
  type Instrument,
  type Lots,
  type MarketView,
  type Micros,
  type Order,
  type Pico,
  type Reason,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";
import type { Depletion } from "./depletion.ts";

/** What the exchange reads of the recorded market. */
export type ExchangeView = Pick<MarketView, "instrument" | "barred" | "ladder">;

/** One level consumed: price on the claim's own scale. */
export interface PaperFill {
  readonly priceTicks: Ticks;
  readonly lots: Lots;
}

/**
 * Exact fee of each fill of one taker order, in the order of the fills (rounding may accumulate over an order).
 * Null when the fee is unknown: the order is then refused.
 */
export type OrderFees = (
  instrument: Instrument,
  action: Order["action"],
  fills: readonly PaperFill[],
  at: Micros,
) => readonly Pico[] | null;

/** Where an order takes from: side of the book, and how its prices read on the claim's scale. */
interface Route {
  readonly side: Side;
  readonly mirrored: boolean;
  readonly buy: boolean;
}

/** Null when the book does not quote the claim. A NO buyer on a unified book takes YES bids at 1 - p. */
export function routeOf({ side: book }: Instrument, action: Order["action"]): Route | null {
  const buy = action === "buy_yes" || action === "buy_no";
  const claim = action === "buy_yes" || action === "sell_yes" ? "yes" : "no";
  if (book !== "unified" && book !== claim) return null;
  const mirrored = book === "unified" && claim === "no";
  return { side: buy === mirrored ? BID : ASK, mirrored, buy };
}

/** Why the venue would not even look at its book; null when it would. */
export function refusalOf(order: Order, instrument: Instrument | undefined, at: Micros): Reason | null {
  if (instrument === undefined) return "order.venue_reject";
  const { status, closesAt, minLots, lotStep, tickRanges, priceScale } = instrument;
  if (status === "closed" || status === "resolved") return "order.market_closed";
  if (closesAt !== null && closesAt <= at) return "order.market_closed";
  const route = routeOf(instrument, order.action);
  if (status !== "open" || route === null) return "order.venue_reject";
  const { lots, limitTicks } = order;
  if (!Number.isSafeInteger(lots) || lots <= 0 || lots < minLots || lots % lotStep !== 0) {
    return "order.venue_reject";
  }
  const ticks = route.mirrored ? priceScale - limitTicks : limitTicks;
  const onGrid = tickRanges.some(
    ({ fromTicks, toTicks, stepTicks }) =>
      ticks >= fromTicks && ticks <= toTicks && (ticks - fromTicks) % stepTicks === 0,
  );
  return onGrid ? null : "order.venue_reject";
}

/** A fill before its fee is known, and the level of the tape that it takes from. */
export interface Match extends PaperFill {
  readonly side: Side;
  readonly tapeTicks: Ticks;
  readonly tapeLots: Lots;
}

/**
 * Walks the recorded book, best level first, never past the limit, over what is left of each level after our own
 * earlier fills. One level is one fill; only whole lot steps. Takes nothing yet.
 */
export function walk(
  order: Order,
  instrument: Instrument,
  view: ExchangeView,
  depletion: Depletion,
  maxLevels: number,
): Match[] {
  const { side, mirrored, buy } = routeOf(instrument, order.action)!;
  const matches: Match[] = [];
  let left: number = order.lots;
  for (const { ticks, lots: tapeLots } of view.ladder(order.book, side, maxLevels)) {
    const price = mirrored ? instrument.priceScale - ticks : ticks;
    if (left <= 0 || (buy ? price > order.limitTicks : price < order.limitTicks)) break;
    const there = Math.min(left, depletion.available(order.book, side, ticks, tapeLots));
    const lots = there - (there % instrument.lotStep);
    if (lots <= 0) continue;
    matches.push({ priceTicks: price as Ticks, lots: lots as Lots, side, tapeTicks: ticks, tapeLots });
    left -= lots;
  }
  return matches;
}

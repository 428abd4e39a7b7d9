import {
  type Instrument,
  type Leg,
  type Lots,
  type MarketView,
  PICO_ONE,
  type Ticks,
} from "../../contracts/index.ts";
import { type Claim, claimTicks, contractsOf, sellOf, takenSide } from "../ledger/claim.ts";
import type { ExecutionOptions } from "./options.ts";
import { type HeldClaim, pricePaid } from "./plan-holdings.ts";

/** What execution reads of the market. */
export type ExecutionView = Pick<MarketView, "instrument" | "barred" | "bestTicks">;

/** The current bid for a claim on its own scale; null when there is none that may be used. */
export function bidOf(instrument: Instrument, claim: Claim, view: ExecutionView): number | null {
  const side = takenSide(instrument.side, sellOf(claim));
  if (side === null || view.barred(instrument.book, side) !== 0) return null;
  const best = view.bestTicks(instrument.book, side);
  if (best < 0) return null;
  return claimTicks(instrument.side, claim, best, instrument.priceScale);
}

/** Lots that are held beyond the basket and can be sold: whole lot steps, at least the venue's minimum; else 0. */
export function surplusLots({ held, target, book }: HeldClaim): number {
  if (book === null || held <= target) return 0;
  const { sizeScale, lotStep, minLots } = book.instrument;
  const lots = Number((held - target) / contractsOf(1 as Lots, sizeScale));
  const whole = lots - (lots % lotStep);
  return whole >= minLots ? whole : 0;
}

/**
 * The sell that unwinds a claim's surplus at the current bid: limit a little below it, on the tick grid, never below
 * the floor. Null when there is nothing to sell or no bid above the floor.
 */
export function unwindLeg(
  entry: HeldClaim,
  view: ExecutionView,
  options: ExecutionOptions,
  liquidating: boolean,
): Leg | null {
  const lots = surplusLots(entry);
  if (lots === 0 || entry.book === null) return null;
  const { instrument } = entry.book;
  const bid = bidOf(instrument, entry.claim, view);
  if (bid === null) return null;
  const floor = liquidating ? 1 : floorTicks(entry, instrument, options);
  if (bid < floor) return null;
  const slack = Math.floor((bid * options.unwindSlackPpm) / 1e6);
  const limitTicks = onGridFrom(Math.max(bid - slack, floor), bid, instrument, entry.claim);
  return { book: instrument.book, action: sellOf(entry.claim), lots: lots as Lots, limitTicks };
}

/** Lowest price to sell at, rounded up to whole ticks. */
function floorTicks(
  entry: HeldClaim,
  { priceScale }: Instrument,
  { unwindFloorPpm }: ExecutionOptions,
): number {
  const scale = PICO_ONE * 1_000_000n;
  const exact = pricePaid(entry) * BigInt(unwindFloorPpm) * BigInt(priceScale);
  return Math.max(1, Number((exact + scale - 1n) / scale));
}

/** First price at or above `from` on the grid; `bid`, which is on it, at the latest. */
function onGridFrom(from: number, bid: number, instrument: Instrument, claim: Claim): Ticks {
  for (let price = from; price < bid; price++) {
    const ticks = claimTicks(instrument.side, claim, price, instrument.priceScale);
    const fits = instrument.tickRanges.some(
      (range) =>
        ticks >= range.fromTicks &&
        ticks <= range.toTicks &&
        (ticks - range.fromTicks) % range.stepTicks === 0,
    );
    if (fits) return price as Ticks;
  }
  return bid as Ticks;
}

import {
  ASK,
  BID,
  type BookId,
  type BookSide,
  type Instrument,
  type Level,
  type MarketView,
  type Side,
  type Ticks,
} from "../contracts/index.ts";
import type { Claim } from "./claim.ts";
import { propositionOf } from "./family-problem.ts";
import { feeAt, takerFee } from "./fees.ts";

/** Side of the book that an order for a claim takes; null when the book does not quote the claim. */
function takenSide(book: BookSide, side: "YES" | "NO", action: "buy" | "sell"): Side | null {
  const buys = action === "buy";
  if (book === "unified") return (side === "YES") === buys ? ASK : BID;
  if ((book === "yes") !== (side === "YES")) return null;
  return buys ? ASK : BID;
}

/** True when the claim's price is one minus the book's price: NO on a unified book. */
function isMirrored(book: BookSide, side: "YES" | "NO"): boolean {
  return book === "unified" && side === "NO";
}

/** Price scale to which best prices of different instruments are brought before they are added. */
export const COMMON_SCALE = 1_000_000_000;

/** Best price of a claim on the common scale; -1 when there is no usable quote. Allocates nothing. */
export function bestPrice(
  view: MarketView,
  instrument: Instrument,
  claim: "YES" | "NO",
  action: "buy" | "sell",
): number {
  const side = takenSide(instrument.side, claim, action);
  if (side === null || view.barred(instrument.book, side) !== 0) return -1;
  const ticks = view.bestTicks(instrument.book, side);
  if (ticks <= 0 || ticks >= instrument.priceScale) return -1;
  const own = isMirrored(instrument.side, claim) ? instrument.priceScale - ticks : ticks;
  return own * (COMMON_SCALE / instrument.priceScale);
}

/** A claim with its ladder as of now; null when its fee or its tick grid is not known. */
export function claimOf(
  view: MarketView,
  book: BookId,
  side: "YES" | "NO",
  action: "buy" | "sell",
  maxLevels: number,
): Claim | null {
  const instrument = view.instrument(book);
  if (instrument === undefined || instrument.tickRanges.length === 0) return null;
  const version = feeAt(instrument.fees, view.now);
  const fee = version === null ? null : takerFee(version.spec);
  const taken = takenSide(instrument.side, side, action);
  if (version === null || fee === null || taken === null) return null;
  return {
    instrument: instrument.key,
    book,
    venue: instrument.venue,
    market: instrument.market,
    proposition: propositionOf(instrument.market),
    side,
    action,
    priceScale: instrument.priceScale,
    sizeScale: instrument.sizeScale,
    lotStep: instrument.lotStep,
    minLots: instrument.minLots,
    feeVersion: version.id,
    fee,
    ladder: ladderOf(view, instrument, taken, isMirrored(instrument.side, side), maxLevels),
    maxLots: null,
  };
}

function ladderOf(
  view: MarketView,
  instrument: Instrument,
  side: Side,
  mirrored: boolean,
  maxLevels: number,
): readonly Level[] {
  return view
    .ladder(instrument.book, side, maxLevels)
    .filter(({ ticks, lots }) => lots > 0 && ticks > 0 && ticks < instrument.priceScale)
    .map(({ ticks, lots }) => ({ ticks: (mirrored ? instrument.priceScale - ticks : ticks) as Ticks, lots }));
}

import {
  type Instrument,
  type LegAction,
  type Lots,
  type MarketView,
  type Micros,
  notional,
  type Pico,
  type Plan,
  type Ticks,
} from "../../contracts/index.ts";
import { isBuy } from "../ledger/claim.ts";
import type { VenueMoney } from "../ledger/reservations.ts";
import { picoOf } from "../sizing/capital.ts";

/** Exact fee of one order filled at one price; null when the fee is unknown. */
export type OrderFee = (
  instrument: Instrument,
  action: LegAction,
  lots: Lots,
  ticks: Ticks,
  at: Micros,
) => Pico | null;

/** Extra money reserved per buying leg, for fees that round up once more than the certificate's fills: one cent. */
export const ROUNDING_MARGIN = 10_000_000_000n as Pico;

/**
 * Money to set aside for a plan: every buy at its limit with its fee there, plus `roundingMargin` per buying leg, since
 * several fills round more than one (facts: ARBITRAGE.md 2.1), plus what splits need.
 * @returns null when a book or a fee is unknown, or an amount of the certificate cannot be read.
 */
export function reservationOf(
  plan: Plan,
  view: Pick<MarketView, "instrument">,
  fee: OrderFee,
  at: Micros,
  roundingMargin: Pico,
): VenueMoney[] | null {
  const lines: VenueMoney[] = [];
  let anchor: Instrument | undefined;
  for (const { book, action, lots, limitTicks } of plan.legs) {
    const instrument = view.instrument(book);
    if (instrument === undefined) return null;
    anchor ??= instrument;
    if (!isBuy(action)) continue;
    const charged = fee(instrument, action, lots, limitTicks, at);
    if (charged === null) return null;
    const { venue, currency, priceScale, sizeScale } = instrument;
    const amount = notional(limitTicks, lots, priceScale, sizeScale) + charged + roundingMargin;
    lines.push({ venue, currency, amount: amount as Pico });
  }
  const split = splitMoney(plan);
  if (split === null || anchor === undefined) return null;
  if (split > 0n) lines.push({ venue: anchor.venue, currency: anchor.currency, amount: split });
  return lines;
}

/** Money that the plan's splits turn into claims: one unit per contract. */
function splitMoney(plan: Plan): Pico | null {
  let sum = 0n;
  for (const transform of plan.certificate.transforms) {
    if (transform.type !== "split") continue;
    const quantity = picoOf(transform.quantity);
    if (quantity === null) return null;
    sum += quantity;
  }
  return sum as Pico;
}

import type { Instrument, LegAction, Lots, Micros, Pico, Ticks } from "../contracts/index.ts";
import { compileFee, feeAt, feeOfFill, takerFee } from "../proof/fees.ts";

interface FillTerms {
  readonly priceTicks: Ticks;
  readonly lots: Lots;
}

/** Exact fee of each fill of one taker order, in order; null when the fee is unknown. */
export function orderFees(
  instrument: Instrument,
  action: LegAction,
  fills: readonly FillTerms[],
  at: Micros,
): readonly Pico[] | null {
  const version = feeAt(instrument.fees, at);
  const terms = version === null ? null : takerFee(version.spec);
  const fee = terms === null ? null : compileFee(terms);
  if (fee === null) return null;
  const side = action === "buy_yes" || action === "buy_no" ? "buy" : "sell";
  let accumulator = 0n;
  return fills.map(({ priceTicks, lots }) => {
    const charged = feeOfFill(
      fee,
      side,
      {
        ticks: BigInt(priceTicks),
        lots: BigInt(lots),
        priceScale: BigInt(instrument.priceScale),
        sizeScale: BigInt(instrument.sizeScale),
      },
      accumulator,
    );
    accumulator = charged.accumulator;
    return charged.fee as Pico;
  });
}

/** Exact fee of one taker order filled at one price; null when the fee is unknown. */
export function orderFee(
  instrument: Instrument,
  action: LegAction,
  lots: Lots,
  priceTicks: Ticks,
  at: Micros,
): Pico | null {
  return orderFees(instrument, action, [{ priceTicks, lots }], at)?.[0] ?? null;
}

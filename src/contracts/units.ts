/**
 * Branded numbers: a price cannot be passed where a quantity is due.
 * Everything that is money or time is an integer; no float ever decides a trade.
 */

declare const brand: unique symbol;

/** A nominal type over `T`. It costs nothing at run time. */
export type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Microseconds since the Unix epoch; a safe integer until the year 2255. */
export type Micros = Brand<number, "Micros">;

/** Price in quanta of `1 / instrument.priceScale` of the quote currency. int32. */
export type Ticks = Brand<number, "Ticks">;

/** Quantity in quanta of `1 / instrument.sizeScale` of one contract. Safe integer. */
export type Lots = Brand<number, "Lots">;

/** Exact money: quanta of 1e-12 of the account currency. price(1e-6) x size(1e-6) fits without rounding. */
export type Pico = Brand<bigint, "Pico">;

/** Dense index of one order book (one `Instrument`), assigned in order of first sight within a journal. */
export type BookId = Brand<number, "BookId">;

/** Number of decimal places held by `Pico`. */
export const PICO_DIGITS = 12;

/** One whole unit of currency in `Pico`. */
export const PICO_ONE = 1_000_000_000_000n as Pico;

/** `ticks x lots` of an instrument as exact money. Both scales must be powers of ten with a product up to 1e12. */
export function notional(ticks: Ticks, lots: Lots, priceScale: number, sizeScale: number): Pico {
  return (BigInt(ticks) * BigInt(lots) * picoPerQuantum(priceScale, sizeScale)) as Pico;
}

/** Money paid by `lots` contracts that settle at one unit of currency each. */
export function payout(lots: Lots, sizeScale: number): Pico {
  return (BigInt(lots) * (PICO_ONE / BigInt(sizeScale))) as Pico;
}

function picoPerQuantum(priceScale: number, sizeScale: number): bigint {
  const quanta = BigInt(priceScale) * BigInt(sizeScale);
  if (PICO_ONE % quanta !== 0n)
    throw new RangeError(`scales ${priceScale} x ${sizeScale} do not divide 1e12`);
  return PICO_ONE / quanta;
}

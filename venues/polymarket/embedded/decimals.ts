import { formatDecimal } from "../../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_ONE, SIZE_DIGITS, SIZE_ONE } from "../scales.ts";

const PRICES: (string | undefined)[] = [];

/** A price of the venue's scale as the shortest decimal. */
export function priceText(ticks: number): string {
  const known = PRICES[ticks];
  if (known !== undefined) return known;
  const text = formatDecimal(BigInt(ticks), PRICE_DIGITS);
  if (ticks >= 0 && ticks <= PRICE_ONE) PRICES[ticks] = text;
  return text;
}

/** Shares as the shortest decimal. */
export function sizeText(lots: number): string {
  return lots % SIZE_ONE === 0 ? String(lots / SIZE_ONE) : formatDecimal(BigInt(lots), SIZE_DIGITS);
}

/** Money in quanta of price times size, as exact decimal text. */
export function moneyText(quanta: bigint): string {
  return formatDecimal(quanta, PRICE_DIGITS + SIZE_DIGITS);
}

/** Whole milliseconds, the finest instant of the wire. */
export function millis(micros: number): number {
  return Math.floor(micros / 1000);
}

/** Whole seconds. */
export function seconds(micros: number): number {
  return Math.floor(micros / 1_000_000);
}

import { formatDecimal, PICO_DIGITS, parseDecimal } from "../contracts/index.ts";

/** Exact integer helpers of the finders. Money and contracts are counted in quanta of 1e-12. */

/** One whole unit (of money or of contracts) in quanta. */
export const ONE = 1_000_000_000_000n;

/** Smallest integer at or above `a / b`, `b` > 0. */
export function ceilDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b > 0n ? quotient + 1n : quotient;
}

/** Largest integer at or below `a / b`, `b` > 0. */
export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

export function minOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Quanta as the shortest exact decimal text. */
export function quantaText(value: bigint): string {
  return formatDecimal(value, PICO_DIGITS);
}

/** Decimal text as quanta; throws on text that is no exact decimal (a programming or configuration error). */
export function quantaOf(text: string): bigint {
  const value = parseDecimal(text, PICO_DIGITS);
  if (value === null) throw new RangeError(`"${text}" is no decimal with at most ${PICO_DIGITS} places`);
  return value;
}

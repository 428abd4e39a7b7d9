import { formatDecimal, parseDecimal } from "../contracts/index.ts";

/**
 * Decimal places kept by a report. Finer than the ledger's 12, because a certificate may hold a product of a rate,
 * a price and a size: no input digit is ever dropped.
 */
export const MONEY_DIGITS = 18;

const CENT = 10n ** BigInt(MONEY_DIGITS - 2);

/** Decimal text of whole currency units, as `OpportunityRow` holds it. */
export const MONEY_PATTERN = /^-?\d{1,30}(\.\d{1,18})?$/;

/**
 * Exact money in quanta of 1e-18.
 * @throws RangeError for anything but plain decimal text; rows are validated before.
 */
export function money(text: string): bigint {
  const value = parseDecimal(text, MONEY_DIGITS);
  if (value === null) throw new RangeError(`not a decimal of at most ${MONEY_DIGITS} places: ${text}`);
  return value;
}

/** Shortest exact decimal text. */
export function moneyText(value: bigint): string {
  return formatDecimal(value, MONEY_DIGITS);
}

/** For charts and resampling only; never for a sum or a sign. */
export function moneyFloat(value: bigint): number {
  return Number(moneyText(value));
}

/** `-1234.567` -> `-$1,234.57`: cents, half away from zero; an amount below half a cent shows as `<$0.01`. */
export function moneyLabel(value: bigint): string {
  const negative = value < 0n;
  const size = negative ? -value : value;
  const cents = (size + CENT / 2n) / CENT;
  if (cents === 0n && size > 0n) return negative ? ">-$0.01" : "<$0.01";
  const whole = grouped((cents / 100n).toString());
  return `${negative ? "-" : ""}$${whole}.${(cents % 100n).toString().padStart(2, "0")}`;
}

/** Exact decimal text with its unit: `-1.25` -> `-$1.25`. */
export function exactLabel(text: string): string {
  return text.startsWith("-") ? `-$${text.slice(1)}` : `$${text}`;
}

/** A float amount of a statistic: four decimals, because means are often below a cent. */
export function meanLabel(value: number): string {
  const size = Math.abs(value).toFixed(4);
  return `${value < 0 && Number(size) > 0 ? "-" : ""}$${size}`;
}

/** `1234567` -> `1,234,567`. */
export function countLabel(value: number): string {
  return value < 0 ? `-${grouped(String(-value))}` : grouped(String(value));
}

/** `part / whole` as a percentage with one decimal, computed on integers, `<0.1 %` below that; `n/a` without a positive whole. */
export function percentLabel(part: bigint, whole: bigint): string {
  if (whole <= 0n) return "n/a";
  const negative = part < 0n;
  const permille = ((negative ? -part : part) * 1000n + whole / 2n) / whole;
  if (permille === 0n && part !== 0n) return negative ? ">-0.1 %" : "<0.1 %";
  return `${negative ? "-" : ""}${grouped((permille / 10n).toString())}.${permille % 10n} %`;
}

/** Quotient rounded half away from zero. */
export function divideRounded(value: bigint, by: bigint): bigint {
  const half = by / 2n;
  return value < 0n ? -((-value + half) / by) : (value + half) / by;
}

export function sumOf(values: Iterable<bigint>): bigint {
  let total = 0n;
  for (const value of values) total += value;
  return total;
}

/** -1, 0 or 1. */
export function signOf(value: bigint): -1 | 0 | 1 {
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

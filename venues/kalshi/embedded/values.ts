import type { Sha256Hex } from "../../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_SCALE, SIZE_DIGITS, SIZE_SCALE } from "../scales.ts";

/** Integers -> the venue's decimal texts, dates and ids. */

const PRICES: string[] = [];

/** Price ticks (1e-4 dollar) with four decimals: `4800` is `"0.4800"`. */
export function dollars(ticks: number): string {
  const known = PRICES[ticks];
  if (known !== undefined) return known;
  const text = scaledText(ticks, PRICE_SCALE, PRICE_DIGITS);
  if (ticks >= 0 && ticks <= PRICE_SCALE) PRICES[ticks] = text;
  return text;
}

/** Lots (0.01 contract) with two decimals; negative for a falling level or a NO position. */
export function contracts(lots: number): string {
  return scaledText(lots, SIZE_SCALE, SIZE_DIGITS);
}

function scaledText(value: number, scale: number, digits: number): string {
  const size = Math.abs(value);
  const rest = size % scale;
  const text = `${(size - rest) / scale}.${String(rest).padStart(digits, "0")}`;
  return value < 0 ? `-${text}` : text;
}

/** An amount in quanta of 1e-12 dollar with `digits` decimals, rounded down. */
export function money(pico: bigint, digits: number): string {
  const unit = 10n ** BigInt(12 - digits);
  const floored = (pico - (((pico % unit) + unit) % unit)) / unit;
  const size = (floored < 0n ? -floored : floored).toString().padStart(digits + 1, "0");
  return `${floored < 0n ? "-" : ""}${size.slice(0, -digits)}.${size.slice(-digits)}`;
}

/** Microseconds as RFC 3339, without trailing zeros of the fraction, as the venue writes them. */
export function rfc3339(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = micros - seconds * 1_000_000;
  const whole = new Date(seconds * 1_000).toISOString().slice(0, 19);
  return fraction === 0 ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, "0").replace(/0+$/, "")}Z`;
}

export function httpDate(micros: number): string {
  return new Date(Math.floor(micros / 1_000)).toUTCString();
}

/** Whole seconds of an instant in microseconds. */
export function seconds(micros: number): number {
  return Math.floor(micros / 1_000_000);
}

/** Whole milliseconds of an instant in microseconds. */
export function millis(micros: number): number {
  return Math.floor(micros / 1_000);
}

/** A stable identifier in the venue's shape, made from a text. */
export function uuidOf(sha256: Sha256Hex, text: string): string {
  const hex = sha256(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The id of the `number`-th trade. */
export function tradeUuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}

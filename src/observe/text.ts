import { parseDecimal } from "../contracts/index.ts";

/** Numbers and names as short text for a terminal. */

const DIGITS = 12;
const CENT = 10n ** 10n;

/** Decimal text to two places, rounded half away from zero, thousands grouped: `-1,234.57`. */
export function moneyText(decimal: string): string {
  const value = parseDecimal(decimal, DIGITS);
  if (value === null) return "?";
  const magnitude = value < 0n ? -value : value;
  const cents = (magnitude + CENT / 2n) / CENT;
  const sign = value < 0n && cents > 0n ? "-" : "";
  return `${sign}${grouped((cents / 100n).toString())}.${(cents % 100n).toString().padStart(2, "0")}`;
}

/** `a - b` as money with its sign: `+2.32`. */
export function gainText(a: string, b: string): string {
  const left = parseDecimal(a, DIGITS);
  const right = parseDecimal(b, DIGITS);
  if (left === null || right === null) return "?";
  const difference = left - right;
  const whole = difference < 0n ? -difference : difference;
  const text = moneyText(`${whole / 10n ** 12n}.${(whole % 10n ** 12n).toString().padStart(DIGITS, "0")}`);
  return `${difference < 0n && text !== "0.00" ? "-" : "+"}${text}`;
}

/** A count with thousands grouped; above ten million in millions. */
export function countText(value: number): string {
  if (value >= 10_000_000) return `${(value / 1_000_000).toFixed(1)}M`;
  return grouped(Math.round(value).toString());
}

/** A rate per second with three significant digits at least. */
export function rateText(value: number): string {
  return value < 10 ? value.toFixed(1) : countText(value);
}

/** Microseconds in the unit that reads best. */
export function durationText(micros: number): string {
  const magnitude = Math.abs(micros);
  if (magnitude < 1_000) return `${Math.round(micros)} us`;
  if (magnitude < 1_000_000) return `${(micros / 1_000).toFixed(magnitude < 10_000 ? 1 : 0)} ms`;
  return `${(micros / 1_000_000).toFixed(1)} s`;
}

/** Milliseconds as `1d 02:03:04`, without days below one. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(Math.floor(seconds / 3_600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const days = Math.floor(seconds / 86_400);
  return days > 0 ? `${days}d ${time}` : time;
}

/** Microseconds since the epoch as `2026-01-05 00:03:12` (UTC). */
export function instantText(micros: number): string {
  return new Date(micros / 1_000).toISOString().slice(0, 19).replace("T", " ");
}

/** Text from outside made safe for a terminal: printable ASCII only, so that nobody's title can move the cursor. */
export function safeText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

/** At most `width` characters, a cut marked by `~`. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}${width > 0 ? "~" : ""}`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

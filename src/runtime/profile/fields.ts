import { z } from "zod";
import { formatDecimal, PICO_DIGITS, parseDecimal } from "../../contracts/index.ts";

/** Field types shared by the sections of a profile. */

const MAX_MS = 366 * 86_400_000;
const PICO_ONE = 10n ** BigInt(PICO_DIGITS);
const DECIMAL = 'decimal text in quotes, such as "0.25"';
const DECIMAL_PATTERN = /^\d+(?:\.\d{1,12})?$/;

export const durationMs = (low = 0) => z.int().min(low).max(MAX_MS);
export const count = (low: number, high: number) => z.int().min(low).max(high);

/** The shortest text of the same decimal, so that "1.50" and "1.5" are one profile. */
function shortest(text: string): string {
  const value = parseDecimal(text, PICO_DIGITS);
  return value === null ? text : formatDecimal(value, PICO_DIGITS);
}

export const money = () => z.string().regex(DECIMAL_PATTERN, { error: DECIMAL }).overwrite(shortest);

/** A share, held in parts per million. */
export const fraction = () =>
  money()
    .refine((text) => (parseDecimal(text, PICO_DIGITS) ?? 0n) <= PICO_ONE, {
      error: 'a fraction from "0" to "1"',
    })
    .refine((text) => parseDecimal(text, 6) !== null, { error: "a fraction with at most 6 decimals" });

/** A fraction on the firewall's grid of 1/1000. */
export const permille = () =>
  fraction().refine((text) => parseDecimal(text, 3) !== null, {
    error: "a fraction with at most 3 decimals",
  });

export const id = () =>
  z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, { error: "a short name of a-z, 0-9 and -, such as kalshi" });

export const options = () => z.record(z.string(), z.unknown());
export const relativeDir = () => z.string().min(1).max(200);

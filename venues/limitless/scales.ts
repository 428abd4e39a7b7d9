import type { VenueScales } from "../../src/contracts/index.ts";

/** Folder name, id of the module. */
export const VENUE = "limitless";

/** Decimal places of a price: the venue's tick is 0.001. */
export const PRICE_DIGITS = 3;
/** One whole unit of currency in ticks; YES at p is NO at `PRICE_ONE - p`. */
export const PRICE_ONE = 1_000;
/** Shares are ERC-1155 amounts with 6 decimals, and the wire states them in these quanta. */
export const SIZE_ONE = 1_000_000;

export const SCALES: VenueScales = { priceScale: PRICE_ONE, sizeScale: SIZE_ONE, currency: "USDC" };

/** Largest instant (ms) whose microseconds are a safe integer. */
const MAX_MILLIS = 9_007_199_254_740;
const MILLIS = /^\d{1,13}$/;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/;

/** An instant of this venue, ISO 8601 in UTC or milliseconds, in microseconds; null when it is neither. */
export function parseInstant(text: string): number | null {
  const millis = MILLIS.test(text) ? Number(text) : ISO.test(text) ? Date.parse(text) : Number.NaN;
  return millis >= 0 && millis <= MAX_MILLIS ? Math.round(millis * 1_000) : null;
}

import type { VenueScales } from "../../src/contracts/index.ts";

/** Folder name, venue id of every fact, prefix of every key. */
export const VENUE = "polymarket";

/** Decimal places of a price: the finest tick the venue knows is 0.0001. */
export const PRICE_DIGITS = 4;
/** Decimal places of a size: shares are ERC-1155 amounts with 6 decimals. */
export const SIZE_DIGITS = 6;

/** One whole unit of currency in ticks; YES at p is NO at `PRICE_ONE - p`. */
export const PRICE_ONE = 10_000;
export const SIZE_ONE = 1_000_000;

export const SCALES: VenueScales = { priceScale: PRICE_ONE, sizeScale: SIZE_ONE, currency: "pUSD" };

/** Largest venue timestamp (ms) whose microseconds are a safe integer. */
export const MAX_TIMESTAMP_MS = 9_007_199_254_740;

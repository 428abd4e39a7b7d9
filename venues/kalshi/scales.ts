import type { VenueScales } from "../../src/contracts/index.ts";

/** Prices are recorded in 1e-4 dollar: the finest grid Kalshi names is the "centi-cent". */
export const PRICE_DIGITS = 4;
export const PRICE_SCALE = 10_000;

/** Sizes are recorded in 1e-2 contract: `*_fp` fields carry two decimals. */
export const SIZE_DIGITS = 2;
export const SIZE_SCALE = 100;

/** Largest size believed, in lots (just under 100 billion contracts). Sums of such sizes stay safe integers. */
export const MAX_LOTS = 9_999_999_999_999;

/** Largest millisecond instant believed (year 2255, where microseconds stop being safe integers). */
export const MAX_MILLIS = 9_007_199_254_740;

/** Longest market ticker read; real ones stay under 80 characters. */
export const MAX_SYMBOL_LENGTH = 128;

export const KALSHI_SCALES: VenueScales = {
  priceScale: PRICE_SCALE,
  sizeScale: SIZE_SCALE,
  currency: "USD",
};

import { parseScaled, type TickRange, type Ticks } from "../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_SCALE } from "./scales.ts";
import type { WirePriceRange } from "./wire.ts";

/**
 * `price_ranges` as tick ranges. The label `price_level_structure` is not read: new ones appear over time.
 * @returns empty (unknown, no trade) unless the ranges join from start to end within [0, 1] and every step fits.
 */
export function tickRanges(ranges: readonly WirePriceRange[]): readonly TickRange[] {
  const result: TickRange[] = [];
  for (const range of ranges) {
    const from = parseScaled(range.start, PRICE_DIGITS);
    const to = parseScaled(range.end, PRICE_DIGITS);
    const step = parseScaled(range.step, PRICE_DIGITS);
    if (from === null || to === null || step === null) return [];
    if (from < 0 || to > PRICE_SCALE || from >= to || step <= 0 || (to - from) % step !== 0) return [];
    const last = result.at(-1);
    if (last !== undefined && last.toTicks !== from) return [];
    result.push({ fromTicks: from as Ticks, toTicks: to as Ticks, stepTicks: step as Ticks });
  }
  return result;
}

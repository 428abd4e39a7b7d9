import type { Rng } from "../../contracts/index.ts";

/** One-way delay of a simulated link, microseconds. */
export interface LinkLatency {
  readonly minMicros: number;
  readonly typicalMicros: number;
  readonly maxMicros: number;
}

/**
 * One delay from the triangular distribution with its mode at `typicalMicros`, by inversion
 * (Devroye, "Non-Uniform Random Variate Generation", 1986, I.4). Whole microseconds.
 */
export function drawLatency(latency: LinkLatency, rng: Rng): number {
  const { minMicros: low, typicalMicros: mode, maxMicros: high } = latency;
  const width = high - low;
  if (width <= 0) return low;
  const chance = rng.next();
  const atMode = (mode - low) / width;
  const micros =
    chance < atMode
      ? low + Math.sqrt(chance * width * (mode - low))
      : high - Math.sqrt((1 - chance) * width * (high - mode));
  return Math.round(micros);
}

/** @throws RangeError unless 0 <= min <= typical <= max. */
export function checkLatency(latency: LinkLatency): LinkLatency {
  const { minMicros, typicalMicros, maxMicros } = latency;
  if (!(minMicros >= 0 && minMicros <= typicalMicros && typicalMicros <= maxMicros && maxMicros < Infinity))
    throw new RangeError(
      `latency must be 0 <= min <= typical <= max, found ${minMicros}, ${typicalMicros}, ${maxMicros}`,
    );
  return latency;
}

import { DENSE_SLOTS } from "./dense-ladders.ts";

/** Storage grids tried, coarsest first, as parts of a payout of one: a cent, a tenth, a hundredth of a cent. */
const PARTS = [100, 1_000, 10_000] as const;

/** The coarsest storage grid of a price scale in ticks; 0 when the scale has none. */
export function coarsestGrid(scale: number): number {
  return gridAt(scale, 0);
}

/** The coarsest grid finer than `step` that `ticks` lies on; 0 = none. */
export function finerGrid(scale: number, step: number, ticks: number): number {
  for (let i = 0; i < PARTS.length; i++) {
    const candidate = gridAt(scale, i);
    if (candidate !== 0 && candidate < step && ticks % candidate === 0) return candidate;
  }
  return 0;
}

/** The smallest dense class with a slot for every price of the grid below `scale`; -1 = none. */
export function denseKind(scale: number, step: number): number {
  const slots = scale / step;
  return DENSE_SLOTS.findIndex((room) => slots <= room);
}

function gridAt(scale: number, part: number): number {
  const step = scale / PARTS[part]!;
  return Number.isInteger(step) ? step : 0;
}

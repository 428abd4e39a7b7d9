import { PICO_ONE, type Pico } from "../../contracts/index.ts";

/** Fractions are integers in parts per million: nothing that decides a trade is a float. */
export const PPM = 1_000_000n;

/** How much of a finding is taken. Fields marked `assumed` are no measurement; reports must say so. */
export interface SizingOptions {
  /** Assumed: chance that every leg of a plan fills. Default 0.95. */
  readonly successPpm: number;
  /** Assumed: loss per unit of capital when a plan has to be unwound. Default 0.05. */
  readonly unwindLossPpm: number;
  /** Share of the full Kelly stake. Default 0.25. */
  readonly kellyFractionPpm: number;
  /** Whether a finding's confidence (0..1) scales the stake. Default true. */
  readonly scaleByConfidence: boolean;
  /** Most capital in one plan. Default 100. */
  readonly planCap: Pico;
  /** Most capital at risk in one family. Default 200. */
  readonly familyCap: Pico;
  /** Most capital at risk at one venue. Default 1000. */
  readonly venueCap: Pico;
  /** Most capital at risk in all. Default 2000. */
  readonly totalCap: Pico;
  /** Most that unwinding one plan may cost, at the assumed unwind loss. Default 25. */
  readonly maxLoss: Pico;
  /** Share of a leg's settled size (median of the last valid books) that may be taken. Default 1.0. */
  readonly settledSharePpm: number;
}

const units = (whole: number): Pico => (BigInt(whole) * PICO_ONE) as Pico;

export const DEFAULT_SIZING_OPTIONS: SizingOptions = {
  successPpm: 950_000,
  unwindLossPpm: 50_000,
  kellyFractionPpm: 250_000,
  scaleByConfidence: true,
  planCap: units(100),
  familyCap: units(200),
  venueCap: units(1000),
  totalCap: units(2000),
  maxLoss: units(25),
  settledSharePpm: 1_000_000,
};

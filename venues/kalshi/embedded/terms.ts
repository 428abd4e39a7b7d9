import type { WirePriceRange } from "../wire.ts";
import { dollars } from "./values.ts";

/** A market's price grid as the venue states it. */
export interface PriceGrid {
  readonly structure: string;
  readonly ranges: readonly WirePriceRange[];
}

/** Fee terms of an event: those of its series, and what the event overrides. */
export interface FeeTerms {
  /** Letter that tells series of different terms apart. */
  readonly letter: string;
  readonly type: string;
  readonly multiplier: number;
  /** Multiplier stated on the event instead of the series'; null = none. */
  readonly override: number | null;
}

const ONE_STEP = (structure: string, step: string): PriceGrid => ({
  structure,
  ranges: [{ start: "0.0000", end: "1.0000", step }],
});

/** The labels seen most (facts: 3.1, "Tick"). */
const GRIDS: readonly PriceGrid[] = [
  ONE_STEP("linear_cent", "0.0100"),
  ONE_STEP("deci_cent", "0.0010"),
  {
    structure: "tapered_deci_cent",
    ranges: [
      { start: "0.0000", end: "0.1000", step: "0.0010" },
      { start: "0.1000", end: "0.9000", step: "0.0100" },
      { start: "0.9000", end: "1.0000", step: "0.0010" },
    ],
  },
];

/** Fee types and multipliers of the venue's series; most series are the plain one. */
const FEES: readonly FeeTerms[] = [
  { letter: "A", type: "quadratic", multiplier: 1, override: null },
  { letter: "M", type: "quadratic_with_maker_fees", multiplier: 1, override: null },
  { letter: "A", type: "quadratic", multiplier: 1, override: null },
  { letter: "H", type: "quadratic", multiplier: 0.5, override: null },
  { letter: "A", type: "quadratic", multiplier: 1, override: 0.5 },
  { letter: "Z", type: "quadratic", multiplier: 0, override: null },
  { letter: "B", type: "quadratic_with_maker_fees", multiplier: 0.5, override: null },
];

export function gridOf(variety: number): PriceGrid {
  return GRIDS[variety % GRIDS.length]!;
}

/** The grid after a change to one step over the whole scale. */
export function gridOfStep(stepTicks: number): PriceGrid {
  const step = dollars(stepTicks);
  const known = GRIDS.find(({ ranges }) => ranges.length === 1 && ranges[0]!.step === step);
  return known ?? ONE_STEP("custom", step);
}

export function feesOf(variety: number): FeeTerms {
  return FEES[variety % FEES.length]!;
}

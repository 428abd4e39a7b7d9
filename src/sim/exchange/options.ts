/** How long one venue takes. Each list holds equally likely quantiles in microseconds, ascending; draws interpolate. */
export interface VenueLatency {
  /** From our submit to the venue's book. */
  readonly orderMicros: readonly number[];
  /** From the venue's answer to us. */
  readonly answerMicros: readonly number[];
}

/** The paper exchange. Everything here is assumed, not measured, until calibrated; reports must say so. */
export interface PaperOptions {
  /** By venue; `defaultLatency` for the others. */
  readonly latency: Readonly<Record<string, VenueLatency>>;
  /** Default: order 40 / 80 / 250 ms, answer 20 / 40 / 120 ms. */
  readonly defaultLatency: VenueLatency;
  /** Chance per million that a venue refuses an order for no reason of ours. Default 5,000. */
  readonly rejectPpm: number;
  /** Deepest level an order may walk to. Default 64. */
  readonly maxLevels: number;
  /** Bound on orders in flight; beyond it an order is refused. Default 10,000. */
  readonly maxPending: number;
  /** Bound on depleted levels; beyond it an order is refused. Default 100,000. */
  readonly maxDepleted: number;
  /** Bound on remembered order ids (duplicates are recognised among these). Default 100,000. */
  readonly maxRemembered: number;
}

export const DEFAULT_PAPER_OPTIONS: PaperOptions = {
  latency: {},
  defaultLatency: {
    orderMicros: [40_000, 80_000, 250_000],
    answerMicros: [20_000, 40_000, 120_000],
  },
  rejectPpm: 5_000,
  maxLevels: 64,
  maxPending: 10_000,
  maxDepleted: 100_000,
  maxRemembered: 100_000,
};

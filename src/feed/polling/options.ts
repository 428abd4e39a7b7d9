/** What may raise a book in the order of polls. */
export type PollSignal = "stream_update" | "open_position" | "recent_opportunity" | "mapped" | "uncovered";

/** Signals that hold until they are withdrawn; they enter the index as shadow values. */
export type StandingSignal = "open_position" | "mapped" | "uncovered";

/** What metadata says of a book before it was ever looked at. */
export interface BookPrior {
  /** Opportunities per second. */
  readonly perSecond: number;
  /** Expected net edge x size of one, in any unit that all books of the scheduler share. */
  readonly value: number;
  /** Mean time an opportunity lasts. */
  readonly lifeMicros: number;
}

export interface SchedulerOptions {
  /** Bound on the book numbers: 0 to this, exclusive. */
  readonly maxBooks: number;
  /** Every book is looked at at least this often while the budget allows it. */
  readonly maxAgeMicros: number;
  /** The prior of the rate counts as this many opportunities already seen; Infinity = do not learn. */
  readonly rateStrength: number;
  /** The priors of value and of life count as this many observations each. */
  readonly valueStrength: number;
  readonly lifeStrength: number;
  /** What was learned of a rate fades back to its prior with this time constant. */
  readonly memoryMicros: number;
  /** A value found weighs at least this much in the average, however many came before. */
  readonly valueGain: number;
  /** Chance that a stream signal announces an opportunity, before anything was learned. */
  readonly signalChance: number;
  /** Extra value of looking at a book with the signal, in multiples of the mean book's gain. */
  readonly shadow: Readonly<Record<StandingSignal, number>>;
  /** Opportunities come in clusters: after one the rate counts as (1 + boost) times, fading with the time constant. */
  readonly recentBoost: number;
  readonly recentMicros: number;
  /** Hot is what the present level polls at least this often. */
  readonly hotMicros: number;
  /** Bound on signals that wait for their poll; further ones count from the book's next poll on. */
  readonly maxSignals: number;
}

export const DEFAULT_SCHEDULER: SchedulerOptions = {
  maxBooks: 100_000,
  maxAgeMicros: 1_800_000_000,
  rateStrength: 1,
  valueStrength: 3,
  lifeStrength: 4,
  memoryMicros: 3_600_000_000,
  valueGain: 0.05,
  signalChance: 0.3,
  shadow: { open_position: 20, mapped: 2, uncovered: 4 },
  recentBoost: 0,
  recentMicros: 300_000_000,
  hotMicros: 15_000_000,
  maxSignals: 4_096,
};

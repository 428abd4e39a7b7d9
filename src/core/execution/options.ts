/** How plans are carried out. */
export interface ExecutionOptions {
  /** An entry order unanswered for this long is cancelled. Default 2 s. */
  readonly legDeadlineMicros: number;
  /** After a cancel, an order unanswered for this long raises an alarm; its plan waits for the answer. Default 5 s. */
  readonly cancelGraceMicros: number;
  /** An unwind order unanswered for this long is cancelled. Default 2 s. */
  readonly unwindDeadlineMicros: number;
  /** Pause before the next attempt to unwind what is left. Default 0.5 s. */
  readonly unwindRetryMicros: number;
  /** Attempts to unwind before the rest is held to settlement. Default 3. */
  readonly maxUnwindAttempts: number;
  /** How far below the current bid an unwind may sell, in parts per million of it. Default 0.05. */
  readonly unwindSlackPpm: number;
  /** Lowest price of an unwind, in parts per million of what was paid; below it is held. A liquidation has no floor. Default 0.5. */
  readonly unwindFloorPpm: number;
  /** Turn YES + NO of one market into money where the venue merges. Default true. */
  readonly mergeCompleteSets: boolean;
  /** Bound on remembered order ids of ended plans, for late and duplicate updates. Default 20,000. */
  readonly maxRemembered: number;
}

export const DEFAULT_EXECUTION_OPTIONS: ExecutionOptions = {
  legDeadlineMicros: 2_000_000,
  cancelGraceMicros: 5_000_000,
  unwindDeadlineMicros: 2_000_000,
  unwindRetryMicros: 500_000,
  maxUnwindAttempts: 3,
  unwindSlackPpm: 50_000,
  unwindFloorPpm: 500_000,
  mergeCompleteSets: true,
  maxRemembered: 20_000,
};

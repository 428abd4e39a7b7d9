/** The summary of one run or replay: written as run.json beside opportunities.ndjson in the run's folder. */
export interface RunSummary {
  readonly version: 1;
  readonly profile: string;
  readonly profileHash: string;
  readonly journal: string;
  readonly mode: "simulate" | "paper" | "live" | "replay-verify" | "replay-recompute" | "replay-whatif";
  readonly seed: number;
  readonly nodeMajor: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly facts: number;
  readonly frames: number;
  /** Decision digest: SHA-256 chain, hex. */
  readonly digest: string;
  readonly books: { readonly listed: number; readonly valid: number };
  /** Counts by reason code, by venue. */
  readonly reasons: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Families by the last diagnosis of each lane: lane -> reason -> families. */
  readonly diagnoses: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Book invalidations and quarantines. */
  readonly quarantines: number;
  readonly releases: number;
  /** recvAt - venueAt per venue in microseconds. */
  readonly latency: Readonly<Record<string, LatencySummary>>;
  readonly ledger: LedgerSummary;
  /** Equity points: [instant Micros, decimal text]. At most 2,000. */
  readonly equity: readonly (readonly [number, string])[];
  readonly wallMs: number;
}

export interface LatencySummary {
  readonly count: number;
  readonly p50Micros: number;
  readonly p95Micros: number;
  readonly p99Micros: number;
  readonly maxMicros: number;
}

export interface LedgerSummary {
  readonly cash: string;
  readonly reserved: string;
  readonly openAtWorst: string;
  readonly fees: string;
  readonly equity: string;
  readonly startCash: string;
  readonly openPositions: number;
  /**
   * What reached the ledger after a row was frozen at its worst state: settlements that paid more, claims of several
   * plans that net, sales of a liquidation. start cash + all rows + this = equity, exactly.
   */
  readonly outsideRows: string;
}

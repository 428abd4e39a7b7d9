/**
 * What a connected run is doing at one instant, in plain numbers: `/metrics` and `/status` are two ways to write it.
 * Money is decimal text of whole currency units. Counters count since the start of the run.
 */
export interface RunReading {
  readonly run: RunIdentity;
  readonly uptimeMs: number;
  /** Instant of the newest fact, in microseconds; null before the first. */
  readonly marketAt: number | null;
  readonly health: HealthReading;
  readonly start: { readonly complete: boolean; readonly stages: readonly StageReading[] };
  /** Scopes without size: `all` or a venue. */
  readonly degraded: readonly { readonly scope: string; readonly reason: string }[];
  readonly venues: readonly VenueReading[];
  readonly lanes: readonly LaneReading[];
  /** Null until the venues are being connected. */
  readonly market: MarketReading | null;
  readonly desk: DeskReading | null;
  readonly trades: TradeReading;
  readonly capacity: CapacityReading;
}

export interface RunIdentity {
  readonly profile: string;
  readonly profileHash: string;
  readonly version: string;
  /** Where the venues are. */
  readonly venues: "public" | "embedded" | "simulated";
  readonly orders: "paper" | "live";
}

/** Why a run is not healthy. */
export type HealthCode =
  | "start_incomplete"
  | "degraded"
  | "halted"
  | "journal"
  | "not_flat"
  | "failed"
  | "ending";

export interface HealthReading {
  readonly ok: boolean;
  readonly reasons: readonly {
    readonly code: HealthCode;
    /** `all`, a venue or a lane. */
    readonly scope: string;
    readonly detail: string;
  }[];
}

export interface StageReading {
  readonly venue: string;
  readonly stage: string;
  readonly done: number;
  readonly total: number | null;
  /** From the start of the run; null while it lasts. */
  readonly endedMs: number | null;
}

/** Quantiles since the start of the run, in milliseconds. */
export interface QuantileReading {
  readonly count: number;
  readonly p50Ms: number;
  /** Null where it is not kept. */
  readonly p95Ms: number | null;
  readonly p99Ms: number;
}

/** Counts by reason code. */
export type ReasonCounts = Readonly<Record<string, number>>;

export interface VenueReading {
  readonly id: string;
  readonly status: "up" | "degraded" | "down";
  readonly connections: { readonly open: number; readonly known: number };
  readonly reconnects: number;
  /** Venue clock minus ours; null = not known. */
  readonly clockSkewMs: number | null;
  /** Since the last byte on the quietest open stream; null without one. */
  readonly stalenessMs: number | null;
  /** Since the last poll of the book that waits longest; null where books are streamed. */
  readonly pollAgeMs: number | null;
  readonly books: {
    readonly listed: number;
    readonly watched: number;
    /** Watched and open, and those of them that are exact and fresh. */
    readonly wanted: number;
    readonly usable: number;
  };
  readonly framesPerSecond: number;
  /** Our receipt minus the venue's own instant; null where the venue states none. */
  readonly delay: QuantileReading | null;
  /** Everything that was refused or not used, by the session and by the market part. */
  readonly reasons: ReasonCounts;
  readonly polls: { readonly answered: number; readonly books: number; readonly open: number };
  /** Comparisons of streamed books with polled ones, by verdict; null where there are none. */
  readonly reconciled: Readonly<Record<"equal" | "raced" | "suspicious" | "diverged", number>> | null;
  readonly classes: readonly ClassReading[];
  /** After a kill: whether the venue confirmed that nothing is open. Null before. */
  readonly flat: boolean | null;
}

/** One rate class of a venue, as its governor sees it. */
export interface ClassReading {
  readonly id: string;
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  readonly timeouts: number;
  readonly dropped: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly inFlightLimit: number;
  readonly learnedPerSecond: number;
  readonly ceilingPerSecond: number;
  readonly utilisation: number;
  readonly cuts: number;
  readonly paused: boolean;
  /** Requests that left while the venue had asked for silence. */
  readonly insideRetryAfter: number;
  readonly latency: QuantileReading;
  readonly queued: QuantileReading;
}

export interface LaneReading {
  readonly id: string;
  /** Families by the last diagnosis. */
  readonly families: ReasonCounts;
  /** Late, failed and paused cycles of a lane in a thread. */
  readonly troubles: ReasonCounts;
}

export interface MarketReading {
  readonly facts: number;
  readonly frames: number;
  readonly trades: number;
  readonly sequenceGaps: number;
  readonly booksValid: number;
  /** Sides of books that are quarantined now, by reason. */
  readonly barred: ReasonCounts;
  /** From a frame's receipt to the end of its judgement; null before the first frame. */
  readonly judge: QuantileReading | null;
}

export interface DeskReading {
  /** Why trading is off; null when it is not. */
  readonly halted: string | null;
  /** Opportunities that wait for a settled size. */
  readonly waiting: number;
  readonly journalOk: boolean;
  /** Records that the disk refused for too long. */
  readonly journalLost: number;
  readonly currency: string;
  readonly startCash: string;
  readonly cash: string;
  readonly reserved: string;
  readonly openAtWorst: string;
  readonly fees: string;
  readonly equity: string;
  readonly openPositions: number;
}

/** A count with the values of its labels, in the order of their names. */
export interface LabelledCount {
  readonly labels: readonly string[];
  readonly count: number;
}

/** Opportunities and orders, counted as they are decided. */
export interface TradeReading {
  /** By lane. */
  readonly detected: readonly LabelledCount[];
  /** By lane and outcome. */
  readonly closed: readonly LabelledCount[];
  /** By lane, stage and reason. */
  readonly refused: readonly LabelledCount[];
  /** By venue and purpose. */
  readonly orders: readonly LabelledCount[];
  /** Orders of ended plans without a fill, by venue. */
  readonly unfilled: readonly LabelledCount[];
  /** By venue. */
  readonly cancels: readonly LabelledCount[];
}

export interface CapacityReading {
  /** Bounds of the profile. */
  readonly maxBooks: number;
  readonly maxWatchedPerVenue: number;
  /** Requests that wait for their budget, over all venues. */
  readonly requestsWaiting: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Buffers outside the heap. */
  readonly externalBytes: number;
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  /** Timers, sockets, files and threads that keep the process alive. */
  readonly handles: number;
}

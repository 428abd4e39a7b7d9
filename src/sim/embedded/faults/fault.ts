import type { FaultAnswer } from "../../../contracts/index.ts";

/**
 * What can go wrong between a client and a venue.
 *
 * Requests (the first six also refuse a socket's upgrade, in the venue's own words):
 * `timeout_executed` the venue acts and its answer is lost; `timeout_lost` the request never reaches it; `slow` the
 * answer comes late; `refuse_connect` requests and new sockets find nobody.
 *
 * Sockets: `disconnect` breaks those that are open; `resubscribe_loop` ends those that are open, and each new one after
 * its first data frame; `frozen` swallows all data of those that are open while pings go on; `silent` swallows
 * everything both ways, and neither side is told.
 *
 * Data frames: `gap` and `drop_some` lose one; `duplicate` and `double_some` bring it twice; `reorder` swaps it with the
 * next; `malformed` makes it unreadable; `burst` collects and brings all at once.
 */
export type Fault =
  | FaultAnswer
  | "timeout_executed"
  | "timeout_lost"
  | "slow"
  | "refuse_connect"
  | "disconnect"
  | "resubscribe_loop"
  | "frozen"
  | "silent"
  | "gap"
  | "drop_some"
  | "duplicate"
  | "double_some"
  | "reorder"
  | "malformed"
  | "burst";

/** Where and how long a fault strikes. What is left out has the fault's own default. */
export interface FaultOptions {
  /** Host name of the server; null = all. */
  readonly host?: string | null;
  /** Null = until taken back or used up. Default: 10 s. */
  readonly durationMicros?: number | null;
  /** Ends after so many strikes (a request, a socket, a frame each); null = as often as it fits. */
  readonly count?: number | null;
  /** Only requests and sockets whose `METHOD /path` contains this text; null = all. */
  readonly match?: string | null;
  /** Of each one that fits, the chance to be struck. */
  readonly chance?: number;
  /** Of `slow`: how late; of `burst`: how long frames are collected; of `reorder`: how long one waits for the next. */
  readonly delayMicros?: number;
}

/** A fault of a plan, `afterMicros` from the plan's start. */
export interface PlannedFault extends FaultOptions {
  readonly afterMicros: number;
  readonly fault: Fault;
}

/** In order of time. */
export type FaultPlan = readonly PlannedFault[];

/** `FaultOptions` with every default filled in. */
export type FaultSettings = { readonly [K in keyof FaultOptions]-?: Exclude<FaultOptions[K], undefined> };

const SECOND = 1_000_000;

const USUAL: FaultSettings = {
  host: null,
  durationMicros: 10 * SECOND,
  count: null,
  match: null,
  chance: 1,
  delayMicros: SECOND,
};

const OWN: Partial<Record<Fault, FaultOptions>> = {
  slow: { delayMicros: 2 * SECOND },
  gap: { count: 1 },
  duplicate: { count: 1 },
  reorder: { count: 1 },
  malformed: { count: 1 },
  drop_some: { chance: 0.05 },
  double_some: { chance: 0.05 },
};

export function settingsOf(fault: Fault, options: FaultOptions): FaultSettings {
  return { ...USUAL, ...OWN[fault], ...options };
}

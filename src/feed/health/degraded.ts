import type { Micros, Reason } from "../../contracts/index.ts";
import { Alarm, type AlarmRule } from "./alarm.ts";

/** How a venue's feed stands at one instant. */
export interface VenueReading {
  /** Fill of the fullest queue of input, 0 to 1. */
  readonly queueShare: number;
  /** Share of the streams with a barking watchdog. */
  readonly suspectShare: number;
  /** Share of the wanted books that are not usable. */
  readonly missingShare: number;
  /** The venue-wide watchdogs of `StreamWatch`. */
  readonly gapRate: boolean;
  readonly reconnectRate: boolean;
}

export type DegradedReason = Extract<
  Reason,
  "feed.overflow" | "feed.frozen" | "feed.gap_rate" | "feed.reconnect_rate" | "feed.coverage"
>;

/** The venue's degraded mode changes. While it is on, nothing is sized at the venue. */
export interface DegradedChange {
  readonly on: boolean;
  /** What set it on; when it ends, what was left last. */
  readonly reason: DegradedReason;
  readonly at: Micros;
}

export type DegradedRules = Readonly<Record<DegradedReason, AlarmRule>>;

const SECOND = 1_000_000;
const AT_ONCE = { fireAt: 1, clearAt: 0, fireAfterMicros: 0, clearAfterMicros: 0, dwellMicros: SECOND };

/** A full queue takes effect at once: what is decided behind it is decided on old books. */
export const DEFAULT_DEGRADED: DegradedRules = {
  "feed.overflow": {
    fireAt: 0.9,
    clearAt: 0.5,
    fireAfterMicros: 0,
    clearAfterMicros: 2 * SECOND,
    dwellMicros: 0,
  },
  "feed.frozen": {
    fireAt: 0.5,
    clearAt: 0.25,
    fireAfterMicros: 0,
    clearAfterMicros: 5 * SECOND,
    dwellMicros: 5 * SECOND,
  },
  "feed.gap_rate": AT_ONCE,
  "feed.reconnect_rate": AT_ONCE,
  "feed.coverage": {
    fireAt: 0.5,
    clearAt: 0.3,
    fireAfterMicros: 30 * SECOND,
    clearAfterMicros: 10 * SECOND,
    dwellMicros: 10 * SECOND,
  },
};

/** The degraded mode of one venue: on with the first condition, off when none is left. */
export class DegradedMode {
  readonly #alarms: readonly (readonly [DegradedReason, Alarm])[];
  #last: DegradedReason | null = null;

  constructor(rules: DegradedRules) {
    this.#alarms = (Object.keys(rules) as DegradedReason[]).map((reason) => [
      reason,
      new Alarm(rules[reason]),
    ]);
  }

  get isOn(): boolean {
    return this.#last !== null;
  }

  /** All conditions that hold now. */
  get reasons(): readonly DegradedReason[] {
    return this.#alarms.filter(([, alarm]) => alarm.isOn).map(([reason]) => reason);
  }

  /** Takes the present reading; null = the mode stays as it is. */
  observe(reading: VenueReading, now: Micros): DegradedChange | null {
    const values: Readonly<Record<DegradedReason, number>> = {
      "feed.overflow": reading.queueShare,
      "feed.frozen": reading.suspectShare,
      "feed.gap_rate": reading.gapRate ? 1 : 0,
      "feed.reconnect_rate": reading.reconnectRate ? 1 : 0,
      "feed.coverage": reading.missingShare,
    };
    for (const [reason, alarm] of this.#alarms) alarm.update(values[reason], now);
    const [first] = this.reasons;
    const before = this.#last;
    this.#last = first ?? null;
    if (before === null && first !== undefined) return { on: true, reason: first, at: now };
    if (before !== null && first === undefined) return { on: false, reason: before, at: now };
    return null;
  }
}

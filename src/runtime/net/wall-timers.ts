import type { Cancel, Micros, Timers } from "../../contracts/index.ts";

/** Where wall time is read; replaced in tests. Both in milliseconds. */
export interface WallReadings {
  /** Never goes back, and stops while the machine sleeps. */
  monotonic(): number;
  wall(): number;
}

const SYSTEM: WallReadings = {
  monotonic: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
};

/** How often the wall clock is looked at, and how far ahead it must be to be followed. */
const CHECK_MS = 1_000;
const FOLLOW_MS = 100;
/** Longest delay of `setTimeout`; longer ones are cut to it. */
const MAX_DELAY_MS = 2_147_483_647;

/**
 * Real time with alarms. `now` never goes back: it runs on the monotonic clock, follows the wall clock when that has
 * leapt ahead (the machine slept), and ignores it when it was set back.
 */
export class WallTimers implements Timers {
  readonly #readings: WallReadings;
  readonly #live = new Set<Cancel>();
  #aheadMs = 0;
  #checkAtMs = 0;
  #closed = false;

  constructor(readings: WallReadings = SYSTEM) {
    this.#readings = readings;
  }

  now(): Micros {
    const monotonicMs = this.#readings.monotonic();
    if (monotonicMs >= this.#checkAtMs) {
      this.#checkAtMs = monotonicMs + CHECK_MS;
      const behindMs = this.#readings.wall() - (monotonicMs + this.#aheadMs);
      if (behindMs > FOLLOW_MS) this.#aheadMs += behindMs;
    }
    return Math.floor((monotonicMs + this.#aheadMs) * 1_000) as Micros;
  }

  /** Alarms that are set. */
  get pending(): number {
    return this.#live.size;
  }

  /** Whole milliseconds, rounded up; 0 = as soon as the current work is done. After `close` nothing is set. */
  after(delayMicros: number, run: () => void): Cancel {
    if (this.#closed) return () => {};
    const ring = () => {
      this.#live.delete(cancel);
      run();
    };
    const cancel = delayMicros > 0 ? delayed(ring, delayMicros) : soon(ring);
    const live = () => {
      if (this.#live.delete(cancel)) cancel();
    };
    this.#live.add(cancel);
    return live;
  }

  /** Takes back every alarm. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#live) cancel();
    this.#live.clear();
  }
}

function delayed(run: () => void, delayMicros: number): Cancel {
  const timer = setTimeout(run, Math.min(MAX_DELAY_MS, Math.ceil(delayMicros / 1_000)));
  return () => clearTimeout(timer);
}

function soon(run: () => void): Cancel {
  const timer = setImmediate(run);
  return () => clearImmediate(timer);
}

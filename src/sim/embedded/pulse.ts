import type { Micros, Rng } from "../../contracts/index.ts";
import type { Schedule } from "./schedule.ts";

const SECOND = 1_000_000;
/** Alarms are no closer than this; several happenings share one when they are. */
const LEAST_STEP_MICROS = 1_000;
/** After a stall at most so much of what was missed is made up. */
const MOST_CATCH_UP_MICROS = 250_000;

/** Runs a turn of the market at a mean rate, whatever the resolution of the clock. */
export class Pulse {
  readonly #rng: Rng;
  readonly #schedule: Schedule;
  readonly #perSecond: number;
  #factor = 1;
  #burstUntil = 0;
  #last = 0;
  #due = 0;

  constructor(rng: Rng, schedule: Schedule, perSecond: number) {
    this.#rng = rng;
    this.#schedule = schedule;
    this.#perSecond = perSecond;
  }

  /** `factor` times the rate until an instant; a later burst replaces an earlier one. */
  burst(factor: number, until: Micros): void {
    this.#factor = factor;
    this.#burstUntil = until;
  }

  begin(turn: () => void): void {
    if (this.#perSecond <= 0) return;
    this.#last = this.#schedule.now;
    this.#next(turn);
  }

  #next(turn: () => void): void {
    const mean = SECOND / this.#rate();
    const delay = Math.max(LEAST_STEP_MICROS, Math.ceil(2 * mean * this.#rng.next()));
    this.#schedule.after(delay, () => {
      const now = this.#schedule.now;
      const elapsed = Math.min(now - this.#last, Math.max(MOST_CATCH_UP_MICROS, delay));
      this.#last = now;
      this.#due += (elapsed * this.#rate()) / SECOND;
      for (; this.#due >= 1; this.#due--) turn();
      this.#next(turn);
    });
  }

  #rate(): number {
    return this.#schedule.now < this.#burstUntil ? this.#perSecond * this.#factor : this.#perSecond;
  }
}

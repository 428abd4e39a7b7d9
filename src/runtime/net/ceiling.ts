import Bottleneck from "bottleneck";
import type { Clock } from "../../contracts/index.ts";

/** The most that is ever sent to one origin, whatever the governor says. */
export interface RateCeiling {
  readonly perSecond: number;
  /** How many may leave at once after a pause. */
  readonly burst: number;
  /** How many may wait when it is reached; more are refused. */
  readonly maxWaiting: number;
}

/** Bottleneck's priorities run from 0, dearest, to 9. */
const URGENT = 0;
const USUAL = 5;

/**
 * A fixed ceiling. The governor stays below it, so a request normally passes at once, for the cost of a subtraction;
 * beyond the burst requests wait in a Bottleneck queue that lets one go per `1 / perSecond`.
 */
export class Ceiling {
  readonly #limit: RateCeiling;
  readonly #clock: Clock;
  readonly #pacer: Bottleneck;
  /** Below zero by what waits: a paced request has been paid for already. */
  #tokens: number;
  #refilledAt: number;
  #waiting = 0;

  constructor(limit: RateCeiling, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#refilledAt = clock.now();
    this.#pacer = new Bottleneck({ minTime: Math.ceil(1_000 / limit.perSecond) });
  }

  /**
   * Runs `go` at once, or when its turn comes.
   * @param urgent before everything that waits. @returns false: too many wait, `go` will not run.
   */
  pass(urgent: boolean, go: () => void): boolean {
    this.#refill();
    if (this.#tokens >= 1 && this.#waiting === 0) {
      this.#tokens--;
      go();
      return true;
    }
    if (this.#waiting >= this.#limit.maxWaiting) return false;
    this.#tokens--;
    this.#waiting++;
    const turn = () => {
      this.#waiting--;
      go();
      return Promise.resolve();
    };
    // Refused only by `close`, which ends what waits by other means.
    this.#pacer.schedule({ priority: urgent ? URGENT : USUAL }, turn).catch(() => {});
    return true;
  }

  /** Drops what waits. */
  async close(): Promise<void> {
    await this.#pacer.stop({ dropWaitingJobs: true });
    await this.#pacer.disconnect();
  }

  #refill(): void {
    const now = this.#clock.now();
    const gained = ((now - this.#refilledAt) / 1_000_000) * this.#limit.perSecond;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + gained);
    this.#refilledAt = now;
  }
}

/** Part of governor.ts: a venue whose limit is hidden and changes, in simulated time. */
import type { Cancel, HttpOutcome, HttpRequest, Micros, Net, Stress } from "../src/contracts/index.ts";
import type { StepClock } from "../src/sim/net/step-clock.ts";

const SECOND = 1_000_000;
/** Without jitter. */
export const ONE_WAY_MICROS = 80_000;
const RETRY_AFTER_MICROS = SECOND;
const BURST = 5;
/** Throughput is looked at over this much time. */
const LOOK_SECONDS = 5;
const REACHED = 0.9;

/** The limit in requests per second from `from` on. */
export interface Phase {
  readonly from: Micros;
  readonly perSecond: number;
}

/**
 * The venue behind its network: a token bucket of the hidden limit and a burst of 5, 80 ms each way, 429 with
 * `Retry-After: 1`. It keeps the score.
 */
export class HiddenLimit implements Pick<Net, "request"> {
  readonly #time: StepClock;
  readonly #phases: readonly Phase[];
  readonly #start: number;
  readonly #jitter: () => number;
  /** Accepted requests by second of arrival, counted from the start. */
  readonly #accepted: number[] = [];
  #level = BURST;
  #levelAt: number;
  #sent = 0;
  #refused = 0;
  #silentUntil = 0;
  #violations = 0;

  /** @param jitterMicros extra time of one way, drawn anew for each. */
  constructor(time: StepClock, phases: readonly Phase[], jitterMicros: () => number) {
    this.#time = time;
    this.#phases = phases;
    this.#jitter = jitterMicros;
    this.#start = time.now();
    this.#levelAt = this.#start;
  }

  request(_request: HttpRequest, done: (outcome: HttpOutcome) => void): Cancel {
    const sentAt = this.#time.now();
    this.#sent++;
    if (sentAt < this.#silentUntil) this.#violations++;
    this.#time.after(ONE_WAY_MICROS + this.#jitter(), () => {
      const accepted = this.#admit();
      this.#time.after(ONE_WAY_MICROS + this.#jitter(), () => this.#answer(accepted, sentAt, done));
    });
    return () => {};
  }

  /** The limit in force, in requests per second. */
  limitAt(at: number): number {
    let perSecond = 0;
    for (const phase of this.#phases) if (phase.from <= at) perSecond = phase.perSecond;
    return perSecond;
  }

  score(end: number): Score {
    const seconds = Math.floor((end - this.#start) / SECOND);
    let capacity = 0;
    let accepted = 0;
    for (let second = 0; second < seconds; second++) {
      capacity += this.limitAt(this.#start + second * SECOND);
      accepted += this.#accepted[second] ?? 0;
    }
    return {
      utilisation: accepted / capacity,
      refusedShare: this.#refused / this.#sent,
      insideRetryAfter: this.#violations,
      reachedSeconds: this.#phases.map((phase, index) =>
        this.#reached(phase, this.#phases[index + 1]?.from ?? end),
      ),
    };
  }

  /** Seconds from the change until the last 5 seconds brought 90 % of the new limit. */
  #reached(phase: Phase, end: number): number {
    const first = Math.round((phase.from - this.#start) / SECOND);
    const last = Math.round((end - this.#start) / SECOND);
    for (let second = first; second < last; second++) {
      let sum = 0;
      const looked = Math.min(LOOK_SECONDS, second + 1 - first);
      for (let back = 0; back < looked; back++) sum += this.#accepted[second - back] ?? 0;
      if (sum >= REACHED * phase.perSecond * looked) return second + 1 - first;
    }
    return Number.POSITIVE_INFINITY;
  }

  #admit(): boolean {
    const now = this.#time.now();
    this.#level = Math.min(BURST, this.#level + (this.limitAt(now) * (now - this.#levelAt)) / SECOND);
    this.#levelAt = now;
    if (this.#level < 1) return false;
    this.#level--;
    const second = Math.floor((now - this.#start) / SECOND);
    this.#accepted[second] = (this.#accepted[second] ?? 0) + 1;
    return true;
  }

  #answer(accepted: boolean, sentAt: Micros, done: (outcome: HttpOutcome) => void): void {
    const at = this.#time.now();
    const headers: Record<string, string> = {};
    if (!accepted) {
      this.#refused++;
      this.#silentUntil = Math.max(this.#silentUntil, at + RETRY_AFTER_MICROS);
      headers["retry-after"] = "1";
    }
    done({ kind: "answer", status: accepted ? 200 : 429, headers, body: NO_BODY, sentAt, at });
  }
}

const NO_BODY = new Uint8Array();

/** What an outcome of `HiddenLimit` says. */
export function stressOf(outcome: HttpOutcome): Stress {
  if (outcome.kind === "answer" && outcome.status === 429)
    return { kind: "rate", retryAfterMicros: Number(outcome.headers["retry-after"]) * SECOND };
  return { kind: "none" };
}

export interface Score {
  /** Accepted requests of those that the limit would have let through. */
  readonly utilisation: number;
  readonly refusedShare: number;
  readonly insideRetryAfter: number;
  /** Per phase. */
  readonly reachedSeconds: readonly number[];
}

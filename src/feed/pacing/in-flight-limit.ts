import type { Micros } from "../../contracts/index.ts";

const TOLERANCE = 1.5;
const SMOOTHING = 0.2;
const GRADIENT_MIN = 0.5;
const DECAY_RATIO = 2;
const DECAY = 0.95;
/** The long mean: plain over the first windows, then exponential over this many. */
const LONG_WINDOWS = 600;
const WARM_UP_WINDOWS = 10;
const WINDOW_MICROS = 1_000_000;
const WINDOW_SAMPLES = 10;
const QUEUE_MAX = 4;

/**
 * Bounds how many requests are in flight by how the latency moves: Gradient2 of Netflix concurrency-limits
 * (Gradient2Limit.java at 78a74b9), with `limit <- (1 - s) L + s (L g + queue)`, `g = clamp(tol x long / short, 0.5, 1)`.
 * A latency here is the mean of a window of at least 10 answers and 1 second.
 */
export class InFlightLimit {
  readonly #max: number;
  readonly #queue: number;
  #limit: number;
  #longMicros = 0;
  #windows = 0;
  #windowStart: number;
  #sumMicros = 0;
  #samples = 0;
  #mostInFlight = 0;

  /** @param max requests in flight at most, at least 1; where it starts. */
  constructor(max: number, now: Micros) {
    this.#max = max;
    this.#limit = max;
    this.#queue = Math.min(QUEUE_MAX, Math.max(1, max / 4));
    this.#windowStart = now;
  }

  /** Requests that may be in flight now; at least 1. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  /** An answer came. @param inFlight how many were under way, this one included. */
  sample(latencyMicros: number, inFlight: number, now: Micros): void {
    this.#sumMicros += latencyMicros;
    this.#samples++;
    this.#mostInFlight = Math.max(this.#mostInFlight, inFlight);
    if (this.#samples < WINDOW_SAMPLES || now - this.#windowStart < WINDOW_MICROS) return;
    this.#update(Math.max(1, this.#sumMicros / this.#samples), this.#mostInFlight);
    this.#windowStart = now;
    this.#sumMicros = 0;
    this.#samples = 0;
    this.#mostInFlight = 0;
  }

  #update(shortMicros: number, inFlight: number): void {
    if (this.#windows <= WARM_UP_WINDOWS) this.#windows++;
    const weight = this.#windows <= WARM_UP_WINDOWS ? 1 / this.#windows : 2 / (LONG_WINDOWS + 1);
    this.#longMicros += weight * (shortMicros - this.#longMicros);
    const long = this.#longMicros;
    // After a long slow time the mean would take minutes to come down.
    if (long / shortMicros > DECAY_RATIO) this.#longMicros *= DECAY;
    if (inFlight < this.#limit / 2) return;
    const gradient = Math.min(1, Math.max(GRADIENT_MIN, (TOLERANCE * long) / shortMicros));
    const next = (1 - SMOOTHING) * this.#limit + SMOOTHING * (this.#limit * gradient + this.#queue);
    this.#limit = Math.min(this.#max, Math.max(1, next));
  }
}

import type { Micros } from "../../contracts/index.ts";

const MICROS = 1_000_000;
const RECENT = 32;
const BEFORE = 480;
const HELD = RECENT + BEFORE;
const RECENT_MIN = 8;
const P95 = 0.95;
const RISE = 1.5;
/** Answers older than this say nothing about a time-out now. */
const RECENT_MICROS = 30 * MICROS;

const WINDOW_MICROS = MICROS;
const WINDOW_SAMPLES_MIN = 3;
const WINDOW_SAMPLES_MAX = 256;
const BASELINE_MICROS = 60 * MICROS;
const DELAYED_FACTOR = 2;
const DELAYED_MICROS = 50_000;
const FLAT = 1.25;
const STRAINED_WINDOWS = 2;

/** What latencies say about a venue that does not refuse. */
export type Strain =
  /** As usual. */
  | "none"
  /** Requests queue at the venue, but the queue does not grow, or our own sending grew with it. */
  | "delayed"
  /** Latency is high and rising while we send no more than before: too much. */
  | "rising";

/**
 * Watches answer latencies. Two questions: did the 95th percentile rise (then a time-out is a sign of load), and do
 * requests queue at the venue (for venues that throttle by delay).
 */
export class LatencyWatch {
  readonly #ring = new Float64Array(HELD);
  #seen = 0;
  #lastAt = 0;

  readonly #window: number[] = [];
  #windowStart: number;
  #sent = 0;
  #sentBefore = 0;
  #medianBefore = 0;
  #strained = 0;
  #baseline = Number.POSITIVE_INFINITY;
  #nextBaseline = Number.POSITIVE_INFINITY;
  #baselineAt: number;

  constructor(now: Micros) {
    this.#windowStart = now;
    this.#baselineAt = now;
  }

  /** Something left. */
  sent(): void {
    this.#sent++;
  }

  /** An answer came. @returns what the window that ends with it shows; null within a window. */
  answered(latencyMicros: number, now: Micros): Strain | null {
    this.#ring[this.#seen++ % HELD] = latencyMicros;
    this.#lastAt = now;
    if (this.#window.length < WINDOW_SAMPLES_MAX) this.#window.push(latencyMicros);
    if (now - this.#windowStart < WINDOW_MICROS || this.#window.length < WINDOW_SAMPLES_MIN) return null;
    return this.#close(now);
  }

  /** Answers to what left before a cut must not count against what leaves after it. */
  restart(now: Micros): void {
    this.#window.length = 0;
    this.#windowStart = now;
    this.#sent = 0;
    this.#strained = 0;
  }

  /** True when the 95th percentile of the newest answers is well above that of those before. */
  risen(now: Micros): boolean {
    const held = Math.min(this.#seen, HELD);
    if (held < RECENT + RECENT_MIN || now - this.#lastAt > RECENT_MICROS) return false;
    const newest = (age: number) => this.#ring[(this.#seen - 1 - age) % HELD]!;
    const recent = Float64Array.from({ length: RECENT }, (_, age) => newest(age));
    const before = Float64Array.from({ length: held - RECENT }, (_, age) => newest(RECENT + age));
    return p95(recent) > RISE * p95(before);
  }

  #close(now: Micros): Strain {
    const median = quantile(Float64Array.from(this.#window), 0.5);
    const flat = this.#sent <= FLAT * Math.max(1, this.#sentBefore);
    const usual = Math.min(this.#baseline, this.#nextBaseline);
    const delayed = median > Math.max(DELAYED_FACTOR * usual, usual + DELAYED_MICROS);
    const rising = delayed && flat && median >= this.#medianBefore;
    this.#strained = rising ? this.#strained + 1 : 0;
    this.#learnBaseline(median, now);
    this.#medianBefore = median;
    this.#sentBefore = this.#sent;
    this.#window.length = 0;
    this.#windowStart = now;
    this.#sent = 0;
    if (this.#strained >= STRAINED_WINDOWS) return "rising";
    return delayed ? "delayed" : "none";
  }

  /** Least median of the last one to two minutes, so that a lasting change of the route becomes the new usual. */
  #learnBaseline(median: number, now: Micros): void {
    this.#nextBaseline = Math.min(this.#nextBaseline, median);
    if (now - this.#baselineAt < BASELINE_MICROS) return;
    this.#baseline = this.#nextBaseline;
    this.#nextBaseline = Number.POSITIVE_INFINITY;
    this.#baselineAt = now;
  }
}

function p95(values: Float64Array): number {
  return quantile(values, P95);
}

/** Sorts in place. */
function quantile(values: Float64Array, share: number): number {
  values.sort();
  return values[Math.min(values.length - 1, Math.floor(share * values.length))]!;
}

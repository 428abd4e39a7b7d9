import type { Micros } from "../../contracts/index.ts";

const MICROS = 1_000_000;
const WINDOW_MIN_MICROS = MICROS;
const WINDOW_MAX_MICROS = 60 * MICROS;
/** A window is long enough for this many requests, so that its use means something. */
const WINDOW_REQUESTS = 4;
/** Memory of the busiest window: what is left of it after each further one. */
const PEAK_DECAY = 0.8;
const IDLE_WINDOWS_MAX = 32;
/** The rate never falls below this share of its ceiling, so that it can find back. */
const FLOOR_SHARE = 0.02;
const SMOOTHING = 0.2;

/** Growth per second, as a share of the rate. */
const GROWTH = 0.03;
/** From this share of the last refused rate on ... */
const CAREFUL_FROM = 0.92;
/** ... growth per second is this share of the refused rate, ... */
const CAREFUL_GROWTH = 0.0022;
/** ... for this long after the refusal, ... */
const MEMORY_MICROS = 90 * MICROS;
/** ... or until the rate is this multiple of the refused one without a refusal. */
const DISPROVED_AT = 1.01;
/** Without memory growth is multiplied by this in each window, up to this share of the rate. */
const ACCELERATION = 1.5;
const FASTEST_GROWTH = 0.1;
/** Growth within one window at most, as a share of the rate: windows of slow classes are long. */
const STEP_MAX = 0.25;
/** What a refusal leaves of the rate. */
const KEPT = 0.85;
/** No growth in a window that used less than this share of the rate. */
const LEAST_USE = 0.5;

/**
 * Finds a limit that nobody states (Chiu, Jain 1989: additive increase, multiplicative decrease), remembering where the
 * last refusal was, as CUBIC does (RFC 9438, section 4): fast up to there, slow around it, faster again beyond.
 * What each parameter does and where it comes from: docs/pacing.md.
 */
export class LearnedRate {
  readonly #ceiling: number;
  #perSecond: number;
  /** Rate at the last refusal; null = none is remembered. */
  #refusedRate: number | null = null;
  #refusedAt = 0;
  #cutAt = Number.NEGATIVE_INFINITY;
  /** Multiple of the usual growth; at its most until something is refused. */
  #boost = FASTEST_GROWTH / GROWTH;
  #windowStart: number;
  #windowEnd: number;
  #used = 0;
  #uses = 0;
  /** Mean cost of what left in the last window that was used. */
  #meanCost = 1;
  #held = false;
  #peakUse: number;
  #utilisation = 0;
  #cuts = 0;

  /** @param ceiling units per second that are never exceeded. @param start units per second to begin with. */
  constructor(ceiling: number, start: number, now: Micros) {
    this.#ceiling = ceiling;
    this.#perSecond = Math.min(ceiling, Math.max(start, ceiling * FLOOR_SHARE));
    this.#peakUse = this.#perSecond;
    this.#windowStart = now;
    this.#windowEnd = now + this.#windowMicros();
  }

  /** Units per second, as learned up to the last call of `advance`. */
  get perSecond(): number {
    return this.#perSecond;
  }

  /** Share of the rate that was used, smoothed over some windows. */
  get utilisation(): number {
    return this.#utilisation;
  }

  /** Congestion epochs: how often it was cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Requests sent at or before this instant can say nothing about the present rate. */
  get cutAt(): number {
    return this.#cutAt;
  }

  /** Brings the rate up to `now`. */
  advance(now: Micros): void {
    if (now < this.#windowEnd) return;
    const length = this.#windowEnd - this.#windowStart;
    const seconds = length / MICROS;
    const used = this.#used / seconds;
    if (!this.#held && used >= LEAST_USE * this.#perSecond) this.#grow(now, seconds);
    if (this.#uses > 0) this.#meanCost = this.#used / this.#uses;
    this.#closeWindow(used);
    const idle = Math.floor((now - this.#windowEnd) / length);
    for (let i = 0; i < Math.min(idle, IDLE_WINDOWS_MAX); i++) this.#closeWindow(0);
    this.#windowStart = idle > 0 ? now : this.#windowEnd;
    this.#windowEnd = this.#windowStart + this.#windowMicros();
    this.#used = 0;
    this.#uses = 0;
    this.#held = false;
  }

  /** Something left. */
  use(cost: number): void {
    this.#used += cost;
    this.#uses++;
  }

  /** No growth in this window: the venue shows strain that is not worth a cut. */
  hold(): void {
    this.#held = true;
  }

  /**
   * The venue showed that it was too much. @param sentAt when the request left that showed it.
   * @returns false when it left before the last cut: one congestion epoch, one cut.
   */
  cut(sentAt: Micros, now: Micros): boolean {
    this.advance(now);
    if (sentAt <= this.#cutAt) return false;
    const seconds = (this.#windowEnd - this.#windowStart) / MICROS;
    const peak = Math.max(this.#peakUse, this.#used / seconds);
    // A budget that nobody used was not refused: cut from the most that such use could have earned, and remember nothing.
    const earned = peak / LEAST_USE;
    const refused = Math.min(this.#perSecond, earned);
    this.#refusedRate = earned < this.#perSecond ? null : refused;
    this.#refusedAt = now;
    this.#perSecond = Math.max(refused * KEPT, this.#ceiling * FLOOR_SHARE);
    this.#cutAt = now;
    this.#boost = 1;
    this.#held = true;
    this.#cuts++;
    return true;
  }

  #grow(now: number, seconds: number): void {
    const gain = Math.min(this.#growthPerSecond(now) * seconds, STEP_MAX * this.#perSecond);
    this.#perSecond = Math.min(this.#ceiling, this.#perSecond + gain);
  }

  #growthPerSecond(now: number): number {
    this.#forget(now);
    const growth = GROWTH * this.#perSecond;
    if (this.#refusedRate !== null)
      return this.#perSecond < CAREFUL_FROM * this.#refusedRate ? growth : CAREFUL_GROWTH * this.#refusedRate;
    const accelerated = growth * this.#boost;
    this.#boost = Math.min(FASTEST_GROWTH / GROWTH, this.#boost * ACCELERATION);
    return accelerated;
  }

  #forget(now: number): void {
    if (this.#refusedRate === null) return;
    const old = now - this.#refusedAt >= MEMORY_MICROS;
    if (old || this.#perSecond > DISPROVED_AT * this.#refusedRate) this.#refusedRate = null;
  }

  #closeWindow(used: number): void {
    this.#peakUse = Math.max(used, this.#peakUse * PEAK_DECAY);
    const share = Math.min(1, used / this.#perSecond);
    this.#utilisation += SMOOTHING * (share - this.#utilisation);
  }

  #windowMicros(): number {
    const enough = (WINDOW_REQUESTS * this.#meanCost * MICROS) / this.#perSecond;
    return Math.min(WINDOW_MAX_MICROS, Math.max(WINDOW_MIN_MICROS, enough));
  }
}

import type { Micros } from "../../contracts/index.ts";
import { EventWindow } from "./event-window.ts";

const MICROS_PER_SECOND = 1_000_000;
const RECENT_MICROS = 60_000_000;
const RECENT_BUCKETS = 12;
const MAX_DISPERSION = 1_000;
/** The learned longest gap halves in this time when none as long comes. */
const GAP_HALF_LIFE_MICROS = 3_600_000_000;

/**
 * What a stream usually brings. Messages come in bursts, so they are taken as bursts that arise by a Poisson process:
 * variance over mean of the counts (the Fano factor) is the mean size of a burst, and rate / Fano their rate.
 */
export class StreamRate {
  readonly #memoryMicros: number;
  readonly #recent = new EventWindow(RECENT_MICROS, RECENT_BUCKETS);
  #perSecond = 0;
  #dispersion = 1;
  #learnedMicros = 0;
  #pending = 0;
  #lastMessageAt = 0;
  #longestGap = 0;
  #gapAt = 0;
  #openedAt = 0;

  /** @param memoryMicros time constant with which the learned rate follows the stream. */
  constructor(memoryMicros: number) {
    this.#memoryMicros = memoryMicros;
  }

  /** Messages per second, as learned. */
  get perSecond(): number {
    return this.#perSecond;
  }

  /** How long the rate was learned. */
  get learnedMicros(): number {
    return this.#learnedMicros;
  }

  /** A new connection: silence counts from here, what was learned stays. */
  opened(now: Micros): void {
    this.#recent.clear();
    this.#pending = 0;
    this.#openedAt = now;
    this.#lastMessageAt = now;
  }

  /** `count` messages at once. O(1). @param sound the silence before was not held for a fault. */
  message(now: Micros, count: number, sound: boolean): void {
    const gap = now - this.#lastMessageAt;
    if (sound && gap > this.longestGapMicros(now)) {
      this.#longestGap = gap;
      this.#gapAt = now;
    }
    this.#lastMessageAt = now;
    this.#pending += count;
  }

  /** Takes the messages of the last `elapsedMicros` into the picture; `learn`: into the learned rate, too. */
  turn(now: Micros, elapsedMicros: number, learn: boolean): void {
    const count = this.#pending;
    this.#pending = 0;
    this.#recent.add(now, count);
    if (!learn || elapsedMicros <= 0) return;
    this.#learnedMicros += elapsedMicros;
    const weight = Math.min(1, elapsedMicros / Math.min(this.#memoryMicros, this.#learnedMicros));
    const seconds = elapsedMicros / MICROS_PER_SECOND;
    const expected = this.#perSecond * seconds;
    if (expected > 0) {
      const spread = (count - expected) ** 2 / expected;
      this.#dispersion = clamp(this.#dispersion + weight * (spread - this.#dispersion), 1, MAX_DISPERSION);
    }
    this.#perSecond += weight * (count / seconds - this.#perSecond);
  }

  /** Forgets half of its certainty, down to `leastMicros`, so that a stream that really changed is soon learned anew. */
  doubt(leastMicros: number): void {
    this.#learnedMicros = Math.min(this.#learnedMicros, Math.max(leastMicros, this.#learnedMicros / 2));
  }

  silenceMicros(now: Micros): number {
    return now - this.#lastMessageAt;
  }

  /** The longest silence that turned out to be none, fading. */
  longestGapMicros(now: Micros): number {
    return this.#longestGap * 0.5 ** ((now - this.#gapAt) / GAP_HALF_LIFE_MICROS);
  }

  /** Messages of the last minute, and how many the learned rate expects of it. */
  recent(now: Micros): { readonly count: number; readonly expected: number } {
    const span = Math.min(RECENT_MICROS, now - this.#openedAt);
    return {
      count: this.#recent.total(now) + this.#pending,
      expected: (this.#perSecond * span) / MICROS_PER_SECOND,
    };
  }

  /**
   * -ln of the chance of a silence as long as the present one: rate / Fano x silence.
   * @param activity how active the other streams are, 1 = as usual.
   */
  silenceEvidence(now: Micros, activity: number): number {
    return ((this.#perSecond / this.#dispersion) * activity * this.silenceMicros(now)) / MICROS_PER_SECOND;
  }

  /** -ln of Chernoff's bound for as few messages as the last minute brought: (m - k + k ln(k / m)) / Fano. */
  fewEvidence(now: Micros, activity: number): number {
    const { count, expected } = this.recent(now);
    const mean = expected * activity;
    if (count >= mean) return 0;
    const tail = mean - count + (count === 0 ? 0 : count * Math.log(count / mean));
    return tail / this.#dispersion;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

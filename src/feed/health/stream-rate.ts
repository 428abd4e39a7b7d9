import type { Micros } from "../../contracts/index.ts";
import { EventWindow } from "./event-window.ts";

const MICROS_PER_SECOND = 1_000_000;
const RECENT_MICROS = 60_000_000;
const RECENT_BUCKETS = 12;
/** Bursts a rate must rest on before it says anything, and how many standard errors it is then taken low. */
const MIN_BURSTS = 16;
const ERRORS_BELOW = 2;
/** The learned longest gap halves in this time when none as long comes. */
const GAP_HALF_LIFE_MICROS = 3_600_000_000;

/**
 * What a stream usually brings. Messages come in bursts, so they are taken as bursts that arise by a Poisson process:
 * variance over mean of the counts (the Fano factor) is the mean size of a burst, and rate / Fano their rate.
 */
export class StreamRate {
  readonly #recent = new EventWindow(RECENT_MICROS, RECENT_BUCKETS);
  #perSecond = 0;
  /** Mean and mean square of the messages of a turn. */
  #mean = 0;
  #square = 0;
  #learnedMicros = 0;
  #pending = 0;
  #openedAt = 0;
  #lastMessageAt = 0;
  #longestGap = 0;
  #gapAt = 0;

  /** Messages per second, as learned. */
  get perSecond(): number {
    return this.#perSecond;
  }

  /** How much time the rate rests on. */
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

  /**
   * Takes the messages since the last turn into the picture; `learn`: into the learned rate, too. Returns their number.
   * @param memoryMicros time constant with which the learned rate follows.
   */
  turn(now: Micros, elapsedMicros: number, learn: boolean, memoryMicros: number): number {
    const count = this.#pending;
    this.#pending = 0;
    this.#recent.add(now, count);
    if (!learn || elapsedMicros <= 0) return count;
    this.#learnedMicros = Math.min(this.#learnedMicros + elapsedMicros, memoryMicros);
    const weight = Math.min(1, elapsedMicros / this.#learnedMicros);
    this.#perSecond += weight * ((count * MICROS_PER_SECOND) / elapsedMicros - this.#perSecond);
    this.#mean += weight * (count - this.#mean);
    this.#square += weight * (count * count - this.#square);
    return count;
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

  /** Messages within about the last `micros` over what is usual; 1 when nothing is usual. */
  share(now: Micros, micros: number): number {
    const usual = (this.#perSecond * micros) / MICROS_PER_SECOND;
    return usual === 0 ? 1 : (this.#recent.last(now, micros) + this.#pending) / usual;
  }

  /**
   * -ln of the chance of a silence as long as the present one: (bursts per second) x silence.
   * @param activity how active the other streams are, 1 = as usual.
   */
  silenceEvidence(now: Micros, activity: number): number {
    return (this.#burstsPerSecond() * activity * this.silenceMicros(now)) / MICROS_PER_SECOND;
  }

  /** -ln of Chernoff's bound for as few messages as the last minute brought: (m - k + k ln(k / m)) / Fano. */
  fewEvidence(now: Micros, activity: number): number {
    const { count, expected } = this.recent(now);
    const mean = expected * activity;
    if (count >= mean) return 0;
    const tail = mean - count + (count === 0 ? 0 : count * Math.log(count / mean));
    return (tail * this.#burstsPerSecond()) / this.#perSecond;
  }

  /** Rate / Fano, taken low by its standard error; 0 when it rests on too few bursts. */
  #burstsPerSecond(): number {
    if (this.#mean <= 0) return 0;
    const dispersion = Math.max(1, this.#square / this.#mean - this.#mean);
    const bursts = this.#perSecond / dispersion;
    const seen = (bursts * this.#learnedMicros) / MICROS_PER_SECOND;
    return seen < MIN_BURSTS ? 0 : bursts * (1 - ERRORS_BELOW / Math.sqrt(seen));
  }
}

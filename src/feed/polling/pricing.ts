import { Beliefs, grownColumn } from "./beliefs.ts";
import { IndexClasses } from "./index-classes.ts";
import { pollIndex } from "./index-value.ts";
import type { BookPrior, SchedulerOptions } from "./options.ts";
import { Signals } from "./signals.ts";

/**
 * How often the present level has a book polled. Hot: at least every `hotMicros`, or it has a signal worth a poll now;
 * cold: never for its own sake, only the bound on age brings it.
 */
export type PollTier = "hot" | "warm" | "cold";

const MICROS_PER_SECOND = 1_000_000;
const NEVER = Number.NEGATIVE_INFINITY;
/** A signal whose book kept less than this part of its promise, and moved its gain by less, no longer waits. */
const FADED = 0.01;
const SAME_GAIN = 0.1;

/** What a look at each book is worth, from beliefs and signals. */
export class Pricing {
  readonly beliefs: Beliefs;
  readonly signals: Signals;
  /** Gain and decay as of the last `price`. */
  gain = new Float64Array(0);
  decay = new Float64Array(0);
  readonly #options: SchedulerOptions;
  readonly #hotSeconds: number;
  readonly #recentSeconds: number;
  #baseGain = new Float64Array(0);
  #baseSum = 0;
  #count = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.beliefs = new Beliefs(options);
    this.signals = new Signals(options.maxSignals, options.signalChance, options.shadow);
    this.#hotSeconds = options.hotMicros / MICROS_PER_SECOND;
    this.#recentSeconds = options.recentMicros / MICROS_PER_SECOND;
  }

  grow(capacity: number): void {
    this.beliefs.grow(capacity);
    this.signals.grow(capacity);
    this.gain = grownColumn(this.gain, capacity);
    this.decay = grownColumn(this.decay, capacity);
    this.#baseGain = grownColumn(this.#baseGain, capacity);
  }

  add(book: number, prior: BookPrior): void {
    this.#count++;
    this.beliefs.reset(book, prior);
    this.signals.reset(book);
    this.#baseGain[book] = 0;
  }

  remove(book: number): void {
    this.#count--;
    this.#baseSum = this.#count === 0 ? 0 : Math.max(0, this.#baseSum - this.#baseGain[book]!);
    this.signals.reset(book);
  }

  /** Writes down gain and decay as they are at `now`; returns the class. */
  price(book: number, now: number): number {
    const base = this.beliefs.gain(book);
    this.#baseSum = Math.max(0, this.#baseSum + base - this.#baseGain[book]!);
    this.#baseGain[book] = base;
    this.gain[book] = this.gainAt(book, now);
    this.decay[book] = this.beliefs.decay(book);
    return IndexClasses.of(this.gain[book]!, this.decay[book]!);
  }

  /** Value per second with clusters and shadow values: (rate x value)(1 + boost) + shadow x mean gain. */
  gainAt(book: number, now: number): number {
    const since = (now - this.signals.recentAt[book]!) / MICROS_PER_SECOND;
    const boost = this.#options.recentBoost * Math.exp(-since / this.#recentSeconds);
    const mean = this.#count === 0 ? 0 : this.#baseSum / this.#count;
    return this.beliefs.gain(book) * (1 + boost) + this.signals.shadow(book) * mean;
  }

  /** What the last stream update still promises: chance x value x e^(-delta (t - t_sig)). */
  promise(book: number, now: number): number {
    const alive = this.aliveShare(book, now);
    return alive === 0 ? 0 : this.signals.chance * this.beliefs.value(book) * alive;
  }

  /** Chance that what the last stream update announced still stands; 0 = there was none since the last poll. */
  aliveShare(book: number, now: number): number {
    const updatedAt = this.signals.updatedAt[book]!;
    if (updatedAt === NEVER) return 0;
    return Math.exp((-this.decay[book]! * (now - updatedAt)) / MICROS_PER_SECOND);
  }

  /** The book's signals no longer make a difference to its place. */
  isFaded(book: number, now: number): boolean {
    const gain = this.gain[book]!;
    return this.aliveShare(book, now) < FADED && Math.abs(this.gainAt(book, now) - gain) <= SAME_GAIN * gain;
  }

  /** Tier of a whole class at a level. */
  tierOfClass(index: number, level: number): PollTier {
    return this.#tier(IndexClasses.gain(index), IndexClasses.decay(index), 0, level);
  }

  /** Tier of a book with its signals as they are at `now`. */
  tierAt(book: number, now: number, level: number): PollTier {
    return this.#tier(this.gainAt(book, now), this.decay[book]!, this.promise(book, now), level);
  }

  #tier(gain: number, decay: number, promise: number, level: number): PollTier {
    if (pollIndex(gain, decay, this.#hotSeconds) + promise >= level) return "hot";
    return gain / decay + promise > level ? "warm" : "cold";
  }
}

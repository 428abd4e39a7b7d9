import { exposureSeconds } from "./index-value.ts";
import type { BookPrior, SchedulerOptions } from "./options.ts";

const MICROS_PER_SECOND = 1_000_000;
const MIN_LIFE_SECONDS = 0.05;
const MAX_LIFE_SECONDS = 86_400;
const MIN_RATE = 1e-12;

/**
 * What is believed of each book: rate and life of its opportunities by Gamma posteriors around the metadata, their value
 * by an exponential average that starts there. A flat prior loses to fixed tiers for half an hour; metadata does not.
 */
export class Beliefs {
  readonly #options: SchedulerOptions;
  readonly #memorySeconds: number;
  #priorRate = new Float64Array(0);
  #seen = new Float64Array(0);
  #exposure = new Float64Array(0);
  #value = new Float64Array(0);
  #valueWeight = new Float64Array(0);
  #deaths = new Float64Array(0);
  #aliveSeconds = new Float64Array(0);

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#memorySeconds = options.memoryMicros / MICROS_PER_SECOND;
  }

  grow(capacity: number): void {
    if (this.#value.length >= capacity) return;
    this.#priorRate = grownColumn(this.#priorRate, capacity);
    this.#seen = grownColumn(this.#seen, capacity);
    this.#exposure = grownColumn(this.#exposure, capacity);
    this.#value = grownColumn(this.#value, capacity);
    this.#valueWeight = grownColumn(this.#valueWeight, capacity);
    this.#deaths = grownColumn(this.#deaths, capacity);
    this.#aliveSeconds = grownColumn(this.#aliveSeconds, capacity);
  }

  /** Starts from metadata. What cannot be a rate, a value or a life counts as nearly nothing. */
  reset(book: number, prior: BookPrior): void {
    const life = clamp(prior.lifeMicros / MICROS_PER_SECOND, MIN_LIFE_SECONDS, MAX_LIFE_SECONDS);
    this.#priorRate[book] = Math.max(finite(prior.perSecond), MIN_RATE);
    this.#seen[book] = 0;
    this.#exposure[book] = 0;
    this.#value[book] = Math.max(finite(prior.value), 0);
    this.#valueWeight[book] = this.#options.valueStrength;
    this.#deaths[book] = this.#options.lifeStrength;
    this.#aliveSeconds[book] = this.#options.lifeStrength * life;
  }

  /** New metadata for a book already watched: what was learned stays. */
  revise(book: number, prior: BookPrior): void {
    this.#priorRate[book] = Math.max(finite(prior.perSecond), MIN_RATE);
  }

  /** Opportunities per second: mean of Gamma(strength + seen, strength / prior + exposure). */
  rate(book: number): number {
    const prior = this.#priorRate[book]!;
    const strength = this.#options.rateStrength;
    if (strength === Number.POSITIVE_INFINITY) return prior;
    return (strength + this.#seen[book]!) / (strength / prior + this.#exposure[book]!);
  }

  /** Value of one opportunity. */
  value(book: number): number {
    return this.#value[book]!;
  }

  /** Ends per second: mean of Gamma(strength + ends, strength x life + seconds seen alive). */
  decay(book: number): number {
    return clamp(this.#deaths[book]! / this.#aliveSeconds[book]!, 1 / MAX_LIFE_SECONDS, 1 / MIN_LIFE_SECONDS);
  }

  /** Rate x value: what a book brings per second to one who always looks. */
  gain(book: number): number {
    return this.rate(book) * this.#value[book]!;
  }

  /**
   * One look, `ageSeconds` after the last.
   * @param count new opportunities seen. @param total their value together.
   * @param share the part of them that the steady stream explains; the rest a signal had announced.
   */
  looked(book: number, ageSeconds: number, count: number, total: number, share: number): void {
    if (this.#options.rateStrength === Number.POSITIVE_INFINITY) return;
    const kept = ageSeconds < Number.POSITIVE_INFINITY ? Math.exp(-ageSeconds / this.#memorySeconds) : 0;
    this.#seen[book] = this.#seen[book]! * kept + count * share;
    this.#exposure[book] = this.#exposure[book]! * kept + exposureSeconds(this.decay(book), ageSeconds);
    if (!(count > 0)) return;
    const weight = this.#valueWeight[book]! + count;
    this.#valueWeight[book] = weight;
    const gain = Math.min(1, Math.max(count / weight, this.#options.valueGain));
    this.#value[book]! += gain * (Math.max(finite(total), 0) / count - this.#value[book]!);
  }

  /** An opportunity was seen alive for `seconds`; `ended`: it was then gone, else it still stands or was lost from sight. */
  lived(book: number, seconds: number, ended: boolean): void {
    if (this.#options.rateStrength === Number.POSITIVE_INFINITY || !(seconds >= 0)) return;
    // Old lives fade by count, so that what is kept never outweighs some hundred recent ones.
    const kept = 1 - this.#options.valueGain / 4;
    const { lifeStrength } = this.#options;
    if (this.#deaths[book]! > lifeStrength * 2) {
      this.#deaths[book]! *= kept;
      this.#aliveSeconds[book]! *= kept;
    }
    this.#aliveSeconds[book]! += seconds;
    if (ended) this.#deaths[book]! += 1;
  }
}

/** A longer copy of a column, zeros behind. */
export function grownColumn(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(column);
  return larger;
}

function clamp(value: number, low: number, high: number): number {
  return value > low ? Math.min(value, high) : low;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

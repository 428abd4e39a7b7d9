import type { Micros, RateClass, RequestPurpose, Rng, Stress } from "../../contracts/index.ts";
import { fullJitter } from "../../contracts/index.ts";
import { InFlightLimit } from "./in-flight-limit.ts";
import { LatencyWatch } from "./latency-watch.ts";
import { LearnedRate } from "./learned-rate.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Share of the places in flight that only cancels may take, where the class keeps a budget for them. */
const CANCEL_PLACES = 0.25;
const START_SHARE = 0.5;
/** Own back-off where the venue states no time (facts of Kalshi: 250 ms up to 8 s). */
const REFUSED_BASE_MICROS = 250_000;
const REFUSED_CAP_MICROS = 8_000_000;
const MAINTENANCE_BASE_MICROS = 1_000_000;
const MAINTENANCE_CAP_MICROS = 30_000_000;

export interface GovernorOptions {
  /** Share of the ceiling to begin with. */
  readonly startShare?: number;
}

/** What became of something that left. */
export interface Landing {
  readonly sentAt: Micros;
  readonly at: Micros;
  readonly stress: Stress;
  /** Whether the venue answered, so that the latency means something. */
  readonly answered: boolean;
}

/**
 * Decides when requests of one (venue, rate class) may leave. Three buckets: all that leaves stays below published x
 * safety; what is no cancel stays below the learned rate; cancels have a reserve that learning never shrinks.
 * Pure: the instant is an argument, chance is given.
 */
export class Governor {
  readonly #rate: RateClass;
  readonly #rng: Rng;
  readonly #ceiling: number;
  /** The ceiling of what is no cancel. */
  readonly #open: number;
  readonly #burst: number;
  readonly #all: TokenBucket;
  readonly #learnedBucket: TokenBucket;
  readonly #reserve: TokenBucket | null;
  readonly #learned: LearnedRate;
  readonly #latency: LatencyWatch;
  readonly #flight: InFlightLimit;
  #inFlight = 0;
  #largestCost = 1;
  #pausedUntil = 0;
  #backOffUntil = 0;
  #attempt = 0;

  /** @throws RangeError when a number of the class is out of range. */
  constructor(rate: RateClass, rng: Rng, now: Micros, options: GovernorOptions = {}) {
    checkClass(rate);
    this.#rate = rate;
    this.#rng = rng;
    this.#ceiling = rate.perSecond * rate.safety;
    this.#open = this.#ceiling - rate.reserved;
    this.#burst = rate.burst * rate.safety;
    const start = this.#open * (options.startShare ?? START_SHARE);
    this.#learned = new LearnedRate(this.#open, start, now);
    this.#all = new TokenBucket(this.#ceiling, this.#burst, now);
    this.#learnedBucket = new TokenBucket(this.#learned.perSecond, this.#learnedBurst(), now);
    const reservedBurst = (this.#burst * rate.reserved) / this.#ceiling;
    this.#reserve = rate.reserved > 0 ? new TokenBucket(rate.reserved, reservedBurst, now) : null;
    this.#latency = new LatencyWatch(now);
    this.#flight = new InFlightLimit(rate.maxInFlight, now);
  }

  /** Units per second that are never exceeded: published x safety. */
  get ceiling(): number {
    return this.#ceiling;
  }

  /** Units per second for what is no cancel, as learned. */
  get perSecond(): number {
    return this.#learned.perSecond;
  }

  get utilisation(): number {
    return this.#learned.utilisation;
  }

  get cuts(): number {
    return this.#learned.cuts;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get inFlightLimit(): number {
    return this.#flight.limit;
  }

  /** Nothing leaves before this instant: the venue said so. 0 = never said. */
  get pausedUntil(): Micros {
    return this.#pausedUntil as Micros;
  }

  /** False: more than may ever come at once, so it can never leave. */
  possible(cost: number): boolean {
    return cost > 0 && cost <= this.#rate.burst;
  }

  /** Takes what a request needs, if it may leave now. */
  take(now: Micros, cost: number, purpose: RequestPurpose): boolean {
    this.#refresh(now, cost);
    if (now < this.#closedUntil(purpose) || !this.#hasPlace(purpose)) return false;
    if (!this.#all.covers(cost, now)) return false;
    if (!this.#takeShare(now, cost, purpose)) return false;
    this.#all.take(cost, now);
    this.#learned.use(cost);
    this.#latency.sent();
    this.#inFlight++;
    return true;
  }

  /** When it may leave if nothing else does; null = not before something in flight has landed. */
  nextAt(now: Micros, cost: number, purpose: RequestPurpose): Micros | null {
    this.#refresh(now, cost);
    if (!this.#hasPlace(purpose)) return null;
    let share = this.#learnedBucket.readyAt(cost, now);
    if (purpose === "cancel" && this.#reserve !== null) {
      share = Math.min(share, this.#reserve.readyAt(cost, now)) as Micros;
    }
    const all = this.#all.readyAt(cost, now);
    return Math.max(now, share, all, this.#closedUntil(purpose)) as Micros;
  }

  /** Frees the place of something that left. Exactly once for each `take` that returned true. */
  landed(): void {
    this.#inFlight--;
  }

  /** Learns from what became of a request. Call it before `landed`. */
  report(landing: Landing): void {
    const { sentAt, at, stress } = landing;
    this.#learned.advance(at);
    switch (stress.kind) {
      case "none":
        if (landing.answered) this.#fine(sentAt, at);
        break;
      case "rate":
        this.#refused(sentAt, at, stress.retryAfterMicros);
        break;
      case "maintenance":
        if (stress.retryAfterMicros !== null) this.#pause(at, stress.retryAfterMicros);
        else if (at >= this.#backOffUntil) this.#backOff(at, MAINTENANCE_BASE_MICROS, MAINTENANCE_CAP_MICROS);
        break;
      case "timeout":
        if (this.#latency.risen(at)) this.#cut(sentAt, at);
        break;
    }
  }

  #fine(sentAt: Micros, at: Micros): void {
    const latency = at - sentAt;
    this.#flight.sample(latency, this.#inFlight, at);
    if (sentAt <= this.#learned.cutAt) return;
    if (sentAt >= this.#backOffUntil) this.#attempt = 0;
    const strain = this.#latency.answered(latency, at);
    if (this.#rate.excess !== "delays" || strain === null) return;
    if (strain === "rising") this.#cut(sentAt, at);
    else if (strain === "delayed") this.#learned.hold();
  }

  #refused(sentAt: Micros, at: Micros, retryAfterMicros: number | null): void {
    const first = this.#cut(sentAt, at);
    if (retryAfterMicros !== null) this.#pause(at, retryAfterMicros);
    else if (first) this.#backOff(at, REFUSED_BASE_MICROS, REFUSED_CAP_MICROS);
  }

  #cut(sentAt: Micros, at: Micros): boolean {
    const first = this.#learned.cut(sentAt, at);
    if (first) this.#latency.restart(at);
    return first;
  }

  #pause(at: Micros, micros: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, at + micros);
    this.#learnedBucket.emptyUntil(this.#pausedUntil as Micros);
  }

  #backOff(at: Micros, baseMicros: number, capMicros: number): void {
    const wait = fullJitter(this.#attempt, baseMicros, capMicros, this.#rng.next());
    this.#attempt++;
    this.#backOffUntil = Math.max(this.#backOffUntil, at + wait);
    this.#learnedBucket.emptyUntil(this.#backOffUntil as Micros);
  }

  /** A wait that we chose ourselves does not hold cancels; one that the venue stated holds everything. */
  #closedUntil(purpose: RequestPurpose): number {
    return purpose === "cancel" ? this.#pausedUntil : Math.max(this.#pausedUntil, this.#backOffUntil);
  }

  #hasPlace(purpose: RequestPurpose): boolean {
    const max = this.#rate.maxInFlight;
    if (purpose === "cancel") return this.#inFlight < max;
    const kept = this.#reserve === null || max === 1 ? 0 : Math.ceil(max * CANCEL_PLACES);
    return this.#inFlight < Math.min(this.#flight.limit, max - kept);
  }

  #takeShare(now: Micros, cost: number, purpose: RequestPurpose): boolean {
    if (purpose === "cancel" && this.#reserve?.take(cost, now)) return true;
    return this.#learnedBucket.take(cost, now);
  }

  #refresh(now: Micros, cost: number): void {
    this.#largestCost = Math.max(this.#largestCost, cost);
    this.#learned.advance(now);
    this.#learnedBucket.resize(this.#learned.perSecond, this.#learnedBurst(), now);
  }

  /** The burst in the proportion of the learned rate: a limit that is lower than published has a lower burst too. */
  #learnedBurst(): number {
    const scaled = (this.#burst * this.#learned.perSecond) / this.#ceiling;
    return Math.max(scaled, Math.min(this.#largestCost, this.#burst));
  }
}

function checkClass(rate: RateClass): void {
  const positive = [rate.perSecond, rate.burst, rate.safety];
  if (positive.some((value) => !(value > 0 && Number.isFinite(value))) || rate.safety > 1)
    throw new RangeError(
      `rate class ${rate.id}: perSecond, burst and safety must be above 0, and safety at most 1`,
    );
  if (!(rate.reserved >= 0 && rate.reserved < rate.perSecond * rate.safety))
    throw new RangeError(
      `rate class ${rate.id}: reserved must be at least 0 and below perSecond x safety, found ${rate.reserved}`,
    );
  if (!(Number.isInteger(rate.maxInFlight) && rate.maxInFlight >= 1))
    throw new RangeError(
      `rate class ${rate.id}: maxInFlight must be an integer of at least 1, found ${rate.maxInFlight}`,
    );
}

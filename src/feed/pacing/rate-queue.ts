import type {
  GovernedRequest,
  Micros,
  RateClass,
  RequestPurpose,
  Rng,
  Stress,
} from "../../contracts/index.ts";
import { FairQueue, type Flow, type Ticket } from "./fair-queue.ts";
import { Fifo, type Place } from "./fifo.ts";
import { Governor, type GovernorOptions } from "./governor.ts";
import { Histogram, type Quantiles } from "./histogram.ts";

/** Purposes that share what cancels and orders leave. */
export type SharedPurpose = Exclude<RequestPurpose, "cancel" | "order">;

const MAX_WAITING = 1_000;
const WEIGHTS: Readonly<Record<SharedPurpose, number>> = { account: 4, resync: 4, poll: 3, discovery: 1 };

export interface PacingOptions extends GovernorOptions {
  /** Requests that may wait, of each purpose in each class. */
  readonly maxWaiting?: number;
  /** How what cancels and orders leave is shared: weights, and where wanted a ceiling with its burst. */
  readonly shares?: Partial<Readonly<Record<SharedPurpose, Partial<Omit<Flow, "id">>>>>;
}

/** What a rate class of a venue is doing, and has done since the start. */
export interface RateClassStats {
  readonly id: string;
  readonly sent: number;
  readonly answered: number;
  /** Answers that said it was too much, and their share of what was sent. */
  readonly refused: number;
  readonly refusedShare: number;
  readonly timeouts: number;
  /** Not taken because too many waited. */
  readonly dropped: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly inFlightLimit: number;
  /** Units per second: learned for all but cancels, and never exceeded. */
  readonly learnedPerSecond: number;
  readonly ceilingPerSecond: number;
  /** Share of the learned rate in use. */
  readonly utilisation: number;
  /** How often the learned rate was cut. */
  readonly cuts: number;
  /** 0 = not paused by the venue so far. */
  readonly pausedUntil: Micros;
  /** Requests that left while the venue had asked for silence. Always 0, or there is a bug. */
  readonly insideRetryAfter: number;
  readonly latency: Quantiles;
  readonly queued: Quantiles;
}

/** What waits in a `RateQueue`. */
export interface Queued {
  readonly request: GovernedRequest;
  readonly queuedAt: Micros;
}

interface Spot<T extends Queued> {
  readonly purpose: RequestPurpose;
  readonly urgent: Place<T> | null;
  readonly ticket: Ticket<T> | null;
}

/** One rate class of one venue: who waits, who may leave now, and what became of it. */
export class RateQueue<T extends Queued> {
  readonly #id: string;
  readonly #governor: Governor;
  readonly #maxWaiting: number;
  readonly #urgent = { cancel: new Fifo<T>(), order: new Fifo<T>() };
  readonly #shared: FairQueue<T>;
  readonly #spots = new Map<T, Spot<T>>();
  readonly #latency = new Histogram();
  readonly #queued = new Histogram();
  readonly #counts = { sent: 0, answered: 0, refused: 0, timeouts: 0, dropped: 0, insideRetryAfter: 0 };
  /** Kept apart from the governor's own, to check it. */
  #silentUntil = 0;

  /** @throws RangeError when a number of the class or the options is out of range. */
  constructor(rate: RateClass, rng: Rng, now: Micros, options: PacingOptions) {
    this.#id = rate.id;
    this.#governor = new Governor(rate, rng, now, options);
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
    const flows = Object.entries(WEIGHTS).map(([id, weight]): Flow => {
      const share = options.shares?.[id as SharedPurpose];
      return { weight, perSecond: null, burst: 0, ...share, id };
    });
    this.#shared = new FairQueue(flows, this.#maxWaiting, now);
  }

  /** Queues it. @returns null, or why it can never be sent. */
  push(entry: T): string | null {
    const { cost, purpose } = entry.request;
    const refusal = this.#governor.possible(cost) ? null : `a cost of ${cost} can never pass ${this.#id}`;
    if (refusal !== null || !this.#place(entry, purpose, cost)) {
      this.#counts.dropped++;
      return refusal ?? `${this.#maxWaiting} of ${purpose} wait for ${this.#id}`;
    }
    return null;
  }

  /** Takes it out of turn. @returns false when it does not wait. */
  remove(entry: T): boolean {
    const spot = this.#spots.get(entry);
    if (spot === undefined) return false;
    this.#spots.delete(entry);
    if (spot.urgent !== null) return this.#urgent[spot.purpose as "cancel" | "order"].remove(spot.urgent);
    return spot.ticket !== null && this.#shared.remove(spot.ticket);
  }

  /** Takes out who may leave now: cancels, then orders, then the rest in fair shares. Null = nobody. */
  leave(now: Micros): T | null {
    const entry = this.#head(now);
    if (entry === null) return null;
    const { cost, purpose } = entry.request;
    if (!this.#governor.take(now, cost, purpose)) return null;
    const ticket = this.#spots.get(entry)?.ticket ?? null;
    if (ticket !== null) this.#shared.take(ticket, now);
    this.remove(entry);
    this.#counts.sent++;
    if (now < this.#silentUntil) this.#counts.insideRetryAfter++;
    this.#queued.add(now - entry.queuedAt);
    return entry;
  }

  /** When the next one may leave; null = nobody waits, or only an answer in flight can make room. */
  nextAt(now: Micros): Micros | null {
    const entry = this.#head(now);
    if (entry === null) return this.#shared.readyAt(now);
    return this.#governor.nextAt(now, entry.request.cost, entry.request.purpose);
  }

  /** What left has ended. @param answered whether the venue answered at all. */
  landed(sentAt: Micros, at: Micros, stress: Stress, answered: boolean): void {
    if (answered) {
      this.#counts.answered++;
      this.#latency.add(at - sentAt);
    }
    if (stress.kind === "rate") this.#counts.refused++;
    if (stress.kind === "timeout") this.#counts.timeouts++;
    if (stress.kind === "rate" || stress.kind === "maintenance")
      this.#silentUntil = Math.max(this.#silentUntil, at + (stress.retryAfterMicros ?? 0));
    this.#governor.report({ sentAt, at, stress, answered });
    this.#governor.landed();
  }

  /** Takes out everybody who waits. */
  clear(): T[] {
    const entries = [...this.#spots.keys()];
    for (const entry of entries) this.remove(entry);
    return entries;
  }

  stats(): RateClassStats {
    const { sent, refused } = this.#counts;
    return {
      id: this.#id,
      ...this.#counts,
      refusedShare: sent === 0 ? 0 : refused / sent,
      waiting: this.#spots.size,
      inFlight: this.#governor.inFlight,
      inFlightLimit: this.#governor.inFlightLimit,
      learnedPerSecond: this.#governor.perSecond,
      ceilingPerSecond: this.#governor.ceiling,
      utilisation: this.#governor.utilisation,
      cuts: this.#governor.cuts,
      pausedUntil: this.#governor.pausedUntil,
      latency: this.#latency.quantiles(),
      queued: this.#queued.quantiles(),
    };
  }

  #head(now: Micros): T | null {
    const urgent = this.#urgent.cancel.first ?? this.#urgent.order.first;
    return urgent === null ? (this.#shared.next(now)?.item ?? null) : urgent.item;
  }

  #place(entry: T, purpose: RequestPurpose, cost: number): boolean {
    if (purpose === "cancel" || purpose === "order") {
      const queue = this.#urgent[purpose];
      if (queue.size >= this.#maxWaiting) return false;
      this.#spots.set(entry, { purpose, urgent: queue.push(entry), ticket: null });
      return true;
    }
    const ticket = this.#shared.push(purpose, entry, cost);
    if (ticket !== null) this.#spots.set(entry, { purpose, urgent: null, ticket });
    return ticket !== null;
  }
}

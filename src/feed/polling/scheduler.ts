import type { Micros } from "../../contracts/index.ts";
import { AgeFloor } from "./age-floor.ts";
import { grownColumn } from "./beliefs.ts";
import { IndexClasses } from "./index-classes.ts";
import { exposureSeconds, pollIndex } from "./index-value.ts";
import { LazyHeap } from "./lazy-heap.ts";
import { LinkedQueues } from "./linked-queues.ts";
import type { BookPrior, PollSignal, SchedulerOptions, StandingSignal } from "./options.ts";
import { type PollTier, Pricing } from "./pricing.ts";
import type { Signals } from "./signals.ts";

/** New opportunities that one look showed, and their value together in the unit of the priors. */
export interface PollFind {
  readonly count: number;
  readonly value: number;
}

const MICROS_PER_SECOND = 1_000_000;
const NEVER = Number.NEGATIVE_INFINITY;
const FIRST_CAPACITY = 256;
/** Weight of the newest poll in the level. */
const LEVEL_GAIN = 0.02;
/** Share of the bound on age past which books are brought in: in the steady state at about three quarters of it. */
const AGEING = 0.6;

/**
 * Which books of one venue to poll next. Each free slot goes to the largest value-decay index (index-value.ts); signals
 * raise it, a bound on age guarantees coverage. Books are dense integers; nothing here knows a venue.
 *
 * A book is booked as asked the moment it is handed out, so a poll that fails needs no notice: it comes round again.
 * 100,000 books; a call allocates its result only.
 */
export class PollScheduler {
  readonly #options: SchedulerOptions;
  readonly #pricing: Pricing;
  readonly #signals: Signals;
  readonly #classes = new IndexClasses();
  /** Books never handed out, and all others: both within the bound on age. */
  readonly #firsts: AgeFloor;
  readonly #floor: AgeFloor;
  /** All books in order of the last answer; new ones from when they were added. */
  readonly #answered = new LinkedQueues(1);
  readonly #heap = new LazyHeap();
  /** Last handing out and last answer; -Infinity = none yet. The first orders the classes. */
  #askedAt = new Float64Array(0);
  #seenAt = new Float64Array(0);
  #addedAt = new Float64Array(0);
  /** Alive share of what a stream update had announced when the book was handed out; 0 = no such signal. */
  #announced = new Float64Array(0);
  #capacity = 0;
  #size = 0;
  #level = 0;
  #now = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#firsts = new AgeFloor(options.maxAgeMicros, 0);
    this.#floor = new AgeFloor(options.maxAgeMicros, AGEING);
    this.#pricing = new Pricing(options);
    this.#signals = this.#pricing.signals;
  }

  /** Books scheduled. */
  get size(): number {
    return this.#size;
  }

  /** The index at which books are being polled: the marginal value of a poll (the multiplier of the optimum). */
  get level(): number {
    return this.#level;
  }

  has(book: number): boolean {
    return book >= 0 && book < this.#capacity && this.#answered.queueOf(book) !== -1;
  }

  /**
   * Starts polling a book; a book already there only takes over the prior rate.
   * @returns false when the number is not below `maxBooks`.
   */
  add(book: number, prior: BookPrior, now: Micros): boolean {
    if (!(Number.isInteger(book) && book >= 0 && book < this.#options.maxBooks)) return false;
    this.#advance(now);
    if (this.has(book)) {
      this.#pricing.beliefs.revise(book, prior);
      return true;
    }
    if (book >= this.#capacity) this.#grow(book);
    this.#size++;
    this.#pricing.add(book, prior);
    this.#askedAt[book] = NEVER;
    this.#seenAt[book] = NEVER;
    this.#addedAt[book] = this.#now;
    this.#announced[book] = 0;
    this.#classes.pushFront(this.#pricing.price(book, this.#now), book);
    this.#firsts.renew(book, this.#now);
    this.#answered.pushBack(0, book);
    return true;
  }

  /** Stops polling a book and forgets it. */
  remove(book: number): void {
    if (!this.has(book)) return;
    this.#size--;
    this.#pricing.remove(book);
    this.#classes.remove(book);
    this.#firsts.remove(book);
    this.#floor.remove(book);
    this.#answered.remove(book);
  }

  /** Raises a book. Standing signals hold until `release`, "uncovered" until a look was answered. */
  touch(book: number, signal: PollSignal, now: Micros): void {
    if (!this.has(book)) return;
    this.#advance(now);
    if (this.#signals.raise(book, signal, this.#now)) this.#signals.await(book);
  }

  /** Ends a standing signal: the position is closed, the link withdrawn. The book falls back at its next poll. */
  release(book: number, signal: StandingSignal): void {
    if (this.has(book)) this.#signals.withdraw(book, signal);
  }

  /**
   * Books to poll now, most urgent first: those whose age runs out, then by index.
   * @param max slots free. @param minAgeMicros the least distance of two polls of one book.
   */
  due(now: Micros, max: number, minAgeMicros: number): number[] {
    this.#advance(now);
    const taken: number[] = [];
    this.#takeOld(this.#firsts, taken, max, 0);
    this.#takeOld(this.#floor, taken, max, minAgeMicros);
    if (taken.length >= max) return taken;
    this.#rank(minAgeMicros);
    const heap = this.#heap;
    while (heap.size > 0 && taken.length < max) {
      const id = heap.topId();
      const book = id < 0 ? ~id : this.#classes.head(id);
      const worth = this.#worthOf(id, book, minAgeMicros);
      if (worth <= 0) heap.pop();
      else if (worth < heap.topKey()) heap.lowerTop(worth);
      else {
        this.#take(book);
        taken.push(book);
        this.#meter(worth);
      }
    }
    // Slots to spare: every book that wants a look gets one, a poll is worth nothing at the margin.
    if (taken.length < max) this.#level *= 1 - LEVEL_GAIN;
    return taken;
  }

  /** A poll was answered. `found`: opportunities not seen before. */
  polled(book: number, now: Micros, found: PollFind): void {
    if (!this.has(book)) return;
    this.#advance(now);
    const age = (this.#now - this.#seenAt[book]!) / MICROS_PER_SECOND;
    const { beliefs } = this.#pricing;
    const expected = beliefs.rate(book) * exposureSeconds(beliefs.decay(book), age);
    const weight = this.#announced[book]!;
    let share = 1;
    if (weight > 0) {
      share = expected / (expected + this.#signals.chance * weight);
      this.#signals.answered(found.count, expected, weight);
      this.#announced[book] = 0;
    }
    beliefs.looked(book, age, found.count, found.value, share);
    if (this.#askedAt[book] === NEVER) this.#askedAt[book] = this.#now;
    if (found.count > 0) this.#signals.recentAt[book] = this.#now;
    this.#signals.withdraw(book, "uncovered");
    this.#seenAt[book] = this.#now;
    this.#answered.remove(book);
    this.#answered.pushBack(0, book);
    this.#reclass(book);
  }

  /** An opportunity of a book was seen alive for so long; `ended`: then it was gone, else it was lost from sight. */
  lived(book: number, lifeMicros: number, ended: boolean): void {
    if (this.has(book)) this.#pricing.beliefs.lived(book, lifeMicros / MICROS_PER_SECOND, ended);
  }

  /** What a book brings per second by what is known now, shadow values included: the order in which books are shed. */
  worth(book: number): number {
    return this.has(book) ? this.#pricing.gainAt(book, this.#now) : 0;
  }

  tier(book: number): PollTier {
    if (!this.has(book)) return "cold";
    if (this.#signals.isWaiting(book)) return this.#pricing.tierAt(book, this.#now, this.#level);
    return this.#pricing.tierOfClass(this.#classes.queueOf(book), this.#level);
  }

  /** Books in each tier. */
  tierCounts(): Record<PollTier, number> {
    const counts: Record<PollTier, number> = { hot: 0, warm: 0, cold: 0 };
    for (let i = 0; i < this.#classes.occupiedCount; i++) {
      const index = this.#classes.occupied[i]!;
      counts[this.#pricing.tierOfClass(index, this.#level)] += this.#classes.count(index);
    }
    for (let i = 0; i < this.#signals.waitingCount; i++) {
      const book = this.#signals.waiting[i]!;
      counts[this.#pricing.tierOfClass(this.#classes.queueOf(book), this.#level)]--;
      counts[this.#pricing.tierAt(book, this.#now, this.#level)]++;
    }
    return counts;
  }

  /** Time since the last answer, or since it was added, of the book where that is longest; 0 = no books. */
  maxAge(now: Micros): number {
    this.#advance(now);
    const oldest = this.#answered.head(0);
    return oldest === -1 ? 0 : this.#now - Math.max(this.#seenAt[oldest]!, this.#addedAt[oldest]!);
  }

  /** Instants never run backwards here, whatever the clock does. */
  #advance(now: number): void {
    if (now > this.#now) this.#now = now;
  }

  #takeOld(floor: AgeFloor, taken: number[], max: number, minAgeMicros: number): void {
    floor.accrue(this.#now);
    while (taken.length < max) {
      const book = floor.next(this.#now, minAgeMicros);
      if (book === -1) return;
      this.#take(book);
      taken.push(book);
    }
  }

  /** Fills the heap with the head of every class and with the books whose signals wait. */
  #rank(minAgeMicros: number): void {
    const heap = this.#heap;
    heap.clear();
    for (let i = 0; i < this.#classes.occupiedCount; i++) {
      const index = this.#classes.occupied[i]!;
      const worth = this.#worthOf(index, this.#classes.head(index), minAgeMicros);
      if (worth > 0) heap.append(index, worth);
    }
    for (let i = this.#signals.waitingCount - 1; i >= 0; i--) {
      const book = this.#signals.waiting[i]!;
      if (this.#pricing.isFaded(book, this.#now)) this.#signals.settle(book);
      else heap.append(~book, this.#worthOf(~book, book, minAgeMicros));
    }
    heap.build();
  }

  /** Index of a heap entry now; 0 when it is empty, too young or was just taken. `id` below 0: a book with signals. */
  #worthOf(id: number, book: number, minAgeMicros: number): number {
    if (book === -1) return 0;
    const age = this.#now - this.#askedAt[book]!;
    if (age < minAgeMicros) return 0;
    const seconds = age / MICROS_PER_SECOND;
    const { gain, decay } = this.#pricing;
    if (id >= 0) return pollIndex(gain[book]!, decay[book]!, seconds);
    if (!this.#signals.isWaiting(book)) return 0;
    const steady = pollIndex(this.#pricing.gainAt(book, this.#now), decay[book]!, seconds);
    return steady + this.#pricing.promise(book, this.#now);
  }

  /** Moves the level towards what a slot was just worth; a single great find moves it no further than a small one. */
  #meter(worth: number): void {
    if (this.#level === 0) this.#level = worth;
    else this.#level += LEVEL_GAIN * Math.min(worth - this.#level, this.#level);
  }

  #take(book: number): void {
    this.#announced[book] = this.#pricing.aliveShare(book, this.#now);
    this.#signals.updatedAt[book] = NEVER;
    this.#signals.settle(book);
    this.#askedAt[book] = this.#now;
    this.#firsts.remove(book);
    this.#floor.renew(book, this.#now);
    this.#reclass(book);
  }

  #reclass(book: number): void {
    this.#classes.remove(book);
    this.#classes.insertSorted(this.#pricing.price(book, this.#now), book, this.#askedAt);
  }

  #grow(book: number): void {
    let capacity = Math.max(this.#capacity, FIRST_CAPACITY);
    while (capacity <= book) capacity *= 2;
    this.#capacity = capacity = Math.min(capacity, this.#options.maxBooks);
    this.#pricing.grow(capacity);
    this.#classes.grow(capacity);
    this.#firsts.grow(capacity);
    this.#floor.grow(capacity);
    this.#answered.grow(capacity);
    this.#askedAt = grownColumn(this.#askedAt, capacity);
    this.#seenAt = grownColumn(this.#seenAt, capacity);
    this.#addedAt = grownColumn(this.#addedAt, capacity);
    this.#announced = grownColumn(this.#announced, capacity);
  }
}

import { grownColumn } from "./beliefs.ts";
import type { PollSignal, StandingSignal } from "./options.ts";

const BIT: Readonly<Record<StandingSignal, number>> = { open_position: 1, mapped: 2, uncovered: 4 };
const NEVER = Number.NEGATIVE_INFINITY;
/** Learning rate of the chance that a signal announces something. */
const CHANCE_GAIN = 0.01;
const MIN_CHANCE = 0.001;

/** The signals of each book, and the books whose signals came after their last poll, in a bounded list. */
export class Signals {
  /** Books that wait are `waiting[0 .. waitingCount)`, in no order. */
  readonly waiting: Int32Array;
  waitingCount = 0;
  /** Instant of the last stream update that no poll has answered yet; -Infinity = none. */
  updatedAt = new Float64Array(0);
  /** Instant of the last opportunity found; -Infinity = none. */
  recentAt = new Float64Array(0);
  /** Chance that a stream update announces an opportunity, learned over all books. */
  chance: number;
  readonly #shadow: readonly number[];
  #standing = new Uint8Array(0);
  #place = new Int32Array(0);

  constructor(maxWaiting: number, chance: number, shadow: Readonly<Record<StandingSignal, number>>) {
    this.waiting = new Int32Array(maxWaiting);
    this.chance = chance;
    // All eight combinations of the three bits.
    this.#shadow = Array.from({ length: 8 }, (_, bits) =>
      (Object.keys(BIT) as StandingSignal[]).reduce(
        (sum, signal) => sum + ((bits & BIT[signal]) === 0 ? 0 : shadow[signal]),
        0,
      ),
    );
  }

  grow(capacity: number): void {
    const old = this.#place.length;
    if (old >= capacity) return;
    this.updatedAt = grownColumn(this.updatedAt, capacity).fill(NEVER, old);
    this.recentAt = grownColumn(this.recentAt, capacity).fill(NEVER, old);
    const standing = new Uint8Array(capacity);
    standing.set(this.#standing);
    this.#standing = standing;
    const place = new Int32Array(capacity).fill(-1);
    place.set(this.#place);
    this.#place = place;
  }

  reset(book: number): void {
    this.settle(book);
    this.updatedAt[book] = NEVER;
    this.recentAt[book] = NEVER;
    this.#standing[book] = 0;
  }

  /** A signal came. False: it changes nothing (a standing one that already stood). */
  raise(book: number, signal: PollSignal, now: number): boolean {
    if (signal === "stream_update") this.updatedAt[book] = now;
    else if (signal === "recent_opportunity") this.recentAt[book] = now;
    else {
      const bits = this.#standing[book]!;
      if ((bits & BIT[signal]) !== 0) return false;
      this.#standing[book] = bits | BIT[signal];
    }
    return true;
  }

  /** A standing signal ended. False: it did not stand. */
  withdraw(book: number, signal: StandingSignal): boolean {
    const bits = this.#standing[book]!;
    this.#standing[book] = bits & ~BIT[signal];
    return (bits & BIT[signal]) !== 0;
  }

  /** Sum of the standing signals' shadow values, in multiples of the mean gain. */
  shadow(book: number): number {
    return this.#shadow[this.#standing[book]!]!;
  }

  isWaiting(book: number): boolean {
    return this.#place[book] !== -1;
  }

  /** Lists a book as waiting; when the list is full its signals count from its next poll on. */
  await(book: number): void {
    if (this.#place[book] !== -1 || this.waitingCount === this.waiting.length) return;
    this.#place[book] = this.waitingCount;
    this.waiting[this.waitingCount++] = book;
  }

  /** Takes a book off the list. */
  settle(book: number): void {
    const place = this.#place[book]!;
    if (place === -1) return;
    const last = this.waiting[--this.waitingCount]!;
    this.waiting[place] = last;
    this.#place[last] = place;
    this.#place[book] = -1;
  }

  /**
   * A poll that a stream update led to was answered: moves the learned chance towards what was found beyond the
   * `expected` finds of the steady stream. @param weight how likely what was announced was still alive.
   */
  answered(count: number, expected: number, weight: number): void {
    const surprise = Math.min(count, 1) - Math.min(expected, 1) - this.chance * weight;
    this.chance = Math.min(1, Math.max(MIN_CHANCE, this.chance + CHANCE_GAIN * weight * surprise));
  }
}

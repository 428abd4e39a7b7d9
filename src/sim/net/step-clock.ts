import type { Cancel, Micros, Timers } from "../../contracts/index.ts";

interface Alarm {
  readonly at: number;
  /** Breaks ties: alarms of one instant ring in the order they were set. */
  readonly order: number;
  readonly run: () => void;
  /** Position in the heap; -1 = rung or cancelled. */
  slot: number;
}

/** Alarms pending at once; more is a leak. */
const MAX_ALARMS = 1_000_000;
/** Alarms rung without time moving; more is a loop that would never end. */
const MAX_AT_ONE_INSTANT = 10_000_000;

/**
 * Simulated time: it moves only by `advanceTo`, and alarms ring in order of their instant, then of being set.
 * A binary heap in which each alarm knows its place, so that setting, ringing and cancelling cost O(log n) and a
 * cancelled alarm is gone at once.
 */
export class StepClock implements Timers {
  #now: number;
  #order = 0;
  #advancing = false;
  readonly #heap: Alarm[] = [];

  /** @param start the first instant, microseconds since the epoch. */
  constructor(start: Micros) {
    this.#now = start;
  }

  now(): Micros {
    return this.#now as Micros;
  }

  /** Alarms that are set. */
  get pending(): number {
    return this.#heap.length;
  }

  /** Instant of the next alarm; null = none is set. */
  next(): Micros | null {
    return (this.#heap[0]?.at ?? null) as Micros | null;
  }

  /**
   * Parts of a microsecond count as a whole one; a delay below zero is none.
   * @throws RangeError for a delay that is no finite number, or at the bound on alarms.
   */
  after(delayMicros: number, run: () => void): Cancel {
    if (!Number.isFinite(delayMicros)) throw new RangeError(`delay must be finite, found ${delayMicros}`);
    if (this.#heap.length >= MAX_ALARMS) throw new RangeError(`more than ${MAX_ALARMS} alarms are set`);
    const at = this.#now + Math.max(0, Math.ceil(delayMicros));
    const alarm: Alarm = { at, order: this.#order++, run, slot: this.#heap.length };
    this.#heap.push(alarm);
    this.#rise(alarm);
    return () => {
      if (alarm.slot >= 0) this.#remove(alarm);
    };
  }

  /**
   * Rings every alarm up to and including `at`, those that are set meanwhile too, each with the clock at its instant.
   * An instant before now does nothing.
   * @throws RangeError when called from an alarm, or when alarms without delay set each other for ever.
   */
  advanceTo(at: Micros): void {
    if (this.#advancing) throw new RangeError("an alarm must not move the clock");
    this.#advancing = true;
    try {
      this.#ringUpTo(at);
    } finally {
      this.#advancing = false;
    }
    if (at > this.#now) this.#now = at;
  }

  #ringUpTo(at: number): void {
    let atOneInstant = 0;
    for (let alarm = this.#heap[0]; alarm !== undefined && alarm.at <= at; alarm = this.#heap[0]) {
      atOneInstant = alarm.at > this.#now ? 0 : atOneInstant + 1;
      if (atOneInstant > MAX_AT_ONE_INSTANT)
        throw new RangeError(`time stands still at ${this.#now}: alarms without delay set each other`);
      this.#remove(alarm);
      this.#now = alarm.at;
      alarm.run();
    }
  }

  #remove(alarm: Alarm): void {
    const last = this.#heap.pop()!;
    if (last !== alarm) {
      last.slot = alarm.slot;
      this.#heap[last.slot] = last;
      this.#rise(last);
      this.#sink(last);
    }
    alarm.slot = -1;
  }

  #rise(alarm: Alarm): void {
    const heap = this.#heap;
    let slot = alarm.slot;
    while (slot > 0) {
      const up = (slot - 1) >> 1;
      const parent = heap[up]!;
      if (!before(alarm, parent)) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = up;
    }
    heap[slot] = alarm;
    alarm.slot = slot;
  }

  #sink(alarm: Alarm): void {
    const heap = this.#heap;
    let slot = alarm.slot;
    for (;;) {
      let down = 2 * slot + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++;
      const child = heap[down]!;
      if (!before(child, alarm)) break;
      heap[slot] = child;
      child.slot = slot;
      slot = down;
    }
    heap[slot] = alarm;
    alarm.slot = slot;
  }
}

function before(a: Alarm, b: Alarm): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

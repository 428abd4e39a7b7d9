import type { Cancel, Micros, Rng, Timers } from "../../../../src/contracts/index.ts";

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that moves only when a test says so; alarms ring in order of their instant, then of being set. */
export class FakeClock implements Timers {
  #now: number;
  #order = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(start = 1_787_000_000_000_000) {
    this.#now = start;
  }

  /** Alarms that are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  now(): Micros {
    return this.#now as Micros;
  }

  after(delayMicros: number, run: () => void): Cancel {
    const alarm = { at: this.#now + Math.max(0, delayMicros), order: this.#order++, run };
    this.#alarms.add(alarm);
    return () => {
      this.#alarms.delete(alarm);
    };
  }

  /** Rings what is due within `micros` from now, and what is set meanwhile. */
  pass(micros: number): void {
    const until = this.#now + micros;
    for (let next = this.#next(until); next !== null; next = this.#next(until)) {
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = until;
  }

  /** Rings what is due now. */
  settle(): void {
    this.pass(0);
  }

  #next(until: number): Alarm | null {
    let next: Alarm | null = null;
    for (const alarm of this.#alarms)
      if (
        alarm.at <= until &&
        (next === null || alarm.at < next.at || (alarm.at === next.at && alarm.order < next.order))
      )
        next = alarm;
    return next;
  }
}

/** A small seeded generator (mulberry32): tests need repeatable chance, not good chance. */
export class FakeRng implements Rng {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  int(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  fork(label: string): Rng {
    let seed = this.int(2 ** 31);
    for (const char of label) seed = (Math.imul(seed, 31) + char.charCodeAt(0)) | 0;
    return new FakeRng(seed);
  }
}

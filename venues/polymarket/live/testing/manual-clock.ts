import type { Cancel, Micros, Timers } from "../../../../src/contracts/index.ts";

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** For tests: time that moves when it is told to, with its alarms in order. */
export class ManualClock implements Timers {
  #now: number;
  #order = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(now: number) {
    this.#now = now;
  }

  /** Alarms that are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  now(): Micros {
    return this.#now as Micros;
  }

  after(delayMicros: number, run: () => void): Cancel {
    const alarm = { at: this.#now + Math.max(0, Math.ceil(delayMicros)), order: this.#order++, run };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  advance(micros: number): void {
    const end = this.#now + micros;
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#alarms.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }

  #next(end: number): Alarm | null {
    let first: Alarm | null = null;
    for (const alarm of this.#alarms) {
      if (alarm.at > end) continue;
      if (first === null || alarm.at < first.at || (alarm.at === first.at && alarm.order < first.order))
        first = alarm;
    }
    return first;
  }
}

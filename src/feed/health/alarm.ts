import type { Micros } from "../../contracts/index.ts";

/** When an alarm fires and when it is over. Larger values are worse; `clearAt` lies below `fireAt`. */
export interface AlarmRule {
  readonly fireAt: number;
  readonly clearAt: number;
  /** The value must be at or above `fireAt`, or at or below `clearAt`, for this long without a break. */
  readonly fireAfterMicros: number;
  readonly clearAfterMicros: number;
  /** The least time in either state. */
  readonly dwellMicros: number;
}

/** One condition with hysteresis: two thresholds, a time to prove each, and a least time in each state. */
export class Alarm {
  readonly #rule: AlarmRule;
  #isOn = false;
  #changedAt = Number.NEGATIVE_INFINITY;
  /** Since when the value speaks for a change; -1 = it does not. */
  #since = -1;

  constructor(rule: AlarmRule) {
    this.#rule = rule;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Takes the present value; null = no change. */
  update(value: number, now: Micros): "fired" | "cleared" | null {
    const rule = this.#rule;
    const speaks = this.#isOn ? value <= rule.clearAt : value >= rule.fireAt;
    if (!speaks) {
      this.#since = -1;
      return null;
    }
    if (this.#since === -1) this.#since = now;
    const proof = this.#isOn ? rule.clearAfterMicros : rule.fireAfterMicros;
    if (now - this.#since < proof || now - this.#changedAt < rule.dwellMicros) return null;
    this.#isOn = !this.#isOn;
    this.#changedAt = now;
    this.#since = -1;
    return this.#isOn ? "fired" : "cleared";
  }
}

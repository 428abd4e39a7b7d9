import type { Micros } from "../../contracts/index.ts";

/** What runs short. */
export type CapacityCause = "cpu" | "memory" | "api" | "latency";

/** What is given up for it. `books`: size of the universe; `depth`: levels scored; `pollShare`: share of the poll budget. */
export type CapacityKnob = "books" | "depth" | "pollShare";

/** Loads of one window. */
export interface CapacityReading {
  /** Of one core, 0 to 1 (more with threads). */
  readonly cpuShare: number;
  readonly memoryBytes: number;
  /** Requests wanted over requests allowed; above 1 the budget does not suffice. */
  readonly apiShare: number;
  /** How late the event loop ran its timers: 99th percentile of the window. */
  readonly loopLagMicros: number;
}

export type CapacityPlan = Readonly<Record<CapacityKnob, number>>;

/** One change of the plan and why. */
export interface CapacityChange {
  readonly at: Micros;
  readonly kind: "shed" | "restored";
  readonly cause: CapacityCause;
  readonly knob: CapacityKnob;
  readonly from: number;
  readonly to: number;
  /** Load over limit of the cause, when it was decided. */
  readonly pressure: number;
  readonly reason: "feed.shed" | null;
}

export interface CapacityOptions {
  /** Loads at which the machine counts as full. */
  readonly limits: CapacityReading;
  readonly full: CapacityPlan;
  readonly least: CapacityPlan;
  /** What is kept of a knob in one step. */
  readonly keep: number;
  /** Below this share of every limit, capacity is restored. */
  readonly resumeBelow: number;
  /** Windows in a row that must say the same. */
  readonly overloadWindows: number;
  readonly calmWindows: number;
  /** The least time between a change and the next one back. */
  readonly dwellMicros: number;
}

export const DEFAULT_CAPACITY: CapacityOptions = {
  limits: { cpuShare: 0.8, memoryBytes: 2 ** 31, apiShare: 1, loopLagMicros: 20_000 },
  full: { books: 100_000, depth: 32, pollShare: 1 },
  least: { books: 100, depth: 2, pollShare: 0.1 },
  keep: 0.8,
  resumeBelow: 0.7,
  overloadWindows: 2,
  calmWindows: 5,
  dwellMicros: 15_000_000,
};

const CAUSES: readonly CapacityCause[] = ["memory", "latency", "cpu", "api"];

/** What helps against a cause, cheapest loss first: the last levels of a book and the least polls before whole books. */
const REMEDIES: Readonly<Record<CapacityCause, readonly CapacityKnob[]>> = {
  memory: ["books"],
  latency: ["pollShare", "depth", "books"],
  cpu: ["depth", "pollShare", "books"],
  api: ["pollShare", "books"],
};

/** Steps taken at once when the load is this many times the limit. */
const TWO_STEPS_AT = 1.25;
const THREE_STEPS_AT = 1.6;
/** What is given up before books are: this many steps of a knob per cause, then the next knob. */
const STEPS_BEFORE_NEXT = 4;
const MAX_PATIENCE = 16;

/**
 * Decides how much is watched, how deeply and how often, from the loads of each window. Overload takes away in steps,
 * lowest value first; calm gives back, last taken first. A restore that brings the overload back makes the next one wait
 * twice as long.
 */
export class CapacityController {
  readonly #options: CapacityOptions;
  readonly #taken: CapacityChange[] = [];
  #plan: Record<CapacityKnob, number>;
  #overloaded = 0;
  #calm = 0;
  #changedAt = Number.NEGATIVE_INFINITY;
  #restoredAt = Number.NEGATIVE_INFINITY;
  #patience = 1;
  #isExhausted = false;

  constructor(options: CapacityOptions) {
    this.#options = options;
    this.#plan = { ...options.full };
  }

  get plan(): CapacityPlan {
    return this.#plan;
  }

  /** Everything that helps was given up, and it does not suffice. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** Takes the loads of one window; returns what changes with it. */
  observe(reading: CapacityReading, now: Micros): CapacityChange[] {
    const { limits, overloadWindows, calmWindows, resumeBelow, dwellMicros } = this.#options;
    const pressures: Readonly<Record<CapacityCause, number>> = {
      cpu: reading.cpuShare / limits.cpuShare,
      memory: reading.memoryBytes / limits.memoryBytes,
      api: reading.apiShare / limits.apiShare,
      latency: reading.loopLagMicros / limits.loopLagMicros,
    };
    // What cannot be measured is not overload, and not calm either.
    const worst = CAUSES.reduce((a, b) => (pressures[b] > pressures[a] ? b : a));
    const pressure = pressures[worst];
    if (!(pressure > 1)) this.#isExhausted = false;
    this.#overloaded = pressure > 1 ? this.#overloaded + 1 : 0;
    this.#calm = CAUSES.every((cause) => pressures[cause] < resumeBelow) ? this.#calm + 1 : 0;
    if (this.#overloaded >= overloadWindows) {
      if (now - this.#restoredAt < dwellMicros) return [];
      return this.#shed(worst, pressure, now);
    }
    const waited = now - this.#changedAt >= dwellMicros * this.#patience;
    if (this.#calm >= calmWindows && waited && this.#taken.length > 0) return [this.#restore(pressure, now)];
    return [];
  }

  #shed(cause: CapacityCause, pressure: number, now: Micros): CapacityChange[] {
    const isRelapse = now - this.#restoredAt < this.#options.dwellMicros * 4;
    if (isRelapse) this.#patience = Math.min(MAX_PATIENCE, this.#patience * 2);
    const steps = pressure >= THREE_STEPS_AT ? 3 : pressure >= TWO_STEPS_AT ? 2 : 1;
    const changes: CapacityChange[] = [];
    for (let step = 0; step < steps; step++) {
      const knob = this.#next(cause);
      if (knob === null) break;
      const from = this.#plan[knob];
      const to = this.#lower(knob);
      const change = { at: now, kind: "shed", cause, knob, from, to, pressure, reason: "feed.shed" } as const;
      this.#plan[knob] = to;
      this.#taken.push(change);
      changes.push(change);
    }
    this.#isExhausted = changes.length === 0;
    if (this.#isExhausted) return changes;
    // The effect must show before more is taken.
    this.#overloaded = 0;
    this.#changedAt = now;
    return changes;
  }

  #restore(pressure: number, now: Micros): CapacityChange {
    const { cause, knob, from, to } = this.#taken.pop()!;
    this.#plan[knob] = from;
    this.#calm = 0;
    if (now - this.#restoredAt > this.#options.dwellMicros * 4)
      this.#patience = Math.max(1, this.#patience / 2);
    this.#changedAt = now;
    this.#restoredAt = now;
    return { at: now, kind: "restored", cause, knob, from: to, to: from, pressure, reason: null };
  }

  /** The knob to turn next for a cause: in turn `STEPS_BEFORE_NEXT` steps of each; null when all are at their least. */
  #next(cause: CapacityCause): CapacityKnob | null {
    const open = REMEDIES[cause].filter((knob) => this.#lower(knob) < this.#plan[knob]);
    const steps = (knob: CapacityKnob): number => this.#taken.filter((each) => each.knob === knob).length;
    return open.find((knob) => steps(knob) < STEPS_BEFORE_NEXT) ?? open.at(-1) ?? null;
  }

  #lower(knob: CapacityKnob): number {
    const { keep, least } = this.#options;
    const lower = this.#plan[knob] * keep;
    return Math.max(least[knob], knob === "pollShare" ? lower : Math.floor(lower));
  }
}

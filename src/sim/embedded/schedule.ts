import type { Cancel, Micros, Rng, Timers } from "../../contracts/index.ts";
import { Agenda } from "../world/agenda.ts";

/** Tasks of the market on one alarm of the clock: the same order on a wall clock and on a simulated one. */
export class Schedule {
  readonly #clock: Timers;
  readonly #agenda = new Agenda();
  /** The earliest entry, taken out of the agenda so that its instant is known. */
  #head: { readonly at: number; readonly task: () => void } | null = null;
  #alarm: Cancel | null = null;
  #running = false;
  #busy = false;

  constructor(clock: Timers) {
    this.#clock = clock;
  }

  get now(): Micros {
    return this.#clock.now();
  }

  /** Runs `task` at `at`, or as soon as possible after. Tasks of an instant run in a fixed order. */
  add(at: number, task: () => void): void {
    if (this.#head !== null && this.#head.at <= at) {
      this.#agenda.add(at, task);
      return;
    }
    if (this.#head !== null) this.#agenda.add(this.#head.at, this.#head.task);
    this.#head = { at, task };
    this.#arm();
  }

  after(delayMicros: number, task: () => void): void {
    this.add(this.now + delayMicros, task);
  }

  /** Runs `task` again and again at distances uniform in (0, 2 x mean]. */
  every(meanMicros: number, rng: Rng, task: () => void): void {
    this.after(1 + rng.int(2 * meanMicros), () => {
      task();
      this.every(meanMicros, rng, task);
    });
  }

  start(): void {
    this.#running = true;
    this.#arm();
  }

  /** Nothing runs any more. */
  stop(): void {
    this.#running = false;
    this.#alarm?.();
    this.#alarm = null;
  }

  #arm(): void {
    if (!this.#running || this.#busy) return;
    this.#alarm?.();
    this.#alarm = null;
    if (this.#head !== null)
      this.#alarm = this.#clock.after(Math.max(0, this.#head.at - this.now), () => this.#run());
  }

  #run(): void {
    this.#alarm = null;
    this.#busy = true;
    const now = this.now;
    while (this.#running && this.#head !== null && this.#head.at <= now) {
      const { task } = this.#head;
      this.#head = this.#agenda.pop() ?? null;
      task();
    }
    this.#busy = false;
    this.#arm();
  }
}

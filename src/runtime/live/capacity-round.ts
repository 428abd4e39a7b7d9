import type { Micros } from "../../contracts/index.ts";
import { CapacityController, DEFAULT_CAPACITY } from "../../feed/polling/capacity.ts";
import type { VenueLink } from "./venue-link.ts";

const EVERY_MICROS = 5_000_000;
/** The least that is watched per venue, however short everything runs. */
const LEAST_BOOKS = 50;
const FULL_CPU_SHARE = 0.9;

/** What the process uses, as the shell measures it; simulated time has no such loads. */
export interface ProcessLoads {
  /** CPU time used so far, in microseconds, over all threads. */
  readonly cpuMicros: number;
  readonly memoryBytes: number;
}

export interface CapacityRoundParts {
  readonly loads: () => ProcessLoads;
  readonly links: readonly VenueLink[];
  readonly maxWatched: number;
  readonly maxMemoryBytes: number;
  readonly maxLagMicros: number;
  readonly note: (stage: string, detail: string) => void;
}

/**
 * Keeps the run within the machine: when CPU, memory, request budgets or the event loop run short, fewer books are
 * watched and polls come less often, lowest value first; what was given up comes back when it has been calm for a while.
 */
export class CapacityRound {
  readonly #parts: CapacityRoundParts;
  readonly #controller: CapacityController;
  #nextAt = 0;
  #lastAt = 0;
  #lastCpu = 0;
  #maxLate = 0;

  constructor(parts: CapacityRoundParts) {
    const { maxWatched, maxMemoryBytes, maxLagMicros } = parts;
    this.#parts = parts;
    this.#controller = new CapacityController({
      ...DEFAULT_CAPACITY,
      limits: {
        cpuShare: FULL_CPU_SHARE,
        memoryBytes: maxMemoryBytes,
        apiShare: 1,
        loopLagMicros: maxLagMicros / 2,
      },
      full: { ...DEFAULT_CAPACITY.full, books: maxWatched },
      least: { ...DEFAULT_CAPACITY.least, books: Math.min(LEAST_BOOKS, maxWatched) },
    });
  }

  /** One round of the shell that started `lateMicros` after it was due. */
  round(now: Micros, lateMicros: number): void {
    this.#maxLate = Math.max(this.#maxLate, lateMicros);
    if (now < this.#nextAt) return;
    const { cpuMicros, memoryBytes } = this.#parts.loads();
    const elapsed = now - this.#lastAt;
    const cpuShare = this.#lastAt === 0 ? 0 : (cpuMicros - this.#lastCpu) / elapsed;
    const reading = { cpuShare, memoryBytes, apiShare: this.#apiShare(), loopLagMicros: this.#maxLate };
    this.#nextAt = now + EVERY_MICROS;
    this.#lastAt = now;
    this.#lastCpu = cpuMicros;
    this.#maxLate = 0;
    const changes = this.#controller.observe(reading, now);
    if (changes.length === 0) return;
    const { books, pollShare } = this.#controller.plan;
    for (const link of this.#parts.links) link.allow(Math.round(books), pollShare);
    for (const { kind, cause, knob, from, to } of changes)
      this.#parts.note(
        "capacity",
        `${kind} ${knob} ${Math.round(from * 100) / 100} -> ${Math.round(to * 100) / 100}: ${cause}`,
      );
  }

  /** Requests that wait count as wanted beyond what is allowed. */
  #apiShare(): number {
    let share = 0;
    for (const { client } of this.#parts.links)
      for (const { waiting, learnedPerSecond, utilisation } of client.stats())
        share = Math.max(share, utilisation, waiting / Math.max(1, learnedPerSecond * 10));
    return share;
  }
}

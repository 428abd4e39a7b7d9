import type { Micros, StartStage, VenueId } from "../../contracts/index.ts";
import { EmpError } from "../emp-error.ts";

/** Stages of a venue's start; the last one ends with its first usable quote. */
export type Stage = StartStage | "quote";

export interface StageState {
  readonly venue: VenueId;
  readonly stage: Stage;
  readonly done: number;
  readonly total: number | null;
  /** From the start of the run; null while it runs. */
  readonly endedMs: number | null;
}

interface VenueStart {
  readonly stages: Map<Stage, { done: number; total: number | null; endedAt: Micros | null }>;
  lastProgressAt: Micros;
  failure: { readonly stage: Stage; readonly detail: string } | null;
}

const ORDER: readonly Stage[] = ["auth", "discovery", "connect", "subscribe", "quote"];

/**
 * Follows every venue from nothing to its first usable quote. A venue that fails, or shows no progress for the time-out
 * before its first quote, ends the start with its name and stage: never silence.
 */
export class Startup {
  readonly #startedAt: Micros;
  readonly #timeoutMicros: number;
  readonly #venues: ReadonlyMap<VenueId, VenueStart>;
  readonly #ended: StageState[] = [];

  constructor(venues: readonly VenueId[], timeoutMicros: number, now: Micros) {
    this.#startedAt = now;
    this.#timeoutMicros = timeoutMicros;
    this.#venues = new Map(
      venues.map((id) => [id, { stages: new Map(), lastProgressAt: now, failure: null }]),
    );
  }

  /** True once every venue has given a usable quote. */
  get complete(): boolean {
    return [...this.#venues.values()].every((venue) => venue.stages.get("quote")?.endedAt != null);
  }

  progress(id: VenueId, stage: Stage, done: number, total: number | null, now: Micros): void {
    const venue = this.#venues.get(id);
    if (venue === undefined) return;
    const state = venue.stages.get(stage) ?? { done: -1, total, endedAt: null };
    if (done !== state.done) venue.lastProgressAt = now;
    state.done = done;
    state.total = total;
    venue.stages.set(stage, state);
    if (total !== null && done >= total) this.end(id, stage, now);
  }

  /** The stage is complete. */
  end(id: VenueId, stage: Stage, now: Micros): void {
    const venue = this.#venues.get(id);
    if (venue === undefined) return;
    const state = venue.stages.get(stage) ?? { done: 0, total: null, endedAt: null };
    venue.stages.set(stage, state);
    if (state.endedAt !== null) return;
    state.endedAt = now;
    venue.lastProgressAt = now;
    const { done, total } = state;
    this.#ended.push({ venue: id, stage, done, total, endedMs: this.#ms(now) });
  }

  fail(id: VenueId, stage: Stage, detail: string): void {
    const venue = this.#venues.get(id);
    if (venue !== undefined) venue.failure ??= { stage, detail };
  }

  /** @throws EmpError for the first venue that failed or hangs before its first quote. */
  check(now: Micros): void {
    for (const [id, venue] of this.#venues) {
      if (venue.stages.get("quote")?.endedAt != null) continue;
      if (venue.failure !== null) {
        throw new EmpError("start.failed", `run: ${id}: ${venue.failure.stage}: ${venue.failure.detail}`);
      }
      const silent = now - venue.lastProgressAt;
      if (silent < this.#timeoutMicros) continue;
      const { stage, done, total } = this.#current(id);
      const far = total === null ? `${Math.max(done, 0)} so far` : `${Math.max(done, 0)} of ${total}`;
      throw new EmpError(
        "start.timeout",
        `run: ${id}: ${stage}: no progress for ${Math.round(silent / 1_000_000)} s (${far}); try emp doctor, or feed.startTimeoutMs`,
      );
    }
  }

  /** Stages that ended since the last call, in order. */
  takeEnded(): readonly StageState[] {
    return this.#ended.splice(0);
  }

  /** Every stage seen so far, by venue in the order of stages. */
  board(): readonly StageState[] {
    return [...this.#venues].flatMap(([id, venue]) =>
      ORDER.flatMap((stage) => {
        const state = venue.stages.get(stage);
        if (state === undefined) return [];
        const { done, total, endedAt } = state;
        return [{ venue: id, stage, done, total, endedMs: endedAt === null ? null : this.#ms(endedAt) }];
      }),
    );
  }

  #current(id: VenueId): StageState {
    const own = this.board().filter(({ venue }) => venue === id);
    return (
      own.find(({ endedMs }) => endedMs === null) ??
      own.at(-1) ?? { venue: id, stage: "discovery", done: 0, total: null, endedMs: null }
    );
  }

  #ms(at: Micros): number {
    return Math.round((at - this.#startedAt) / 1000);
  }
}

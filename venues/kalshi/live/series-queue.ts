import type { SessionEnv } from "../../../src/contracts/index.ts";
import type { Announcer } from "./announcer.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Rest } from "./rest.ts";

const TRIES = 4;
/** Series that nobody described; a venue opens a handful a day. */
const MAX_UNKNOWN = 2_000;

/** Reads the fee terms of series that came up after the list of all series was read, then their events again. */
export class SeriesQueue {
  readonly #env: SessionEnv;
  readonly #rest: Rest;
  readonly #announcer: Announcer;
  readonly #events: EventQueue;
  /** Events that wait for the terms of their series. */
  readonly #waiting = new Map<string, Set<string>>();

  constructor(env: SessionEnv, rest: Rest, announcer: Announcer, events: EventQueue) {
    this.#env = env;
    this.#rest = rest;
    this.#announcer = announcer;
    this.#events = events;
  }

  /** An event was announced whose series is unknown: until its terms are read, nothing of it may be traded. */
  want(series: string, event: string): void {
    const waiting = this.#waiting.get(series);
    if (waiting !== undefined) {
      waiting.add(event);
      return;
    }
    if (this.#waiting.size >= MAX_UNKNOWN) {
      this.#env.report.refused("feed.shed", `series ${series.slice(0, 80)}: too many wait to be read`);
      return;
    }
    this.#waiting.set(series, new Set([event]));
    const path = `/series/${encodeURIComponent(series)}`;
    this.#rest.retrying({ method: "GET", path, purpose: "discovery" }, TRIES, (answer) => {
      const events = this.#waiting.get(series) ?? [];
      this.#waiting.delete(series);
      if (!answer.ok)
        this.#env.report.refused(
          answer.failure.reason,
          `series ${series.slice(0, 80)}: ${answer.failure.detail}`,
        );
      else if (!this.#announcer.oneSeries(answer.body))
        this.#env.report.refused("feed.shape", `series ${series.slice(0, 80)}`);
      else for (const each of events) this.#events.want(each);
    });
  }
}

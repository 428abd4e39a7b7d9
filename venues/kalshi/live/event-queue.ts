import { fullJitter, type SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import type { Announcer } from "./announcer.ts";
import { readEvent } from "./catalogue-page.ts";
import type { Rest } from "./rest.ts";

const MAX_WAITING = 5_000;
const AT_ONCE = 2;
/** An event can be unknown to REST for a while after the stream said that it was created. */
const TRIES = 6;
const BASE_MICROS = 500_000;
const CAP_MICROS = 15_000_000;

/** Reads single events again: new ones, ended ones. Each waits once, a few are asked for at a time. */
export class EventQueue {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #rest: Rest;
  readonly #announcer: Announcer;
  /** By ticker: true for new events, which REST may not know yet. */
  readonly #waiting = new Map<string, boolean>();
  #busy = 0;

  constructor(env: SessionEnv, scope: Scope, rest: Rest, announcer: Announcer) {
    this.#env = env;
    this.#scope = scope;
    this.#rest = rest;
    this.#announcer = announcer;
  }

  /** @param isNew just created: that REST does not know it may pass. */
  want(event: string, isNew = false): void {
    if (this.#waiting.has(event)) return;
    if (this.#waiting.size >= MAX_WAITING) {
      this.#env.report.refused("feed.shed", `event ${event.slice(0, 80)}: too many wait to be read`);
      return;
    }
    this.#waiting.set(event, isNew);
    this.#next();
  }

  #next(): void {
    const { value: next } = this.#waiting.entries().next();
    if (next === undefined || this.#busy >= AT_ONCE) return;
    const [event, isNew] = next;
    this.#waiting.delete(event);
    this.#busy++;
    this.#read(event, isNew, 0);
  }

  #read(event: string, isNew: boolean, attempt: number): void {
    const path = `/events/${encodeURIComponent(event)}?with_nested_markets=true`;
    this.#rest.call({ method: "GET", path, purpose: "discovery" }, (answer) => {
      if (answer.ok) {
        const page = readEvent(answer.body);
        if (page === null) this.#env.report.refused("feed.shape", `event ${event.slice(0, 80)}`);
        else this.#announcer.events(page, -1);
        this.#done();
        return;
      }
      const { failure } = answer;
      if (attempt + 1 < TRIES && (failure.retry || (isNew && failure.status === 404))) {
        const jitter = fullJitter(attempt, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
        this.#scope.after(Math.max(jitter, failure.retryAfterMicros ?? 0), () =>
          this.#read(event, isNew, attempt + 1),
        );
        return;
      }
      if (failure.status === 404) this.#announcer.listings.forget(event);
      this.#env.report.refused(failure.reason, `event ${event.slice(0, 80)}: ${failure.detail}`);
      this.#done();
    });
  }

  #done(): void {
    this.#busy--;
    this.#next();
  }
}

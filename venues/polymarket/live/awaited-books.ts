import type { Cancel, Micros, Rng, SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";

/** How long a book may be waited for before it is asked for anew; doubled with every time, up to the cap. */
const BASE_MICROS = 5_000_000;
const CAP_MICROS = 300_000_000;
/** After a change of tick the venue sends the book at once. */
const SOON_MICROS = 2_000_000;
/** Waits are stretched by up to this share, so that many books do not fall due together. */
const JITTER = 0.25;

interface Wait {
  dueAt: number;
  /** How often it was asked for without an answer. */
  asked: number;
}

/** Whole books that were asked for and have not come: by subscription, after a change of tick, or on a resync. */
export class AwaitedBooks {
  readonly #clock: SessionEnv["clock"];
  readonly #scope: Scope;
  readonly #rng: Rng;
  readonly #missing: (tokens: readonly string[], asked: number) => void;
  readonly #waits = new Map<string, Wait>();
  #alarm: Cancel | null = null;
  #alarmAt = Number.POSITIVE_INFINITY;

  /** @param missing told of tokens whose book did not come, by how often they were asked for; they are waited for on. */
  constructor(env: SessionEnv, scope: Scope, missing: (tokens: readonly string[], asked: number) => void) {
    this.#clock = env.clock;
    this.#scope = scope;
    this.#rng = env.rng;
    this.#missing = missing;
  }

  get size(): number {
    return this.#waits.size;
  }

  has(token: string): boolean {
    return this.#waits.has(token);
  }

  /** It was asked for just now. A book that is waited for keeps its count of attempts. */
  asked(token: string): void {
    const wait = this.#waits.get(token) ?? { dueAt: 0, asked: 0 };
    wait.asked++;
    this.#waits.set(token, wait);
    this.#delay(wait);
    this.#arm(wait.dueAt);
  }

  /** It should come by itself, and soon. */
  expected(token: string): void {
    if (this.#waits.has(token)) return;
    const dueAt = this.#clock.now() + SOON_MICROS;
    this.#waits.set(token, { dueAt, asked: 0 });
    this.#arm(dueAt);
  }

  /** It came, or is not wanted any more. */
  done(token: string): void {
    this.#waits.delete(token);
  }

  #delay(wait: Wait): void {
    const stretch = 1 + JITTER * this.#rng.next();
    const times = Math.max(0, wait.asked - 1);
    wait.dueAt = this.#clock.now() + Math.min(CAP_MICROS, BASE_MICROS * 2 ** times) * stretch;
  }

  #arm(at: number): void {
    if (at >= this.#alarmAt) return;
    this.#alarm?.();
    this.#alarmAt = at;
    this.#alarm = this.#scope.after(Math.max(0, at - this.#clock.now()), () => this.#ring());
  }

  #ring(): void {
    this.#alarm = null;
    this.#alarmAt = Number.POSITIVE_INFINITY;
    const now: Micros = this.#clock.now();
    const due = new Map<number, string[]>();
    for (const [token, wait] of this.#waits) {
      if (wait.dueAt > now) continue;
      due.set(wait.asked, [...(due.get(wait.asked) ?? []), token]);
      this.#delay(wait);
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#waits.values()) next = Math.min(next, dueAt);
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
    for (const [asked, tokens] of due) this.#missing(tokens, asked);
  }
}

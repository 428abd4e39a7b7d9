import type { Cancel, SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";

/** A book that cannot be fetched is asked for again after twice the time, up to this. */
const CAP_MICROS = 300_000_000;
/** Books fetched at once; the others wait for the next look. */
const MAX_FETCHING = 8;
const LOOK_MICROS = 1_000_000;

interface Wait {
  dueAt: number;
  tries: number;
  fetching: boolean;
}

/** Subscribed books that did not come yet: what the stream does not bring in time is fetched. */
export class AwaitedBooks {
  readonly #clock: SessionEnv["clock"];
  readonly #scope: Scope;
  readonly #patienceMicros: number;
  readonly #fetch: (symbol: string, done: (ok: boolean) => void) => void;
  readonly #waits = new Map<string, Wait>();
  #fetching = 0;
  #alarm: Cancel | null = null;

  /** @param fetch asks for a book once; `done` exactly once. */
  constructor(
    env: SessionEnv,
    scope: Scope,
    patienceMicros: number,
    fetch: (symbol: string, done: (ok: boolean) => void) => void,
  ) {
    this.#clock = env.clock;
    this.#scope = scope;
    this.#patienceMicros = patienceMicros;
    this.#fetch = fetch;
  }

  /** It was subscribed and should come. */
  expect(symbol: string): void {
    this.#await(symbol, this.#patienceMicros);
  }

  /** It is wanted at once, whatever the stream brings. */
  want(symbol: string): void {
    this.#await(symbol, 0);
  }

  /** It came, or is not wanted any more. */
  done(symbol: string): void {
    this.#waits.delete(symbol);
  }

  #await(symbol: string, delayMicros: number): void {
    const dueAt = this.#clock.now() + delayMicros;
    const wait = this.#waits.get(symbol);
    if (wait === undefined) this.#waits.set(symbol, { dueAt, tries: 0, fetching: false });
    else wait.dueAt = Math.min(wait.dueAt, dueAt);
    if (delayMicros === 0) {
      this.#alarm?.();
      this.#alarm = null;
    }
    this.#arm(delayMicros);
  }

  #arm(delayMicros: number): void {
    this.#alarm ??= this.#scope.after(Math.min(delayMicros, LOOK_MICROS), () => this.#look());
  }

  #look(): void {
    this.#alarm = null;
    const now = this.#clock.now();
    for (const [symbol, wait] of this.#waits) {
      if (this.#fetching >= MAX_FETCHING) break;
      if (wait.fetching || wait.dueAt > now) continue;
      wait.fetching = true;
      this.#fetching++;
      this.#fetch(symbol, (ok) => this.#fetched(symbol, wait, ok));
    }
    if (this.#waits.size > 0) this.#arm(LOOK_MICROS);
  }

  #fetched(symbol: string, wait: Wait, ok: boolean): void {
    this.#fetching--;
    wait.fetching = false;
    if (this.#waits.get(symbol) !== wait) return;
    if (ok) this.#waits.delete(symbol);
    else
      wait.dueAt =
        this.#clock.now() + Math.min(CAP_MICROS, this.#patienceMicros * 2 ** Math.min(++wait.tries, 20));
  }
}

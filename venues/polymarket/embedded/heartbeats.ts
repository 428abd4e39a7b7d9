import type { Cancel, Rng, Timers } from "../../../src/contracts/index.ts";
import { uuidOf } from "./auth.ts";

/** Beats must come every 10 seconds; 5 more pass before everything is cancelled. */
const DEADLINE_MICROS = 15_000_000;
const HEX = 16;
const ID_DIGITS = 32;

interface Beating {
  id: string;
  stop: Cancel;
}

/** Dead man's switch: an account that began to beat and stops loses its resting orders. */
export class Heartbeats {
  readonly #clock: Timers;
  readonly #rng: Rng;
  readonly #expired: (account: string) => void;
  readonly #beating = new Map<string, Beating>();

  constructor(clock: Timers, rng: Rng, expired: (account: string) => void) {
    this.#clock = clock;
    this.#rng = rng;
    this.#expired = expired;
  }

  /** A beat names the last id it was given, none on the first. @returns the next id, or the one that is due. */
  beat(account: string, lastId: string): { readonly ok: boolean; readonly id: string } {
    const known = this.#beating.get(account);
    if (known !== undefined && lastId !== known.id) return { ok: false, id: known.id };
    known?.stop();
    const id = this.#newId();
    const stop = this.#clock.after(DEADLINE_MICROS, () => {
      this.#beating.delete(account);
      this.#expired(account);
    });
    this.#beating.set(account, { id, stop });
    return { ok: true, id };
  }

  close(): void {
    for (const { stop } of this.#beating.values()) stop();
    this.#beating.clear();
  }

  #newId(): string {
    let hex = "";
    for (let digit = 0; digit < ID_DIGITS; digit++) hex += this.#rng.int(HEX).toString(HEX);
    return uuidOf(hex);
  }
}

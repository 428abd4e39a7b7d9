import type { Micros, ServedAnswer, Timers } from "../../../src/contracts/index.ts";
import { postOnlyMode, restarting } from "./answers.ts";

const SECOND = 1_000_000;
/** After a restart only resting orders are taken for two minutes. */
const POST_ONLY_MICROS = 120 * SECOND;

/** The matching engine's restart cycle: 425 while it is down, then 503 for whatever would take. */
export class Maintenance {
  readonly #clock: Timers;
  #downUntil = 0;
  #postOnlyUntil = 0;

  constructor(clock: Timers) {
    this.#clock = clock;
  }

  /** The engine is down from now on, for `micros`. */
  restart(micros: number): void {
    this.#downUntil = Math.max(this.#downUntil, this.#clock.now() + micros);
    this.#postOnlyUntil = Math.max(this.#postOnlyUntil, this.#downUntil + POST_ONLY_MICROS);
  }

  /** The answer to an order call that cannot be served now; null = it can. */
  refuses(call: "post" | "post_only" | "cancel"): ServedAnswer | null {
    const now: Micros = this.#clock.now();
    if (now < this.#downUntil) return restarting();
    if (call !== "post" || now >= this.#postOnlyUntil) return null;
    return postOnlyMode(Math.ceil((this.#postOnlyUntil - now) / SECOND));
  }
}

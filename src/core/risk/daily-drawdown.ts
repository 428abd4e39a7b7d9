import type { Micros, Pico } from "../../contracts/index.ts";

const DAY_MICROS = 86_400_000_000;
const PPM = 1_000_000n;

/**
 * Fall of the equity since the start of the UTC day. At the limit trading is off: it stays off until an operator
 * resumes, whatever the equity does and also past midnight.
 */
export class DailyDrawdown {
  readonly #limitPpm: bigint;
  #day = -1;
  #start = 0n;
  #off = false;

  constructor(limitPpm: number) {
    this.#limitPpm = BigInt(limitPpm);
  }

  /** True while trading is off. */
  get off(): boolean {
    return this.#off;
  }

  /** Equity at the first observation of the day. */
  get dayStart(): Pico {
    return this.#start as Pico;
  }

  /**
   * One observation. Value claims of plans still being carried out at cost or at the bid, not at their worst state:
   * a basket is worth nothing in the worst case until its last leg fills.
   * @returns true when this observation crossed the limit: liquidate everything now.
   */
  observe(equity: Pico, at: Micros): boolean {
    const day = Math.floor(at / DAY_MICROS);
    if (day > this.#day) {
      this.#day = day;
      this.#start = equity;
    }
    if (this.#off || (this.#start - equity) * PPM < this.#start * this.#limitPpm) return false;
    if (this.#start <= 0n) return false;
    this.#off = true;
    return true;
  }

  /** An operator takes responsibility: the day starts anew from this equity. */
  resume(equity: Pico): void {
    this.#off = false;
    this.#start = equity;
  }
}

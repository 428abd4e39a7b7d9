import type { HttpOutcome, Micros } from "../contracts/index.ts";

const MAX_SAMPLES = 9;
/** `Date` names a whole second: smaller differences say nothing. */
const WORTH_SAYING_MICROS = 2_000_000;

/** Venue clock minus ours: the median over the `Date` headers of the last answers. */
export class ClockSkew {
  readonly #samples: number[] = [];

  /** Microseconds; null before the first answer that states a date. */
  get micros(): number | null {
    if (this.#samples.length === 0) return null;
    return this.#samples.toSorted((a, b) => a - b)[this.#samples.length >> 1]!;
  }

  /** True when the clocks differ by more than the header can be wrong. */
  get isLarge(): boolean {
    return Math.abs(this.micros ?? 0) > WORTH_SAYING_MICROS;
  }

  /** Our instant on the venue's clock: what a signature's time stamp has to say. */
  toVenue(now: Micros): Micros {
    return (this.isLarge ? now + this.micros! : now) as Micros;
  }

  observe(outcome: HttpOutcome): void {
    if (outcome.kind === "none") return;
    const stated = Date.parse(outcome.headers["date"] ?? "");
    const age = Number(outcome.headers["age"] ?? "0");
    // An answer from a cache carries the date of its making.
    if (Number.isNaN(stated) || age !== 0) return;
    this.#samples.push(Math.round(stated * 1_000 + 500_000 - (outcome.sentAt + outcome.at) / 2));
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}

import type { HttpOutcome } from "../../../src/contracts/index.ts";

const MAX_SAMPLES = 9;
/** Beyond this the venue may refuse signatures; `Date` itself is only exact to a second. */
const WORTH_SAYING_MICROS = 2_000_000;

/** Venue clock minus ours, from the `Date` headers of answers: the median of the last few. */
export class ClockSkew {
  readonly #samples: number[] = [];
  #correcting = false;
  #correctingSince = 0;
  #observedAt = 0;

  /** In microseconds; null before the first answer that states a date. */
  get micros(): number | null {
    if (this.#samples.length === 0) return null;
    const sorted = [...this.#samples].sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  }

  /** True when the clocks differ by more than the header's own error. */
  get large(): boolean {
    return Math.abs(this.micros ?? 0) > WORTH_SAYING_MICROS;
  }

  /** For people: how far the clocks are apart; empty when they agree. */
  get hint(): string {
    const micros = this.micros;
    if (micros === null || !this.large) return "";
    const seconds = (Math.abs(micros) / 1_000_000).toFixed(1);
    return `; the venue's clock is ${seconds} s ${micros > 0 ? "ahead of" : "behind"} this machine's: set this machine's clock`;
  }

  /**
   * The venue refused a signature: from now on they are dated by its clock.
   * @returns false when that cannot help, because the clocks agree or it was done before.
   */
  correct(): boolean {
    if (this.#correcting || !this.large) return false;
    this.#correcting = true;
    this.#correctingSince = this.#observedAt;
    return true;
  }

  /** True when signatures are dated by the venue's clock, but were not yet at this instant. */
  correctedSince(atMicros: number): boolean {
    return this.#correcting && this.#correctingSince >= atMicros;
  }

  /** The instant to date a signature with, for one that leaves at `nowMicros` of this machine's clock. */
  signingMicros(nowMicros: number): number {
    return this.#correcting ? nowMicros + (this.micros ?? 0) : nowMicros;
  }

  observe(outcome: HttpOutcome): void {
    if (outcome.kind === "none") return;
    this.#observedAt = outcome.at;
    const stated = Date.parse(outcome.headers["date"] ?? "");
    if (Number.isNaN(stated)) return;
    // A cached answer carries the date of its making; the header names the second that had begun.
    const ageSeconds = Number(outcome.headers["age"] ?? "0");
    const venueAt = stated * 1_000 + 500_000 + (Number.isFinite(ageSeconds) ? ageSeconds * 1_000_000 : 0);
    this.#samples.push(Math.round(venueAt - (outcome.sentAt + outcome.at) / 2));
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}

/** Rounds in a row that must be on time before the mode ends. */
const CALM_ROUNDS = 20;

/**
 * Input that waits shows as rounds that start late: everything runs on one thread, so the distance of a round from its
 * due instant is how far what is judged lies behind what has arrived.
 */
export class LagWatch {
  readonly #maxLagMicros: number;
  #behind = false;
  #calm = 0;

  constructor(maxLagMicros: number) {
    this.#maxLagMicros = maxLagMicros;
  }

  get behind(): boolean {
    return this.#behind;
  }

  /** One round. @returns true or false when the state changed to behind or caught up; null when it stays. */
  observe(lateMicros: number): boolean | null {
    this.#calm = lateMicros > this.#maxLagMicros ? 0 : this.#calm + 1;
    if (!this.#behind && this.#calm === 0) {
      this.#behind = true;
      return true;
    }
    if (!this.#behind || this.#calm < CALM_ROUNDS) return null;
    this.#behind = false;
    return false;
  }
}

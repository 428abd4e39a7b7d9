import { fullJitter, type Rng } from "../../../src/contracts/index.ts";

/** Full-jitter delays that grow with every call until a success is reported. */
export class Backoff {
  readonly #rng: Rng;
  readonly #baseMicros: number;
  readonly #capMicros: number;
  #attempt = 0;

  constructor(rng: Rng, baseMicros: number, capMicros: number) {
    this.#rng = rng;
    this.#baseMicros = baseMicros;
    this.#capMicros = capMicros;
  }

  /** Delay before the next attempt, in microseconds. */
  next(): number {
    return fullJitter(this.#attempt++, this.#baseMicros, this.#capMicros, this.#rng.next());
  }

  succeeded(): void {
    this.#attempt = 0;
  }
}

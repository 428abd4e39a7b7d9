import type { Cancel, Micros, Timers } from "../../contracts/index.ts";

/** A clock that is wrong by an offset which may change at any time. Alarms keep their real distance. */
export class SkewedTimers implements Timers {
  readonly #inner: Timers;
  #skewMicros: number;

  /** @param skewMicros this clock minus the real one. */
  constructor(inner: Timers, skewMicros: number) {
    this.#inner = inner;
    this.#skewMicros = skewMicros;
  }

  now(): Micros {
    return (this.#inner.now() + this.#skewMicros) as Micros;
  }

  after(delayMicros: number, run: () => void): Cancel {
    return this.#inner.after(delayMicros, run);
  }

  setSkew(skewMicros: number): void {
    this.#skewMicros = skewMicros;
  }
}

import type { Cancel, Micros, Timers } from "../../src/contracts/index.ts";
import { WallTimers } from "../../src/runtime/net/wall-timers.ts";

/**
 * Real time that passes `speed` times as fast: time-outs of minutes end within seconds while sockets, files and the
 * event loop stay as they are. An alarm rings a millisecond late at most, which is `speed` milliseconds here.
 */
export class HurriedTimers implements Timers {
  readonly #wall = new WallTimers();
  readonly #speed: number;
  readonly #startedAt: Micros;
  /** Alarms that nobody had taken back when the clock was closed. */
  leftAtClose = -1;

  constructor(speed: number) {
    this.#speed = speed;
    this.#startedAt = this.#wall.now();
  }

  now(): Micros {
    return (this.#startedAt + (this.#wall.now() - this.#startedAt) * this.#speed) as Micros;
  }

  after(delayMicros: number, run: () => void): Cancel {
    return this.#wall.after(delayMicros / this.#speed, run);
  }

  close(): void {
    if (this.leftAtClose === -1) this.leftAtClose = this.#wall.pending;
    this.#wall.close();
  }
}

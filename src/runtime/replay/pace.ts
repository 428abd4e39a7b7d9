import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

/** Blocks between two looks at the stop signal and the event loop. */
const BLOCKS_PER_TURN = 4;
/** Facts may run this far ahead of the wall clock before the replay waits. */
const LEAD_MICROS = 20_000;

/** Decides when a replay waits: never (as fast as possible) or so that recorded time runs at `speed` times real time. */
export class Pace {
  readonly #speed: number;
  readonly #wallMicros: () => number;
  #startWall = 0;
  #startFact = -1;
  #blocks = 0;

  /** @param speed recorded seconds per real second; 0 = as fast as possible. */
  constructor(speed: number, wallMicros: () => number) {
    this.#speed = speed;
    this.#wallMicros = wallMicros;
  }

  get limited(): boolean {
    return this.#speed > 0;
  }

  /** Milliseconds to wait before a fact of instant `at`; 0 = go on. */
  waitMs(at: number): number {
    if (this.#startFact < 0) {
      this.#startFact = at;
      this.#startWall = this.#wallMicros();
      return 0;
    }
    const dueWall = this.#startWall + (at - this.#startFact) / this.#speed;
    const ahead = dueWall - this.#wallMicros();
    return ahead > LEAD_MICROS ? ahead / 1000 : 0;
  }

  /** Lets timers and signals run now and then. */
  async breathe(): Promise<void> {
    if (++this.#blocks % BLOCKS_PER_TURN === 0) await nextTurn();
  }

  async wait(ms: number): Promise<void> {
    await sleep(Math.min(ms, 1000));
  }
}

import type { Cancel, Timers } from "../contracts/index.ts";

/** Everything a session has begun and not ended: alarms and requests. Ending it undoes all of it; nothing begins after. */
export class Scope {
  readonly #clock: Timers;
  readonly #open = new Set<Cancel>();
  #ended = false;

  constructor(clock: Timers) {
    this.#clock = clock;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What is open now, for leak checks. */
  get size(): number {
    return this.#open.size;
  }

  /** An alarm that does not outlive the scope. */
  after(delayMicros: number, run: () => void): Cancel {
    return this.begin((over) =>
      this.#clock.after(delayMicros, () => {
        over();
        run();
      }),
    );
  }

  /** Begins something that can be undone. `over` is called by it once it has ended by itself. */
  begin(start: (over: () => void) => Cancel): Cancel {
    if (this.#ended) return () => {};
    let undoStarted: Cancel = () => {};
    const undo = (): void => {
      if (this.#open.delete(undo)) undoStarted();
    };
    this.#open.add(undo);
    undoStarted = start(() => this.#open.delete(undo));
    return undo;
  }

  end(): void {
    this.#ended = true;
    for (const undo of [...this.#open]) undo();
  }
}

import type { Cancel, Timers } from "../../../src/contracts/index.ts";

/** What a session has begun and not ended: alarms and requests. Ends all of it at once and begins nothing after that. */
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

  /** An alarm that dies with the scope. */
  after(delayMicros: number, run: () => void): Cancel {
    return this.begin((ended) =>
      this.#clock.after(delayMicros, () => {
        ended();
        run();
      }),
    );
  }

  /** Begins something that can be undone. `ended` must be called when it is over by itself. */
  begin(start: (ended: () => void) => Cancel): Cancel {
    if (this.#ended) return nothing;
    let cancel: Cancel = nothing;
    const undo = (): void => {
      if (this.#open.delete(undo)) cancel();
    };
    this.#open.add(undo);
    cancel = start(() => this.#open.delete(undo));
    return undo;
  }

  end(): void {
    this.#ended = true;
    for (const undo of [...this.#open]) undo();
  }
}

function nothing(): void {
  // Nothing was begun.
}

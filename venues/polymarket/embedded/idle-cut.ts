import type { Cancel, Micros, ServedPeer, Timers } from "../../../src/contracts/index.ts";

/** A client beats every 10 s; one that says nothing for this long is gone. */
const IDLE_MICROS = 60_000_000;
const SWEEP_MICROS = 10_000_000;
const GOING_AWAY = 1001;

/** A connection that can fall silent. */
export interface Watched {
  readonly peer: ServedPeer;
  lastHeardAt: Micros;
}

/** Ends connections whose client has fallen silent. One alarm for all of them, and none while there are none. */
export class IdleCut<C extends Watched> {
  readonly connections = new Set<C>();
  readonly #clock: Timers;
  readonly #cut: (connection: C) => void;
  #stop: Cancel | null = null;

  /** @param cut forgets a connection that was ended. */
  constructor(clock: Timers, cut: (connection: C) => void) {
    this.#clock = clock;
    this.#cut = cut;
  }

  add(connection: C): void {
    this.connections.add(connection);
    this.#stop ??= this.#clock.after(SWEEP_MICROS, () => this.#sweep());
  }

  remove(connection: C): void {
    this.connections.delete(connection);
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    for (const connection of this.connections) connection.peer.close(GOING_AWAY, "going away");
    this.connections.clear();
  }

  #sweep(): void {
    this.#stop = null;
    const now = this.#clock.now();
    for (const connection of this.connections) {
      if (now - connection.lastHeardAt < IDLE_MICROS) continue;
      this.connections.delete(connection);
      this.#cut(connection);
      connection.peer.close(GOING_AWAY, "idle");
    }
    if (this.connections.size > 0) this.#stop = this.#clock.after(SWEEP_MICROS, () => this.#sweep());
  }
}

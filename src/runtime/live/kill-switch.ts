import {
  type Cancel,
  type CancelAllOutcome,
  fullJitter,
  type Micros,
  type OrderGateway,
  type Rng,
  type Timers,
  type VenueId,
} from "../../contracts/index.ts";

const RETRY_BASE_MICROS = 50_000;
const RETRY_CAP_MICROS = 2_000_000;
/** A venue without an answer is named after this time, again as often, until it answers. */
const SAY_MICROS = 200_000;
const SILENT = "no answer yet";

export interface KillState {
  readonly venue: VenueId;
  /** False: the venue has not confirmed; its orders count as open, and it is asked until it does. */
  readonly flat: boolean;
  readonly attempts: number;
  /** From the kill to the venue's confirmation; null before. */
  readonly tookMicros: number | null;
  readonly detail: string;
}

interface Target {
  readonly gateway: OrderGateway;
  state: KillState;
  retry: Cancel | null;
}

/**
 * Cancels everything everywhere, all venues at once: none waits for another. A venue that does not confirm is asked
 * again, with jitter, until it does or the switch is closed.
 */
export class KillSwitch {
  readonly #targets: readonly Target[];
  readonly #timers: Timers;
  readonly #rng: Rng;
  readonly #changed: (state: KillState) => void;
  #pulledAt: Micros | null = null;
  #saying: Cancel | null = null;
  #closed = false;

  constructor(
    gateways: ReadonlyMap<VenueId, OrderGateway>,
    timers: Timers,
    rng: Rng,
    changed: (state: KillState) => void,
  ) {
    this.#targets = [...gateways].map(([venue, gateway]) => ({
      gateway,
      retry: null,
      state: { venue, flat: false, attempts: 0, tookMicros: null, detail: "" },
    }));
    this.#timers = timers;
    this.#rng = rng;
    this.#changed = changed;
  }

  /** Instant of the kill; null before. */
  get pulledAt(): Micros | null {
    return this.#pulledAt;
  }

  states(): readonly KillState[] {
    return this.#targets.map(({ state }) => state);
  }

  /** Pulling again does nothing. */
  pull(): void {
    if (this.#pulledAt !== null) return;
    this.#pulledAt = this.#timers.now();
    for (const target of this.#targets) this.#ask(target);
    this.#sayLater();
  }

  close(): void {
    this.#closed = true;
    this.#saying?.();
    for (const { retry } of this.#targets) retry?.();
  }

  /** A venue that refused was named then; one that says nothing would never be. */
  #sayLater(): void {
    this.#saying = this.#timers.after(SAY_MICROS, () => {
      for (const target of this.#targets) {
        if (target.state.flat || target.retry !== null) continue;
        target.state = { ...target.state, detail: SILENT };
        this.#changed(target.state);
      }
      if (this.#targets.some(({ state }) => !state.flat)) this.#sayLater();
    });
  }

  #ask(target: Target): void {
    if (this.#closed) return;
    target.retry = null;
    target.state = { ...target.state, attempts: target.state.attempts + 1 };
    target.gateway.cancelAll((outcome) => this.#answered(target, outcome));
  }

  #answered(target: Target, outcome: CancelAllOutcome): void {
    if (target.state.flat || this.#closed) return;
    const { attempts } = target.state;
    if (outcome.ok) {
      const tookMicros = outcome.at - this.#pulledAt!;
      target.state = { ...target.state, flat: true, tookMicros, detail: `${outcome.cancelled} cancelled` };
    } else {
      target.state = { ...target.state, detail: `${outcome.reason}: ${outcome.detail}` };
      const wait = fullJitter(attempts - 1, RETRY_BASE_MICROS, RETRY_CAP_MICROS, this.#rng.next());
      target.retry = this.#timers.after(wait, () => this.#ask(target));
    }
    this.#changed(target.state);
  }
}

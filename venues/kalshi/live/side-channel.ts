import type { Cancel, SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { Backoff } from "./backoff.ts";
import { subscribe } from "./commands.ts";
import type { Control } from "./control-frames.ts";
import { Remedy, remedyOf } from "./stream-errors.ts";
import type { Carrier } from "./subscription.ts";

const BASE_MICROS = 500_000;
const CAP_MICROS = 60_000_000;
const ANSWER_MICROS = 10_000_000;
/** After this long without trouble the next back-off begins from the start. */
const STABLE_MICROS = 60_000_000;

/** A channel without a market filter: life-cycles, or the account's own. */
export class SideChannel {
  readonly channel: string;
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #carrier: Carrier;
  readonly #backoff: Backoff;
  #id = -1;
  #sid: number | null = null;
  #alarm: Cancel | null = null;
  #troubleAt = 0;

  constructor(env: SessionEnv, scope: Scope, carrier: Carrier, channel: string) {
    this.channel = channel;
    this.#env = env;
    this.#scope = scope;
    this.#carrier = carrier;
    this.#backoff = new Backoff(env.rng, BASE_MICROS, CAP_MICROS);
  }

  get on(): boolean {
    return this.#sid !== null;
  }

  /** The connection is open. */
  subscribe(): void {
    this.#alarm?.();
    this.#id = this.#carrier.nextId();
    this.#carrier.send(subscribe(this.#id, { channels: [this.channel], symbols: [] }));
    this.#alarm = this.#scope.after(ANSWER_MICROS, () => {
      const detail = `${this.channel}: no answer to subscribe`;
      this.#env.report.refused("feed.timeout", detail);
      this.#carrier.drop(detail);
    });
  }

  lost(): void {
    this.#alarm?.();
    this.#sid = null;
    this.#id = -1;
  }

  /** @returns false when the frame is about something else. */
  answer(control: Control): boolean {
    if (!("id" in control)) return false;
    const mine = control.id !== null && control.id === this.#id;
    if (mine && control.kind === "subscribed") {
      this.#alarm?.();
      if (this.#env.clock.now() - this.#troubleAt >= STABLE_MICROS) this.#backoff.succeeded();
      this.#sid = control.sid;
      return true;
    }
    if (control.kind !== "error" && control.kind !== "unsubscribed") return mine;
    if (!mine && (control.sid === null || control.sid !== this.#sid)) return false;
    this.#alarm?.();
    this.#sid = null;
    if (control.kind === "error") this.#refused(control);
    else this.#later();
    return true;
  }

  #refused({ code, text }: Extract<Control, { kind: "error" }>): void {
    const detail = `${this.channel}: error ${code} ${text.slice(0, 120)}`;
    const remedy = remedyOf(code);
    if (remedy === Remedy.stop) {
      this.#carrier.unauthorised(detail);
      return;
    }
    this.#env.report.refused("feed.subscription_refused", detail);
    if (remedy === Remedy.subscribeAgain || remedy === Remedy.slowDown) this.#later();
  }

  #later(): void {
    this.#troubleAt = this.#env.clock.now();
    this.#alarm = this.#scope.after(this.#backoff.next(), () => {
      if (this.#carrier.open) this.subscribe();
    });
  }
}

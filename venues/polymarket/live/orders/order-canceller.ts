import {
  type CancelAllOutcome,
  fullJitter,
  type Reason,
  type SessionEnv,
} from "../../../../src/contracts/index.ts";
import type { Scope } from "../../../../src/venue-kit/scope.ts";
import { MAX_CANCEL_COST } from "../rates.ts";
import { type Answer, readBody } from "../rest.ts";
import type { Account } from "./account.ts";
import { readCancelled } from "./order-answers.ts";
import type { OrderTracker } from "./order-tracker.ts";
import type { TrackedOrder } from "./tracked-order.ts";

const TIMEOUT_MICROS = 2_000_000;
const BASE_MICROS = 100_000;
const CAP_MICROS = 4_000_000;

/** Takes orders back, one by one or all at once. What was matched before only the venue's records tell. */
export class OrderCanceller {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #account: Account;
  readonly #tracker: OrderTracker;
  /** Cancel-alls without an answer yet. */
  readonly #waiting = new Set<(outcome: CancelAllOutcome) => void>();

  constructor(env: SessionEnv, scope: Scope, account: Account, tracker: OrderTracker) {
    this.#env = env;
    this.#scope = scope;
    this.#account = account;
    this.#tracker = tracker;
  }

  /** An order that waits to leave is taken back here, one that left at the venue. */
  one(tracked: TrackedOrder, reason: Reason): void {
    if (tracked.over) return;
    tracked.cancelWanted ??= reason;
    if (!tracked.left && tracked.recall !== null) {
      const { recall } = tracked;
      tracked.recall = null;
      this.#tracker.never(tracked, "cancelled", reason);
      recall();
    } else if (tracked.left) this.#delete(tracked, 0);
  }

  /** Orders that take never rest; one that does is cancelled. */
  resting(tracked: TrackedOrder): void {
    tracked.cancelWanted ??= "order.no_liquidity";
    this.#delete(tracked, 0);
  }

  /** Everything the account has at the venue. `done` exactly once. */
  all(done: (outcome: CancelAllOutcome) => void): void {
    const answered = (outcome: CancelAllOutcome): void => {
      if (this.#waiting.delete(answered)) done(outcome);
    };
    this.#waiting.add(answered);
    if (this.#scope.ended) {
      this.end();
      return;
    }
    const open = this.#tracker.live();
    for (const tracked of open) if (!tracked.left) this.one(tracked, "order.killed");
    const call = {
      method: "DELETE",
      path: "/cancel-all",
      rateClass: "cancels",
      purpose: "cancel",
      cost: Math.min(MAX_CANCEL_COST, 1 + open.length),
      timeoutMicros: TIMEOUT_MICROS,
    } as const;
    this.#account.call(call, (answer) => answered(this.#allCancelled(answer)));
  }

  /** The session is closed: what waits for an answer gets none. */
  end(): void {
    const at = this.#env.clock.now();
    const outcome = { ok: false, reason: "feed.shed", detail: "the session was closed", at } as const;
    for (const answered of [...this.#waiting]) answered(outcome);
  }

  #allCancelled(answer: Answer): CancelAllOutcome {
    const open = this.#tracker.live();
    const result = answer.ok ? readCancelled(readBody(answer.body)) : null;
    const refused = Object.values(result?.refused ?? {}).filter((why) => !/already/i.test(why));
    const { at } = answer;
    if (result !== null && refused.length === 0) {
      for (const tracked of open) {
        tracked.cancelWanted ??= "order.killed";
        this.#tracker.ask(tracked, 0);
      }
      return { ok: true, cancelled: result.cancelled.length, at };
    }
    // One by one they may still get through.
    for (const tracked of open) this.one(tracked, "order.killed");
    if (!answer.ok) return { ok: false, reason: answer.failure.reason, detail: answer.failure.detail, at };
    if (result === null) return { ok: false, reason: "feed.shape", detail: "the answer to cancel-all", at };
    const detail = `${refused.length} not cancelled: ${refused[0]}`;
    return { ok: false, reason: "order.unknown_state", detail, at };
  }

  #delete(tracked: TrackedOrder, attempt: number): void {
    if (tracked.over || tracked.cancelling) return;
    tracked.cancelling = true;
    const call = {
      method: "DELETE",
      path: "/order",
      rateClass: "cancels",
      purpose: "cancel",
      body: JSON.stringify({ orderID: tracked.signed.id }),
      timeoutMicros: TIMEOUT_MICROS,
    } as const;
    this.#account.call(call, (answer) => {
      tracked.cancelling = false;
      if (tracked.over) return;
      // Cancelled, or not there any more: only its record tells what was matched before.
      if (answer.ok || !answer.failure.retry) this.#tracker.ask(tracked, 0);
      else {
        const delay = fullJitter(attempt, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
        this.#scope.after(delay, () => this.#delete(tracked, attempt + 1));
      }
    });
  }
}

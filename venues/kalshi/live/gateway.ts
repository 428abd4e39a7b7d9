import type {
  CancelAllOutcome,
  Instrument,
  Order,
  OrderGateway,
  OrderId,
  Reason,
  SessionEnv,
} from "../../../src/contracts/index.ts";
import { fullJitter } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { readCancelCount, readCancelled, readCreated, readFill, readOrderRecord } from "./order-answers.ts";
import { isMarketOver, verdictOf } from "./order-refusals.ts";
import { OrderTracker } from "./order-tracker.ts";
import { ORDERS_PATH, orderBody } from "./order-wire.ts";
import { CANCEL_COST } from "./rates.ts";
import type { Answer, Rest } from "./rest.ts";
import { TrackedOrder } from "./tracked-order.ts";

const MAX_PREPARED = 1_000;
const CREATE_TIMEOUT_MICROS = 5_000_000;
const CANCEL_TIMEOUT_MICROS = 2_000_000;
const BASE_MICROS = 100_000;
const CAP_MICROS = 4_000_000;

/**
 * Order entry at Kalshi: immediate-or-cancel orders under our own ids. An order is sent once; what became of it is
 * found out by `OrderTracker`, never assumed.
 */
export class KalshiGateway implements OrderGateway {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #rest: Rest;
  readonly #tracker: OrderTracker;
  readonly #prepared = new Map<OrderId, string>();
  /** Cancel-alls without an answer yet. */
  readonly #cancelling = new Set<(outcome: CancelAllOutcome) => void>();

  /** @param fillsAreTold true while the private channel is carried. */
  constructor(env: SessionEnv, scope: Scope, rest: Rest, fillsAreTold: () => boolean) {
    this.#env = env;
    this.#scope = scope;
    this.#rest = rest;
    this.#tracker = new OrderTracker(env, scope, rest, {
      fillsAreTold,
      resting: (tracked) => this.#resting(tracked),
    });
  }

  /** Words the order, and signs: the signature covers neither body nor order, so it serves whatever leaves next. */
  prepare(order: Order, instrument: Instrument): void {
    if (this.#prepared.size >= MAX_PREPARED) this.#prepared.delete(this.#prepared.keys().next().value!);
    this.#prepared.set(order.id, orderBody(order, instrument));
    this.#rest.prepare("POST", ORDERS_PATH);
  }

  submit(order: Order, instrument: Instrument): void {
    if (this.#tracker.get(order.id) !== undefined) {
      this.#env.report.refused("order.duplicate", `order ${order.id}`);
      return;
    }
    const tracked = new TrackedOrder(order, instrument, this.#env.clock.now());
    if (this.#scope.ended || !this.#tracker.add(tracked)) {
      this.#tracker.never(tracked, "rejected", this.#scope.ended ? "feed.shed" : "feed.queue_full");
      return;
    }
    const body = this.#prepared.get(order.id) ?? orderBody(order, instrument);
    this.#prepared.delete(order.id);
    tracked.recall = this.#rest.call(
      {
        method: "POST",
        path: ORDERS_PATH,
        purpose: "order",
        body,
        timeoutMicros: CREATE_TIMEOUT_MICROS,
        leaving: () => {
          tracked.left = true;
        },
      },
      (answer) => this.#created(tracked, answer),
    );
  }

  cancel(orderId: OrderId): void {
    const tracked = this.#tracker.get(orderId);
    if (tracked === undefined)
      this.#env.report.refused("feed.not_found", `cancel of unknown order ${orderId}`);
    else this.#cancel(tracked, "order.timeout");
  }

  query(orderId: OrderId): void {
    const tracked = this.#tracker.get(orderId);
    if (tracked === undefined)
      this.#env.report.refused("feed.not_found", `query of unknown order ${orderId}`);
    else if (tracked.left) this.#tracker.ask(tracked, 0);
  }

  cancelAll(done: (outcome: CancelAllOutcome) => void): void {
    const answered = (outcome: CancelAllOutcome): void => {
      if (this.#cancelling.delete(answered)) done(outcome);
    };
    this.#cancelling.add(answered);
    if (this.#scope.ended) {
      this.end();
      return;
    }
    for (const tracked of this.#tracker.live()) if (!tracked.left) this.#cancel(tracked, "order.killed");
    const timeoutMicros = CANCEL_TIMEOUT_MICROS;
    const call = { method: "DELETE", path: ORDERS_PATH, purpose: "cancel", timeoutMicros } as const;
    this.#rest.call(call, (answer) => {
      const open = this.#tracker.live();
      if (answer.ok) {
        for (const tracked of open) {
          tracked.cancelWanted ??= "order.killed";
          this.#tracker.ask(tracked, 0);
        }
        answered({ ok: true, cancelled: readCancelCount(answer.body) ?? open.length, at: answer.at });
        return;
      }
      // One by one they are cheaper than all at once, and may still get through.
      for (const tracked of open) this.#cancel(tracked, "order.killed");
      const { reason, detail } = answer.failure;
      answered({ ok: false, reason, detail, at: answer.at });
    });
  }

  /** The session is closed: what waits for an answer gets none. */
  end(): void {
    const at = this.#env.clock.now();
    for (const answered of [...this.#cancelling])
      answered({ ok: false, reason: "feed.shed", detail: "the session was closed", at });
  }

  /** A frame of the account's own channels. */
  message(type: string, msg: unknown): void {
    if (type === "fill") {
      const fill = readFill(msg);
      if (fill === null) this.#env.report.refused("feed.shape", "a fill on the private channel");
      else this.#tracker.fill(fill);
    } else if (type === "user_order") {
      const record = readOrderRecord(msg);
      if (record === null) this.#env.report.refused("feed.shape", "an order on the private channel");
      else this.#tracker.stated(record);
    }
  }

  /** The private channel was away: what is open is asked for. */
  reconcile(): void {
    for (const tracked of this.#tracker.live()) if (tracked.left) this.#tracker.ask(tracked, 0);
  }

  #created(tracked: TrackedOrder, answer: Answer): void {
    tracked.recall = null;
    if (tracked.over) return;
    if (!answer.ok) {
      const verdict = verdictOf(answer.failure);
      if (verdict.kind === "ask") this.#tracker.unknown(tracked);
      else this.#tracker.never(tracked, "rejected", verdict.reason);
      if (verdict.kind === "rejected" && verdict.reason === "order.auth")
        this.#env.report.refused("order.auth", answer.failure.detail);
      return;
    }
    const record = readCreated(answer.body);
    if (record === null) this.#env.report.refused("feed.shape", "the answer to an order");
    // In rare cases the body describes another order: only the venue's records count then.
    if (record === null || (record.clientId !== "" && record.clientId !== tracked.order.id))
      this.#tracker.unknown(tracked);
    else this.#tracker.record(tracked, record);
  }

  #cancel(tracked: TrackedOrder, reason: Reason): void {
    if (tracked.over) return;
    tracked.cancelWanted ??= reason;
    if (!tracked.left && tracked.recall !== null) {
      const { recall } = tracked;
      tracked.recall = null;
      this.#tracker.never(tracked, "cancelled", reason);
      recall();
    } else if (tracked.venueId !== null) this.#delete(tracked, tracked.venueId, 0);
  }

  /** Immediate-or-cancel orders never rest; one that does is cancelled. */
  #resting(tracked: TrackedOrder): void {
    tracked.cancelWanted ??= "order.no_liquidity";
    if (tracked.venueId !== null) this.#delete(tracked, tracked.venueId, 0);
  }

  #delete(tracked: TrackedOrder, venueId: string, attempt: number): void {
    if (tracked.over || tracked.cancelling) return;
    tracked.cancelling = true;
    // Without the market the venue looks on one shard only.
    const market = encodeURIComponent(tracked.instrument.symbol);
    const path = `${ORDERS_PATH}/${encodeURIComponent(venueId)}?market_ticker=${market}`;
    const call = { method: "DELETE", path, purpose: "cancel", cost: CANCEL_COST } as const;
    this.#rest.call({ ...call, timeoutMicros: CANCEL_TIMEOUT_MICROS }, (answer) => {
      tracked.cancelling = false;
      if (tracked.over) return;
      if (answer.ok) {
        const cancelled = readCancelled(answer.body);
        if (cancelled === null || cancelled.venueId !== venueId) this.#tracker.ask(tracked, 0);
        else {
          const { lots } = tracked.order;
          this.#tracker.end(
            tracked,
            Math.max(0, lots - cancelled.cut),
            tracked.cancelWanted ?? "order.timeout",
          );
        }
      } else if (isMarketOver(answer.failure)) {
        tracked.marketOver = true;
        tracked.cancelWanted = "order.market_closed";
        this.#tracker.ask(tracked, 0);
      } else if (answer.failure.retry) this.#deleteLater(tracked, venueId, attempt);
      else this.#tracker.ask(tracked, 0);
    });
  }

  #deleteLater(tracked: TrackedOrder, venueId: string, attempt: number): void {
    const delay = fullJitter(attempt, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
    this.#scope.after(delay, () => this.#delete(tracked, venueId, attempt + 1));
  }
}

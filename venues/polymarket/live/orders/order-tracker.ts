import {
  type Fill,
  fullJitter,
  type OrderId,
  type OrderState,
  type Reason,
  type SessionEnv,
} from "../../../../src/contracts/index.ts";
import type { Scope } from "../../../../src/venue-kit/scope.ts";
import { type Answer, readBody } from "../rest.ts";
import type { Account } from "./account.ts";
import { type OrderRecord, readOrderRecord, readTradePage, type TradePart } from "./order-answers.ts";
import { verdictOfText } from "./order-refusals.ts";
import type { TrackedOrder } from "./tracked-order.ts";

const MAX_TRACKED = 20_000;
const MAX_PAGES = 10;
const BASE_MICROS = 200_000;
const CAP_MICROS = 8_000_000;
/** The user channel usually tells trades sooner than REST does. */
const GRACE_MICROS = 300_000;
/** An order the venue does not know this often, this long after it was sent, never arrived. */
const NOT_FOUND_TIMES = 3;
const NOT_FOUND_MICROS = 15_000_000;
/** Questions without all trades after which the rest is booked at the limit: the worst it can have cost. */
const ASKS_BEFORE_LIMIT = 8;
const SECOND = 1_000_000;
/** Trades are asked for from this long before the order on: clocks differ. */
const OVERLAP_SECONDS = 120;

export interface TrackerEvents {
  /** True while trades come by themselves. */
  tradesAreTold(): boolean;
  /** It rests at the venue although it should not. */
  resting(tracked: TrackedOrder): void;
}

/**
 * Finds out what became of orders: from answers, the user channel and, where these leave a doubt, by asking until it
 * is known. An order's end is told once, with all its fills; a fill is told once, on whichever way it came.
 */
export class OrderTracker {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #account: Account;
  readonly #events: TrackerEvents;
  readonly #orders = new Map<OrderId, TrackedOrder>();
  readonly #byVenueId = new Map<string, TrackedOrder>();

  constructor(env: SessionEnv, scope: Scope, account: Account, events: TrackerEvents) {
    this.#env = env;
    this.#scope = scope;
    this.#account = account;
    this.#events = events;
  }

  get(orderId: OrderId): TrackedOrder | undefined {
    return this.#orders.get(orderId);
  }

  /** Orders whose end is not known. */
  live(): readonly TrackedOrder[] {
    return [...this.#orders.values()].filter(({ over }) => !over);
  }

  /** False: too many orders are open. */
  add(tracked: TrackedOrder): boolean {
    if (this.#orders.size >= MAX_TRACKED && !this.#evict()) return false;
    this.#orders.set(tracked.order.id, tracked);
    this.name(tracked, tracked.signed.id);
    return true;
  }

  /** The venue knows it by this id. */
  name(tracked: TrackedOrder, venueId: string): void {
    this.#byVenueId.set(venueId.toLowerCase(), tracked);
  }

  /** The venue, or its user channel, states an order. */
  record({ id, state, matchedLots, why }: OrderRecord): void {
    const tracked = this.#byVenueId.get(id.toLowerCase());
    if (tracked === undefined) return;
    tracked.notFound = 0;
    if (tracked.over) {
      if (matchedLots > tracked.filledLots) this.#askForTrades(tracked, "", 1);
      return;
    }
    if (state === "ended") {
      const stated = why === "" ? null : reasonOf(why);
      this.end(tracked, matchedLots, tracked.cancelWanted ?? stated ?? "order.no_liquidity");
      return;
    }
    this.acknowledge(tracked);
    if (state === "live") this.#events.resting(tracked);
  }

  /** It reached the venue and has not ended. */
  acknowledge(tracked: TrackedOrder): void {
    if (tracked.over || tracked.acknowledged) return;
    tracked.acknowledged = true;
    if (tracked.filledLots === 0) this.report(tracked, "acked", [], null);
    this.ask(tracked, null);
  }

  /** What a trade did to our orders; parts of strangers are passed over. */
  trade(parts: readonly TradePart[]): void {
    for (const part of parts) {
      const tracked = this.#byVenueId.get(part.orderId.toLowerCase());
      if (tracked !== undefined) this.#part(tracked, part);
    }
  }

  /**
   * The venue's answer counts this much as matched, for this money (ticks x lots).
   * @param reason why there is no more; null = there may be.
   */
  matched(tracked: TrackedOrder, lots: number, money: bigint, reason: Reason | null): void {
    if (reason !== null && !tracked.over)
      tracked.ending = { lots: Math.max(lots, tracked.filledLots), reason };
    const fills = tracked.matched(lots, money, this.#env.clock.now());
    if (fills.length > 0) this.#take(tracked, fills);
    else if (reason !== null && !tracked.over) this.end(tracked, lots, reason);
  }

  /** The order is over with `lots` matched; told when all its fills are known. */
  end(tracked: TrackedOrder, lots: number, reason: Reason): void {
    if (tracked.over) return;
    tracked.ending = { lots: Math.max(lots, tracked.filledLots), reason };
    if (tracked.isComplete) this.#finish(tracked, []);
    else this.ask(tracked, this.#events.tradesAreTold() ? GRACE_MICROS : 0);
  }

  /** It never came to be, or was taken back before it left. */
  never(tracked: TrackedOrder, state: "rejected" | "cancelled", reason: Reason): void {
    if (tracked.over) return;
    this.#close(tracked);
    this.report(tracked, state, [], reason);
  }

  /** Nobody knows what became of it: says so once and asks until it is known. */
  unknown(tracked: TrackedOrder): void {
    if (tracked.over) return;
    if (!tracked.saidUnknown) this.report(tracked, "unknown", [], "order.unknown_state");
    tracked.saidUnknown = true;
    this.ask(tracked, null);
  }

  /** Asks the venue about an order after `delayMicros`; null = after a growing delay. One question at a time. */
  ask(tracked: TrackedOrder, delayMicros: number | null): void {
    const waits = tracked.asking !== null && !tracked.asked;
    if (tracked.over || (tracked.asking !== null && !(waits && delayMicros === 0))) return;
    tracked.asking?.();
    tracked.asked = false;
    const attempt = tracked.askAttempt++;
    const jitter = fullJitter(attempt, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
    tracked.asking = this.#scope.after(delayMicros ?? BASE_MICROS + jitter, () => {
      if (tracked.over) return;
      tracked.asked = true;
      if (tracked.ending === null) this.#askForOrder(tracked);
      else this.#askForTrades(tracked, "", 1);
    });
  }

  report(tracked: TrackedOrder, state: OrderState, fills: readonly Fill[], reason: Reason | null): void {
    const at = this.#env.clock.now();
    this.#env.report.order({ orderId: tracked.order.id, state, fills, reason, at });
  }

  #askForOrder(tracked: TrackedOrder): void {
    this.#get(tracked, `/data/order/${tracked.signed.id}`, (value) => {
      const record = readOrderRecord(value);
      if (record !== null) {
        tracked.asking = null;
        this.record(record);
        this.ask(tracked, null);
        return;
      }
      // Without a record the order is not known; it may have come and gone all the same.
      this.#askForTrades(tracked, "", 1);
    });
  }

  /** Trades of the order's token from around its time on; those of this order are taken. */
  #askForTrades(tracked: TrackedOrder, cursor: string, page: number): void {
    const { conditionId, token } = tracked.route;
    const after = Math.floor(tracked.submittedAt / SECOND) - OVERLAP_SECONDS;
    const from = cursor === "" ? "" : `&next_cursor=${encodeURIComponent(cursor)}`;
    const path = `/data/trades?market=${conditionId}&asset_id=${token}&after=${after}${from}`;
    this.#get(tracked, path, (value) => {
      const read = readTradePage(value);
      if (read === null) this.#env.report.refused("feed.shape", "the account's trades");
      else {
        this.trade(read.parts);
        if (read.cursor !== "" && page < MAX_PAGES && !tracked.isComplete) {
          this.#askForTrades(tracked, read.cursor, page + 1);
          return;
        }
        if (!tracked.over) this.#judge(tracked);
      }
      tracked.asking = null;
      this.ask(tracked, null);
    });
  }

  /** All trades that the venue tells were taken. */
  #judge(tracked: TrackedOrder): void {
    const { ending } = tracked;
    if (ending !== null) {
      if (tracked.isComplete) this.#finish(tracked, []);
      else if (tracked.askAttempt >= ASKS_BEFORE_LIMIT) {
        this.#env.report.refused(
          "order.unknown_state",
          `order ${tracked.order.id}: trades missing, booked at the limit`,
        );
        this.#take(tracked, tracked.matched(ending.lots, null, this.#env.clock.now()));
      }
      return;
    }
    const age = this.#env.clock.now() - tracked.submittedAt;
    if (++tracked.notFound < NOT_FOUND_TIMES || age < NOT_FOUND_MICROS) return;
    if (tracked.filledLots > 0) this.end(tracked, tracked.filledLots, "order.partial");
    else this.never(tracked, "rejected", "order.timeout");
  }

  /** @param read gets the JSON of the answer, undefined for an order that is not known. What gave nothing is asked again. */
  #get(tracked: TrackedOrder, path: string, read: (value: unknown) => void): void {
    const call = { method: "GET", path, rateClass: "ledger", purpose: "account" } as const;
    this.#account.call(call, (answer: Answer) => {
      if (answer.ok || answer.failure.status === 404) {
        read(answer.ok ? readBody(answer.body) : undefined);
        return;
      }
      tracked.asking = null;
      this.#env.report.refused(answer.failure.reason, `order ${tracked.order.id}: ${answer.failure.detail}`);
      this.ask(tracked, null);
    });
  }

  #part(tracked: TrackedOrder, part: TradePart): void {
    const before = tracked.statusOf(part.trade);
    if (part.status === "failed") {
      if (before === "failed") return;
      const what = `trade ${part.trade} of order ${tracked.order.id} failed on the chain`;
      this.#env.report.refused(
        "order.unknown_state",
        before === undefined ? what : `${what} after it was told as filled`,
      );
      // What was told cannot be taken back; what was not told does not count.
      if (before === undefined) return;
    }
    this.#take(tracked, tracked.trade(part, this.#env.clock.now()));
  }

  #take(tracked: TrackedOrder, fills: readonly Fill[]): void {
    if (fills.length === 0) return;
    if (tracked.over) this.report(tracked, this.#isFilled(tracked) ? "filled" : "cancelled", fills, null);
    else if (tracked.isComplete) this.#finish(tracked, fills);
    else this.report(tracked, "partial", fills, null);
  }

  #finish(tracked: TrackedOrder, fills: readonly Fill[]): void {
    this.#close(tracked);
    if (this.#isFilled(tracked)) this.report(tracked, "filled", fills, null);
    else {
      const reason = tracked.filledLots > 0 ? "order.partial" : (tracked.ending?.reason ?? null);
      this.report(tracked, "cancelled", fills, reason);
    }
  }

  #isFilled({ filledLots, order }: TrackedOrder): boolean {
    return filledLots >= order.lots;
  }

  #close(tracked: TrackedOrder): void {
    tracked.over = true;
    tracked.asking?.();
    tracked.asking = null;
  }

  /** Forgets the oldest order that is over. */
  #evict(): boolean {
    for (const [id, { over, signed }] of this.#orders) {
      if (!over) continue;
      this.#orders.delete(id);
      this.#byVenueId.delete(signed.id.toLowerCase());
      return true;
    }
    return false;
  }
}

/** Why the venue cancelled an order, in its words. */
function reasonOf(why: string): Reason | null {
  if (why === "INVALID") return "order.market_closed";
  const verdict = verdictOfText(why);
  return verdict.kind === "rejected" && verdict.reason !== "order.venue_reject" ? verdict.reason : null;
}

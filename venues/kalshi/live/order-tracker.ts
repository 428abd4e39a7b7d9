import {
  type Fill,
  fullJitter,
  type Micros,
  type OrderId,
  type OrderState,
  type Reason,
  type SessionEnv,
} from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { type OrderRecord, readFills, readOrder, readOrders, type VenueFill } from "./order-answers.ts";
import type { Answer, Rest } from "./rest.ts";
import type { TrackedOrder } from "./tracked-order.ts";

const MAX_TRACKED = 20_000;
const MAX_ORPHANS = 1_000;
/** The private channel usually tells a fill sooner than REST does. */
const GRACE_MICROS = 250_000;
const BASE_MICROS = 200_000;
const CAP_MICROS = 8_000_000;
const PAGE = 200;
const MAX_PAGES = 10;
/** An order the venue does not know this often, this long after it was sent, never arrived. */
const NOT_FOUND_TIMES = 3;
const NOT_FOUND_MICROS = 15_000_000;

/** What the tracker needs from the rest of the gateway. */
export interface TrackerEvents {
  /** True while fills come by themselves. */
  fillsAreTold(): boolean;
  /** It rests at the venue although it should not. */
  resting(tracked: TrackedOrder): void;
}

/**
 * Finds out what became of orders: from answers, the private channel and, where these leave a doubt, by asking until
 * it is known. An order's end is told once, with all its fills; a fill is told once, on whichever way it came.
 */
export class OrderTracker {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #rest: Rest;
  readonly #events: TrackerEvents;
  readonly #orders = new Map<OrderId, TrackedOrder>();
  readonly #byVenueId = new Map<string, TrackedOrder>();
  /** Fills that came before the answer that names their order. */
  readonly #orphans = new Map<string, VenueFill[]>();

  constructor(env: SessionEnv, scope: Scope, rest: Rest, events: TrackerEvents) {
    this.#env = env;
    this.#scope = scope;
    this.#rest = rest;
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
    return true;
  }

  /** The venue's answer or its private channel states an order. */
  record(tracked: TrackedOrder, { venueId, status, filled }: OrderRecord): void {
    this.#learn(tracked, venueId);
    tracked.notFound = 0;
    if (tracked.over) return;
    if (status === "resting" && !tracked.marketOver) {
      if (!tracked.acknowledged) this.#report(tracked, "acked", [], null);
      tracked.acknowledged = true;
      this.#events.resting(tracked);
      return;
    }
    const unfilled = tracked.marketOver ? "order.market_closed" : "order.no_liquidity";
    this.end(tracked, filled, tracked.cancelWanted ?? unfilled);
  }

  /** An order stated by someone who names it by the venue's id or ours. */
  stated(record: OrderRecord): void {
    const tracked = this.#byVenueId.get(record.venueId) ?? this.#orders.get(record.clientId);
    if (tracked !== undefined) this.record(tracked, record);
  }

  /** A fill, from whichever source. */
  fill(fill: VenueFill): void {
    const tracked = this.#byVenueId.get(fill.venueId) ?? this.#orders.get(fill.clientId);
    if (tracked !== undefined) {
      this.#learn(tracked, fill.venueId);
      this.#take(tracked, [fill]);
      return;
    }
    if (this.#orphans.size >= MAX_ORPHANS) this.#orphans.delete(this.#orphans.keys().next().value!);
    this.#orphans.set(fill.venueId, [...(this.#orphans.get(fill.venueId) ?? []), fill]);
  }

  /** The order is over with `filled` lots; told when all its fills are known. */
  end(tracked: TrackedOrder, filled: number, reason: Reason): void {
    if (tracked.over) return;
    tracked.ending = { filled, reason };
    if (tracked.complete) this.#finish(tracked, []);
    else this.ask(tracked, this.#events.fillsAreTold() ? GRACE_MICROS : 0);
  }

  /** It never came to be, or was taken back before it left. */
  never(tracked: TrackedOrder, state: "rejected" | "cancelled", reason: Reason): void {
    if (tracked.over) return;
    this.#close(tracked);
    this.#report(tracked, state, [], reason);
  }

  /** Nobody knows what became of it: says so once and asks until it is known. */
  unknown(tracked: TrackedOrder): void {
    if (tracked.over) return;
    if (!tracked.saidUnknown) this.#report(tracked, "unknown", [], "order.unknown_state");
    tracked.saidUnknown = true;
    this.ask(tracked, null);
  }

  /** Asks the venue about an order, after `delayMicros`; null = after a growing delay. One question at a time. */
  ask(tracked: TrackedOrder, delayMicros: number | null): void {
    const waits = tracked.asking !== null && !tracked.asked;
    if (tracked.over || (tracked.asking !== null && !(waits && delayMicros === 0))) return;
    tracked.asking?.();
    tracked.asked = false;
    const attempt = tracked.askAttempt++;
    const delay = delayMicros ?? fullJitter(attempt, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
    tracked.asking = this.#scope.after(delay, () => {
      if (tracked.over) return;
      tracked.asked = true;
      if (tracked.venueId === null) this.#search(tracked, "", 1);
      else if (tracked.ending === null) this.#order(tracked, tracked.venueId);
      else this.#fills(tracked, tracked.venueId, "", 1);
    });
  }

  #order(tracked: TrackedOrder, venueId: string): void {
    this.#get(tracked, `/portfolio/orders/${encodeURIComponent(venueId)}`, (body) => {
      const record = readOrder(body);
      if (record === null || record.venueId !== venueId) return false;
      tracked.asking = null;
      this.record(tracked, record);
      this.ask(tracked, null);
      return true;
    });
  }

  /** By our own id, among the orders of the market: REST has no filter for it. */
  #search(tracked: TrackedOrder, cursor: string, page: number): void {
    const { order, instrument } = tracked;
    const from = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/portfolio/orders?ticker=${encodeURIComponent(instrument.symbol)}&limit=${PAGE}${from}`;
    this.#get(tracked, path, (body) => {
      const answer = readOrders(body);
      if (answer === null) return false;
      const found = answer.orders.find(({ clientId }) => clientId === order.id);
      if (found === undefined && answer.cursor !== "" && page < MAX_PAGES) {
        this.#search(tracked, answer.cursor, page + 1);
        return true;
      }
      tracked.asking = null;
      if (found !== undefined) this.record(tracked, found);
      else this.#missing(tracked);
      this.ask(tracked, null);
      return true;
    });
  }

  #missing(tracked: TrackedOrder): void {
    const age = this.#env.clock.now() - tracked.submittedAt;
    if (++tracked.notFound < NOT_FOUND_TIMES || age < NOT_FOUND_MICROS) return;
    if (tracked.filled > 0) this.end(tracked, tracked.filled, "order.partial");
    else this.never(tracked, "rejected", "order.timeout");
  }

  #fills(tracked: TrackedOrder, venueId: string, cursor: string, page: number): void {
    const from = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/portfolio/fills?order_id=${encodeURIComponent(venueId)}&limit=${PAGE}${from}`;
    this.#get(tracked, path, (body) => {
      const answer = readFills(body);
      if (answer === null) return false;
      this.#take(
        tracked,
        answer.fills.filter((fill) => fill.venueId === venueId),
      );
      if (!tracked.over && answer.cursor !== "" && page < MAX_PAGES) {
        this.#fills(tracked, venueId, answer.cursor, page + 1);
        return true;
      }
      tracked.asking = null;
      this.ask(tracked, null);
      return true;
    });
  }

  /** @param read false: the answer cannot be read. What gave nothing is asked again later. */
  #get(tracked: TrackedOrder, path: string, read: (body: Uint8Array) => boolean): void {
    this.#rest.call({ method: "GET", path, purpose: "account" }, (answer: Answer) => {
      if (tracked.over) return;
      if (answer.ok && read(answer.body)) return;
      tracked.asking = null;
      if (answer.ok) this.#env.report.refused("feed.shape", `answer to ${path.split("?", 1)[0]}`);
      else {
        this.#env.report.refused(
          answer.failure.reason,
          `order ${tracked.order.id}: ${answer.failure.detail}`,
        );
        if (answer.failure.status === 404 && tracked.venueId !== null && tracked.ending === null)
          this.#missing(tracked);
      }
      this.ask(tracked, null);
    });
  }

  #learn(tracked: TrackedOrder, venueId: string): void {
    if (tracked.venueId !== null) return;
    tracked.venueId = venueId;
    this.#byVenueId.set(venueId, tracked);
    const waiting = this.#orphans.get(venueId) ?? [];
    this.#orphans.delete(venueId);
    this.#take(tracked, waiting);
  }

  #take(tracked: TrackedOrder, fills: readonly VenueFill[]): void {
    const fresh = fills.map((fill) => tracked.take(fill)).filter((fill) => fill !== null);
    if (fresh.length === 0) return;
    if (tracked.over)
      this.#report(tracked, tracked.filled >= tracked.order.lots ? "filled" : "cancelled", fresh, null);
    else if (tracked.complete) this.#finish(tracked, fresh);
    else this.#report(tracked, "partial", fresh, null);
  }

  #finish(tracked: TrackedOrder, fills: readonly Fill[]): void {
    this.#close(tracked);
    const { filled, order, ending } = tracked;
    if (filled >= order.lots) this.#report(tracked, "filled", fills, null);
    else this.#report(tracked, "cancelled", fills, filled > 0 ? "order.partial" : (ending?.reason ?? null));
  }

  #close(tracked: TrackedOrder): void {
    tracked.over = true;
    tracked.asking?.();
    tracked.asking = null;
  }

  #report(tracked: TrackedOrder, state: OrderState, fills: readonly Fill[], reason: Reason | null): void {
    const at = (fills.at(-1)?.at ?? this.#env.clock.now()) as Micros;
    this.#env.report.order({ orderId: tracked.order.id, state, fills, reason, at });
  }

  /** Forgets the oldest order that is over. */
  #evict(): boolean {
    for (const [id, { over, venueId }] of this.#orders) {
      if (!over) continue;
      this.#orders.delete(id);
      if (venueId !== null) this.#byVenueId.delete(venueId);
      return true;
    }
    return false;
  }
}

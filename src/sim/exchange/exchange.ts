import type { Fill, Micros, Order, OrderId, OrderUpdate, Reason, Rng, Side } from "../../contracts/index.ts";
import { Depletion } from "./depletion.ts";
import { drawLatency } from "./latency.ts";
import { type ExchangeView, type OrderFees, refusalOf, routeOf, walk } from "./match.ts";
import type { PaperOptions } from "./options.ts";
import { Timeline } from "./timeline.ts";

type Event =
  | { readonly kind: "order"; readonly order: Order; readonly answerMicros: number; readonly refuse: boolean }
  | { readonly kind: "cancel"; readonly orderId: OrderId }
  | { readonly kind: "answer"; readonly update: OrderUpdate };

type Result = Pick<OrderUpdate, "state" | "fills"> & { readonly reason: Reason | null };

function none(state: OrderUpdate["state"], reason: Reason): Result {
  return { state, reason, fills: [] };
}

/**
 * Paper exchange: every order is on its own. It reaches the venue after its own latency, takes what the recorded book
 * then shows at or better than its limit (immediate or cancel), and its answer travels back with a latency of its own.
 * A basket is never filled as one. Pure: chance comes from the order's own fork of the Rng, so one more order shifts no
 * other's luck; equal inputs give equal updates.
 */
export class PaperExchange {
  readonly #options: PaperOptions;
  readonly #rng: Rng;
  readonly #fees: OrderFees;
  readonly #timeline = new Timeline<Event>();
  readonly #depletion = new Depletion();
  /** Ids of orders seen: true while on the way to the venue. In order of first sight. */
  readonly #orders = new Map<OrderId, boolean>();
  readonly #cancelled = new Set<OrderId>();

  constructor(options: PaperOptions, rng: Rng, fees: OrderFees) {
    this.#options = options;
    this.#rng = rng;
    this.#fees = fees;
  }

  /**
   * Sends an order at `at`.
   * @returns false for an id that was already sent: the duplicate is ignored (`order.duplicate`).
   */
  submit(order: Order, at: Micros, venue: string): boolean {
    if (this.#orders.has(order.id)) return false;
    const { latency, defaultLatency, rejectPpm, maxPending, maxDepleted } = this.#options;
    const { orderMicros, answerMicros } = latency[venue] ?? defaultLatency;
    const rng = this.#rng.fork(`${venue}:${order.id}`);
    const arrival = at + drawLatency(orderMicros, rng);
    const back = drawLatency(answerMicros, rng);
    const full = this.#timeline.size >= maxPending || this.#depletion.size >= maxDepleted;
    const refuse = rng.int(1_000_000) < rejectPpm || full;
    this.#remember(order.id);
    this.#timeline.add(arrival, { kind: "order", order, answerMicros: back, refuse });
    return true;
  }

  /** Asks to cancel at `at`. It only helps while the order is still on its way: what arrives is filled or cancelled at once. */
  cancel(orderId: OrderId, at: Micros, venue: string): void {
    if (this.#orders.get(orderId) !== true) return;
    const { latency, defaultLatency } = this.#options;
    const { orderMicros } = latency[venue] ?? defaultLatency;
    const delay = drawLatency(orderMicros, this.#rng.fork(`cancel:${venue}:${orderId}`));
    this.#timeline.add(at + delay, { kind: "cancel", orderId });
  }

  /** Instant of the next arrival or answer; null when nothing is under way. */
  nextAt(): Micros | null {
    return this.#timeline.nextAt() as Micros | null;
  }

  /**
   * Carries out everything due up to `to` against the books of `view` and returns the answers due, in order of their
   * instants. Call it with the book as it stood before a fact of instant `to` is applied.
   */
  advance(to: Micros, view: ExchangeView): OrderUpdate[] {
    const updates: OrderUpdate[] = [];
    for (let due = this.#timeline.take(to); due !== null; due = this.#timeline.take(to)) {
      const { at, item } = due;
      if (item.kind === "answer") updates.push(item.update);
      else if (item.kind === "cancel") this.#cancel(item.orderId);
      else this.#arrive(item, at as Micros, view);
    }
    return updates;
  }

  /** The tape changed a level; see `Depletion.tapeChanged`. */
  tapeChanged(book: number, side: Side, ticks: number): void {
    this.#depletion.tapeChanged(book, side, ticks);
  }

  /** The market of a book is over: what was taken from it need not be remembered. Not for a mere new snapshot. */
  bookClosed(book: number): void {
    this.#depletion.clearBook(book);
  }

  #cancel(orderId: OrderId): void {
    if (this.#orders.get(orderId) === true) this.#cancelled.add(orderId);
  }

  #arrive(event: Extract<Event, { kind: "order" }>, at: Micros, view: ExchangeView): void {
    const { order, answerMicros, refuse } = event;
    this.#orders.set(order.id, false);
    const due = (at + answerMicros) as Micros;
    const result = this.#cancelled.delete(order.id)
      ? none("cancelled", "order.timeout")
      : refuse
        ? none("rejected", "order.venue_reject")
        : this.#execute(order, at, view);
    this.#timeline.add(due, { kind: "answer", update: { orderId: order.id, at: due, ...result } });
  }

  /** What the venue does with an order that reached it. */
  #execute(order: Order, at: Micros, view: ExchangeView): Result {
    const instrument = view.instrument(order.book);
    const refusal = refusalOf(order, instrument, at);
    if (instrument === undefined || refusal !== null)
      return none("rejected", refusal ?? "order.venue_reject");
    const route = routeOf(instrument, order.action);
    if (route === null || view.barred(order.book, route.side) !== 0) {
      return none("rejected", "order.quote_barred");
    }
    const matches = walk(order, instrument, view, this.#depletion, this.#options.maxLevels);
    const fees = this.#fees(instrument, order.action, matches, at);
    if (fees === null || fees.length !== matches.length) return none("rejected", "risk.unknown_fee");
    if (matches.length === 0) return none("cancelled", "order.no_liquidity");
    let filled = 0;
    const fills = matches.map(({ priceTicks, lots, side, tapeTicks, tapeLots }, index): Fill => {
      filled += lots;
      this.#depletion.take(order.book, side, tapeTicks, tapeLots, lots);
      const { id: orderId, book, action } = order;
      const fee = fees[index]!.toString();
      return { orderId, execId: `${orderId}#${index}`, book, action, lots, priceTicks, fee, at };
    });
    if (filled === order.lots) return { state: "filled", reason: null, fills };
    return { state: "cancelled", reason: "order.partial", fills };
  }

  #remember(orderId: OrderId): void {
    this.#orders.set(orderId, true);
    if (this.#orders.size <= this.#options.maxRemembered) return;
    for (const [id, underWay] of this.#orders) {
      if (underWay) continue;
      this.#orders.delete(id);
      return;
    }
  }
}

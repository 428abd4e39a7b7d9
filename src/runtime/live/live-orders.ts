import type {
  BookId,
  Instrument,
  MarketView,
  Micros,
  Order,
  OrderGateway,
  OrderUpdate,
  VenueId,
} from "../../contracts/index.ts";
import type { OrderVenue } from "../session.ts";

/** Answers that wait for the session's next round; a venue sends a handful per order. */
const MAX_WAITING = 100_000;

/**
 * Orders to real venues behind the same door as the paper exchange: commands go to the venue's gateway at once, its
 * answers wait here until the session takes them as facts.
 */
export class LiveOrders implements OrderVenue {
  readonly #gateways: ReadonlyMap<VenueId, OrderGateway>;
  readonly #instrument: (book: BookId) => Instrument | undefined;
  #waiting: OrderUpdate[] = [];
  /** Answers beyond the bound: nothing of them is lost at the venue, but trading must stop. */
  overflowed = 0;

  constructor(
    gateways: ReadonlyMap<VenueId, OrderGateway>,
    instrument: (book: BookId) => Instrument | undefined,
  ) {
    this.#gateways = gateways;
    this.#instrument = instrument;
  }

  submit(order: Order, at: Micros, venue: string): boolean {
    const gateway = this.#gateways.get(venue);
    const instrument = this.#instrument(order.book);
    if (gateway === undefined || instrument === undefined) {
      this.#refuse(order.id, at);
      return false;
    }
    gateway.submit(order, instrument);
    return true;
  }

  cancel(orderId: string, _at: Micros, venue: string): void {
    this.#gateways.get(venue)?.cancel(orderId);
  }

  /** An answer of a gateway; `now` is the shell's instant. */
  answered(update: OrderUpdate, now: Micros): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.overflowed++;
      return;
    }
    const last = this.#waiting.at(-1)?.at ?? 0;
    this.#waiting.push({ ...update, at: Math.max(last, now) as Micros });
  }

  nextAt(): Micros | null {
    return this.#waiting[0]?.at ?? null;
  }

  tapeChanged(): void {}
  bookClosed(): void {}

  advance(to: Micros, _view: MarketView): readonly OrderUpdate[] {
    const due = this.#waiting.filter(({ at }) => at <= to);
    if (due.length > 0) this.#waiting = this.#waiting.slice(due.length);
    return due;
  }

  #refuse(orderId: string, at: Micros): void {
    this.answered({ orderId, state: "rejected", fills: [], reason: "order.live_off", at }, at);
  }
}

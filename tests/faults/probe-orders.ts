import {
  ASK,
  type Instrument,
  type Lots,
  type Order,
  type OrderUpdate,
  type VenueId,
} from "../../src/contracts/index.ts";
import type { Replica } from "../../src/core/market/replica.ts";
import type { VenueLink } from "../../src/runtime/live/venue-link.ts";
import type { EmbeddedMarket } from "../../src/sim/embedded/market.ts";

/** The account of an embedded run. */
export const ACCOUNT = "emp";
const PREFIX = "probe-";
/** Whole currency units that an order is about: above every venue's least. */
const MONEY = 3;
/** The best ask holds so many of these orders. */
const ROOM = 4;
const OVER: readonly string[] = ["filled", "cancelled", "rejected"];

/** An order sent by a test, and all that was said of it. */
export interface ProbeOrder {
  readonly venue: VenueId;
  readonly order: Order;
  readonly instrument: Instrument;
  readonly updates: OrderUpdate[];
}

/** Orders that tests send through the sessions' own gateways: what the engine does not decide, it is not told of. */
export class ProbeOrders {
  readonly all: ProbeOrder[] = [];

  /** True when the answer is about one of these orders. */
  take(update: OrderUpdate): boolean {
    if (!update.orderId.startsWith(PREFIX)) return false;
    this.all.find(({ order }) => order.id === update.orderId)?.updates.push(update);
    return true;
  }

  /** Buys a few contracts at the best ask of some book with enough on offer, an exact one where there is one. */
  send(link: VenueLink, replica: Replica): ProbeOrder {
    const books = [...link.books()].sort((a, b) => Number(replica.isExact(b)) - Number(replica.isExact(a)));
    for (const book of books) {
      const instrument = replica.view.instrument(book);
      const limitTicks = replica.view.bestTicks(book, ASK);
      if (instrument?.status !== "open" || limitTicks <= 0) continue;
      const contracts = Math.ceil((MONEY * instrument.priceScale) / limitTicks);
      const lots = Math.max(contracts * instrument.sizeScale, instrument.minLots);
      if (replica.view.bestLots(book, ASK) >= ROOM * lots)
        return this.#submit(link, instrument, lots, limitTicks);
    }
    throw new Error(`${link.id}: no book has enough on offer for an order`);
  }

  /**
   * What is wrong with the orders of a venue: each must have reached it once or be told as rejected, have ended, and
   * have the fills that the venue booked, each told once.
   * @param others orders of the account that came another way.
   */
  faults(venue: VenueId, market: EmbeddedMarket, others = 0): readonly string[] {
    const exchange = market.exchanges.get(venue)!;
    const own = this.all.filter((probe) => probe.venue === venue);
    const faults: string[] = [];
    const taken = own.filter(({ updates }) => updates.at(-1)?.state !== "rejected");
    for (const { order, updates } of own) {
      const ends = updates.filter(({ state }) => OVER.includes(state));
      if (ends.length === 0) faults.push(`${order.id} has not ended: ${updates.map(({ state }) => state)}`);
    }
    const there = exchange.orders(ACCOUNT).length - others;
    if (there !== taken.length) faults.push(`${taken.length} orders sent, ${there} at the venue`);
    const booked = exchange.fills(ACCOUNT).reduce((sum, { lots }) => sum + lots, 0);
    const fills = own.flatMap(({ updates }) => updates.flatMap((update) => update.fills));
    const told = fills.reduce((sum, { lots }) => sum + lots, 0);
    if (told !== booked) faults.push(`${booked} lots filled, ${told} told`);
    if (new Set(fills.map(({ execId }) => execId)).size !== fills.length)
      faults.push("a fill was told twice");
    return faults;
  }

  #submit(link: VenueLink, instrument: Instrument, lots: number, limitTicks: number): ProbeOrder {
    const order = {
      id: `${PREFIX}${link.id}-${this.all.length}`,
      opportunity: "probe",
      leg: 0,
      attempt: 0,
      book: instrument.book,
      action: "buy_yes",
      lots: lots as Lots,
      limitTicks,
      role: "taker",
      purpose: "entry",
    } as unknown as Order;
    const probe: ProbeOrder = { venue: link.id, order, instrument, updates: [] };
    this.all.push(probe);
    link.session.gateway!.submit(order, instrument);
    return probe;
  }
}

/** True once an order has ended. */
export function hasEnded({ updates }: ProbeOrder): boolean {
  return updates.some(({ state }) => OVER.includes(state));
}

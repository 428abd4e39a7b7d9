import type { Cancel, Fill, Instrument, Order, Reason } from "../../../src/contracts/index.ts";
import type { VenueFill } from "./order-answers.ts";
import { flipForClaim } from "./order-wire.ts";

/** How an order ended, as the venue says; it counts once every fill it names is known. */
interface Ending {
  readonly filled: number;
  /** Why what did not fill is gone. */
  readonly reason: Reason;
}

/** What is known of one order that was sent. */
export class TrackedOrder {
  readonly order: Order;
  readonly instrument: Instrument;
  /** The venue's id; null until it told. */
  venueId: string | null = null;
  /** It left this machine. */
  left = false;
  /** Takes back the request while it waits to leave. */
  recall: Cancel | null = null;
  /** Lots of the fills known so far. */
  filled = 0;
  ending: Ending | null = null;
  over = false;
  acknowledged = false;
  /** The shell was told that nobody knows. */
  saidUnknown = false;
  cancelWanted: Reason | null = null;
  /** The market was over when a cancel was tried. */
  marketOver = false;
  /** Answers of the venue that it does not know the order, in a row. */
  notFound = 0;
  /** A question about it waits for its alarm or, once `asked`, for its answer. */
  asking: Cancel | null = null;
  asked = false;
  cancelling = false;
  askAttempt = 0;
  readonly submittedAt: number;
  readonly #trades = new Set<string>();

  constructor(order: Order, instrument: Instrument, submittedAt: number) {
    this.order = order;
    this.instrument = instrument;
    this.submittedAt = submittedAt;
  }

  /** Takes a fill once. @returns null for one that was seen before, on whichever way. */
  take({ tradeId, yesTicks, lots, fee, at }: VenueFill): Fill | null {
    if (this.#trades.has(tradeId)) return null;
    this.#trades.add(tradeId);
    this.filled += lots;
    const { id: orderId, book, action } = this.order;
    const priceTicks = flipForClaim(action, yesTicks);
    return {
      orderId,
      execId: `${orderId}#${tradeId}`,
      book,
      action,
      lots: lots as Fill["lots"],
      priceTicks,
      fee,
      at,
    };
  }

  /** True when the end is known with all its fills. */
  get complete(): boolean {
    return this.filled >= this.order.lots || (this.ending !== null && this.filled >= this.ending.filled);
  }
}

import type {
  Cancel,
  Fill,
  Instrument,
  Lots,
  Micros,
  Order,
  Reason,
  Ticks,
} from "../../../../src/contracts/index.ts";
import { PRICE_ONE } from "../../scales.ts";
import type { OrderVersion } from "../signing/contracts.ts";
import type { SignedOrder } from "../signing/order.ts";
import { fillFee } from "./fees.ts";
import type { TradePart } from "./order-answers.ts";

/** Trades remembered of one order; a sweep through a book has some dozens. */
const MAX_TRADES = 2_000;

/** How an order is put to the venue. */
export interface OrderRoute {
  readonly token: string;
  readonly side: "BUY" | "SELL";
  readonly conditionId: string;
}

/** One order on its way: what is known of it, and what was told. */
export class TrackedOrder {
  readonly order: Order;
  readonly instrument: Instrument;
  readonly route: OrderRoute;
  readonly submittedAt: Micros;
  signed: SignedOrder;
  version: OrderVersion;
  /** It may have reached the venue. */
  left = false;
  /** Takes it back while it waits to leave. */
  recall: Cancel | null = null;
  over = false;
  acknowledged = false;
  saidUnknown = false;
  signedAgain = false;
  cancelling = false;
  cancelWanted: Reason | null = null;
  /** The venue's final count of matched lots; null = it has not ended. */
  ending: { readonly lots: number; readonly reason: Reason } | null = null;
  asking: Cancel | null = null;
  asked = false;
  askAttempt = 0;
  notFound = 0;
  /** Told so far. */
  filledLots = 0;
  #filledMoney = 0n;
  #fills = 0;
  readonly #trades = new Map<string, TradePart>();

  constructor(
    order: Order,
    instrument: Instrument,
    route: OrderRoute,
    signed: SignedOrder,
    version: OrderVersion,
    submittedAt: Micros,
  ) {
    this.order = order;
    this.instrument = instrument;
    this.route = route;
    this.signed = signed;
    this.version = version;
    this.submittedAt = submittedAt;
  }

  /** True when every lot that the venue counts as matched was told. */
  get isComplete(): boolean {
    return this.ending !== null && this.filledLots >= this.ending.lots;
  }

  /** Where a trade of this order was last seen on its way to the chain; undefined = not seen. */
  statusOf(trade: string): TradePart["status"] | undefined {
    return this.#trades.get(trade)?.status;
  }

  /** A trade's part in this order, however often and from wherever it comes. @returns fills not told yet. */
  trade(part: TradePart, at: Micros): readonly Fill[] {
    if (!this.#trades.has(part.trade) && this.#trades.size >= MAX_TRADES) return [];
    this.#trades.set(part.trade, part);
    let lots = 0;
    let money = 0n;
    for (const trade of this.#trades.values()) {
      lots += trade.lots;
      money += trade.money;
    }
    return this.matched(lots, money, at);
  }

  /**
   * The venue counts `lots` as matched for `money` (ticks x lots; null = not known: the limit is taken). Sources count
   * from zero and overlap, so what is new is the difference to what was told.
   * @returns fills not told yet.
   */
  matched(lots: number, money: bigint | null, at: Micros): readonly Fill[] {
    const newLots = lots - this.filledLots;
    if (newLots <= 0) return [];
    const stated = money === null ? null : money - this.#filledMoney;
    const parts = splitAt(newLots, stated) ?? [{ ticks: this.order.limitTicks as number, lots: newLots }];
    this.filledLots = lots;
    for (const part of parts) this.#filledMoney += BigInt(part.ticks) * BigInt(part.lots);
    return parts.map((part) => this.#fill(part.ticks, part.lots, at));
  }

  #fill(ticks: number, lots: number, at: Micros): Fill {
    const { id: orderId, book, action } = this.order;
    return {
      orderId,
      execId: `${orderId}#${this.#fills++}`,
      book,
      action,
      lots: lots as Lots,
      priceTicks: ticks as Ticks,
      fee: fillFee(this.instrument, ticks, lots, at).toString(),
      at,
    };
  }
}

/**
 * An amount of money for a number of lots as whole prices: what the average leaves over is paid as one tick more on
 * that many lots, so that money and lots are both exact. Null when the average is no price.
 */
export function splitAt(
  lots: number,
  money: bigint | null,
): readonly { readonly ticks: number; readonly lots: number }[] | null {
  if (money === null || lots <= 0 || money <= 0n) return null;
  const ticks = Number(money / BigInt(lots));
  const above = Number(money % BigInt(lots));
  if (ticks < 1 || ticks + (above > 0 ? 1 : 0) >= PRICE_ONE) return null;
  const lower = { ticks, lots: lots - above };
  return above === 0 ? [lower] : [lower, { ticks: ticks + 1, lots: above }];
}

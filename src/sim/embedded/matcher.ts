import {
  ASK,
  BID,
  type ExchangeFill,
  type Lots,
  type Micros,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";
import { quantaText } from "../../proof/exact.ts";
import type { Account } from "./account.ts";
import type { Announcer } from "./announcer.ts";
import { anonymousOf, type BookSide, type QueueEntry, type RestingLevel } from "./book-side.ts";
import type { ListedMarket, LiveOrder } from "./listed-market.ts";

/** Why an order left the book without a trade. */
export type Departure = "cancelled" | "expired" | "halted";

/**
 * Price-time priority: the best price first, within a price first come, first served; trades at the resting price.
 * Orders belong to accounts; all other liquidity is anonymous and pays no fee.
 */
export class Matcher {
  readonly #announcer: Announcer;
  readonly #accounts: ReadonlyMap<string, Account>;
  #fills = 0;

  constructor(announcer: Announcer, accounts: ReadonlyMap<string, Account>) {
    this.#announcer = announcer;
    this.#accounts = accounts;
  }

  /** Lots that would trade at `ticks` or better, the account's own orders left out. */
  available(market: ListedMarket, side: Side, ticks: number, account: string): number {
    let sum = 0;
    for (const level of opposite(market, side).snapshot()) {
      if (!isAtOrBetter(side, level.ticks, ticks)) break;
      if (level.queue === null) sum += level.lots;
      else for (const entry of level.queue) if (entry.order?.account !== account) sum += entry.lots;
    }
    return sum;
  }

  /** Trades an accepted order as far as its price allows; its own account's orders in the way are cancelled. */
  take(order: LiveOrder): readonly ExchangeFill[] {
    const fills: ExchangeFill[] = [];
    const { market, side } = order;
    const book = opposite(market, side);
    while (order.filled < order.lots && book.crosses(order.ticks)) {
      const level = book.bestLevel()!;
      const head = level.queue?.[0];
      if (head?.order?.account === order.account) {
        this.withdraw(head.order, "cancelled");
        continue;
      }
      const lots = Math.min(order.lots - order.filled, head?.lots ?? level.lots);
      fills.push(this.#trade(market, order.side, level, head, lots, order)!);
    }
    return fills;
  }

  /** Anonymous trading at `ticks` or better. @returns the lots traded. */
  takeAnonymous(market: ListedMarket, side: Side, ticks: number, lots: number): number {
    const book = opposite(market, side);
    let left = lots;
    while (left > 0 && book.crosses(ticks)) {
      const level = book.bestLevel()!;
      const head = level.queue?.[0];
      const traded = Math.min(left, head?.lots ?? level.lots);
      this.#trade(market, side, level, head, traded, null);
      left -= traded;
    }
    return lots - left;
  }

  /** What is left of an order joins its level. */
  rest(order: LiveOrder): void {
    const lots = order.lots - order.filled;
    order.market.side(order.side).join(order.ticks, lots, order);
    this.#announcer.level(order.market, order.side, order.ticks, lots, order);
  }

  /** Takes a resting order off the book and ends it. */
  withdraw(order: LiveOrder, why: Departure): void {
    const lots = order.lots - order.filled;
    if (!order.market.side(order.side).remove(order)) return;
    this.#announcer.level(order.market, order.side, order.ticks, -lots, order);
    this.end(order, why);
  }

  /** Ends an order that does not rest. */
  end(order: LiveOrder, why: Departure): void {
    order.status = "cancelled";
    order.updatedAt = this.#announcer.now;
    this.#accounts.get(order.account)!.finish(order);
    this.#announcer.order(order, why);
  }

  /** Empties one side of a level, orders first. */
  clear(market: ListedMarket, side: Side, level: RestingLevel<LiveOrder>, why: Departure): void {
    for (const entry of level.queue?.slice() ?? []) if (entry.order !== null) this.withdraw(entry.order, why);
    const lots = anonymousOf(level);
    if (lots === 0) return;
    market.side(side).withdraw(level.ticks, lots);
    this.#announcer.level(market, side, level.ticks, -lots, null);
  }

  #trade(
    market: ListedMarket,
    side: Side,
    level: RestingLevel<LiveOrder>,
    head: QueueEntry<LiveOrder> | undefined,
    lots: number,
    taker: LiveOrder | null,
  ): ExchangeFill | null {
    const maker = head?.order ?? null;
    const { ticks } = level;
    opposite(market, side).consume(level, lots);
    this.#announcer.level(market, side === BID ? ASK : BID, ticks, -lots, maker ?? taker);
    this.#announcer.trade(market, side, ticks, lots);
    const at = this.#announcer.now;
    if (maker !== null) {
      this.#book(maker, ticks, lots, "maker", at);
      this.#announcer.order(maker, "filled");
    }
    return taker === null ? null : this.#book(taker, ticks, lots, "taker", at);
  }

  /** Books one fill of an order and announces it; the order is over when nothing is left of it. */
  #book(order: LiveOrder, ticks: number, lots: number, role: "taker" | "maker", at: Micros): ExchangeFill {
    const account = this.#accounts.get(order.account)!;
    const fee = account.fill(order, ticks, lots, order.market.fees[role]);
    order.filled += lots;
    order.updatedAt = at;
    if (order.filled === order.lots) {
      order.status = "filled";
      account.finish(order);
    }
    const fill: ExchangeFill = {
      id: `f${++this.#fills}`,
      orderId: order.id,
      clientId: order.clientId,
      account: order.account,
      symbol: order.market.symbol,
      side: order.side,
      ticks: ticks as Ticks,
      lots: lots as Lots,
      role,
      fee: quantaText(fee),
      at,
    };
    account.note(fill);
    this.#announcer.fill(fill);
    return fill;
  }
}

function opposite(market: ListedMarket, side: Side): BookSide<LiveOrder> {
  return market.side(side === BID ? ASK : BID);
}

/** True when a resting price suits a taker whose limit is `limit`. */
function isAtOrBetter(side: Side, ticks: number, limit: number): boolean {
  return side === BID ? ticks <= limit : ticks >= limit;
}

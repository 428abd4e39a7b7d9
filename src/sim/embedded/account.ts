import {
  ASK,
  BID,
  type ExchangeFill,
  type Lots,
  notional,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";
import { quantaText } from "../../proof/exact.ts";
import { type CompiledFee, feeOfFill, SHARE_PARTS } from "../../proof/fees.ts";
import type { ListedMarket, LiveOrder } from "./listed-market.ts";

/** Finished orders and fills that an account remembers. */
const MAX_FINISHED = 2_000;
const MAX_FILLS = 5_000;

/** Claims of one market in an account, in lots. `committed*` are promised to resting orders. Costs in quanta of 1e-12. */
interface Holding {
  yes: number;
  no: number;
  committedYes: number;
  committedNo: number;
  yesCost: bigint;
  noCost: bigint;
}

/**
 * Money and claims of one client. An order first sells what is held of the opposite claim (a bid sells NO, an ask sells
 * YES), then buys: so complete sets net as trades happen. Money in quanta of 1e-12, never rounded.
 */
export class Account {
  readonly name: string;
  readonly orders = new Map<string, LiveOrder>();
  readonly clientIds = new Set<string>();
  readonly #holdings = new Map<ListedMarket, Holding>();
  readonly #finished: string[] = [];
  readonly #fills: ExchangeFill[] = [];
  #cash = 0n;
  #reserved = 0n;

  constructor(name: string) {
    this.name = name;
  }

  /** Money not kept for resting orders. */
  get free(): bigint {
    return this.#cash - this.#reserved;
  }

  deposit(quanta: bigint): void {
    this.#cash += quanta;
  }

  fills(): readonly ExchangeFill[] {
    return this.#fills.slice();
  }

  positions(): ReadonlyMap<string, Lots> {
    const positions = new Map<string, Lots>();
    for (const [market, { yes, no }] of this.#holdings)
      if (yes !== no) positions.set(market.symbol, (yes - no) as Lots);
    return positions;
  }

  /** Keeps money and claims for an order; false when there is not enough (nothing is kept then). */
  reserve(order: LiveOrder): boolean {
    const holding = this.#holding(order.market);
    const uncommitted =
      order.side === BID ? holding.no - holding.committedNo : holding.yes - holding.committedYes;
    order.committed = Math.min(order.lots, uncommitted);
    const due = reserveOf(order);
    if (due > this.free) return false;
    commit(holding, order.side, order.committed);
    order.reserved = due;
    this.#reserved += due;
    return true;
  }

  /** Remembers an accepted order; the oldest finished one is forgotten. */
  remember(order: LiveOrder): void {
    this.orders.set(order.id, order);
    if (order.clientId !== null) this.clientIds.add(order.clientId);
  }

  /** What was kept for an order's rest is free. */
  release(order: LiveOrder): void {
    commit(this.#holding(order.market), order.side, -order.committed);
    order.committed = 0;
    this.#reserved -= order.reserved;
    order.reserved = 0n;
  }

  /** The order will not trade again. */
  finish(order: LiveOrder): void {
    this.release(order);
    order.expiry?.();
    order.expiry = null;
    this.#finished.push(order.id);
    if (this.#finished.length <= MAX_FINISHED) return;
    const oldest = this.orders.get(this.#finished.shift()!);
    if (oldest === undefined) return;
    this.orders.delete(oldest.id);
    if (oldest.clientId !== null) this.clientIds.delete(oldest.clientId);
  }

  /**
   * Books one fill of an order at `ticks` of the YES scale. @returns the fee in quanta.
   * The rounding of many small fills can cost up to a cent each; it is charged even where it exceeds what was kept.
   */
  fill(order: LiveOrder, ticks: number, lots: number, rule: CompiledFee): bigint {
    const { market } = order;
    const holding = this.#holding(market);
    const closed = Math.min(lots, closable(holding, order));
    const claim = order.side === BID ? ticks : market.priceScale - ticks;
    const terms = {
      ticks: BigInt(closed === lots ? market.priceScale - claim : claim),
      lots: BigInt(lots),
      priceScale: BigInt(market.priceScale),
      sizeScale: BigInt(market.sizeScale),
    };
    const charged = feeOfFill(rule, closed === lots ? "sell" : "buy", terms, order.accumulator);
    order.accumulator = charged.accumulator;
    const released = Math.min(order.committed, closed);
    commit(holding, order.side, -released);
    order.committed -= released;
    this.#cash += moneyOf(market, market.priceScale - claim, closed) - charged.fee;
    sell(holding, order.side === BID ? ASK : BID, closed);
    const opened = lots - closed;
    const cost = moneyOf(market, claim, opened);
    this.#cash -= cost;
    buy(holding, order.side, opened - withheld(rule, opened), cost);
    const due = reserveOf(order, lots);
    this.#reserved += due - order.reserved;
    order.reserved = due;
    return charged.fee;
  }

  note(fill: ExchangeFill): void {
    this.#fills.push(fill);
    if (this.#fills.length > MAX_FILLS) this.#fills.shift();
  }

  /** Pays one unit per set for YES and NO of `lots` each; false when the money is not there. */
  split(market: ListedMarket, lots: number): boolean {
    const cost = moneyOf(market, market.priceScale, lots);
    if (cost > this.free) return false;
    const holding = this.#holding(market);
    this.#cash -= cost;
    buy(holding, BID, lots, cost / 2n);
    buy(holding, ASK, lots, cost / 2n);
    return true;
  }

  /** Gives YES and NO of `lots` each for one unit per set; false when they are not free. */
  merge(market: ListedMarket, lots: number): boolean {
    const holding = this.#holding(market);
    if (holding.yes - holding.committedYes < lots || holding.no - holding.committedNo < lots) return false;
    sell(holding, BID, lots);
    sell(holding, ASK, lots);
    this.#cash += moneyOf(market, market.priceScale, lots);
    return true;
  }

  /** NO of each of `given` becomes (given - 1) units of money and YES of each of `others`; false when not held free. */
  convert(given: readonly ListedMarket[], others: readonly ListedMarket[], lots: number): boolean {
    const [first] = given;
    if (first === undefined) return false;
    const has = (market: ListedMarket) => {
      const holding = this.#holding(market);
      return holding.no - holding.committedNo >= lots;
    };
    if (!given.every(has)) return false;
    for (const market of given) sell(this.#holding(market), ASK, lots);
    for (const market of others) buy(this.#holding(market), BID, lots, 0n);
    this.#cash += moneyOf(first, first.priceScale, lots) * BigInt(given.length - 1);
    return true;
  }

  /** Pays out what is held of a resolved market and forgets it. All its orders are finished by then. */
  settle(market: ListedMarket, yesPayout: "0" | "1" | "0.5"): void {
    const holding = this.#holdings.get(market);
    if (holding === undefined) return;
    const yesTicks = yesPayout === "1" ? market.priceScale : yesPayout === "0" ? 0 : market.priceScale / 2;
    const yes = moneyOf(market, yesTicks, holding.yes);
    const no = moneyOf(market, market.priceScale - yesTicks, holding.no);
    const rule = market.fees.taker;
    this.#cash += yes - profitFee(rule, yes - holding.yesCost) + no - profitFee(rule, no - holding.noCost);
    this.#holdings.delete(market);
  }

  freeText(): string {
    return quantaText(this.free);
  }

  #holding(market: ListedMarket): Holding {
    let holding = this.#holdings.get(market);
    if (holding === undefined) {
      holding = { yes: 0, no: 0, committedYes: 0, committedNo: 0, yesCost: 0n, noCost: 0n };
      this.#holdings.set(market, holding);
    }
    return holding;
  }
}

/** Money an order may still cost: its price for what it opens, and a taker's fee on all of it in one fill. */
function reserveOf(order: LiveOrder, filling = 0): bigint {
  const { market, side } = order;
  const rest = order.lots - order.filled - filling;
  if (rest === 0) return 0n;
  const claim = side === BID ? order.ticks : market.priceScale - order.ticks;
  const terms = {
    ticks: BigInt(claim),
    lots: BigInt(rest),
    priceScale: BigInt(market.priceScale),
    sizeScale: BigInt(market.sizeScale),
  };
  return moneyOf(market, claim, rest - order.committed) + feeOfFill(market.fees.taker, "buy", terms, 0n).fee;
}

/** Lots of the opposite claim that a fill of this order may sell. */
function closable(holding: Holding, order: LiveOrder): number {
  return order.side === BID
    ? holding.no - holding.committedNo + order.committed
    : holding.yes - holding.committedYes + order.committed;
}

function commit(holding: Holding, side: Side, lots: number): void {
  if (side === BID) holding.committedNo += lots;
  else holding.committedYes += lots;
}

/** `claim` BID = YES, ASK = NO. */
function buy(holding: Holding, claim: Side, lots: number, cost: bigint): void {
  if (claim === BID) {
    holding.yes += lots;
    holding.yesCost += cost;
  } else {
    holding.no += lots;
    holding.noCost += cost;
  }
}

/** The cost leaves in proportion. */
function sell(holding: Holding, claim: Side, lots: number): void {
  if (lots === 0) return;
  if (claim === BID) {
    holding.yesCost -= (holding.yesCost * BigInt(lots)) / BigInt(holding.yes);
    holding.yes -= lots;
  } else {
    holding.noCost -= (holding.noCost * BigInt(lots)) / BigInt(holding.no);
    holding.no -= lots;
  }
}

function moneyOf(market: ListedMarket, ticks: number, lots: number): bigint {
  return lots === 0 ? 0n : notional(ticks as Ticks, lots as Lots, market.priceScale, market.sizeScale);
}

/** `in_shares`: bought lots that the venue keeps, rounded up to a whole lot. */
function withheld(rule: CompiledFee, lots: number): number {
  if (rule.type !== "in_shares" || lots === 0) return 0;
  return Number((rule.parts * BigInt(lots) + SHARE_PARTS - 1n) / SHARE_PARTS);
}

/** `payout_profit`: the venue's share of what a winner gained, rounded up to 1e-12. */
function profitFee(rule: CompiledFee, profit: bigint): bigint {
  if (rule.type !== "payout_profit" || profit <= 0n) return 0n;
  return (rule.parts * profit + SHARE_PARTS - 1n) / SHARE_PARTS;
}

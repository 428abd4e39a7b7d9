import type {
  Cancel,
  EmbeddedEvent,
  EmbeddedExchange,
  ExchangeChange,
  ExchangeFill,
  ExchangeMarket,
  ExchangeOrder,
  Level,
  Lots,
  Micros,
  OrderAnswer,
  OrderRequest,
  Side,
  Ticks,
  Timers,
  VenueId,
} from "../../contracts/index.ts";
import { quantaOf } from "../../proof/exact.ts";
import { Account } from "./account.ts";
import { Announcer } from "./announcer.ts";
import { ListedMarket, type LiveOrder, orderView } from "./listed-market.ts";
import { type Departure, Matcher } from "./matcher.ts";
import { newOrder, refusalOf } from "./order-entry.ts";
import { TickGrid } from "./tick-grid.ts";

const NO_LEVELS: readonly Level[] = [];

/**
 * The matching engine of one embedded venue: unified order books with price-time priority, accounts with exact money,
 * fees by the listing's rule, settlement, split, merge and negative-risk conversion.
 *
 * Left out on purpose: MECNET/DIRECNET netting (collateral returned across the markets of an exclusive event); an
 * account pays for every leg in full and gets money back by `convert`, `merge` or settlement.
 *
 * An `ioc` that finds nothing is accepted and cancelled at once with nothing filled; a `fok` that cannot be filled
 * whole is refused as `no_fill`. Accounts are opened by `deposit`; an unknown one has no funds. An order never trades with its own account: the resting one is cancelled.
 */
export class MatchingExchange implements EmbeddedExchange {
  readonly venue: VenueId;
  readonly #clock: Timers;
  readonly #announcer: Announcer;
  readonly #matcher: Matcher;
  readonly #accounts = new Map<string, Account>();
  readonly #events = new Map<string, readonly ListedMarket[]>();
  readonly #bySymbol = new Map<string, ListedMarket>();
  #eventList: readonly EmbeddedEvent[] | null = null;
  #orders = 0;

  /** @param clock stamps every change and ends `gtd` orders. */
  constructor(venue: VenueId, clock: Timers) {
    this.venue = venue;
    this.#clock = clock;
    this.#announcer = new Announcer(clock);
    this.#matcher = new Matcher(this.#announcer, this.#accounts);
  }

  events(): readonly EmbeddedEvent[] {
    this.#eventList ??= [...this.#events.values()].map((markets) => markets[0]!.event);
    return this.#eventList;
  }

  event(id: string): EmbeddedEvent | undefined {
    return this.#events.get(id)?.[0]?.event;
  }

  market(symbol: string): ExchangeMarket | undefined {
    return this.#bySymbol.get(symbol)?.view();
  }

  levels(symbol: string, side: Side): readonly Level[] {
    const market = this.book(symbol);
    return market === undefined ? NO_LEVELS : market.side(side).levels();
  }

  listen(listener: (change: ExchangeChange) => void): Cancel {
    return this.#announcer.listen(listener);
  }

  /** Adds money to an account, opening it. @param amount decimal text of whole currency units. */
  deposit(account: string, amount: string): void {
    const known = this.#accounts.get(account) ?? new Account(account);
    this.#accounts.set(account, known);
    known.deposit(quantaOf(amount));
  }

  submit(request: OrderRequest): OrderAnswer {
    const market = this.book(request.symbol);
    if (market === undefined) return { ok: false, why: "no_market" };
    const account = this.#accounts.get(request.account);
    const now = this.#clock.now();
    const why = refusalOf(request, market, account, now);
    if (why !== null) return { ok: false, why };
    const order = newOrder(request, market, `${this.venue}-${++this.#orders}`, now);
    if (account?.reserve(order) !== true) return { ok: false, why: "funds" };
    const { side, ticks, account: own, timeInForce } = request;
    if (timeInForce === "fok" && this.#matcher.available(market, side, ticks, own) < order.lots) {
      account.release(order);
      return { ok: false, why: "no_fill" };
    }
    account.remember(order);
    const fills = this.#matcher.take(order);
    if (order.filled === order.lots) this.#announcer.order(order, "filled");
    else if (timeInForce === "ioc" || timeInForce === "fok") this.#matcher.end(order, "cancelled");
    else this.#rest(order, request.expiresAt);
    return { ok: true, order: orderView(order), fills };
  }

  cancel(account: string, orderId: string): ExchangeOrder | null {
    const order = this.#accounts.get(account)?.orders.get(orderId);
    if (order?.status !== "resting") return null;
    this.#matcher.withdraw(order, "cancelled");
    return orderView(order);
  }

  cancelAll(account: string, symbol: string | null): readonly ExchangeOrder[] {
    const cancelled: ExchangeOrder[] = [];
    for (const order of [...(this.#accounts.get(account)?.orders.values() ?? [])]) {
      if (order.status !== "resting" || (symbol !== null && order.market.symbol !== symbol)) continue;
      this.#matcher.withdraw(order, "cancelled");
      cancelled.push(orderView(order));
    }
    return cancelled;
  }

  /** What rests and the last 2,000 finished ones, in order of entry. */
  orders(account: string): readonly ExchangeOrder[] {
    return [...(this.#accounts.get(account)?.orders.values() ?? [])].map(orderView);
  }

  /** The last 5,000, oldest first. */
  fills(account: string): readonly ExchangeFill[] {
    return this.#accounts.get(account)?.fills() ?? [];
  }

  positions(account: string): ReadonlyMap<string, Lots> {
    return this.#accounts.get(account)?.positions() ?? new Map();
  }

  cash(account: string): string {
    return this.#accounts.get(account)?.freeText() ?? "0";
  }

  split(account: string, symbol: string, lots: Lots): boolean {
    const market = this.#unresolved(symbol, lots);
    return market !== undefined && this.#accounts.get(account)?.split(market, lots) === true;
  }

  merge(account: string, symbol: string, lots: Lots): boolean {
    const market = this.#unresolved(symbol, lots);
    return market !== undefined && this.#accounts.get(account)?.merge(market, lots) === true;
  }

  /** Questions of an exclusive event only; YES is given of its listed questions, not of an unlisted rest. */
  convert(account: string, event: string, symbols: readonly string[], lots: Lots): boolean {
    const markets = this.#events.get(event) ?? [];
    const given = markets.filter((market) => symbols.includes(market.symbol));
    if (given.length !== symbols.length || given.length === 0) return false;
    if (given[0]!.event.spec.kind === "binary") return false;
    if (markets.some((market) => this.#unresolved(market.symbol, lots) === undefined)) return false;
    const others = markets.filter((market) => !given.includes(market));
    return this.#accounts.get(account)?.convert(given, others, lots) === true;
  }

  /** Opens an event's markets. @throws RangeError when an id or symbol is listed already, or terms are unusable. */
  list(event: EmbeddedEvent): readonly ListedMarket[] {
    const now = this.#clock.now();
    const markets = event.markets.map((market) => new ListedMarket(event, market, now));
    if (this.#events.has(event.id)) throw new RangeError(`event ${event.id} is listed already`);
    for (const { market, symbol } of markets)
      for (const name of [symbol, market.mirrorSymbol])
        if (name !== null && this.#bySymbol.has(name))
          throw new RangeError(`symbol ${name} is listed already`);
    this.#events.set(event.id, markets);
    for (const listed of markets)
      for (const name of [listed.symbol, listed.market.mirrorSymbol])
        if (name !== null) this.#bySymbol.set(name, listed);
    this.#eventList = null;
    this.#announcer.listed(event);
    return markets;
  }

  /** The book of its own symbol (not of the mirror). */
  book(symbol: string): ListedMarket | undefined {
    const market = this.#bySymbol.get(symbol);
    return market?.symbol === symbol ? market : undefined;
  }

  /** Adds anonymous liquidity; what crosses trades first. Ignored unless the market is open and the price allowed. */
  quote(market: ListedMarket, side: Side, ticks: number, lots: number): void {
    if (market.status !== "open" || lots <= 0 || !market.grid.allows(ticks)) return;
    const left = lots - this.#matcher.takeAnonymous(market, side, ticks, lots);
    if (left === 0) return;
    market.side(side).join(ticks, left, null);
    this.#announcer.level(market, side, ticks, left, null);
  }

  /** Withdraws anonymous liquidity at a price, at most what is there. */
  withdraw(market: ListedMarket, side: Side, ticks: number, lots: number): void {
    const book = market.side(side);
    const taken = Math.min(lots, book.anonymousLots(ticks));
    if (taken <= 0) return;
    book.withdraw(ticks, taken);
    this.#announcer.level(market, side, ticks, -taken, null);
  }

  /** An anonymous taker. @returns the lots traded. */
  hit(market: ListedMarket, side: Side, limitTicks: number, lots: number): number {
    return market.status === "open" ? this.#matcher.takeAnonymous(market, side, limitTicks, lots) : 0;
  }

  /** Every resting order of everyone goes. */
  clear(market: ListedMarket, why: Departure): void {
    for (const book of [market.bids, market.asks])
      for (const level of book.snapshot()) this.#matcher.clear(market, book.side, level, why);
  }

  /** Pause and close end every resting order; `open` reopens an empty book. A resolved market stays resolved. */
  setStatus(market: ListedMarket, status: "open" | "paused" | "closed"): void {
    if (market.status === status || market.status === "resolved") return;
    market.status = status;
    this.#announcer.status(market, status);
    if (status !== "open") this.clear(market, "halted");
  }

  /** Another tick over the whole scale: what rests off it is cancelled, then the change is announced. */
  setStep(market: ListedMarket, stepTicks: number): void {
    const old = market.grid.stepTicks;
    if (market.status === "resolved" || stepTicks === old) return;
    const grid = TickGrid.uniform(stepTicks, market.priceScale);
    market.grid = grid;
    for (const book of [market.bids, market.asks])
      for (const level of book.snapshot())
        if (!grid.allows(level.ticks)) this.#matcher.clear(market, book.side, level, "cancelled");
    this.#announcer.tickSize(market, old, stepTicks as Ticks);
  }

  /** Closes where still open, and pays every account. */
  resolve(market: ListedMarket, yesPayout: "0" | "1" | "0.5"): void {
    if (market.status === "resolved") return;
    this.setStatus(market, "closed");
    market.status = "resolved";
    market.yesPayout = yesPayout;
    for (const account of this.#accounts.values()) account.settle(market, yesPayout);
    this.#announcer.resolved(market, yesPayout);
  }

  /** No alarm is left: `gtd` orders end no more by themselves. */
  close(): void {
    for (const account of this.#accounts.values())
      for (const order of account.orders.values()) {
        order.expiry?.();
        order.expiry = null;
      }
  }

  /** Drops a wholly resolved event. */
  forget(eventId: string): void {
    const markets = this.#events.get(eventId);
    if (markets === undefined || markets.some((market) => market.status !== "resolved")) return;
    this.#events.delete(eventId);
    for (const { symbol, market } of markets)
      for (const name of [symbol, market.mirrorSymbol]) if (name !== null) this.#bySymbol.delete(name);
    this.#eventList = null;
  }

  #unresolved(symbol: string, lots: number): ListedMarket | undefined {
    const market = this.book(symbol);
    const usable = market !== undefined && market.status !== "resolved";
    return usable && Number.isSafeInteger(lots) && lots > 0 ? market : undefined;
  }

  #rest(order: LiveOrder, expiresAt: Micros | null): void {
    this.#matcher.rest(order);
    this.#announcer.order(order, "placed");
    if (expiresAt === null || order.status !== "resting") return;
    order.expiry = this.#clock.after(expiresAt - this.#clock.now(), () => {
      order.expiry = null;
      this.#matcher.withdraw(order, "expired");
    });
  }
}

import {
  ASK,
  BID,
  type Cancel,
  type Clock,
  type EmbeddedEvent,
  type ExchangeChange,
  type ExchangeFill,
  type InstrumentStatus,
  type Lots,
  type Micros,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";
import { type ListedMarket, type LiveOrder, orderView } from "./listed-market.ts";

/** Tells every listener what happened, in order, before the call that made it returns. */
export class Announcer {
  readonly #clock: Clock;
  #listeners: readonly ((change: ExchangeChange) => void)[] = [];
  #trades = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get now(): Micros {
    return this.#clock.now();
  }

  listen(listener: (change: ExchangeChange) => void): Cancel {
    const own = (change: ExchangeChange) => listener(change);
    this.#listeners = [...this.#listeners, own];
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== own);
    };
  }

  /** The level at `ticks` changed by `lotsChange`; its total and the best prices are read from the book. */
  level(market: ListedMarket, side: Side, ticks: number, lotsChange: number, by: LiveOrder | null): void {
    if (this.#listeners.length === 0) return;
    this.#tell({
      kind: "level",
      at: this.now,
      symbol: market.symbol,
      side,
      ticks: ticks as Ticks,
      lotsChange: lotsChange as Lots,
      lots: market.side(side).lots(ticks) as Lots,
      bestBid: market.side(BID).best(),
      bestAsk: market.side(ASK).best(),
      account: by === null ? null : by.account,
      clientId: by === null ? null : by.clientId,
    });
  }

  /** @returns the number of the trade. */
  trade(market: ListedMarket, side: Side, ticks: number, lots: number): number {
    const tradeId = ++this.#trades;
    market.lastTradeTicks = ticks as Ticks;
    if (this.#listeners.length > 0)
      this.#tell({
        kind: "trade",
        at: this.now,
        symbol: market.symbol,
        side,
        ticks: ticks as Ticks,
        lots: lots as Lots,
        tradeId,
      });
    return tradeId;
  }

  order(order: LiveOrder, why: Extract<ExchangeChange, { kind: "order" }>["why"]): void {
    this.#tell({ kind: "order", at: this.now, order: orderView(order), why });
  }

  fill(fill: ExchangeFill): void {
    this.#tell({ kind: "fill", at: this.now, fill });
  }

  status(market: ListedMarket, status: InstrumentStatus): void {
    this.#tell({ kind: "status", at: this.now, symbol: market.symbol, status });
  }

  tickSize(market: ListedMarket, oldStepTicks: Ticks, newStepTicks: Ticks): void {
    this.#tell({ kind: "tick_size", at: this.now, symbol: market.symbol, oldStepTicks, newStepTicks });
  }

  listed(event: EmbeddedEvent): void {
    this.#tell({ kind: "listed", at: this.now, event });
  }

  resolved(market: ListedMarket, yesPayout: "0" | "1" | "0.5"): void {
    this.#tell({ kind: "resolved", at: this.now, symbol: market.symbol, yesPayout });
  }

  #tell(change: ExchangeChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

import {
  ASK,
  BID,
  type Cancel,
  type EmbeddedExchange,
  type ExchangeChange,
  type ExchangeFill,
  type ExchangeOrder,
  type Rng,
  type Sha256Hex,
  type Timers,
} from "../../../src/contracts/index.ts";
import type { Audience } from "./audience.ts";
import type { Catalogue } from "./catalogue.ts";
import { deltaMessage, snapshotMessage, tickerMessage, tradeMessage } from "./frames.ts";
import { addFill, NO_SUMS, type OrderSums } from "./ledger.ts";
import { streamFill, streamOrder, userId } from "./order-json.ts";
import type { OrderNames } from "./order-names.ts";
import type { Tape } from "./tape.ts";
import { uuidOf } from "./values.ts";

/** After a close an empty book follows within this time. Source: recorded closes. */
const CLOSED_LEAST_MICROS = 300_000;
const CLOSED_SPREAD_MICROS = 1_700_000;
/** Market ids, and orders whose fills are summed up, that are remembered. */
const MAX_REMEMBERED = 20_000;

export interface StreamParts {
  readonly exchange: EmbeddedExchange;
  readonly clock: Timers;
  readonly rng: Rng;
  readonly sha256: Sha256Hex;
  readonly audience: Audience;
  readonly catalogue: Catalogue;
  readonly names: OrderNames;
  readonly tape: Tape;
}

type LevelChange = Extract<ExchangeChange, { kind: "level" }>;

/** What happens at the exchange, told on the channels of books, trades, tickers, fills and orders. */
export class Streams {
  readonly #parts: StreamParts;
  readonly #marketIds = new Map<string, string>();
  readonly #sums = new Map<string, OrderSums>();
  readonly #timers = new Set<Cancel>();

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  marketId(symbol: string): string {
    let id = this.#marketIds.get(symbol);
    if (id === undefined) {
      id = uuidOf(this.#parts.sha256, `market/${symbol}`);
      this.#marketIds.set(symbol, id);
      if (this.#marketIds.size > MAX_REMEMBERED) this.#marketIds.clear();
    }
    return id;
  }

  level(change: LevelChange): void {
    const { symbol, account, clientId } = change;
    const { audience } = this.#parts;
    const listeners = audience.hearing("orderbook_delta", symbol);
    let plain: string | null = null;
    for (const subscription of listeners) {
      const own = clientId !== null && subscription.account === account;
      if (own || subscription.yesPrice) {
        const msg = deltaMessage(change, this.marketId(symbol), subscription.yesPrice, own ? clientId : null);
        subscription.sendNumbered("orderbook_delta", msg);
        continue;
      }
      plain ??= deltaMessage(change, this.marketId(symbol), false, null);
      subscription.sendNumbered("orderbook_delta", plain);
    }
    const { side, ticks, bestBid, bestAsk } = change;
    if (ticks === (side === BID ? bestBid : bestAsk) || change.lots === 0) this.#ticker(symbol);
  }

  trade(change: Extract<ExchangeChange, { kind: "trade" }>): void {
    const { symbol, lots } = change;
    const market = this.#parts.catalogue.market(symbol);
    if (market !== undefined) {
      const state = this.#parts.catalogue.states.of(market.market);
      state.tradedLots += lots;
      state.lastTradeLots = lots;
    }
    const listeners = this.#parts.audience.hearing("trade", symbol);
    if (listeners.length > 0) {
      const msg = tradeMessage(change);
      for (const subscription of listeners) subscription.sendNumbered("trade", msg);
    }
    this.#ticker(symbol);
  }

  /** The book is emptied at the close; the venue shows it empty a little later. */
  closed(symbol: string): void {
    const delay = CLOSED_LEAST_MICROS + this.#parts.rng.int(CLOSED_SPREAD_MICROS);
    const cancel = this.#parts.clock.after(delay, () => {
      this.#timers.delete(cancel);
      this.#snapshot(symbol);
    });
    this.#timers.add(cancel);
  }

  fill(fill: ExchangeFill): void {
    const { exchange, names, sha256, tape } = this.#parts;
    const { account, orderId, clientId, symbol } = fill;
    this.#sums.set(orderId, addFill(this.#sums.get(orderId) ?? NO_SUMS, fill));
    if (this.#sums.size > MAX_REMEMBERED) this.#sums.delete(this.#sums.keys().next().value!);
    const listeners = this.#parts.audience.hearing("fill", symbol).filter((each) => each.account === account);
    if (listeners.length === 0) return;
    const name = names.of({ id: orderId, account, clientId });
    const tradeId = tape.tradeOf(fill.id) ?? uuidOf(sha256, `${exchange.venue}/fill/${fill.id}`);
    const msg = JSON.stringify(streamFill(fill, name, tradeId, exchange.positions(account).get(symbol) ?? 0));
    for (const subscription of listeners) subscription.sendPlain("fill", msg);
  }

  order(order: ExchangeOrder, why: Extract<ExchangeChange, { kind: "order" }>["why"]): void {
    const { account, symbol } = order;
    const sums = this.#sums.get(order.id) ?? NO_SUMS;
    if (order.status !== "resting") this.#sums.delete(order.id);
    const listeners = this.#parts.audience
      .hearing("user_orders", symbol)
      .filter((each) => each.account === account);
    if (listeners.length === 0) return;
    const user = userId(this.#parts.sha256, account);
    const reason = this.#reason(why, symbol);
    const msg = JSON.stringify(streamOrder(order, this.#parts.names.of(order), sums, user, reason));
    for (const subscription of listeners) subscription.sendPlain("user_order", msg);
  }

  /** Message of the ticker channel; null for a market that is not known. */
  ticker(symbol: string): string | null {
    const { catalogue, clock, exchange } = this.#parts;
    const market = catalogue.market(symbol);
    const event = market === undefined ? undefined : catalogue.event(market.market.event);
    if (market === undefined || event === undefined) return null;
    const state = catalogue.states.of(market.market);
    const { dayLots } = catalogue.stateOf(event);
    return tickerMessage({
      symbol,
      marketId: this.marketId(symbol),
      lastTicks: market.lastTradeTicks ?? 0,
      bid: exchange.levels(symbol, BID)[0],
      ask: exchange.levels(symbol, ASK)[0],
      volumeLots: dayLots + state.tradedLots,
      openLots: Math.floor(dayLots / 4),
      lastTradeLots: state.lastTradeLots,
      at: clock.now(),
    });
  }

  #ticker(symbol: string): void {
    const listeners = this.#parts.audience.hearing("ticker", symbol);
    const msg = listeners.length === 0 ? null : this.ticker(symbol);
    if (msg !== null) for (const subscription of listeners) subscription.sendPlain("ticker", msg);
  }

  #snapshot(symbol: string): void {
    const { audience, exchange } = this.#parts;
    for (const subscription of audience.hearing("orderbook_delta", symbol)) {
      const [bids, asks] = [exchange.levels(symbol, BID), exchange.levels(symbol, ASK)];
      const msg = snapshotMessage(symbol, this.marketId(symbol), bids, asks, subscription.yesPrice);
      subscription.sendNumbered("orderbook_snapshot", msg);
    }
  }

  /** The venue has no word of its own for a cancel by its owner: the order shrinks to nothing. */
  #reason(why: Extract<ExchangeChange, { kind: "order" }>["why"], symbol: string): string | null {
    switch (why) {
      case "placed":
        return null;
      case "filled":
        return "Trade";
      case "cancelled":
        return "Decrease";
      case "expired":
        return "ExpiryCancel";
      case "halted":
        return this.#parts.exchange.market(symbol)?.status === "paused" ? "HaltCancel" : "CloseCancel";
    }
  }
}

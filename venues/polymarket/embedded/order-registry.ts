import type {
  EmbeddedExchange,
  ExchangeOrder,
  Lots,
  Micros,
  Sha256Hex,
  Side,
} from "../../../src/contracts/index.ts";
import { BID } from "../../../src/contracts/index.ts";
import { PRICE_ONE } from "../scales.ts";
import { termsOf } from "./terms.ts";

const MAX_ORDERS = 50_000;
const MAX_TRADES_PER_ORDER = 500;

export type OrderType = "GTC" | "GTD" | "FOK" | "FAK";

/** An order in the venue's words: on the scale of the token it names. */
export interface WireOrder {
  /** The hash that was signed. */
  readonly id: string;
  readonly account: string;
  /** The API key it came with. */
  readonly owner: string;
  readonly maker: string;
  readonly token: string;
  /** Symbol of the market's book. */
  readonly symbol: string;
  readonly conditionId: string;
  /** Name of the token's outcome. */
  readonly outcome: string;
  readonly side: "BUY" | "SELL";
  readonly ticks: number;
  readonly lots: Lots;
  readonly orderType: OrderType;
  /** Seconds as text; "0" = none. */
  readonly expiration: string;
  readonly createdAt: Micros;
  exchangeId: string | null;
  matchedLots: number;
  status: string;
  readonly trades: string[];
}

/** Orders by the venue's ids. Bounded: the oldest that no longer rests is forgotten. */
export class OrderRegistry {
  readonly #exchange: EmbeddedExchange;
  readonly #sha256: Sha256Hex;
  readonly #orders = new Map<string, WireOrder>();

  constructor(exchange: EmbeddedExchange, sha256: Sha256Hex) {
    this.#exchange = exchange;
    this.#sha256 = sha256;
  }

  get(id: string): WireOrder | undefined {
    return this.#orders.get(id);
  }

  add(order: WireOrder): void {
    this.#orders.set(order.id, order);
    if (this.#orders.size <= MAX_ORDERS) return;
    for (const [id, old] of this.#orders) {
      if (old.status === "LIVE" || old.status === "DELAYED") continue;
      this.#orders.delete(id);
      return;
    }
  }

  remove(id: string): void {
    this.#orders.delete(id);
  }

  /** The order behind one of the exchange, as it stands; one that came another way gets words of its own. */
  update(order: ExchangeOrder): WireOrder | null {
    const wire = this.of(order.clientId, order.id) ?? this.#adopt(order);
    if (wire === null) return null;
    wire.exchangeId = order.id;
    wire.matchedLots = order.filledLots;
    wire.status = order.status === "resting" ? "LIVE" : order.status === "filled" ? "MATCHED" : "CANCELED";
    return wire;
  }

  /** By the exchange's names of an order. */
  of(clientId: string | null, exchangeId: string): WireOrder | undefined {
    return this.#orders.get(clientId ?? this.#foreignId(exchangeId));
  }

  /** A trade of the order. */
  traded(order: WireOrder, tradeId: string): void {
    if (order.trades.length < MAX_TRADES_PER_ORDER) order.trades.push(tradeId);
  }

  /** All that rest, oldest first. */
  resting(account: string): readonly WireOrder[] {
    const found: WireOrder[] = [];
    for (const order of this.#exchange.orders(account)) {
      const wire = order.status === "resting" ? this.update(order) : null;
      if (wire !== null) found.push(wire);
    }
    return found;
  }

  #foreignId(exchangeId: string): string {
    return `0x${this.#sha256(`order/${exchangeId}`)}`;
  }

  #adopt(order: ExchangeOrder): WireOrder | null {
    const state = this.#exchange.market(order.symbol);
    const event = state === undefined ? undefined : this.#exchange.event(state.market.event);
    if (state === undefined || event === undefined) return null;
    const { outcomes } = termsOf(event.spec.variety, event.spec.kind === "binary");
    const wire: WireOrder = {
      id: order.clientId ?? this.#foreignId(order.id),
      account: order.account,
      owner: "",
      maker: "",
      token: order.symbol,
      symbol: order.symbol,
      conditionId: state.market.id,
      outcome: outcomes[0],
      side: order.side === BID ? "BUY" : "SELL",
      ticks: order.ticks,
      lots: order.lots,
      orderType: "GTC",
      expiration: "0",
      createdAt: order.createdAt,
      exchangeId: order.id,
      matchedLots: order.filledLots,
      status: "LIVE",
      trades: [],
    };
    this.add(wire);
    return wire;
  }
}

/** A price and side of a token on the scale of the market's book, or back: outcome 1 is the mirror. */
export function mirrored(side: Side, ticks: number): { readonly side: Side; readonly ticks: number } {
  return { side: side === BID ? 1 : 0, ticks: PRICE_ONE - ticks };
}

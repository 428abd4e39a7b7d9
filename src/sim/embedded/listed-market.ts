import {
  ASK,
  BID,
  type Cancel,
  type EmbeddedEvent,
  type EmbeddedMarket,
  type ExchangeMarket,
  type ExchangeOrder,
  type InstrumentStatus,
  type Lots,
  type Micros,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";
import { BookSide } from "./book-side.ts";
import { type FeeTerms, feeTermsAt } from "./fee-terms.ts";
import { TickGrid } from "./tick-grid.ts";

/** A market with its unified book: bids buy YES, asks sell YES or buy NO, all on the YES scale. */
export class ListedMarket {
  readonly event: EmbeddedEvent;
  readonly market: EmbeddedMarket;
  readonly symbol: string;
  readonly priceScale: number;
  readonly sizeScale: number;
  readonly bids = new BookSide<LiveOrder>(BID);
  readonly asks = new BookSide<LiveOrder>(ASK);
  readonly fees: FeeTerms;
  grid: TickGrid;
  status: InstrumentStatus = "open";
  yesPayout: ExchangeMarket["yesPayout"] = null;
  lastTradeTicks: Ticks | null = null;

  /** @throws RangeError for a listing without ticks or without a computable fee. */
  constructor(event: EmbeddedEvent, market: EmbeddedMarket, now: Micros) {
    this.event = event;
    this.market = market;
    this.symbol = market.symbol;
    this.priceScale = market.listing.priceScale;
    this.sizeScale = market.listing.sizeScale;
    this.grid = new TickGrid(market.listing.tickRanges, market.listing.priceScale);
    this.fees = feeTermsAt(market.listing.fees, now);
  }

  side(side: Side): BookSide<LiveOrder> {
    return side === BID ? this.bids : this.asks;
  }

  view(): ExchangeMarket {
    return {
      market: this.market,
      status: this.status,
      stepTicks: this.grid.stepTicks,
      yesPayout: this.yesPayout,
      closesAt: this.event.spec.closesAt,
      lastTradeTicks: this.lastTradeTicks,
    };
  }
}

/** An order of an account while the exchange works on it. */
export interface LiveOrder {
  readonly id: string;
  readonly account: string;
  readonly clientId: string | null;
  readonly market: ListedMarket;
  readonly side: Side;
  readonly ticks: number;
  readonly lots: number;
  filled: number;
  status: ExchangeOrder["status"];
  readonly createdAt: Micros;
  updatedAt: Micros;
  /** Lots of the opposite claim that this order promised to sell. */
  committed: number;
  /** Money kept for it, in quanta of 1e-12. */
  reserved: bigint;
  /** Rounding fees so far (`feeOfFill`). */
  accumulator: bigint;
  expiry: Cancel | null;
}

/** The order as it stands now. */
export function orderView(order: LiveOrder): ExchangeOrder {
  return {
    id: order.id,
    account: order.account,
    clientId: order.clientId,
    symbol: order.market.symbol,
    side: order.side,
    ticks: order.ticks as Ticks,
    lots: order.lots as Lots,
    filledLots: order.filled as Lots,
    status: order.status,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
  };
}

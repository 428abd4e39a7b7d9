import {
  ASK,
  BID,
  type EmbeddedEvent,
  type EmbeddedMarket,
  type ExchangeMarket,
  type InstrumentStatus,
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
  readonly bids = new BookSide(BID);
  readonly asks = new BookSide(ASK);
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

  side(side: Side): BookSide {
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

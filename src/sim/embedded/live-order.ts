import type { Cancel, ExchangeOrder, Lots, Micros, Side, Ticks } from "../../contracts/index.ts";
import type { ListedMarket } from "./listed-market.ts";

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

import {
  ASK,
  type ExchangeFill,
  notional,
  PICO_DIGITS,
  parseDecimal,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { PRICE_SCALE, SIZE_SCALE } from "../scales.ts";

/** Money is in quanta of 1e-12 dollar throughout. */

/** What an order traded so far. */
export interface OrderSums {
  readonly lots: number;
  readonly takerCost: bigint;
  readonly makerCost: bigint;
  readonly takerFees: bigint;
  readonly makerFees: bigint;
}

export const NO_SUMS: OrderSums = { lots: 0, takerCost: 0n, makerCost: 0n, takerFees: 0n, makerFees: 0n };

/** What an account did in one market, from the fills the exchange remembers. */
export interface MarketSums {
  /** Contracts bought of each leg, their money, and the fees of both. */
  yesLots: number;
  noLots: number;
  yesCost: bigint;
  noCost: bigint;
  fees: bigint;
  lastAt: number;
}

export function feeOf(fill: ExchangeFill): bigint {
  return parseDecimal(fill.fee, PICO_DIGITS) ?? 0n;
}

/** What the bought leg cost: an ask buys NO at one dollar less the YES price. */
export function costOf({ side, ticks, lots }: ExchangeFill): bigint {
  const own = (side === ASK ? PRICE_SCALE - ticks : ticks) as Ticks;
  return notional(own, lots, PRICE_SCALE, SIZE_SCALE);
}

export function addFill(sums: OrderSums, fill: ExchangeFill): OrderSums {
  const lots = sums.lots + fill.lots;
  const cost = costOf(fill);
  const fee = feeOf(fill);
  return fill.role === "taker"
    ? { ...sums, lots, takerCost: sums.takerCost + cost, takerFees: sums.takerFees + fee }
    : { ...sums, lots, makerCost: sums.makerCost + cost, makerFees: sums.makerFees + fee };
}

/** Sums by the exchange's order id. */
export function orderSums(fills: readonly ExchangeFill[]): ReadonlyMap<string, OrderSums> {
  const sums = new Map<string, OrderSums>();
  for (const fill of fills) sums.set(fill.orderId, addFill(sums.get(fill.orderId) ?? NO_SUMS, fill));
  return sums;
}

/** Sums by symbol. */
export function marketSums(fills: readonly ExchangeFill[]): ReadonlyMap<string, MarketSums> {
  const all = new Map<string, MarketSums>();
  for (const fill of fills) {
    const sums = all.get(fill.symbol) ?? emptyMarket();
    if (fill.side === ASK) {
      sums.noLots += fill.lots;
      sums.noCost += costOf(fill);
    } else {
      sums.yesLots += fill.lots;
      sums.yesCost += costOf(fill);
    }
    sums.fees += feeOf(fill);
    sums.lastAt = fill.at;
    all.set(fill.symbol, sums);
  }
  return all;
}

function emptyMarket(): MarketSums {
  return { yesLots: 0, noLots: 0, yesCost: 0n, noCost: 0n, fees: 0n, lastAt: 0 };
}

/**
 * Money in the open position, and what closed pairs gained: equal amounts of YES and NO pay one dollar together, each
 * leg at its average price.
 */
export function exposureOf(sums: MarketSums): { readonly exposure: bigint; readonly realised: bigint } {
  const closed = Math.min(sums.yesLots, sums.noLots);
  const paid = partOf(sums.yesCost, closed, sums.yesLots) + partOf(sums.noCost, closed, sums.noLots);
  const realised =
    notional(PRICE_SCALE as Ticks, closed as ExchangeFill["lots"], PRICE_SCALE, SIZE_SCALE) - paid;
  return { exposure: sums.yesCost + sums.noCost - paid, realised };
}

function partOf(money: bigint, lots: number, of: number): bigint {
  return of === 0 ? 0n : (money * BigInt(lots)) / BigInt(of);
}

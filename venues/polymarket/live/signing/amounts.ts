import { PRICE_ONE } from "../../scales.ts";

/** What an order offers and asks, in millionths of a dollar or share; the maker gives, the taker asks. */
export interface OrderAmounts {
  readonly makerAmount: bigint;
  readonly takerAmount: bigint;
}

const TICK = BigInt(PRICE_ONE);
/** Sizes have two decimals; so has the money of an order that takes. */
const CENT = 10_000n;
/** What an order that takes asks for has four decimals at most, whatever the tick. */
const HUNDREDTH_CENT = 100n;

/**
 * Amounts of an order at a limit price. Shares are rounded down to two decimals.
 *
 * `gtc` rests: money is shares times price, exactly. Source: clob-client-v2 1.1.0 `getOrderRawAmounts`.
 *
 * `fak` takes: what is given has two decimals, what is asked four (the venue refuses finer ones: "market buy orders
 * maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals"). A buy states money: it
 * spends that much at the limit or better, so it may bring more shares than asked. The shares asked are rounded down,
 * which keeps the stated price at or above the limit; where that would fall below the least size, a cent more is spent.
 *
 * @param priceTicks limit on the token's own scale. @param lots, leastLots millionths of a share.
 */
export function orderAmounts(
  side: "BUY" | "SELL",
  priceTicks: number,
  lots: number,
  type: "fak" | "gtc",
  leastLots = 0,
): OrderAmounts {
  const price = BigInt(priceTicks);
  const shares = floor(BigInt(lots), CENT);
  const money = shares * price;
  if (side === "SELL") {
    return {
      makerAmount: shares,
      takerAmount: type === "gtc" ? money / TICK : floor(money / TICK, HUNDREDTH_CENT),
    };
  }
  if (type === "gtc") return { makerAmount: money / TICK, takerAmount: shares };
  const spent = floor(money / TICK, CENT);
  const below = sharesFor(spent, price) < BigInt(leastLots) && shares >= BigInt(leastLots);
  const makerAmount = below ? spent + CENT : spent;
  return { makerAmount, takerAmount: sharesFor(makerAmount, price) };
}

function sharesFor(money: bigint, price: bigint): bigint {
  return floor((money * TICK) / price, HUNDREDTH_CENT);
}

function floor(value: bigint, step: bigint): bigint {
  return value - (value % step);
}

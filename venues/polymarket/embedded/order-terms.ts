import {
  ASK,
  BID,
  type ExchangeMarket,
  type Lots,
  type Side,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { PRICE_ONE } from "../scales.ts";
import { Text } from "./answers.ts";
import { sizeText } from "./decimals.ts";
import { sizeRefusal, tickText } from "./order-answers.ts";
import { mirrored } from "./order-registry.ts";
import type { PostOrder } from "./order-schema.ts";

/** One dollar of notional. */
const LEAST_MARKETABLE = 1_000_000n;
/** Rounding of a market order's share amount, in millionths: four decimals at the coarsest tick. */
const AMOUNT_SLACK = 100n;

/** What an order asks for, on the scale of its token and on that of the market's book. */
export interface OrderTerms {
  readonly tokenTicks: Ticks;
  readonly bookTicks: Ticks;
  readonly bookSide: Side;
  readonly lots: Lots;
  /** Money of a BUY in millionths. */
  readonly makerAmount: bigint;
}

/** Price, size and tick of a payload; a text is the refusal. @param id the order's id, for the texts that name it. */
export function termsOfOrder(post: PostOrder, state: ExchangeMarket, id: string): OrderTerms | string {
  const { order, orderType } = post;
  const isBuy = order.side === "BUY";
  const money = BigInt(isBuy ? order.makerAmount : order.takerAmount);
  const shares = BigInt(isBuy ? order.takerAmount : order.makerAmount);
  if (money === 0n || shares === 0n) return Text.ORDER_PAYLOAD;
  const step = state.stepTicks;
  const exact = money * BigInt(PRICE_ONE);
  const ticks = Number((exact + (shares * BigInt(step)) / 2n) / (shares * BigInt(step))) * step;
  const slack = orderType === "FOK" || orderType === "FAK" ? AMOUNT_SLACK * BigInt(PRICE_ONE) : 0n;
  const off = exact - BigInt(ticks) * shares;
  if ((off < 0n ? -off : off) > slack || ticks < step || ticks > PRICE_ONE - step) {
    const price = Number((exact * 1_000_000n) / shares) / (1_000_000 * PRICE_ONE);
    return tickText(id, price, step);
  }
  const { lotStep, minLots } = state.market.listing;
  const lots = Math.floor(Number(shares) / lotStep) * lotStep;
  if (!Number.isSafeInteger(lots)) return Text.ORDER_PAYLOAD;
  if (lots < minLots) return sizeRefusal(id, Number(shares), minLots);
  const side: Side = isBuy ? BID : ASK;
  const onBook = order.tokenId === state.market.symbol ? { side, ticks } : mirrored(side, ticks);
  return {
    tokenTicks: ticks as Ticks,
    bookTicks: onBook.ticks as Ticks,
    bookSide: onBook.side,
    lots: lots as Lots,
    makerAmount: isBuy ? money : 0n,
  };
}

/** The venue's refusal of a taker's order below one dollar; null when it may pass. */
export function tooSmallToTake(post: PostOrder, terms: OrderTerms, crosses: boolean): string | null {
  const takes = crosses || post.orderType === "FOK" || post.orderType === "FAK";
  if (!takes || post.order.side !== "BUY" || terms.makerAmount >= LEAST_MARKETABLE) return null;
  return `invalid amount for a marketable BUY order ($${sizeText(Number(terms.makerAmount))}), min size: $1`;
}

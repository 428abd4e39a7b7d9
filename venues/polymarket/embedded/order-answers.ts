import type { ExchangeFill, ExchangeMarket, OrderRefusal } from "../../../src/contracts/index.ts";
import { PRICE_ONE } from "../scales.ts";
import { tradeId } from "./account-docs.ts";
import { Text } from "./answers.ts";
import { moneyText, priceText, sizeText } from "./decimals.ts";
import type { WireOrder } from "./order-registry.ts";

/** What became of one order of a payload. */
export type Entry =
  | { readonly ok: true; readonly body: object }
  | { readonly ok: false; readonly status: number; readonly error: string };

export function refused(error: string): Entry {
  return { ok: false, status: 400, error };
}

/** The market trades no more. */
export function noBook(): Entry {
  return { ok: false, status: 404, error: Text.NO_BOOK };
}

export function duplicated(id: string): Entry {
  return refused(`order ${id} is invalid. Duplicated.`);
}

/** The venue's words for what the exchange refuses. */
export function refusedBy(why: OrderRefusal, order: WireOrder, state: ExchangeMarket | undefined): Entry {
  const { id, orderType } = order;
  switch (why) {
    case "no_market":
      return refused(Text.TOKEN);
    case "closed":
      return noBook();
    case "paused":
      return refused(Text.NOT_READY);
    case "tick":
      return refused(tickText(id, order.ticks / PRICE_ONE, state?.stepTicks ?? 0));
    case "min_size":
      return refused(sizeRefusal(id, order.lots, state?.market.listing.minLots ?? 0));
    case "funds":
      return refused(Text.FUNDS);
    case "post_only":
      return refused(Text.POST_ONLY);
    case "no_fill":
      return refused(orderType === "FAK" ? Text.FAK : Text.FOK);
    case "duplicate":
      return duplicated(id);
    case "expiry":
      return refused(Text.EXPIRATION);
  }
}

export function tickText(id: string, price: number, stepTicks: number): string {
  return `order ${id} is invalid. Price (${price}) breaks minimum tick size rule: ${priceText(stepTicks)}`;
}

export function sizeRefusal(id: string, lots: number, minLots: number): string {
  return `order ${id} is invalid. Size (${sizeText(lots)}) lower than the minimum: ${sizeText(minLots)}`;
}

/** The answer to an order that was matched at once, wholly or in part. */
export function matchedAnswer(order: WireOrder, fills: readonly ExchangeFill[]): object {
  const own = order.token === order.symbol;
  let lots = 0;
  let quanta = 0n;
  for (const fill of fills) {
    lots += fill.lots;
    quanta += BigInt(own ? fill.ticks : PRICE_ONE - fill.ticks) * BigInt(fill.lots);
  }
  const shares = sizeText(lots);
  const money = moneyText(quanta);
  const buys = order.side === "BUY";
  return {
    ...answerOf(order, "matched", buys ? shares : money, buys ? money : shares),
    transactionsHashes: [],
    tradeIDs: fills.map(tradeId),
  };
}

/** The answer to an order that rests or waits: nothing was matched, so its amounts are empty. */
export function waitingAnswer(order: WireOrder, status: "live" | "delayed"): object {
  return answerOf(order, status, "", "");
}

function answerOf(order: WireOrder, status: string, takingAmount: string, makingAmount: string): object {
  return { errorMsg: "", orderID: order.id, takingAmount, makingAmount, status, success: true };
}

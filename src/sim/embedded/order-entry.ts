import { ASK, BID, type Micros, type OrderRefusal, type OrderRequest } from "../../contracts/index.ts";
import type { Account } from "./account.ts";
import type { ListedMarket, LiveOrder } from "./listed-market.ts";

/** What is wrong with an order before money and liquidity are looked at; null = nothing. */
export function refusalOf(
  request: OrderRequest,
  market: ListedMarket,
  account: Account | undefined,
  now: Micros,
): OrderRefusal | null {
  const { minLots, lotStep } = market.market.listing;
  const { side, ticks, lots, timeInForce, expiresAt, clientId } = request;
  if (market.status === "paused") return "paused";
  if (market.status !== "open") return "closed";
  if (!market.grid.allows(ticks)) return "tick";
  if (!Number.isSafeInteger(lots) || lots <= 0 || lots < minLots || lots % lotStep !== 0) return "min_size";
  if (timeInForce === "gtd" && (expiresAt === null || expiresAt <= now)) return "expiry";
  if (clientId !== null && account?.clientIds.has(clientId) === true) return "duplicate";
  const crosses = market.side(side === BID ? ASK : BID).crosses(ticks);
  return request.postOnly && crosses ? "post_only" : null;
}

export function newOrder(request: OrderRequest, market: ListedMarket, id: string, now: Micros): LiveOrder {
  return {
    id,
    account: request.account,
    clientId: request.clientId,
    market,
    side: request.side,
    ticks: request.ticks,
    lots: request.lots,
    filled: 0,
    status: "resting",
    createdAt: now,
    updatedAt: now,
    committed: 0,
    reserved: 0n,
    accumulator: 0n,
    expiry: null,
  };
}

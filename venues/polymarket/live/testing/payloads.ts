/** For tests: payloads in the venue's words. */

export const token = (market: number, outcome = 0): string =>
  `${market}${String(outcome + 1).padStart(4, "0")}`;
export const condition = (market: number): string => `0x${market.toString(16).padStart(64, "0")}`;

export function gammaMarket(market: number, extra: object = {}): object {
  return {
    id: String(market),
    conditionId: condition(market),
    question: `Market ${market}?`,
    clobTokenIds: JSON.stringify([token(market), token(market, 1)]),
    outcomes: '["Yes", "No"]',
    active: true,
    closed: false,
    acceptingOrders: true,
    enableOrderBook: true,
    negRisk: false,
    orderPriceMinTickSize: 0.01,
    orderMinSize: 5,
    feesEnabled: true,
    feeSchedule: { exponent: 1, rate: 0.05, takerOnly: true, rebateRate: 0.25 },
    volume24hr: market * 10,
    ...extra,
  };
}

export function gammaEvent(id: number, markets: readonly object[], extra: object = {}): object {
  return { id: String(id), title: `Event ${id}`, slug: `event-${id}`, liquidity: 1_000, markets, ...extra };
}

export function book(asset: string, ms = 1_778_480_000_000): object {
  return {
    market: condition(1),
    asset_id: asset,
    timestamp: String(ms),
    hash: "0x",
    bids: [{ price: "0.4", size: "10" }],
    asks: [{ price: "0.5", size: "2.5" }],
  };
}

/** The same as a message of the market channel. */
export function bookFrame(asset: string, ms?: number): object {
  return { event_type: "book", ...book(asset, ms) };
}

export function priceChange(asset: string): string {
  const changes = `[{"asset_id":"${asset}","price":"0.5","size":"1","side":"BUY"}]`;
  return `{"market":"${condition(1)}","price_changes":${changes},"timestamp":"1778480000000","event_type":"price_change"}`;
}

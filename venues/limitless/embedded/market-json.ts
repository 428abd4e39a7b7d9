import type {
  EmbeddedEvent,
  EmbeddedExchange,
  ExchangeMarket,
  Sha256Hex,
} from "../../../src/contracts/index.ts";
import { ASK, BID } from "../../../src/contracts/index.ts";
import { isoOf } from "../encode.ts";
import { PRICE_ONE } from "../scales.ts";
import { EMBEDDED_MIN_SIZE, feeEnabled, isOther, marketIds, negRiskMarketId, wholeSecond } from "./terms.ts";

/** Contracts of the chain; the exchange is stated by every market (Base, chain 8453). */
const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const EXCHANGE = "0x05c748E2f4DcDe0ec9Fa8DDc40DE6b867f923fa5";

/** One market as the catalogue shows it: the fields of the recorded ones without pictures and oracle details. */
export function marketDoc(
  exchange: EmbeddedExchange,
  event: EmbeddedEvent,
  state: ExchangeMarket,
  sha256: Sha256Hex,
): Readonly<Record<string, unknown>> {
  const { spec } = event;
  const { id: slug, outcome, listing } = state.market;
  const { conditionId, tokens } = marketIds(spec, outcome, sha256);
  const opensAt = wholeSecond(spec.opensAt);
  const closesAt = wholeSecond(state.closesAt);
  const yes = middleOf(exchange, state) / PRICE_ONE;
  const volume = Math.floor(spec.volume / (1 + outcome));
  return {
    id: spec.slot * 1_000 + spec.generation * 100 + outcome,
    slug,
    title: listing.title,
    proxyTitle: null,
    description: spec.rules,
    conditionId,
    tokens,
    collateralToken: { address: USDC, decimals: 6, symbol: "USDC" },
    categories: [],
    tags: [],
    createdAt: isoOf(opensAt),
    updatedAt: isoOf(opensAt),
    startAt: isoOf(opensAt),
    expirationDate: isoOf(closesAt).slice(0, 10),
    expirationTimestamp: closesAt / 1_000,
    expired: state.status === "closed",
    hidden: false,
    status: statusOf(state),
    tradeType: "clob",
    marketType: "single",
    groupId: null,
    isOther: isOther(spec, outcome),
    negRiskRequestId:
      negRiskMarketId(event, sha256) === null ? null : `0x${sha256(`${conditionId}/request`)}`,
    winningOutcomeIndex: winnerOf(state),
    metadata: {
      fee: feeEnabled(spec),
      c: 3,
      makerRebateMult: 1,
      marketVariant: "clob",
      shouldMarketMake: true,
    },
    settings: { minSize: EMBEDDED_MIN_SIZE, maxSpread: 0.035, dailyReward: "0", c: "3", takerDelayMs: 0 },
    prices: [yes, Number((1 - yes).toFixed(4))],
    venue: { adapter: null, exchange: EXCHANGE },
    volume: String(volume * 1_000_000),
    volumeFormatted: volume.toFixed(6),
  };
}

/** A question: its only market, or the group of its outcomes. */
export function eventDoc(
  exchange: EmbeddedExchange,
  event: EmbeddedEvent,
  sha256: Sha256Hex,
): Readonly<Record<string, unknown>> | null {
  const markets = event.markets
    .map(({ symbol }) => exchange.market(symbol))
    .filter((state) => state !== undefined)
    .map((state) => marketDoc(exchange, event, state, sha256));
  if (event.spec.kind === "binary") return markets[0] ?? null;
  return {
    id: event.spec.slot,
    slug: event.id,
    title: event.spec.title,
    marketType: "group",
    tradeType: "clob",
    negRiskMarketId: negRiskMarketId(event, sha256),
    outcomeTokens: event.spec.outcomes,
    expirationTimestamp: wholeSecond(event.spec.closesAt) / 1_000,
    status: "FUNDED",
    markets,
  };
}

/** True while at least one market of the question is not resolved: the catalogue shows these only. */
export function isActive(exchange: EmbeddedExchange, event: EmbeddedEvent): boolean {
  return event.markets.some(({ symbol }) => exchange.market(symbol)?.status !== "resolved");
}

function statusOf({ status }: ExchangeMarket): string {
  if (status === "resolved") return "RESOLVED";
  return status === "paused" ? "LOCKED" : "FUNDED";
}

/** Index 0 is YES; null before the end and when neither side won alone. */
function winnerOf({ yesPayout }: ExchangeMarket): number | null {
  if (yesPayout === null || yesPayout === "0.5") return null;
  return yesPayout === "1" ? 0 : 1;
}

/** Ticks between the best prices; a middle of the scale when a side is empty. */
function middleOf(exchange: EmbeddedExchange, { market }: ExchangeMarket): number {
  const bid = exchange.levels(market.symbol, BID)[0]?.ticks ?? 0;
  const ask = exchange.levels(market.symbol, ASK)[0]?.ticks ?? PRICE_ONE;
  return (bid + ask) / 2;
}

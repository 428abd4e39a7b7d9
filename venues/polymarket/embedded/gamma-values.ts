import type { EmbeddedEvent, ExchangeMarket, Micros } from "../../../src/contracts/index.ts";
import { PRICE_ONE } from "../scales.ts";
import { wholeSecond } from "./list.ts";
import { termsOf } from "./terms.ts";

/** Parts of Gamma's documents, in the value forms of the recorded ones. */

const YEAR_DAYS = 365;
const MONTH_DAYS = 30;
const WEEK_DAYS = 7;
/** Displayed liquidity per traded money of a day. It trades nothing, it only looks alike. */
const LIQUIDITY_SHARE = 0.25;

/** A market that trades no more is proposed until it is resolved; only then is it closed. */
export function lifecycle(state: ExchangeMarket, closedAt: Micros | null): object {
  const flags = { active: true, closed: state.status === "resolved" };
  if (state.status === "closed") return { ...flags, umaResolutionStatus: "proposed" };
  if (state.status !== "resolved") return flags;
  const at = closedAt ?? state.closesAt;
  return {
    ...flags,
    closedTime: spaced(at),
    umaEndDate: instant(wholeSecond(at)),
    umaResolutionStatus: "resolved",
  };
}

/** One market in seven was disputed once before it resolved. */
export function umaHistory(state: ExchangeMarket, variety: number): object {
  if (state.status === "closed") return { umaResolutionStatuses: '["proposed"]' };
  if (state.status !== "resolved") return { umaResolutionStatuses: "[]" };
  return {
    umaResolutionStatuses: variety % 7 === 0 ? '["proposed", "disputed", "proposed"]' : '["proposed"]',
  };
}

/** Payouts once resolved, before that the last price of each outcome. */
export function outcomePrices(state: ExchangeMarket): string {
  if (state.yesPayout === "1") return '["1", "0"]';
  if (state.yesPayout === "0") return '["0", "1"]';
  if (state.yesPayout === "0.5") return '["0.5", "0.5"]';
  const yes = state.lastTradeTicks ?? PRICE_ONE / 2;
  return stringList([String(yes / PRICE_ONE), String((PRICE_ONE - yes) / PRICE_ONE)]);
}

/** A list of strings as Gamma writes it: JSON text inside a string, a blank after each comma. */
export function stringList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
}

/** Members of a market that waits for a game. */
export function game(startsAt: Micros, secondsDelay: number) {
  const start = wholeSecond(startsAt);
  return {
    sportsMarketType: "moneyline",
    gameStartTime: spaced(start),
    eventStartTime: instant(start),
    secondsDelay,
  };
}

/** The one tag of an event: its category. */
export function tagOf(event: EmbeddedEvent): object {
  const { tag } = termsOf(event.spec.variety, event.spec.kind === "binary");
  return { id: String(100 + tag.length), label: tag[0]!.toUpperCase() + tag.slice(1), slug: tag };
}

/** Members of an event that stand after its markets. */
export function eventTail({ spec }: EmbeddedEvent): object {
  const set = spec.kind !== "binary";
  return {
    cyom: false,
    showAllOutcomes: true,
    showMarketImages: true,
    enableNegRisk: set,
    automaticallyActive: true,
    negRiskAugmented: spec.kind === "open_bucket",
    ...(set ? { negRiskFeeBips: 0 } : {}),
    pendingDeployment: false,
    deploying: false,
    requiresTranslation: false,
  };
}

/** Totals of an event, from the traded money of a day. */
export function traded(day: number): object {
  return {
    liquidity: day * LIQUIDITY_SHARE,
    volume: day * YEAR_DAYS,
    volume24hr: day,
    volume1wk: day * WEEK_DAYS,
    volume1mo: day * MONTH_DAYS,
    volume1yr: day * YEAR_DAYS,
    liquidityClob: day * LIQUIDITY_SHARE,
  };
}

/** As of an event, but the totals of a market are text, with the numbers beside them. */
export function marketTraded(day: number): object {
  return {
    ...traded(day),
    liquidity: String(day * LIQUIDITY_SHARE),
    volume: String(day * YEAR_DAYS),
    volumeNum: day * YEAR_DAYS,
    liquidityNum: day * LIQUIDITY_SHARE,
    volume24hrClob: day,
    volumeClob: day * YEAR_DAYS,
  };
}

/** `2026-06-22T12:00:00.123456Z`, or without the fraction on a whole second. */
export function instant(at: number): string {
  const text = new Date(Math.floor(at / 1000)).toISOString();
  const micros = Math.floor(at % 1_000_000);
  const head = text.slice(0, 19);
  return micros === 0 ? `${head}Z` : `${head}.${String(micros).padStart(6, "0")}Z`;
}

/** `2025-12-19 23:40:00+00`. */
function spaced(at: number): string {
  return `${new Date(Math.floor(at / 1000)).toISOString().slice(0, 19).replace("T", " ")}+00`;
}

import type { InstrumentStatus, Listing, Micros, VenueId } from "../../src/contracts/index.ts";
import { GammaEventWire, GammaMarketWire } from "./gamma-schemas.ts";
import { parseInstant } from "./instant.ts";
import { feeVersions, listingOf } from "./listing.ts";

/** One outcome market of an event. `listing` is null when it has no two tokens to trade. */
export interface GammaMarket {
  readonly conditionId: string;
  readonly title: string;
  readonly listing: Listing | null;
  readonly negRisk: boolean;
  readonly negRiskMarketId: string;
  readonly negRiskOther: boolean;
  /** Index of the question within its negative-risk event; -1 when the question id does not say. */
  readonly questionIndex: number;
  /** Protocol version: "v1", "v2", or null when not stated. */
  readonly version: string | null;
  /** Payout of outcome 0 as decimal text once resolved, else null. */
  readonly yesPayout: string | null;
}

export interface GammaEvent {
  readonly id: string;
  readonly title: string;
  readonly negRisk: boolean;
  readonly negRiskMarketId: string;
  /** null = not stated. */
  readonly augmented: boolean | null;
  readonly feeBips: number | null;
  readonly markets: readonly GammaMarket[];
  /** Entries of `markets` that are no Gamma market. */
  readonly unreadable: number;
}

/** An event with its markets as of `at`; null when it is no Gamma event. */
export function parseGammaEvent(value: unknown, venue: VenueId, at: Micros): GammaEvent | null {
  const parsed = GammaEventWire.safeParse(value);
  if (!parsed.success) return null;
  const event = parsed.data;
  const markets = event.markets.map((market) => parseGammaMarket(market, venue, at));
  const readable = markets.filter((market) => market !== null);
  return {
    id: event.id,
    title: event.title ?? event.slug ?? event.id,
    negRisk: event.negRisk === true,
    negRiskMarketId: event.negRiskMarketID ?? "",
    augmented: event.negRiskAugmented ?? null,
    feeBips: event.negRiskFeeBips ?? null,
    markets: readable,
    unreadable: markets.length - readable.length,
  };
}

/** A market as of `at` (its status depends on it); null when it is no Gamma market. */
export function parseGammaMarket(value: unknown, venue: VenueId, at: Micros): GammaMarket | null {
  const parsed = GammaMarketWire.safeParse(value);
  if (!parsed.success) return null;
  const market = parsed.data;
  const tokens = textList(market.clobTokenIds);
  const outcomes = textList(market.outcomes);
  const [first, second] = tokens;
  const tradable = tokens.length === 2 && outcomes.length === 2 && market.conditionId !== "";
  return {
    conditionId: market.conditionId,
    title: market.groupItemTitle || market.question || market.id,
    listing: tradable ? listing(market, [first!, second!], venue, at) : null,
    negRisk: market.negRisk === true,
    negRiskMarketId: market.negRiskMarketID ?? "",
    negRiskOther: market.negRiskOther === true,
    questionIndex: questionIndex(market),
    version: market.version ?? null,
    yesPayout: payout(market),
  };
}

function listing(
  market: GammaMarketWire,
  tokens: readonly [string, string],
  venue: VenueId,
  at: Micros,
): Listing {
  const schedule = market.feeSchedule ?? null;
  return listingOf({
    venue,
    conditionId: market.conditionId,
    tokens,
    title: market.question || market.slug || market.id,
    tickSize: decimal(market.orderPriceMinTickSize),
    minSize: decimal(market.orderMinSize),
    fees: feeVersions(
      {
        enabled: market.feesEnabled ?? null,
        schedule:
          schedule === null
            ? null
            : {
                rate: decimal(schedule.rate) ?? "",
                exponent: decimal(schedule.exponent) ?? "",
                takerOnly: schedule.takerOnly ?? false,
              },
      },
      `gamma market ${market.id}`,
    ),
    status: gammaStatus(market, at),
    opensAt: parseInstant(market.acceptingOrdersTimestamp),
    closesAt: closesAt(market),
  });
}

/**
 * Tradable = active, not closed, order book on, accepting orders, no resolution under way, and not past the start of
 * its game. `gameStartTime` counts only where the venue acts on it (the book is cleared, marketable orders wait, or it
 * is a sports market): daily weather markets carry a local midnight there and trade through it.
 * A flag that is not stated gives `unknown`.
 */
function gammaStatus(market: GammaMarketWire, at: Micros): InstrumentStatus {
  const uma = market.umaResolutionStatus ?? "";
  if (market.closed === true || market.archived === true) {
    return uma === "resolved" || uma === "settled" ? "resolved" : "closed";
  }
  const { active, closed, enableOrderBook, acceptingOrders } = market;
  if (active == null || closed == null || enableOrderBook == null || acceptingOrders == null)
    return "unknown";
  if (!active || !enableOrderBook || !acceptingOrders || uma !== "") return "paused";
  const start = startsGame(market) ? parseInstant(market.gameStartTime) : null;
  return start !== null && start <= at ? "paused" : "open";
}

function startsGame(market: GammaMarketWire): boolean {
  return (
    market.clearBookOnStart === true ||
    (market.secondsDelay ?? 0) > 0 ||
    (market.sportsMarketType ?? "") !== ""
  );
}

/** When it did close, or when its game starts. `endDate` is no cut-off: one open market in eight is past it. */
function closesAt(market: GammaMarketWire): Micros | null {
  if (market.closed === true) return parseInstant(market.closedTime);
  return startsGame(market) ? parseInstant(market.gameStartTime) : null;
}

/** The winner is known when the market is closed, its resolution is final and an outcome's price is exactly 1 (or both 0.5). */
function payout(market: GammaMarketWire): string | null {
  const final = market.umaResolutionStatus === "resolved" || market.umaResolutionStatus === "settled";
  if (market.closed !== true || !final) return null;
  const [first, second] = textList(market.outcomePrices).map(Number);
  if (first === 1 && second === 0) return "1";
  if (first === 0 && second === 1) return "0";
  return first === 0.5 && second === 0.5 ? "0.5" : null;
}

/** A negative-risk question id is its event's id with the question's index in the last byte (NegRiskAdapter). */
function questionIndex(market: GammaMarketWire): number {
  const question = market.questionID ?? "";
  const event = market.negRiskMarketID ?? "";
  if (!/^0x[0-9a-f]{64}$/.test(question) || event.length !== question.length) return -1;
  return question.slice(0, -2) === event.slice(0, -2) ? Number.parseInt(question.slice(-2), 16) : -1;
}

/** Gamma's lists of strings are JSON text inside a string. */
function textList(text: string | null | undefined): readonly string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) && list.every((item) => typeof item === "string") ? list : [];
  } catch {
    return [];
  }
}

/** Numbers of Gamma's JSON are short decimals: their shortest text is the decimal. Exponent forms are refused later. */
function decimal(value: number | string | null | undefined): string | null {
  return value == null ? null : String(value);
}

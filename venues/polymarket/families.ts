import { hash as digest } from "node:crypto";
import type { BookId, Evidence, Family, Label, Transform, VenueId } from "../../src/contracts/index.ts";
import type { GammaEvent, GammaMarket } from "./gamma.ts";
import { marketKey } from "./listing.ts";

/** Where the labels come from: the contract that settles negative-risk events. */
const SOURCE = "NegRiskAdapter: exactly one question of a market may resolve YES; Gamma event fields";

/**
 * The outcomes of one event as a family; null for events of fewer than two markets.
 *
 * Exclusive: the settlement contract allows one YES among the questions of a negative-risk event. Exhaustive: only when
 * the event is not augmented and its questions are listed without a hole from index 0. All other groups (ladders,
 * dates, several winners) carry no such promise: both labels are unknown.
 * @param bookOf book of a market, -1 when it has none.
 */
export function familyOf(
  event: GammaEvent,
  venue: VenueId,
  bookOf: (market: GammaMarket) => number,
): Family | null {
  const { markets } = event;
  if (markets.length < 2) return null;
  const members: BookId[] = [];
  const unquoted: string[] = [];
  for (const market of markets) {
    const book = bookOf(market);
    if (book === -1) unquoted.push(market.title);
    else members.push(book as BookId);
  }
  const oneRisk = isOneNegativeRisk(event);
  const evidence = evidenceText(event);
  return {
    id: `${venue}:event:${event.id}`,
    kind: "event",
    venue,
    title: event.title,
    members,
    unquoted,
    exclusive: label(oneRisk ? "yes" : "unknown", evidence),
    exhaustive: label(oneRisk && isComplete(event) ? "yes" : "unknown", evidence),
    atMost: null,
    transforms: oneRisk ? conversions(event, venue) : [],
  };
}

/** Every market of the event is a question of the same negative-risk market. */
function isOneNegativeRisk(event: GammaEvent): boolean {
  const id = event.negRiskMarketId;
  return (
    event.negRisk &&
    id !== "" &&
    event.unreadable === 0 &&
    event.markets.every((market) => market.negRisk && market.negRiskMarketId === id)
  );
}

/** Not augmented, and the questions are 0, 1, … without a hole or a repetition. */
function isComplete(event: GammaEvent): boolean {
  if (event.augmented !== false || event.markets.some((market) => market.negRiskOther)) return false;
  const indices = event.markets.map((market) => market.questionIndex).sort((a, b) => a - b);
  return indices.every((index, i) => index === i);
}

/** Burning NO of m questions pays m - 1 and YES of the rest; only with its fee stated. */
function conversions(event: GammaEvent, venue: VenueId): readonly Transform[] {
  if (event.feeBips === null) return [];
  const markets = event.markets.map((market) => marketKey(venue, market.conditionId));
  return [{ type: "neg_risk_convert", markets, feeBips: event.feeBips, maxLots: null }];
}

function label(value: Label, evidence: string): Evidence {
  return { label: value, source: SOURCE, hash: digest("sha256", evidence), expiresAt: null };
}

/** What the labels rest on, and nothing that moves with the market. */
function evidenceText(event: GammaEvent): string {
  return JSON.stringify({
    event: event.id,
    negRisk: event.negRisk,
    negRiskMarketID: event.negRiskMarketId,
    negRiskAugmented: event.augmented,
    questions: event.markets.map(({ conditionId, negRisk, negRiskMarketId, negRiskOther, questionIndex }) => [
      conditionId,
      negRisk,
      negRiskMarketId,
      negRiskOther,
      questionIndex,
    ]),
  });
}

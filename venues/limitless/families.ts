import { hash as digest } from "node:crypto";
import type { BookId, Evidence, Family, Label, VenueId } from "../../src/contracts/index.ts";
import type { CatalogueEntry, LimitlessMarket } from "./metadata.ts";

const SOURCE =
  "negative-risk market: at most one question resolves YES; isOther: the outcome for all the rest";

/**
 * The outcomes of a group as a family; null for what is no group of at least two.
 *
 * Exclusive: every outcome is a question of the group's negative-risk market. Exhaustive: only when one of them also
 * stands for all that is not named, and all of them could be read. Other groups carry no promise: unknown.
 * @param bookOf book of a market, -1 when it has none.
 */
export function familyOf(
  { group, markets }: CatalogueEntry,
  venue: VenueId,
  bookOf: (market: LimitlessMarket) => number,
): Family | null {
  if (group === null || markets.length < 2) return null;
  const members = markets.map(bookOf).filter((book) => book !== -1);
  const oneRisk =
    group.negRiskMarketId !== null && group.unreadable === 0 && markets.every(({ negRisk }) => negRisk);
  const complete = oneRisk && markets.filter(({ isOther }) => isOther).length === 1;
  const evidence = JSON.stringify({
    group: group.slug,
    negRiskMarketId: group.negRiskMarketId,
    unreadable: group.unreadable,
    markets: markets.map(({ slug, negRisk, isOther }) => [slug, negRisk, isOther]),
  });
  return {
    id: `${venue}:event:${group.slug}`,
    kind: "event",
    venue,
    title: group.title,
    members: members as BookId[],
    unquoted: markets.filter((market) => bookOf(market) === -1).map(({ title }) => title),
    exclusive: label(oneRisk ? "yes" : "unknown", evidence),
    exhaustive: label(complete ? "yes" : "unknown", evidence),
    atMost: null,
    // A conversion's fee is not stated, so none is offered.
    transforms: [],
  };
}

function label(value: Label, evidence: string): Evidence {
  return { label: value, source: SOURCE, hash: digest("sha256", evidence), expiresAt: null };
}

import type {
  EmbeddedEvent,
  EmbeddedMarket,
  EventSpec,
  Sha256Hex,
  VenueId,
} from "../../../src/contracts/index.ts";
import { listingOf } from "../listing.ts";
import {
  EMBEDDED_MIN_SIZE,
  EMBEDDED_TAKER_FEE_BPS,
  feeEnabled,
  marketIds,
  questionSlug,
  wholeSecond,
} from "./terms.ts";

/**
 * A question as this venue lists it: a binary is one market, a bucket a negative-risk group with one market per outcome.
 * The exchange charges what the listing says; a session reads the same listing from the catalogue, where a fee that is
 * on is unknown unless its profile assumes one.
 */
export function listEvent(spec: EventSpec, venue: VenueId, sha256: Sha256Hex): EmbeddedEvent {
  const id = questionSlug(spec);
  const markets = spec.outcomes.map((name, outcome): EmbeddedMarket => {
    const { slug, tokens } = marketIds(spec, outcome, sha256);
    const listing = listingOf({
      venue,
      slug,
      title: spec.kind === "binary" ? spec.title : name,
      tokens,
      status: "open",
      feeEnabled: feeEnabled(spec),
      assumedTakerFeeBps: EMBEDDED_TAKER_FEE_BPS,
      minSize: EMBEDDED_MIN_SIZE,
      opensAt: wholeSecond(spec.opensAt),
      closesAt: wholeSecond(spec.closesAt),
    });
    return { symbol: tokens.yes, mirrorSymbol: tokens.no, id: slug, event: id, outcome, listing };
  });
  return { id, spec, markets };
}

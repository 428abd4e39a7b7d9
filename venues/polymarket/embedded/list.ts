import type {
  EmbeddedEvent,
  EmbeddedMarket,
  EventSpec,
  Micros,
  Sha256Hex,
  VenueId,
} from "../../../src/contracts/index.ts";
import { feeVersions, listingOf } from "../listing.ts";
import { eventNumber, marketIds, marketNumber } from "./identity.ts";
import { termsOf } from "./terms.ts";

/** Least order in shares, as Gamma states it for every market of today. */
export const MIN_SHARES = 5;
const SECOND = 1_000_000;

/**
 * A question as this venue lists it: a binary is one market of its own, a bucket a negative-risk event with one market
 * per outcome. The listing is what the venue's own reading of the served catalogue gives.
 */
export function listEvent(spec: EventSpec, venue: VenueId, sha256: Sha256Hex): EmbeddedEvent {
  const id = String(eventNumber(spec));
  const markets = spec.outcomes.map((_, outcome) => listMarket(spec, outcome, venue, sha256));
  return { id, spec, markets };
}

/** Title of an outcome's market: the question itself, or the question with its outcome. */
export function questionOf(spec: EventSpec, outcome: number): string {
  if (spec.kind === "binary") return spec.title;
  return `${spec.title.replace(/\?$/, "")}: ${spec.outcomes[outcome] ?? OTHER}?`;
}

/** Name of the outcome that stands for all that an open event does not name. */
export const OTHER = "Other";

/** Catalogue instants are whole seconds. */
export function wholeSecond(at: Micros): Micros {
  return (Math.floor(at / SECOND) * SECOND) as Micros;
}

function listMarket(spec: EventSpec, outcome: number, venue: VenueId, sha256: Sha256Hex): EmbeddedMarket {
  const terms = termsOf(spec.variety, spec.kind === "binary");
  const { conditionId, tokens } = marketIds(spec, outcome, sha256);
  const { fee } = terms;
  const listing = listingOf({
    venue,
    conditionId,
    tokens,
    title: questionOf(spec, outcome),
    tickSize: terms.tick,
    minSize: String(MIN_SHARES),
    fees: feeVersions(
      {
        enabled: fee !== null,
        schedule:
          fee === null
            ? null
            : { rate: String(fee.rate), exponent: String(fee.exponent), takerOnly: fee.takerOnly },
      },
      `gamma market ${marketNumber(spec, outcome)}`,
    ),
    status: "open",
    opensAt: wholeSecond(spec.opensAt),
    closesAt: terms.secondsDelay > 0 ? wholeSecond(spec.closesAt) : null,
  });
  return {
    symbol: tokens[0],
    mirrorSymbol: tokens[1],
    id: conditionId,
    event: String(eventNumber(spec)),
    outcome,
    listing,
  };
}

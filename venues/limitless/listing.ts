import {
  type FeeVersion,
  type InstrumentStatus,
  type Listing,
  type Lots,
  type Micros,
  parseScaled,
  type TickRange,
  type Ticks,
  type VenueId,
} from "../../src/contracts/index.ts";
import { PRICE_ONE, SCALES } from "./scales.ts";

/** Order sizes are multiples of 0.001 share (SDK, orders/builder.ts). */
const LOT_STEP = 1_000;
/** Least order of every recorded market, in quanta: 100 shares. Used where none is stated. */
const USUAL_MIN = 100_000_000;
const GRID: readonly TickRange[] = [
  { fromTicks: 1 as Ticks, toTicks: (PRICE_ONE - 1) as Ticks, stepTicks: 1 as Ticks },
];

/** Terms of one market with an order book. */
export interface MarketTerms {
  readonly venue: VenueId;
  readonly slug: string;
  readonly title: string;
  readonly tokens: { readonly yes: string; readonly no: string };
  readonly status: InstrumentStatus;
  /** `metadata.fee`; null = not stated. */
  readonly feeEnabled: boolean | null;
  readonly assumedTakerFeeBps: string | null;
  /** Whole quanta of a share, as text; null = not stated. */
  readonly minSize: string | null;
  readonly opensAt: Micros | null;
  readonly closesAt: Micros | null;
}

/** The group key of a market's book and settlement. */
export function marketKey(venue: VenueId, slug: string): string {
  return `${venue}:${slug}`;
}

/** One market as a unified book on the YES scale; its symbol is the YES token, the NO token mirrors it. */
export function listingOf(terms: MarketTerms): Listing {
  const minLots = terms.minSize === null ? null : parseScaled(terms.minSize, 0);
  return {
    symbol: terms.tokens.yes,
    mirrorSymbol: terms.tokens.no,
    market: marketKey(terms.venue, terms.slug),
    side: "unified",
    title: terms.title,
    priceScale: SCALES.priceScale,
    sizeScale: SCALES.sizeScale,
    tickRanges: GRID,
    minLots: (minLots ?? USUAL_MIN) as Lots,
    lotStep: LOT_STEP as Lots,
    fees: [feeOf(terms)],
    currency: SCALES.currency,
    status: terms.status,
    opensAt: terms.opensAt,
    closesAt: terms.closesAt,
  };
}

/**
 * `metadata.fee` false is no fee (SDK, types/markets.ts: "fee enabled flag"). Where fees are on, a buyer pays in shares
 * (SDK, types/orders.ts), but how much is not published: unknown, unless the profile assumes a share.
 */
function feeOf({ feeEnabled, assumedTakerFeeBps: bps }: MarketTerms): FeeVersion {
  const from = 0 as Micros;
  if (feeEnabled === false)
    return { id: "none", from, spec: { type: "none" }, source: "metadata.fee of the market" };
  if (bps === null) {
    const why =
      feeEnabled === null ? "not stated whether fees are enabled" : "the fee curve is not published";
    return { id: "unknown", from, spec: { type: "unknown", why }, source: "metadata.fee of the market" };
  }
  return {
    id: `assumed-in-shares-${bps}`,
    from,
    spec: { type: "in_shares", bps },
    source: `assumed by the profile: session.assumedTakerFeeBps ${bps}`,
  };
}

import { z } from "zod";
import type { InstrumentStatus, Listing, Micros, VenueId } from "../../src/contracts/index.ts";
import { listingOf } from "./listing.ts";
import { parseInstant } from "./scales.ts";

/** Markets and groups as `GET /markets/active` and `GET /markets/{slug}` show them. */

const token = z.string().regex(/^\d{1,78}$/);
const slug = z.string().regex(/^[A-Za-z0-9_-]{1,200}$/);
const text = z.string().nullish().catch(null);
const flag = z.boolean().nullish().catch(null);

const marketSchema = z.object({
  slug,
  title: z.string(),
  status: z.string(),
  tradeType: text,
  tokens: z.object({ yes: token, no: token }).nullish(),
  expired: flag,
  expirationTimestamp: z.number().nullish().catch(null),
  startAt: text,
  metadata: z.object({ fee: flag }).nullish().catch(null),
  settings: z.object({ minSize: text }).nullish().catch(null),
  winningOutcomeIndex: z.number().nullish().catch(null),
  negRiskRequestId: text,
  isOther: flag,
  volumeFormatted: text,
});
const groupSchema = z.object({
  slug,
  title: z.string(),
  markets: z.array(z.unknown()),
  negRiskMarketId: text,
});
const pageSchema = z.object({ data: z.array(z.unknown()), totalMarketsCount: z.int().nonnegative() });

export interface LimitlessMarket {
  readonly slug: string;
  readonly title: string;
  /** Null: no order book (an AMM market). */
  readonly listing: Listing | null;
  readonly status: InstrumentStatus;
  /** Payout of YES once resolved; null before, and where no winner is named. */
  readonly yesPayout: "0" | "1" | null;
  /** A question of a negative-risk market. */
  readonly negRisk: boolean;
  /** The outcome that stands for all that is not named. */
  readonly isOther: boolean;
  /** Traded money in whole dollars since the market began; only ranks. */
  readonly volume: number;
}

/** One entry of the catalogue: a market of its own, or a group of outcomes. */
export interface CatalogueEntry {
  readonly group: {
    readonly slug: string;
    readonly title: string;
    readonly negRiskMarketId: string | null;
    /** Outcomes that could not be read. */
    readonly unreadable: number;
  } | null;
  readonly markets: readonly LimitlessMarket[];
}

export interface CataloguePage {
  readonly entries: readonly unknown[];
  /** Entries of all pages. */
  readonly total: number;
}

/** How metadata is read: what a profile assumes where the venue publishes nothing. */
export interface MetadataTerms {
  readonly venue: VenueId;
  /** Basis points of the bought shares a taker is assumed to pay; null = the fee is unknown. */
  readonly assumedTakerFeeBps: string | null;
}

/** Null when the value is no page of `/markets/active`. */
export function readPage(value: unknown): CataloguePage | null {
  const page = pageSchema.safeParse(value).data;
  return page === undefined ? null : { entries: page.data, total: page.totalMarketsCount };
}

/** Null when the value is neither a market nor a group. */
export function readEntry(value: unknown, terms: MetadataTerms): CatalogueEntry | null {
  const group = groupSchema.safeParse(value).data;
  if (group === undefined) {
    const market = readMarket(value, terms);
    return market === null ? null : { group: null, markets: [market] };
  }
  const markets = group.markets
    .map((market) => readMarket(market, terms))
    .filter((market) => market !== null);
  const { slug: own, title, negRiskMarketId } = group;
  const unreadable = group.markets.length - markets.length;
  return { group: { slug: own, title, negRiskMarketId: negRiskMarketId || null, unreadable }, markets };
}

function readMarket(value: unknown, terms: MetadataTerms): LimitlessMarket | null {
  const market = marketSchema.safeParse(value).data;
  if (market === undefined) return null;
  const status = statusOf(market.status, market.expired ?? null);
  const { tokens } = market;
  const hasBook = tokens !== null && tokens !== undefined && (market.tradeType ?? "clob") === "clob";
  const expiry = market.expirationTimestamp ?? null;
  const listing = hasBook
    ? listingOf({
        ...terms,
        slug: market.slug,
        title: market.title,
        tokens,
        status,
        feeEnabled: market.metadata?.fee ?? null,
        minSize: market.settings?.minSize ?? null,
        opensAt: instantOf(market.startAt ?? ""),
        closesAt: expiry === null ? null : instantOf(String(expiry)),
      })
    : null;
  const winner = market.winningOutcomeIndex ?? null;
  return {
    slug: market.slug,
    title: market.title,
    listing,
    status,
    yesPayout: status === "resolved" && (winner === 0 || winner === 1) ? (winner === 0 ? "1" : "0") : null,
    negRisk: (market.negRiskRequestId ?? "") !== "",
    isOther: market.isOther === true,
    volume: amount(market.volumeFormatted ?? ""),
  };
}

/** FUNDED is the only status seen open; what is not known is not traded. */
function statusOf(status: string, expired: boolean | null): InstrumentStatus {
  if (status === "RESOLVED") return "resolved";
  if (expired === true) return "closed";
  return status === "FUNDED" ? "open" : "unknown";
}

function instantOf(stated: string): Micros | null {
  return parseInstant(stated) as Micros | null;
}

function amount(stated: string): number {
  const value = Number(stated);
  return Number.isFinite(value) && value > 0 ? value : 0;
}

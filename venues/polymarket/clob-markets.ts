import type { InstrumentStatus, Listing, Micros, VenueId } from "../../src/contracts/index.ts";
import { ClobMarketWire, CompactMarketWire } from "./clob-schemas.ts";
import { parseInstant } from "./instant.ts";
import { feeVersions, listingOf } from "./listing.ts";

/** A market as the CLOB lists it. */
export interface ClobMarket {
  readonly conditionId: string;
  /** null when it has no two tokens to trade. */
  readonly listing: Listing | null;
  /** Payout of outcome 0 as decimal text once a winner is named, else null. */
  readonly yesPayout: string | null;
}

/** `/markets` or `/clob-markets/{condition}`; null when it is neither. The long form does not state fees. */
export function parseClobMarket(value: unknown, venue: VenueId): ClobMarket | null {
  const long = ClobMarketWire.safeParse(value);
  if (long.success) return longForm(long.data, venue);
  const compact = CompactMarketWire.safeParse(value);
  return compact.success ? compactForm(compact.data, venue) : null;
}

function longForm(market: ClobMarketWire, venue: VenueId): ClobMarket {
  const tokens = market.tokens.map((token) => token.token_id);
  const payout = yesPayout(market);
  return {
    conditionId: market.condition_id,
    yesPayout: payout,
    listing: build({
      venue,
      conditionId: market.condition_id,
      tokens,
      title: market.question || market.market_slug || market.condition_id,
      tick: market.minimum_tick_size,
      minimum: market.minimum_order_size,
      fee: null,
      status: payout === null ? status(market) : "resolved",
      opensAt: parseInstant(market.accepting_order_timestamp),
    }),
  };
}

/** The compact form says whether orders are accepted, not whether the market is active: at best unknown. */
function compactForm(market: CompactMarketWire, venue: VenueId): ClobMarket {
  return {
    conditionId: market.c,
    yesPayout: null,
    listing: build({
      venue,
      conditionId: market.c,
      tokens: market.t.map((token) => token.t),
      title: market.c,
      tick: market.mts,
      minimum: market.mos,
      fee: market.fd ?? null,
      status: market.ao === false ? "paused" : "unknown",
      opensAt: null,
    }),
  };
}

interface Parts {
  readonly venue: VenueId;
  readonly conditionId: string;
  readonly tokens: readonly string[];
  readonly title: string;
  readonly tick: number | null | undefined;
  readonly minimum: number | null | undefined;
  readonly fee: CompactMarketWire["fd"] | null;
  readonly status: InstrumentStatus;
  readonly opensAt: Micros | null;
}

function build(parts: Parts): Listing | null {
  const [first, second] = parts.tokens;
  if (!first || !second || parts.tokens.length !== 2 || parts.conditionId === "") return null;
  const { fee } = parts;
  const schedule = fee == null ? null : { rate: String(fee.r), exponent: String(fee.e), takerOnly: fee.to };
  return listingOf({
    venue: parts.venue,
    conditionId: parts.conditionId,
    tokens: [first, second],
    title: parts.title,
    tickSize: parts.tick == null ? null : String(parts.tick),
    minSize: parts.minimum == null ? null : String(parts.minimum),
    fees: feeVersions({ enabled: schedule === null ? null : true, schedule }, "clob market"),
    status: parts.status,
    opensAt: parts.opensAt,
    closesAt: null,
  });
}

function status(market: ClobMarketWire): InstrumentStatus {
  const { active, closed, archived, accepting_orders: accepting, enable_order_book: book } = market;
  if (closed === true || archived === true) return "closed";
  if (active == null || closed == null || accepting == null || book == null) return "unknown";
  return active && accepting && book ? "open" : "paused";
}

function yesPayout(market: ClobMarketWire): string | null {
  const winners = market.tokens.filter((token) => token.winner === true);
  if (market.closed !== true || winners.length !== 1) return null;
  return winners[0] === market.tokens[0] ? "1" : "0";
}

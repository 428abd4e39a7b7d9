import type { Side } from "./fact.ts";
import type { Level } from "./lane.ts";
import type { InstrumentStatus, VenueId } from "./market.ts";
import type { Cancel, Timers } from "./net.ts";
import type { Rng, Sha256Hex } from "./ports.ts";
import type { Lots, Micros, Ticks } from "./units.ts";
import type { Listing } from "./venue.ts";

/**
 * Embedded venues: servers inside EMP that speak a venue's own wire. The matching engine (src/sim/embedded) is shared
 * and knows no wire; each venue's server translates between its wire and the engine.
 */

/** A question in venue-neutral words; each venue turns it into its own tickers, ids, ticks and fees. */
export interface EventSpec {
  /** The same topic on two venues is the same question with coherent prices. */
  readonly topic: string;
  /** Position in the universe, and how often that place was filled anew. */
  readonly slot: number;
  readonly generation: number;
  /** `bucket`: exclusive and exhaustive; `open_bucket`: exclusive only. */
  readonly kind: "binary" | "bucket" | "open_bucket";
  readonly title: string;
  /** One title per outcome market; one for a binary. */
  readonly outcomes: readonly string[];
  readonly rules: string;
  readonly opensAt: Micros;
  readonly closesAt: Micros;
  /** Chooses among the venue's ticks and fees. */
  readonly variety: number;
  /** Traded money of the last day in whole currency units. */
  readonly volume: number;
}

export interface EmbeddedMarket {
  readonly symbol: string;
  readonly mirrorSymbol: string | null;
  /** The venue's id of the market, without the venue's prefix. */
  readonly id: string;
  readonly event: string;
  /** Index among the event's outcomes. */
  readonly outcome: number;
  readonly listing: Listing;
}

export interface EmbeddedEvent {
  readonly id: string;
  readonly spec: EventSpec;
  readonly markets: readonly EmbeddedMarket[];
}

/** A market as it stands now. */
export interface ExchangeMarket {
  readonly market: EmbeddedMarket;
  readonly status: InstrumentStatus;
  readonly stepTicks: Ticks;
  /** Payout of YES once resolved; null before. */
  readonly yesPayout: "0" | "1" | "0.5" | null;
  readonly closesAt: Micros;
  readonly lastTradeTicks: Ticks | null;
}

export interface OrderRequest {
  readonly account: string;
  /** The client's own id; the same one twice is refused as `duplicate`. Null = none. */
  readonly clientId: string | null;
  /** The book's own symbol (never the mirror). */
  readonly symbol: string;
  /** BID buys YES, ASK sells YES (or buys NO), on the YES scale. */
  readonly side: Side;
  readonly ticks: Ticks;
  readonly lots: Lots;
  readonly timeInForce: "gtc" | "gtd" | "ioc" | "fok";
  readonly postOnly: boolean;
  /** For `gtd`. */
  readonly expiresAt: Micros | null;
}

export interface ExchangeOrder {
  readonly id: string;
  readonly account: string;
  readonly clientId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly ticks: Ticks;
  readonly lots: Lots;
  readonly filledLots: Lots;
  readonly status: "resting" | "filled" | "cancelled";
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
}

export interface ExchangeFill {
  readonly id: string;
  readonly orderId: string;
  readonly clientId: string | null;
  readonly account: string;
  readonly symbol: string;
  /** Side of this account's order. */
  readonly side: Side;
  readonly ticks: Ticks;
  readonly lots: Lots;
  readonly role: "taker" | "maker";
  /** Decimal text of whole currency units, from the listing's fee in force. */
  readonly fee: string;
  readonly at: Micros;
}

export type OrderRefusal =
  | "no_market"
  | "closed"
  | "paused"
  | "tick"
  | "min_size"
  | "funds"
  | "post_only"
  | "no_fill"
  | "duplicate"
  | "expiry";

export type OrderAnswer =
  | { readonly ok: true; readonly order: ExchangeOrder; readonly fills: readonly ExchangeFill[] }
  | { readonly ok: false; readonly why: OrderRefusal };

/** What happened at the exchange, in order. Levels carry the totals after the change. */
export type ExchangeChange = { readonly at: Micros } & (
  | {
      readonly kind: "level";
      readonly symbol: string;
      readonly side: Side;
      readonly ticks: Ticks;
      readonly lotsChange: Lots;
      readonly lots: Lots;
      readonly bestBid: number;
      readonly bestAsk: number;
      /** Whose order changed it; null = nobody with a private channel. */
      readonly account: string | null;
      readonly clientId: string | null;
    }
  | {
      readonly kind: "trade";
      readonly symbol: string;
      /** Taker side. */
      readonly side: Side;
      readonly ticks: Ticks;
      readonly lots: Lots;
      readonly tradeId: number;
    }
  | {
      readonly kind: "tick_size";
      readonly symbol: string;
      readonly oldStepTicks: Ticks;
      readonly newStepTicks: Ticks;
    }
  | { readonly kind: "status"; readonly symbol: string; readonly status: InstrumentStatus }
  | { readonly kind: "listed"; readonly event: EmbeddedEvent }
  | { readonly kind: "resolved"; readonly symbol: string; readonly yesPayout: "0" | "1" | "0.5" }
  | {
      readonly kind: "order";
      readonly order: ExchangeOrder;
      readonly why: "placed" | "filled" | "cancelled" | "expired" | "halted";
    }
  | { readonly kind: "fill"; readonly fill: ExchangeFill }
);

/** A matching engine with price-time priority, seen from a server. Synchronous: a change is announced before the call that made it returns. */
export interface EmbeddedExchange {
  readonly venue: VenueId;
  /** Every event listed so far and not yet forgotten, oldest first. */
  events(): readonly EmbeddedEvent[];
  event(id: string): EmbeddedEvent | undefined;
  /** By the book's symbol or its mirror's. */
  market(symbol: string): ExchangeMarket | undefined;
  /** All levels of a side, best first. */
  levels(symbol: string, side: Side): readonly Level[];
  listen(listener: (change: ExchangeChange) => void): Cancel;
  submit(request: OrderRequest): OrderAnswer;
  /** Null: not resting (unknown, filled or cancelled before). */
  cancel(account: string, orderId: string): ExchangeOrder | null;
  /** Everything of an account, or only in one market. @returns the cancelled orders. */
  cancelAll(account: string, symbol: string | null): readonly ExchangeOrder[];
  orders(account: string): readonly ExchangeOrder[];
  fills(account: string): readonly ExchangeFill[];
  /** Signed YES position in lots by symbol (negative = NO). */
  positions(account: string): ReadonlyMap<string, Lots>;
  /** Free cash as decimal text of whole currency units. */
  cash(account: string): string;
  /** One YES and one NO of each of `lots` for one unit of cash each, and back. False: not enough. */
  split(account: string, symbol: string, lots: Lots): boolean;
  merge(account: string, symbol: string, lots: Lots): boolean;
  /** Negative-risk conversion: NO of m questions -> (m-1) cash and YES of every other question. */
  convert(account: string, event: string, symbols: readonly string[], lots: Lots): boolean;
}

/** A request as it reaches a server. `path` with its query, below the origin. */
export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ServedAnswer {
  /** 0: no answer at all, the connection breaks. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The client's end of a served socket. */
export interface ServedPeer {
  send(text: string): void;
  ping(body: string): void;
  /** Code 1006: the connection breaks without a closing handshake. */
  close(code: number, reason: string): void;
}

/** The server's end of a served socket. */
export interface ServedSocket {
  message(text: string): void;
  pong(): void;
  closed(): void;
}

/** Faults that a server itself must word; everything about transport is done around it. */
export type FaultAnswer =
  | "rate_limited"
  | "rate_limited_retry_after"
  | "cloudflare_html"
  | "restarting"
  | "forbidden"
  | "unavailable";

/** Speaks a venue's wire over an exchange. Knows no socket: real ones and simulated ones drive it alike. */
export interface EmbeddedServer {
  /** `reply` exactly once, at once or later. */
  request(host: string, request: ServedRequest, reply: (answer: ServedAnswer) => void): void;
  /** A refused upgrade is an answer. */
  socket(host: string, request: ServedRequest, peer: ServedPeer): ServedSocket | ServedAnswer;
  /** The body and headers this venue would send. */
  faultAnswer(fault: FaultAnswer): ServedAnswer;
  close(): void;
}

export interface EmbeddedEnv {
  readonly venue: VenueId;
  readonly exchange: EmbeddedExchange;
  /** The venue's own clock: may be skewed against the client's. */
  readonly clock: Timers;
  readonly rng: Rng;
  readonly sha256: Sha256Hex;
  /** Accounts by name with the secrets of `VenueLive.secrets` that they were given. */
  readonly accounts: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Enforce the published rate limits. */
  readonly rateLimits: boolean;
}

export interface EmbeddedModule {
  /** Tickers, ids, tick and fee of a question at this venue. */
  list(spec: EventSpec, venue: VenueId, sha256: Sha256Hex): EmbeddedEvent;
  /** Secrets of a new account by the names of `VenueLive.secrets`; the same seed may give the same account. */
  account(seed: string): Readonly<Record<string, string>>;
  open(env: EmbeddedEnv): EmbeddedServer;
  /** Texts that keep a socket alive and say nothing else; absent: PING and PONG. */
  isHeartbeat?(text: string): boolean;
}

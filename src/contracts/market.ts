import type { BookId, Lots, Micros, Ticks } from "./units.ts";

/** Stable venue id, the folder name under `venues/`. */
export type VenueId = string;

/** One permitted price step inside `[fromTicks, toTicks]`. A market may have several (tapered ticks). */
export interface TickRange {
  readonly fromTicks: Ticks;
  readonly toTicks: Ticks;
  readonly stepTicks: Ticks;
}

/**
 * How a venue charges one fill. Decimal strings are exact; see docs/fees.md for each formula and its source.
 * `unknown` means: no trade may use this instrument.
 */
export type FeeSpec =
  | { readonly type: "none" }
  | {
      /** Kalshi: rate x C x P x (1-P), rounded up to `tradeFeePrecision`, cash change floored to `balancePrecision`, rebate accumulator per order. */
      readonly type: "kalshi";
      readonly takerRate: string;
      readonly makerRate: string;
      readonly balancePrecision: string;
      readonly tradeFeePrecision: string;
    }
  | {
      /** Polymarket: rate x C x (P x (1-P))^exponent, rounded to `decimals` places. */
      readonly type: "quadratic";
      readonly rate: string;
      readonly exponent: number;
      readonly decimals: number;
      readonly rounding: "up" | "half_up" | "down";
      readonly takerOnly: boolean;
    }
  /** A share of the bought contracts is withheld. */
  | { readonly type: "in_shares"; readonly bps: string }
  /** A share of the winner's profit is withheld at settlement. */
  | { readonly type: "payout_profit"; readonly bps: string }
  /** Flat money per contract. */
  | { readonly type: "per_contract"; readonly amount: string }
  | { readonly type: "unknown"; readonly why: string };

/** A fee rule in force from an instant on. */
export interface FeeVersion {
  readonly id: string;
  readonly from: Micros;
  readonly spec: FeeSpec;
  readonly source: string;
}

/**
 * Which claim a book quotes.
 * `unified`: one book for YES and NO (a NO ask at p is the YES bid at 1-p); `yes`/`no`: separate books of one market.
 */
export type BookSide = "unified" | "yes" | "no";

export type InstrumentStatus = "open" | "paused" | "closed" | "resolved" | "unknown";

/** One order book. Prices are quoted on the YES scale for `unified` and `yes`, on the NO scale for `no`. */
export interface Instrument {
  readonly book: BookId;
  /** `venue:symbol`, unique over a journal. */
  readonly key: string;
  readonly venue: VenueId;
  /** The venue's own id for the book: a Kalshi ticker, a Polymarket token id. */
  readonly symbol: string;
  /** Groups the books of one market: `venue:market`. */
  readonly market: string;
  readonly side: BookSide;
  /** Symbol whose messages mirror this book and are counted once (Polymarket's second token). */
  readonly mirrorSymbol?: string;
  readonly title: string;
  readonly priceScale: number;
  readonly sizeScale: number;
  /** Empty = unknown: a book can be kept, nothing may be traded. */
  readonly tickRanges: readonly TickRange[];
  readonly minLots: Lots;
  readonly lotStep: Lots;
  /** Oldest first. Empty = unknown = no trade. */
  readonly fees: readonly FeeVersion[];
  readonly currency: string;
  readonly status: InstrumentStatus;
  readonly opensAt: Micros | null;
  readonly closesAt: Micros | null;
}

export type Label = "yes" | "no" | "unknown";

/** A label and what it rests on. `hash` is the SHA-256 of the evidence text; `expiresAt` null = until it changes. */
export interface Evidence {
  readonly label: Label;
  readonly source: string;
  readonly hash: string;
  readonly expiresAt: Micros | null;
}

/** What a venue lets a holder do with a set of claims without trading. */
export type Transform =
  | { readonly type: "split"; readonly market: string; readonly maxLots: Lots | null }
  | { readonly type: "merge"; readonly market: string; readonly maxLots: Lots | null }
  | {
      readonly type: "neg_risk_convert";
      readonly markets: readonly string[];
      readonly feeBips: number;
      readonly maxLots: Lots | null;
    };

/**
 * Books that hang together: the outcomes of one event (a bucket), or the YES and NO books of one market.
 * `members` are the quoted books; `unquoted` names outcomes without one (they still exist as states).
 */
export interface Family {
  readonly id: string;
  readonly kind: "market" | "event";
  readonly venue: VenueId;
  readonly title: string;
  readonly members: readonly BookId[];
  readonly unquoted: readonly string[];
  /** At most one outcome happens: protects NO baskets. */
  readonly exclusive: Evidence;
  /** At least one outcome happens: protects YES baskets. */
  readonly exhaustive: Evidence;
  /** At most k outcomes happen, where the venue says so; null = only `exclusive` counts. */
  readonly atMost: number | null;
  readonly transforms: readonly Transform[];
}

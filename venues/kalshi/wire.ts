import type { Reason, Side } from "../../src/contracts/index.ts";

/**
 * What one Kalshi frame says, in plain objects. The oracle produces it; the mapper turns it into facts.
 * Prices are ticks of the unified YES book, sizes are lots, `venueAt` is in microseconds (0 = not stated).
 */
export type WireMessage =
  | SnapshotMessage
  | DeltaMessage
  | TradeMessage
  | LifecycleMessage
  | EventFeeMessage
  | RefusedMessage
  | { readonly kind: "subscribed"; readonly sid: number; readonly channel: string }
  /** A change of a subscription, with the full list of its markets from here on. */
  | {
      readonly kind: "listed";
      readonly sid: number;
      readonly seq: number;
      readonly symbols: readonly string[];
    }
  | { readonly kind: "unsubscribed"; readonly sid: number; readonly seq: number | null }
  /** Understood, says nothing about a book. It may still have consumed a sequence number. */
  | { readonly kind: "quiet"; readonly sid: number | null; readonly seq: number | null }
  | VenueErrorMessage;

export interface WireLevel {
  readonly side: Side;
  readonly ticks: number;
  readonly lots: number;
}

export interface SnapshotMessage {
  readonly kind: "snapshot";
  readonly sid: number;
  readonly seq: number;
  readonly symbol: string;
  /** YES levels in wire order, then NO levels in wire order. Both absent = the book is empty. */
  readonly levels: readonly WireLevel[];
}

interface DeltaMessage extends WireLevel {
  readonly kind: "delta";
  readonly sid: number;
  readonly seq: number;
  readonly symbol: string;
  readonly venueAt: number;
}

interface TradeMessage extends WireLevel {
  readonly kind: "trade";
  readonly sid: number;
  readonly seq: number;
  readonly symbol: string;
  readonly venueAt: number;
}

export interface LifecycleMessage {
  readonly kind: "lifecycle";
  readonly sid: number;
  readonly seq: number;
  readonly symbol: string;
  readonly event: LifecycleEvent;
}

export type LifecycleEvent =
  | { readonly type: "activated" }
  | { readonly type: "deactivated" }
  | { readonly type: "close_date_updated"; readonly closeSeconds: number }
  /** `yesPayout` is a decimal in [0, 1]. The result may still be disputed and amended until `settled`. */
  | { readonly type: "determined"; readonly yesPayout: string }
  /** The money moved. `yesPayout` null when the frame does not repeat it. */
  | { readonly type: "settled"; readonly yesPayout: string | null }
  /** `ranges` null when the frame names only a label. */
  | { readonly type: "ticks_updated"; readonly ranges: readonly WirePriceRange[] | null }
  /** Created, metadata changed: nothing a book depends on. */
  | { readonly type: "other" };

export interface WirePriceRange {
  readonly start: string;
  readonly end: string;
  readonly step: string;
}

export interface EventFeeMessage {
  readonly kind: "event_fee";
  readonly sid: number;
  readonly seq: number;
  readonly eventTicker: string;
  /** Null = the override was cleared. */
  readonly feeType: string | null;
  readonly multiplier: number | null;
}

export interface VenueErrorMessage {
  readonly kind: "venue_error";
  readonly sid: number | null;
  readonly seq: number | null;
  readonly code: number;
  /** The subscription ended: channel error (10) or buffer overflow (25). */
  readonly terminal: boolean;
}

/** What a refused frame may have damaged. */
export type Touched = "book" | "stream" | "connection" | "nothing";

export interface RefusedMessage {
  readonly kind: "refused";
  readonly reason: Reason;
  readonly sid: number | null;
  readonly seq: number | null;
  readonly symbol: string | null;
  readonly touched: Touched;
}

/** A frame beyond the limit is not read: it may have said anything about any book of its connection. */
export const TOO_LARGE: RefusedMessage = {
  kind: "refused",
  reason: "wire.too_large",
  sid: null,
  seq: null,
  symbol: null,
  touched: "connection",
};

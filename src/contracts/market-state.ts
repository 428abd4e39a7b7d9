import type { BookId, Micros } from "./units.ts";

/**
 * Event contract of the model lane (M1): dimensionless features of one book after one fact.
 * Only facts up to and including `seq` may enter. Ratios are plain numbers: they may rank, never decide a trade.
 */
export interface MarketState {
  readonly version: 1;
  readonly seq: number;
  readonly ts: Micros;
  readonly book: BookId;
  readonly spread_ticks: number;
  /** (microprice - mid) / spread, in [-0.5, 0.5]. */
  readonly microprice_off: number;
  /** Order-flow imbalance over mean depth. */
  readonly ofi_norm: number;
  /** (bid size - ask size) / (bid size + ask size) at the touch. */
  readonly qimbalance: number;
  readonly refresh_hz: number;
  readonly stale_ms: number;
  readonly slope_bid: number;
  readonly slope_ask: number;
  readonly curve_bid: number;
  readonly curve_ask: number;
  readonly depth_feat: readonly number[];
  readonly has_depth: boolean;
  readonly session_id: number;
  readonly liquidity_id: number;
  readonly venue_id: number;
  readonly asset_class_id: number;
}

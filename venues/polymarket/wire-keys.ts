import { ascii } from "./literal.ts";

/** Keys of the hot market-channel messages, by number. 0 is "no key". */
export const Key = {
  NONE: 0,
  EVENT_TYPE: 1,
  ASSET_ID: 2,
  MARKET: 3,
  TIMESTAMP: 4,
  HASH: 5,
  BIDS: 6,
  ASKS: 7,
  PRICE: 8,
  SIZE: 9,
  SIDE: 10,
  BEST_BID: 11,
  BEST_ASK: 12,
  PRICE_CHANGES: 13,
  TICK_SIZE: 14,
  MIN_ORDER_SIZE: 15,
  NEG_RISK: 16,
  LAST_TRADE_PRICE: 17,
  FEE_RATE_BPS: 18,
  TRANSACTION_HASH: 19,
  SPREAD: 20,
  UNKNOWN: 21,
} as const;

const NAMES = [
  "",
  "event_type",
  "asset_id",
  "market",
  "timestamp",
  "hash",
  "bids",
  "asks",
  "price",
  "size",
  "side",
  "best_bid",
  "best_ask",
  "price_changes",
  "tick_size",
  "min_order_size",
  "neg_risk",
  "last_trade_price",
  "fee_rate_bps",
  "transaction_hash",
  "spread",
];

/** Number of keys including NONE and UNKNOWN: the length of per-key columns. */
export const KEY_COUNT = NAMES.length + 1;

/** `"name":` of every key, as it stands in a compact frame. */
export const KEY_TEXTS: readonly Uint8Array[] = NAMES.map((name) => ascii(`"${name}":`));

/** Bit set of keys. */
export function keyMask(...keys: readonly number[]): number {
  return keys.reduce((mask, key) => mask | (1 << key), 0);
}

const BY_SHAPE: ReadonlyMap<number, readonly number[]> = shapes();

/** The key spelled by `bytes[start, end)` (without quotes), compared in full; UNKNOWN when it is none of ours. */
export function keyAt(bytes: Uint8Array, start: number, end: number): number {
  const candidates = BY_SHAPE.get(((end - start) << 8) | bytes[start]!);
  if (candidates === undefined) return Key.UNKNOWN;
  for (const key of candidates) {
    if (spells(bytes, start, KEY_TEXTS[key]!)) return key;
  }
  return Key.UNKNOWN;
}

function spells(bytes: Uint8Array, start: number, literal: Uint8Array): boolean {
  for (let i = 1; i < literal.length - 2; i++) if (bytes[start + i - 1] !== literal[i]) return false;
  return true;
}

function shapes(): Map<number, number[]> {
  const map = new Map<number, number[]>();
  for (let key = 1; key < NAMES.length; key++) {
    const name = NAMES[key]!;
    const shape = (name.length << 8) | name.charCodeAt(0);
    map.set(shape, [...(map.get(shape) ?? []), key]);
  }
  return map;
}

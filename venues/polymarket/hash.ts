import { hash as digest } from "node:crypto";
import { HashState } from "./wire-frame.ts";

/**
 * Which fields the venue's book checksum covers. `v2024`: market, asset_id, hash:"", bids, asks.
 * `v2026`: market, asset_id, timestamp, hash:"", bids, asks, min_order_size, tick_size, neg_risk, last_trade_price.
 * Both are the lower-case hex SHA-1 of the compact JSON in that key order.
 */
export type HashRecipe = "v2024" | "v2026";

/** What the checksum is made of, each value as JSON text exactly as served (strings with their quotes). */
export interface HashFields {
  readonly market: string;
  readonly assetId: string;
  readonly timestamp: string;
  readonly bids: string;
  readonly asks: string;
  readonly minOrderSize: string | null;
  readonly tickSize: string | null;
  readonly negRisk: string | null;
  readonly lastTradePrice: string | null;
}

/**
 * The checksum of a book under a recipe, lower-case hex.
 * Fields a recipe needs and that are null make the recipe inapplicable: returns null.
 */
export function bookHash(fields: HashFields, recipe: HashRecipe): string | null {
  const head = `{"market":${fields.market},"asset_id":${fields.assetId},`;
  if (recipe === "v2024") {
    return digest("sha1", `${head}"hash":"","bids":${fields.bids},"asks":${fields.asks}}`);
  }
  const { minOrderSize, tickSize, negRisk, lastTradePrice } = fields;
  if (minOrderSize === null || tickSize === null || negRisk === null || lastTradePrice === null) return null;
  return digest(
    "sha1",
    `${head}"timestamp":${fields.timestamp},"hash":"","bids":${fields.bids},"asks":${fields.asks},` +
      `"min_order_size":${minOrderSize},"tick_size":${tickSize},"neg_risk":${negRisk},"last_trade_price":${lastTradePrice}}`,
  );
}

/**
 * Judges a stated checksum. Only with every field of the current recipe present can it be wrong. A book without any
 * of its later fields may be one of the old recipe: then it can be proved right. Else it says nothing.
 */
export function judgeHash(stated: string, fields: HashFields): HashState {
  const whole = bookHash(fields, "v2026");
  if (whole !== null) return whole === stated ? HashState.OK : HashState.MISMATCH;
  if (fields.tickSize !== null || fields.lastTradePrice !== null) return HashState.OPAQUE;
  return bookHash(fields, "v2024") === stated ? HashState.OK : HashState.OPAQUE;
}

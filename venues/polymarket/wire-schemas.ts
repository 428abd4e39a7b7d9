import { z } from "zod";

/** Shapes of the market-channel messages as recorded; fields not named here are ignored. */

const level = z.object({ price: z.string(), size: z.string() });
/** A 256-bit integer in decimal. */
const token = z.string().regex(/^\d{1,78}$/);
const side = z.enum(["BUY", "SELL"]);
const named = { asset_id: z.string(), market: z.string(), timestamp: z.string() };

export const Envelope = z.object({ event_type: z.string() });

export const Book = z.object({
  ...named,
  bids: z.array(level),
  asks: z.array(level),
  hash: z.string().optional(),
  min_order_size: z.string().optional(),
  tick_size: z.string().optional(),
  neg_risk: z.boolean().optional(),
  last_trade_price: z.string().optional(),
});

export const PriceChange = z.object({
  market: z.string(),
  timestamp: z.string(),
  price_changes: z.array(
    z.object({
      asset_id: z.string(),
      price: z.string(),
      size: z.string(),
      side,
      hash: z.string().optional(),
      best_bid: z.string().optional(),
      best_ask: z.string().optional(),
    }),
  ),
});

/** Until about September 2025: one asset, one change at the top or several in `changes`. */
export const OldPriceChange = z.object({
  ...named,
  price: z.string().optional(),
  size: z.string().optional(),
  side: side.optional(),
  changes: z.array(z.object({ price: z.string(), size: z.string(), side })).optional(),
});

export const LastTradePrice = z.object({ ...named, price: z.string(), size: z.string(), side });

export const BestBidAsk = z.object({ ...named, best_bid: z.string(), best_ask: z.string() });

export const TickSizeChange = z.object({ ...named, new_tick_size: z.string() });

export const NewMarket = z.object({
  market: z.string(),
  assets_ids: z.tuple([token, token]),
  question: z.string(),
  timestamp: z.string(),
  order_price_min_tick_size: z.string().optional(),
  fees_enabled: z.boolean().optional(),
  fee_schedule: z
    .object({ rate: z.string(), exponent: z.string(), taker_only: z.boolean() })
    .nullish()
    .catch(null),
});

export const MarketResolved = z.object({
  market: z.string(),
  assets_ids: z.array(z.string()),
  winning_asset_id: z.string(),
  timestamp: z.string(),
});

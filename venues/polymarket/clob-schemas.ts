import { z } from "zod";

/** CLOB `/markets` and compact `/clob-markets/{condition}` objects, as far as EMP reads them. */

const flag = z.boolean().nullish();

export const ClobMarketWire = z.object({
  condition_id: z.string(),
  question: z.string().nullish(),
  market_slug: z.string().nullish(),
  tokens: z.array(z.object({ token_id: z.string(), outcome: z.string(), winner: flag })),
  active: flag,
  closed: flag,
  archived: flag,
  accepting_orders: flag,
  enable_order_book: flag,
  accepting_order_timestamp: z.string().nullish(),
  minimum_tick_size: z.number().nullish(),
  minimum_order_size: z.number().nullish(),
});

export type ClobMarketWire = z.infer<typeof ClobMarketWire>;

export const CompactMarketWire = z.object({
  c: z.string(),
  t: z.array(z.object({ t: z.string(), o: z.string() })),
  mts: z.number().nullish(),
  mos: z.number().nullish(),
  ao: flag,
  /** Fee details: rate, exponent, takers only. Absent says nothing. */
  fd: z.object({ r: z.number(), e: z.number(), to: z.boolean() }).nullish(),
});
export type CompactMarketWire = z.infer<typeof CompactMarketWire>;

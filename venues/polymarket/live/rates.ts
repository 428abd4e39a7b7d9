import type { RateClass } from "../../../src/contracts/index.ts";

/** Limits of Cloudflare count per address and hold requests back instead of refusing them: half of them is used. */
const SHARED = { safety: 0.5, reserved: 0, excess: "delays" } as const;
/** Token buckets of the signer, Standard tier: what they do not cover is refused with `Retry-After`. */
const SIGNER = { safety: 0.8, excess: "refuses" } as const;
const EDGE = "docs.polymarket.com/api-reference/rate-limits";
const BUCKETS = "docs.polymarket.com/api-reference/trading-rate-limits";

/** Published limits by class of endpoints (RATES 1a, 1b); windows of ten seconds are stated per second. */
export const RATES: readonly RateClass[] = [
  {
    ...SHARED,
    id: "gamma",
    perSecond: 50,
    burst: 20,
    maxInFlight: 4,
    source: `${EDGE}: /events 500 per 10 s`,
  },
  {
    ...SHARED,
    id: "gamma-markets",
    perSecond: 30,
    burst: 10,
    maxInFlight: 2,
    source: `${EDGE}: /markets 300 per 10 s`,
  },
  {
    ...SHARED,
    id: "clob",
    perSecond: 20,
    burst: 10,
    maxInFlight: 4,
    source: `${EDGE}: tick-size 200 per 10 s`,
  },
  {
    ...SHARED,
    id: "books",
    perSecond: 50,
    burst: 20,
    maxInFlight: 8,
    source: `${EDGE}: /books 500 per 10 s`,
  },
  {
    ...SHARED,
    id: "keys",
    perSecond: 10,
    burst: 4,
    maxInFlight: 1,
    source: `${EDGE}: API keys 100 per 10 s`,
  },
  {
    ...SHARED,
    id: "ledger",
    perSecond: 50,
    burst: 25,
    maxInFlight: 8,
    source: `${EDGE}: /data 500 per 10 s`,
  },
  { ...SHARED, id: "geo", perSecond: 1, burst: 2, maxInFlight: 1, source: "none published: kept low" },
  { ...SIGNER, id: "orders", perSecond: 40, burst: 60, reserved: 0, maxInFlight: 32, source: BUCKETS },
  { ...SIGNER, id: "cancels", perSecond: 80, burst: 120, reserved: 20, maxInFlight: 32, source: BUCKETS },
];

/** Ids of `RATES`. */
export type RateClassId =
  | "gamma"
  | "gamma-markets"
  | "clob"
  | "books"
  | "keys"
  | "ledger"
  | "geo"
  | "orders"
  | "cancels";

/** Most units one request may cost: a class can never grant more than its burst. */
export const MAX_CANCEL_COST = 60;

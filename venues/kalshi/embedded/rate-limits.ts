import { TokenBucket } from "./token-bucket.ts";

/** Tier "Basic". Source: getting_started/rate_limits (facts: RATES.md section 2). */
const READ = { refill: 200, capacity: 400 } as const;
const WRITE = { refill: 100, capacity: 100 } as const;
const DEFAULT_COST = 10;
const CANCEL_COST = 2;
const ORDERS = "/trade-api/v2/portfolio/events/orders";

interface Buckets {
  readonly read: TokenBucket;
  readonly write: TokenBucket;
}

/** Read and write buckets of every account that asked. Nothing is published for callers without a key. */
export class RateLimits {
  readonly #accounts = new Map<string, Buckets>();

  /** False: the caller has no tokens left for it. @param legs orders of a batch. */
  admit(account: string, call: Call, nowMicros: number): boolean {
    let buckets = this.#accounts.get(account);
    if (buckets === undefined) {
      buckets = {
        read: new TokenBucket(READ.refill, READ.capacity),
        write: new TokenBucket(WRITE.refill, WRITE.capacity),
      };
      this.#accounts.set(account, buckets);
    }
    return (call.write ? buckets.write : buckets.read).take(call.cost, nowMicros);
  }
}

export interface Call {
  readonly write: boolean;
  readonly cost: number;
}

/** What a call costs: 10 tokens, a cancel 2, a batch the sum of its legs. @param path without query. */
export function callOf(method: string, path: string, legs: number): Call {
  const write = method !== "GET" && path.startsWith("/trade-api/v2/portfolio/");
  if (!write || !path.startsWith(`${ORDERS}/`)) return { write, cost: DEFAULT_COST };
  const single = method === "DELETE" ? CANCEL_COST : DEFAULT_COST;
  return { write, cost: path === `${ORDERS}/batched` ? single * Math.max(1, legs) : single };
}

/** `GET /account/limits`. */
export const ACCOUNT_LIMITS = {
  grants: [],
  read: { bucket_capacity: READ.capacity, refill_rate: READ.refill },
  usage_tier: "basic",
  write: { bucket_capacity: WRITE.capacity, refill_rate: WRITE.refill },
};

/** `GET /account/endpoint_costs`: what differs from the default. */
export const ENDPOINT_COSTS = {
  default_cost: DEFAULT_COST,
  endpoint_costs: [
    { cost: CANCEL_COST, method: "DELETE", path: `${ORDERS}/:order_id` },
    { cost: CANCEL_COST, method: "DELETE", path: `${ORDERS}/batched` },
  ],
};

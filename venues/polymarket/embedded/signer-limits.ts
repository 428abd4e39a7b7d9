import type { Micros, ServedAnswer, Timers } from "../../../src/contracts/index.ts";
import { type Headers, refusal, Text } from "./answers.ts";

const SECOND = 1_000_000;
const WARN_BELOW = 0.1;

/** Limits of the Standard tier (docs trading-rate-limits): sustained per second, and at once. */
const ORDERS = { perSecond: 40, burst: 60 } as const;
const CANCELS = { perSecond: 80, burst: 120 } as const;

interface Bucket {
  readonly perSecond: number;
  readonly burst: number;
  tokens: number;
  at: Micros;
}

/** Whether a call may pass, with the headers that state what is left. */
export type Grant =
  | { readonly ok: true; readonly headers: Headers }
  | { readonly ok: false; readonly answer: ServedAnswer };

/** Token buckets of each signer, one for orders and one for cancels. */
export class SignerLimits {
  readonly #clock: Timers;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Timers) {
    this.#clock = clock;
  }

  /** `cost` tokens of a signer's bucket: a call that they do not cover whole is refused whole. */
  take(account: string, what: "orders" | "cancels", cost: number): Grant {
    const bucket = this.#bucket(account, what);
    if (bucket.tokens >= cost) {
      bucket.tokens -= cost;
      return { ok: true, headers: headersOf(bucket) };
    }
    const wait = Math.max(1, Math.ceil((cost - bucket.tokens) / bucket.perSecond));
    return {
      ok: false,
      answer: refusal(429, Text.TOO_MANY, { ...headersOf(bucket), "retry-after": String(wait) }),
    };
  }

  /** What a sweep turned out to cost: it may leave the bucket in debt. */
  charge(account: string, what: "orders" | "cancels", cost: number): void {
    this.#bucket(account, what).tokens -= cost;
  }

  #bucket(account: string, what: "orders" | "cancels"): Bucket {
    const key = `${what} ${account}`;
    const now = this.#clock.now();
    const known = this.#buckets.get(key);
    if (known === undefined) {
      const terms = what === "orders" ? ORDERS : CANCELS;
      const made: Bucket = { ...terms, tokens: terms.burst, at: now };
      this.#buckets.set(key, made);
      return made;
    }
    const earned = (Math.max(0, now - known.at) / SECOND) * known.perSecond;
    known.tokens = Math.min(known.burst, known.tokens + earned);
    known.at = now;
    return known;
  }
}

function headersOf({ tokens, burst, perSecond }: Bucket): Headers {
  const missing = burst - tokens;
  return {
    "poly-ratelimit-remaining": String(Math.max(0, Math.floor(tokens))),
    "poly-ratelimit-reset": String(Math.ceil(missing / perSecond)),
    "poly-ratelimit-tier": "Standard",
    "poly-ratelimit-warning": String(tokens < burst * WARN_BELOW),
  };
}

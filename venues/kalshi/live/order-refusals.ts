import type { Reason } from "../../../src/contracts/index.ts";
import type { Failure } from "./failures.ts";

/** What a failed create means for the order. */
export type Verdict =
  /** It does not exist at the venue. */
  | { readonly kind: "rejected"; readonly reason: Reason }
  /** The venue knows this client id already, or may have acted: it must be asked. */
  | { readonly kind: "ask" };

/** Words of codes and details -> reasons, first match. Sources: order error page, life-cycle page, live notes. */
const WORDS: readonly (readonly [RegExp, Reason])[] = [
  [/insufficient|balance|collateral|funds/, "order.funds"],
  [/post.?only/, "order.post_only"],
  [
    /market_inactive|market_closed|market_not_active|inactive|market is (closed|not)|settled|closed/,
    "order.market_closed",
  ],
  [/pause|halt|maintenance|exchange_(closed|unavailable)|trading_(closed|unavailable)/, "order.maintenance"],
  [/min(imum)?_?.?(size|count|contract)|invalid_count|invalid_size|below minimum/, "order.min_size"],
  [/tick|price/, "order.tick"],
  [/region|countr|jurisdiction|geo/, "order.geo"],
];

/** True when the market is over: what rested in it is cancelled by the exchange, and no cancel is accepted. */
export function isMarketOver({ code, detail }: Failure): boolean {
  return /market_inactive|market_closed|market_not_active/i.test(`${code} ${detail}`);
}

/** Judges a failed create. Whatever may have reached the matching engine is asked for, never assumed. */
export function verdictOf(failure: Failure): Verdict {
  const { status, code, detail, sent, reason } = failure;
  if (status === 0) return sent ? { kind: "ask" } : { kind: "rejected", reason };
  if (status === 409 || code === "order_already_exists" || status >= 500 || status < 400)
    return { kind: "ask" };
  if (status === 429) return { kind: "rejected", reason: "order.rate_limited" };
  if (reason === "feed.html") return { kind: "rejected", reason: "order.maintenance" };
  if (reason === "feed.geo") return { kind: "rejected", reason: "order.geo" };
  const said = `${code} ${detail}`.toLowerCase();
  const [, word] = WORDS.find(([pattern]) => pattern.test(said)) ?? [];
  if (word !== undefined && status !== 401) return { kind: "rejected", reason: word };
  if (status === 401 || status === 403) return { kind: "rejected", reason: "order.auth" };
  return { kind: "rejected", reason: "order.venue_reject" };
}

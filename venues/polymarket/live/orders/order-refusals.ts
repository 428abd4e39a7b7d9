import type { Reason } from "../../../../src/contracts/index.ts";
import type { Failure } from "../failures.ts";

/** What a refused or unanswered order means. */
export type Verdict =
  | { readonly kind: "rejected"; readonly reason: Reason }
  /** Nobody knows: the venue has to be asked before anything else. */
  | { readonly kind: "unknown" }
  /** Signed for another order version. */
  | { readonly kind: "version" };

/** The venue's words (docs resources/error-codes), most telling first. */
const WORDS: readonly (readonly [RegExp, Verdict])[] = [
  [/order_version_mismatch/i, { kind: "version" }],
  [/timed out|could not insert/i, { kind: "unknown" }],
  // The same order is there already: an earlier sending got through.
  [/duplicated/i, { kind: "unknown" }],
  [/not enough balance|insufficient balance|allowance/i, rejected("order.funds")],
  [/minimum tick size/i, rejected("order.tick")],
  [/lower than the minimum|min size|minimum size/i, rejected("order.min_size")],
  [/crosses book/i, rejected("order.post_only")],
  [/fully filled or killed|no orders found to match/i, rejected("order.no_liquidity")],
  [/no orderbook exists/i, rejected("order.market_closed")],
  [
    /not yet ready|post-only mode|cancel-only|trading (is )?(currently )?disabled/i,
    rejected("order.maintenance"),
  ],
  [/restricted in your region|geoblock/i, rejected("order.geo")],
  [/banned|closed only|api key|l1 request|owner of the api key|signer address/i, rejected("order.auth")],
  [/too many requests/i, rejected("order.rate_limited")],
];

/** What the venue's words say of an order that was not taken. */
export function verdictOfText(text: string): Verdict {
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? rejected("order.venue_reject");
}

/** What a failed call says of the order it carried. */
export function verdictOf(failure: Failure): Verdict {
  const { status, text, sent, reason } = failure;
  if (!sent) return rejected(reason === "feed.queue_full" ? "order.rate_limited" : reason);
  if (status === 0) return { kind: "unknown" };
  if (text !== "") {
    const verdict = verdictOfText(text);
    const told = verdict.kind !== "rejected" || verdict.reason !== "order.venue_reject";
    if (told || status < 500) return told ? verdict : rejected(BY_STATUS[status] ?? "order.venue_reject");
    return { kind: "unknown" };
  }
  const byStatus = BY_STATUS[status];
  // A gateway that gives up says nothing about what lies behind it.
  if (byStatus === undefined) return status >= 500 ? { kind: "unknown" } : rejected("order.venue_reject");
  return rejected(byStatus);
}

const BY_STATUS: Readonly<Record<number, Reason>> = {
  401: "order.auth",
  403: "order.auth",
  404: "order.market_closed",
  425: "order.maintenance",
  429: "order.rate_limited",
};

function rejected(reason: Reason): Verdict {
  return { kind: "rejected", reason };
}

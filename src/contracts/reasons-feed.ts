/** Reasons about connections, requests, budgets and lane threads. Numbers 450 to 549. */
export const FEED_REASONS = {
  // 450-479: an answer or a stream that could not be used.
  "feed.rate_limited": { number: 450, text: "the venue refused a request for its rate", next: "slowed down" },
  "feed.maintenance": { number: 451, text: "the venue is restarting or closed", next: "asked again later" },
  "feed.timeout": { number: 452, text: "no answer in time", next: "asked again later" },
  "feed.unreachable": { number: 453, text: "the venue cannot be reached", next: "connected again later" },
  "feed.html": { number: 454, text: "a web page instead of an answer", next: "asked again later" },
  "feed.auth": { number: 455, text: "the venue refused the key or the signature", next: "stops, said" },
  "feed.geo": { number: 456, text: "the venue does not serve this region", next: "stops, said" },
  "feed.bad_answer": { number: 457, text: "an answer that could not be read", next: "nothing of it used" },
  "feed.not_found": {
    number: 458,
    text: "the venue does not know what was asked for",
    next: "asked again later",
  },
  "feed.queue_full": {
    number: 459,
    text: "more requests waited than the bound",
    next: "the newest is dropped",
  },
  "feed.frozen": {
    number: 460,
    text: "a connection stays open but brings far fewer messages than expected",
    next: "connected again",
  },
  "feed.heartbeat": { number: 461, text: "no sign of life in time", next: "connected again" },
  "feed.reconnect_rate": { number: 462, text: "connections are lost too often", next: "venue degraded" },
  "feed.gap_rate": { number: 463, text: "too many gaps", next: "venue degraded" },
  "feed.divergence": {
    number: 464,
    text: "a polled book differs from the streamed one, twice in a row",
    next: "book fetched anew",
  },
  "feed.resync_loop": {
    number: 465,
    text: "a book was fetched anew too often",
    next: "left alone for a while",
  },
  "feed.overflow": {
    number: 466,
    text: "more waiting input than the bound",
    next: "size zero until it is read",
  },
  "feed.subscription_refused": {
    number: 467,
    text: "the venue refused a subscription",
    next: "polled instead",
  },
  "feed.clock_skew": { number: 468, text: "the venue's clock and ours differ too much", next: "said" },
  "feed.slow": {
    number: 469,
    text: "a latency limit is exceeded persistently",
    next: "throttled or left out",
  },
  "feed.coverage": { number: 470, text: "too few of the wanted books are usable", next: "repaired" },
  "feed.shape": {
    number: 471,
    text: "a payload has not the shape the adapter reads",
    next: "nothing of it used",
  },
  "feed.shed": {
    number: 472,
    text: "left out to keep within capacity",
    next: "asked for when there is room",
  },
  "feed.version": { number: 473, text: "the venue speaks another version", next: "read anew" },

  // 480-499: lanes in threads.
  "lane.late": { number: 480, text: "a lane did not answer within its budget", next: "closed without it" },
  "lane.failed": { number: 481, text: "a lane's thread ended or threw", next: "started anew" },
  "lane.paused": { number: 482, text: "a lane failed too often", next: "left out until it recovers" },

  // 500-549: orders at a live venue.
  "order.live_off": { number: 500, text: "live trading is not switched on", next: "not sent" },
  "order.unknown_state": {
    number: 501,
    text: "the venue did not say what became of it",
    next: "asked until it does",
  },
  "order.funds": { number: 502, text: "not enough money or allowance at the venue", next: "leg missed" },
  "order.tick": {
    number: 503,
    text: "the price is off the venue's tick",
    next: "leg missed, tick read anew",
  },
  "order.min_size": { number: 504, text: "below the venue's least size", next: "leg missed" },
  "order.post_only": { number: 505, text: "a post-only order would have crossed", next: "leg missed" },
  "order.auth": { number: 506, text: "the venue refused the key or the signature", next: "trading off" },
  "order.geo": { number: 507, text: "the venue does not trade with this region", next: "trading off" },
  "order.maintenance": { number: 508, text: "the venue takes no orders now", next: "leg missed" },
  "order.rate_limited": { number: 509, text: "the venue refused it for its rate", next: "leg missed" },
  "order.killed": { number: 510, text: "cancelled by the kill switch", next: "done" },
  "order.version": {
    number: 511,
    text: "signed for another version of the venue",
    next: "signed anew, once",
  },
} as const;

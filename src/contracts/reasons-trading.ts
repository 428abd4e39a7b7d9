/** Reasons about trades: lanes, sizing, the risk gate, orders, journal and import. Numbers 200 to 449. */
export const TRADING_REASONS = {
  // 200-249: lanes: why a candidate family gave nothing.
  "lane.no_edge_gross": {
    number: 200,
    text: "the basket costs at least what it pays before fees",
    next: "none",
  },
  "lane.no_edge_net": { number: 201, text: "fees take the whole edge", next: "none" },
  "lane.quote_missing": { number: 202, text: "a leg has no usable quote", next: "none" },
  "lane.label_unknown": {
    number: 203,
    text: "the label this basket needs is unknown",
    next: "conditional profit reported, not traded",
  },
  "lane.not_exhaustive": {
    number: 204,
    text: "the outcomes are not exhaustive: the YES basket can pay 0",
    next: "none",
  },
  "lane.not_exclusive": {
    number: 205,
    text: "the outcomes are not exclusive: the NO basket can pay less",
    next: "none",
  },
  "lane.fee_unknown": { number: 206, text: "a leg's fee is unknown", next: "none" },
  "lane.below_minimum": {
    number: 207,
    text: "no size at or above the venue minimum keeps the edge",
    next: "none",
  },
  "lane.budget": { number: 208, text: "the solver's step budget ran out", next: "nothing emitted" },
  "lane.too_few_legs": { number: 209, text: "fewer than two legs", next: "none" },
  "lane.unified": {
    number: 210,
    text: "one unified book: nothing to arbitrage inside it",
    next: "data alarm if crossed",
  },
  "lane.emitted": { number: 211, text: "a finding was emitted", next: "judged" },

  // 250-299: from finding to plan.
  "certificate.refused": {
    number: 250,
    text: "the independent checker did not verify the certificate",
    next: "dropped, alarm",
  },
  "dedupe.cooldown": { number: 251, text: "the family is cooling down", next: "dropped" },
  "dedupe.same_id": { number: 252, text: "this opportunity is already known", next: "dropped" },
  "size.zero": { number: 253, text: "the size after Kelly, caps and lots is zero", next: "dropped" },
  "size.flipped": { number: 254, text: "at the final size the certificate no longer pays", next: "dropped" },
  "size.unsettled": {
    number: 255,
    text: "the median of the last valid books gives no size",
    next: "dropped",
  },

  // 300-349: the risk gate.
  "risk.paused": { number: 300, text: "trading is paused", next: "dropped" },
  "risk.not_whitelisted": {
    number: 301,
    text: "the venue, lane or family is not on the whitelist",
    next: "dropped",
  },
  "risk.min_edge": { number: 302, text: "the guaranteed edge is below the floor", next: "dropped" },
  "risk.max_concurrent": { number: 303, text: "too many open plans", next: "dropped" },
  "risk.family_cap": { number: 304, text: "the family's exposure cap", next: "dropped" },
  "risk.venue_cap": { number: 305, text: "the venue's exposure cap", next: "dropped" },
  "risk.total_cap": { number: 306, text: "the total exposure cap", next: "dropped" },
  "risk.cash": { number: 307, text: "not enough free cash", next: "dropped" },
  "risk.daily_drawdown": {
    number: 308,
    text: "the daily drawdown limit was reached",
    next: "everything liquidated, trading off",
  },
  "risk.unknown_fee": { number: 309, text: "a leg's fee is unknown", next: "dropped" },
  "risk.unknown_tick": { number: 310, text: "a leg's tick grid is unknown", next: "dropped" },
  "risk.market_closing": {
    number: 311,
    text: "a leg's market is closed or closes too soon",
    next: "dropped",
  },
  "risk.quote_gone": { number: 312, text: "a leg's quote is quarantined now", next: "dropped" },
  "risk.leverage": { number: 313, text: "the leverage limit", next: "dropped" },
  "risk.degraded": {
    number: 314,
    text: "the feed of a leg's venue is degraded: its size is zero",
    next: "dropped",
  },

  // 350-399: orders.
  "order.no_liquidity": {
    number: 350,
    text: "nothing at or better than the limit when the order arrived",
    next: "leg missed",
  },
  "order.partial": {
    number: 351,
    text: "only a part filled before the leg's deadline",
    next: "unmatched part unwound",
  },
  "order.venue_reject": { number: 352, text: "the venue refused the order", next: "leg missed" },
  "order.timeout": { number: 353, text: "no answer in time", next: "state queried before anything else" },
  "order.duplicate": { number: 354, text: "the same order id again", next: "ignored" },
  "order.quote_barred": {
    number: 355,
    text: "the book was not valid when the order arrived",
    next: "leg missed",
  },
  "order.market_closed": {
    number: 356,
    text: "the market closed before the order arrived",
    next: "leg missed",
  },

  // 400-449: journal and import.
  "journal.torn_tail": { number: 400, text: "an unfinished block at the end", next: "cut, said" },
  "journal.bad_crc": { number: 401, text: "a block's checksum is wrong", next: "replay stops there" },
  "journal.bad_chain": {
    number: 402,
    text: "a block does not follow its predecessor",
    next: "replay stops there",
  },
  "import.bad_line": {
    number: 410,
    text: "a line of the recording could not be read",
    next: "counted with its position",
  },
  "import.foreign": { number: 411, text: "the file is not a recording of this kind", next: "exit 2" },
} as const;

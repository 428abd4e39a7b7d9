/**
 * Every reason for not doing something, one catalogue. Codes are `area.cause`; numbers are stable (they are recorded)
 * and never reused. `next` says what EMP does about it. docs/reasons.md is generated from here and checked by a test.
 */
export interface ReasonEntry {
  readonly number: number;
  readonly text: string;
  readonly next: string;
}

export const REASONS = {
  // 1-49: messages a mapper refused. Nothing of the message was used.
  "wire.unreadable": {
    number: 1,
    text: "not valid JSON or not valid UTF-8",
    next: "frame kept raw, book of the stream invalid",
  },
  "wire.unknown_type": {
    number: 2,
    text: "a message type this adapter does not know",
    next: "frame kept raw",
  },
  "wire.missing_field": {
    number: 3,
    text: "a required field is absent or of the wrong type",
    next: "book invalid until a snapshot",
  },
  "wire.bad_number": {
    number: 4,
    text: "a price, size or time is no exact decimal in range",
    next: "book invalid until a snapshot",
  },
  "wire.too_large": {
    number: 5,
    text: "the frame exceeds the size limit",
    next: "frame kept raw up to the limit, books of the stream invalid",
  },
  "wire.too_deep": {
    number: 6,
    text: "the frame nests deeper than any real message",
    next: "frame kept raw",
  },
  "wire.unknown_symbol": {
    number: 7,
    text: "the message names a book that is not known and cannot be learned",
    next: "counted",
  },
  "wire.duplicate_key": {
    number: 8,
    text: "a key occurs twice in one object",
    next: "book invalid until a snapshot",
  },
  "wire.venue_error": { number: 9, text: "the venue sent an error message", next: "counted, shown" },
  "wire.mirror": {
    number: 10,
    text: "the mirrored token of a unified book, counted once",
    next: "used only as a witness",
  },
  "wire.no_content": { number: 11, text: "a control or keep-alive frame", next: "none" },

  // 50-99: why a book is not valid.
  "book.never_seen": { number: 50, text: "no snapshot yet", next: "wait for a snapshot" },
  "book.gap": {
    number: 51,
    text: "the subscription skipped a sequence number",
    next: "all books of the stream wait for snapshots",
  },
  "book.reconnect": { number: 52, text: "the connection was lost", next: "wait for a snapshot" },
  "book.tick_change": { number: 53, text: "the venue changed the tick size", next: "wait for a snapshot" },
  "book.hash_mismatch": {
    number: 54,
    text: "the venue's checksum does not match the snapshot",
    next: "wait for a snapshot",
  },
  "book.venue_close": { number: 55, text: "the market closed", next: "book kept, not tradable" },
  "book.witness_mismatch": {
    number: 56,
    text: "the venue's best price differs from the book's",
    next: "wait for a snapshot",
  },
  "book.unreadable": {
    number: 57,
    text: "a message about this book could not be read",
    next: "wait for a snapshot",
  },
  "book.off_grid": {
    number: 58,
    text: "a price outside the instrument's range",
    next: "wait for a snapshot",
  },
  "book.negative_level": {
    number: 59,
    text: "a change drove a level below zero; clamped to zero",
    next: "counted, suspicion raised",
  },
  "book.suspicious": {
    number: 60,
    text: "too many clamped levels since the last snapshot",
    next: "wait for a snapshot",
  },
  "book.torn_snapshot": {
    number: 61,
    text: "a snapshot did not end before the next message",
    next: "wait for a snapshot",
  },
  "book.overflow": {
    number: 62,
    text: "more books or levels than the configured bound",
    next: "book dropped",
  },

  // 100-149: order of arrival.
  "seq.duplicate": { number: 100, text: "the sequence number was seen before", next: "dropped" },
  "seq.reordered": { number: 101, text: "an older sequence number after a newer one", next: "dropped" },
  "seq.unjudged": {
    number: 102,
    text: "this recording is a slice: its sequence cannot be judged",
    next: "said, no gap raised",
  },
  "seq.time_backwards": {
    number: 103,
    text: "the receive instant went backwards",
    next: "the last instant is kept",
  },

  // 150-199: the quote firewall (D1). The quote is quarantined, lanes do not see it.
  "quote.invalid_book": { number: 150, text: "the book is not valid", next: "quarantined" },
  "quote.invalid_price": { number: 151, text: "a best price outside (0, 1)", next: "quarantined" },
  "quote.invalid_size": { number: 152, text: "a size that is not positive", next: "quarantined" },
  "quote.stale": {
    number: 153,
    text: "continuity was last proved too long ago",
    next: "quarantined until the next proof",
  },
  "quote.crossed": {
    number: 154,
    text: "best bid at or above best ask",
    next: "quarantined until uncrossed",
  },
  "quote.one_sided": {
    number: 155,
    text: "one side is empty",
    next: "quarantined where the profile asks for two sides",
  },
  "quote.micro_price": {
    number: 156,
    text: "best price inside the band of micro-price artefacts",
    next: "quarantined",
  },
  "quote.jump": {
    number: 157,
    text: "the mid moved further in one step than the profile allows",
    next: "quarantined until confirmed",
  },
  "quote.unified_cross": {
    number: 158,
    text: "YES ask + NO ask below 1 on one unified book: a data fault",
    next: "data alarm",
  },
  "quote.off_tick": { number: 159, text: "a best price off the tick grid", next: "quarantined" },
  "quote.frozen": {
    number: 160,
    text: "depth did not change while the venue's best quotes moved",
    next: "quarantined",
  },
  "quote.not_open": { number: 161, text: "the market is not open", next: "quarantined" },
  "quote.unsettled_size": {
    number: 162,
    text: "fewer valid books than the size median needs",
    next: "no size yet",
  },
  "quote.suspended": {
    number: 163,
    text: "a sibling quote of the same market is quarantined",
    next: "quarantined",
  },

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
} as const satisfies Record<string, ReasonEntry>;

export type Reason = keyof typeof REASONS;

const BY_NUMBER: ReadonlyMap<number, Reason> = new Map(
  (Object.keys(REASONS) as Reason[]).map((code) => [REASONS[code].number, code]),
);

/** The number recorded for a reason. */
export function reasonNumber(reason: Reason): number {
  return REASONS[reason].number;
}

/** The code of a recorded number; undefined for a number from a newer version. */
export function reasonOf(number: number): Reason | undefined {
  return BY_NUMBER.get(number);
}

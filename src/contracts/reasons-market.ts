/** Reasons about data: messages, books, order of arrival and quotes. Numbers 1 to 199. */
export const MARKET_REASONS = {
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
} as const;

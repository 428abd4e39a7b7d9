import { reasonNumber } from "../../contracts/index.ts";

/** Reason numbers used on the hot path, looked up once. */
export const NEVER_SEEN = reasonNumber("book.never_seen");
export const GAP = reasonNumber("book.gap");
export const RECONNECT = reasonNumber("book.reconnect");
export const TICK_CHANGE = reasonNumber("book.tick_change");
export const VENUE_CLOSE = reasonNumber("book.venue_close");
export const WITNESS_MISMATCH = reasonNumber("book.witness_mismatch");
export const UNREADABLE = reasonNumber("book.unreadable");
export const OFF_GRID = reasonNumber("book.off_grid");
export const NEGATIVE_LEVEL = reasonNumber("book.negative_level");
export const SUSPICIOUS = reasonNumber("book.suspicious");
export const TORN_SNAPSHOT = reasonNumber("book.torn_snapshot");
export const OVERFLOW = reasonNumber("book.overflow");

export const UNKNOWN_SYMBOL = reasonNumber("wire.unknown_symbol");
export const SEQ_DUPLICATE = reasonNumber("seq.duplicate");
export const SEQ_REORDERED = reasonNumber("seq.reordered");
export const SEQ_UNJUDGED = reasonNumber("seq.unjudged");
export const TIME_BACKWARDS = reasonNumber("seq.time_backwards");

export const INVALID_BOOK = reasonNumber("quote.invalid_book");
export const INVALID_PRICE = reasonNumber("quote.invalid_price");
export const INVALID_SIZE = reasonNumber("quote.invalid_size");
export const STALE = reasonNumber("quote.stale");
export const CROSSED = reasonNumber("quote.crossed");
export const ONE_SIDED = reasonNumber("quote.one_sided");
export const MICRO_PRICE = reasonNumber("quote.micro_price");
export const JUMP = reasonNumber("quote.jump");
export const UNIFIED_CROSS = reasonNumber("quote.unified_cross");
export const OFF_TICK = reasonNumber("quote.off_tick");
export const FROZEN = reasonNumber("quote.frozen");
export const NOT_OPEN = reasonNumber("quote.not_open");
export const UNSETTLED_SIZE = reasonNumber("quote.unsettled_size");
export const SUSPENDED = reasonNumber("quote.suspended");

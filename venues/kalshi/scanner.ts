import { ASK, BID, type Side } from "../../src/contracts/index.ts";
import { ByteCursor, type Token, token } from "./byte-cursor.ts";
import { MAX_MILLIS, PRICE_SCALE } from "./scales.ts";

/**
 * What `FrameScanner.scan` found. `quiet`: a `ticker`, which says nothing about the book.
 * `unknown`: not one of the hot shapes exactly; ask the oracle.
 */
export const Scanned = { unknown: 0, delta: 1, snapshot: 2, trade: 3, quiet: 4 } as const;
export type Scanned = (typeof Scanned)[keyof typeof Scanned];

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

const HEAD_DELTA = token('{"type":"orderbook_delta","sid":');
const HEAD_SNAPSHOT = token('{"type":"orderbook_snapshot","sid":');
const HEAD_TRADE = token('{"type":"trade","sid":');
const HEAD_TICKER = token('{"type":"ticker","sid":');
const SEQ = token(',"seq":');
const MSG = token(',"msg":{');
const YES = token('"yes"');
const NO = token('"no"');
const BOOK_BID = token('"bid"');
const BOOK_ASK = token('"ask"');
const FALSE = token("false");

/** The fixed stretches of a delta in the order the venue sends its fields. */
const IN_ORDER_TICKER = token(',"msg":{"market_ticker":');
const IN_ORDER_ID = token(',"market_id":');
const IN_ORDER_PRICE = token(',"price_dollars":');
const IN_ORDER_DELTA = token(',"delta_fp":');
const IN_ORDER_YES = token(',"side":"yes","ts":');
const IN_ORDER_NO = token(',"side":"no","ts":');
const IN_ORDER_TS_MS = token(',"ts_ms":');

/** Keys that are read, behind their opening quote. */
const MARKET_TICKER = token('market_ticker":');
const MARKET_ID = token('market_id":');
const PRICE = token('price_dollars":');
const DELTA = token('delta_fp":');
const SIDE = token('side":');
const TS = token('ts":');
const TS_MS = token('ts_ms":');
const YES_LEVELS = token('yes_dollars_fp":');
const NO_LEVELS = token('no_dollars_fp":');
const TRADE_ID = token('trade_id":');
const YES_PRICE = token('yes_price_dollars":');
const NO_PRICE = token('no_price_dollars":');
const COUNT = token('count_fp":');
const TAKER_SIDE = token('taker_side":');
const TAKER_OUTCOME = token('taker_outcome_side":');
const TAKER_BOOK = token('taker_book_side":');
const IS_BLOCK = token('is_block_trade":');

/** One bit per key seen in `msg`, to find repeated and missing ones. */
const SEEN_TICKER = 1;
const SEEN_ID = 2;
const SEEN_PRICE = 4;
const SEEN_SIZE = 8;
const SEEN_SIDE = 16;
const SEEN_TS = 32;
const SEEN_TS_MS = 64;
const SEEN_YES = 128;
const SEEN_NO = 256;
const SEEN_OUTCOME = 512;
const SEEN_BOOK_SIDE = 1024;
const SEEN_BLOCK = 2048;
const SEEN_TRADE_ID = 4096;
const NEED_DELTA = SEEN_TICKER | SEEN_PRICE | SEEN_SIZE | SEEN_SIDE | SEEN_TS_MS;
const NEED_TRADE = SEEN_TICKER | SEEN_YES | SEEN_SIZE | SEEN_TS_MS;

/** Unknown keys of one message that are remembered to find repetitions; more go to the oracle. */
const MAX_UNKNOWN_KEYS = 32;

/**
 * Reads the hot frames straight from bytes into numbers: no string, no object, no allocation.
 * Strict: full keys, exact values, separators, end of message. It never emits; the fields below hold the result of
 * the last `scan` that did not answer `unknown`. What it accepts, the oracle reads alike (proved by mutation).
 */
export class FrameScanner {
  sid = 0;
  seq = 0;
  /** Where the ticker stands, and its hash, for `SymbolMemo`. */
  readonly cursor = new ByteCursor();
  side: Side = BID;
  ticks = 0;
  lots = 0;
  /** Microseconds. */
  venueAt = 0;
  /** Levels of a snapshot: YES levels first; prices on the YES scale, bids then asks. */
  readonly bidTicks = new Int32Array(PRICE_SCALE);
  readonly bidLots = new Float64Array(PRICE_SCALE);
  bidCount = 0;
  readonly askTicks = new Int32Array(PRICE_SCALE);
  readonly askLots = new Float64Array(PRICE_SCALE);
  askCount = 0;

  readonly #unknownStart = new Int32Array(MAX_UNKNOWN_KEYS);
  readonly #unknownEnd = new Int32Array(MAX_UNKNOWN_KEYS);
  #unknownCount = 0;
  #noTicks = 0;
  /** Taker per field: -1 not given. */
  #takers = 0;

  scan(bytes: Uint8Array, start: number, end: number): Scanned {
    const cursor = this.cursor;
    cursor.open(bytes, start, end);
    this.#unknownCount = 0;
    if (cursor.token(HEAD_DELTA)) return this.#delta() && cursor.at === end ? Scanned.delta : Scanned.unknown;
    if (cursor.token(HEAD_TRADE)) return this.#trade() && cursor.at === end ? Scanned.trade : Scanned.unknown;
    if (cursor.token(HEAD_SNAPSHOT))
      return this.#snapshot() && cursor.at === end ? Scanned.snapshot : Scanned.unknown;
    if (cursor.token(HEAD_TICKER))
      return this.#ticker() && cursor.at === end ? Scanned.quiet : Scanned.unknown;
    return Scanned.unknown;
  }

  /** `1,"seq":2,"msg":{`, the rest of every hot envelope. */
  #envelope(): boolean {
    const cursor = this.cursor;
    this.sid = cursor.uint();
    if (this.sid === -1 || !cursor.token(SEQ)) return false;
    this.seq = cursor.uint();
    return this.seq !== -1 && cursor.token(MSG);
  }

  #delta(): boolean {
    const cursor = this.cursor;
    this.sid = cursor.uint();
    if (this.sid === -1 || !cursor.token(SEQ)) return false;
    this.seq = cursor.uint();
    if (this.seq === -1) return false;
    const { at } = cursor;
    if (this.#deltaInOrder()) return true;
    cursor.at = at;
    return cursor.token(MSG) && this.#deltaInAnyOrder();
  }

  /** The usual layout, field by field: half the cost of finding out which key comes next. */
  #deltaInOrder(): boolean {
    const cursor = this.cursor;
    if (!cursor.token(IN_ORDER_TICKER) || !cursor.symbol()) return false;
    if (!cursor.token(IN_ORDER_ID) || !cursor.skipString() || !cursor.token(IN_ORDER_PRICE)) return false;
    const ticks = cursor.price();
    if (ticks === -1 || !cursor.token(IN_ORDER_DELTA)) return false;
    this.lots = cursor.size(true);
    if (Number.isNaN(this.lots)) return false;
    if (cursor.token(IN_ORDER_YES)) {
      this.side = BID;
      this.ticks = ticks;
    } else if (cursor.token(IN_ORDER_NO)) {
      this.side = ASK;
      this.ticks = PRICE_SCALE - ticks;
    } else return false;
    if (!cursor.skipString() || !cursor.token(IN_ORDER_TS_MS)) return false;
    const millis = cursor.uint();
    this.venueAt = millis * 1000;
    return millis !== -1 && millis <= MAX_MILLIS && cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
  }

  #deltaInAnyOrder(): boolean {
    const cursor = this.cursor;
    let seen = 0;
    for (;;) {
      if (!cursor.byte(QUOTE)) return false;
      const bit = this.#deltaField();
      if (bit < 0 || (seen & bit) !== 0) return false;
      seen |= bit;
      if (cursor.byte(COMMA)) continue;
      break;
    }
    if ((seen & NEED_DELTA) !== NEED_DELTA || !cursor.byte(CLOSE_BRACE)) return false;
    if (this.side === ASK) this.ticks = PRICE_SCALE - this.ticks;
    return cursor.byte(CLOSE_BRACE);
  }

  /** One `key":value` of a delta. Returns the key's bit, 0 for an unknown key, -1 when it cannot be read here. */
  #deltaField(): number {
    const cursor = this.cursor;
    switch (cursor.bytes[cursor.at]) {
      case 0x6d: // m
        return this.#marketField();
      case 0x70: // p
        if (!cursor.token(PRICE)) return this.#unknownField();
        this.ticks = cursor.price();
        return this.ticks === -1 ? -1 : SEEN_PRICE;
      case 0x64: // d
        if (!cursor.token(DELTA)) return this.#unknownField();
        this.lots = cursor.size(true);
        return Number.isNaN(this.lots) ? -1 : SEEN_SIZE;
      case 0x73: // s
        if (!cursor.token(SIDE)) return this.#unknownField();
        return this.#yesNo() ? SEEN_SIDE : -1;
      case 0x74: // t
        return this.#timeField();
      default:
        return this.#unknownField();
    }
  }

  #trade(): boolean {
    const cursor = this.cursor;
    if (!this.#envelope()) return false;
    let seen = 0;
    this.#takers = 0;
    for (;;) {
      if (!cursor.byte(QUOTE)) return false;
      const bit = this.#tradeField();
      if (bit < 0 || (seen & bit) !== 0) return false;
      seen |= bit;
      if (cursor.byte(COMMA)) continue;
      break;
    }
    if ((seen & NEED_TRADE) !== NEED_TRADE || !cursor.byte(CLOSE_BRACE)) return false;
    if ((seen & SEEN_NO) !== 0 && this.#noTicks + this.ticks !== PRICE_SCALE) return false;
    // 1: some field says BID, 2: some field says ASK; none or both is not for this path.
    if (this.#takers !== 1 && this.#takers !== 2) return false;
    this.side = this.#takers === 1 ? BID : ASK;
    return this.lots > 0 && cursor.byte(CLOSE_BRACE);
  }

  #tradeField(): number {
    const cursor = this.cursor;
    switch (cursor.bytes[cursor.at]) {
      case 0x6d: // m
        return this.#marketField();
      case 0x79: // y
        if (!cursor.token(YES_PRICE)) return this.#unknownField();
        this.ticks = cursor.price();
        return this.ticks === -1 ? -1 : SEEN_YES;
      case 0x6e: // n
        if (!cursor.token(NO_PRICE)) return this.#unknownField();
        this.#noTicks = cursor.price();
        return this.#noTicks === -1 ? -1 : SEEN_NO;
      case 0x63: // c
        if (!cursor.token(COUNT)) return this.#unknownField();
        this.lots = cursor.size(false);
        return Number.isNaN(this.lots) ? -1 : SEEN_SIZE;
      case 0x74: // t
        return this.#takerField();
      case 0x69: // i
        if (!cursor.token(IS_BLOCK)) return this.#unknownField();
        return cursor.token(FALSE) ? SEEN_BLOCK : -1;
      default:
        return this.#unknownField();
    }
  }

  #takerField(): number {
    const cursor = this.cursor;
    if (cursor.token(TRADE_ID)) return cursor.skipValue() ? SEEN_TRADE_ID : -1;
    if (cursor.token(TAKER_SIDE)) return this.#taker(YES, NO, SEEN_SIDE);
    if (cursor.token(TAKER_OUTCOME)) return this.#taker(YES, NO, SEEN_OUTCOME);
    if (cursor.token(TAKER_BOOK)) return this.#taker(BOOK_BID, BOOK_ASK, SEEN_BOOK_SIDE);
    return this.#timeField();
  }

  #taker(bid: Token, ask: Token, bit: number): number {
    if (this.cursor.token(bid)) this.#takers |= 1;
    else if (this.cursor.token(ask)) this.#takers |= 2;
    else return -1;
    return bit;
  }

  #snapshot(): boolean {
    const cursor = this.cursor;
    if (!this.#envelope()) return false;
    let seen = 0;
    this.bidCount = 0;
    this.askCount = 0;
    for (;;) {
      if (!cursor.byte(QUOTE)) return false;
      const bit = this.#snapshotField();
      if (bit < 0 || (seen & bit) !== 0) return false;
      seen |= bit;
      if (cursor.byte(COMMA)) continue;
      break;
    }
    return (seen & SEEN_TICKER) !== 0 && cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
  }

  #snapshotField(): number {
    const cursor = this.cursor;
    switch (cursor.bytes[cursor.at]) {
      case 0x6d: // m
        return this.#marketField();
      case 0x79: // y
        if (!cursor.token(YES_LEVELS)) return -1;
        this.bidCount = this.#levels(this.bidTicks, this.bidLots);
        return this.bidCount === -1 ? -1 : SEEN_YES;
      case 0x6e: // n
        if (!cursor.token(NO_LEVELS)) return -1;
        this.askCount = this.#levels(this.askTicks, this.askLots);
        if (this.askCount === -1) return -1;
        for (let i = 0; i < this.askCount; i++) this.askTicks[i] = PRICE_SCALE - this.askTicks[i]!;
        return SEEN_NO;
      default:
        return this.#unknownField();
    }
  }

  /** `[["0.0100","5.00"],…]` in strictly ascending prices; levels of size 0 are left out. Count, or -1. */
  #levels(ticks: Int32Array, lots: Float64Array): number {
    const cursor = this.cursor;
    if (!cursor.byte(OPEN_BRACKET)) return -1;
    if (cursor.byte(CLOSE_BRACKET)) return 0;
    let count = 0;
    let last = 0;
    for (;;) {
      if (!cursor.byte(OPEN_BRACKET)) return -1;
      const price = cursor.price();
      if (price <= last || !cursor.byte(COMMA)) return -1;
      const size = cursor.size(false);
      if (Number.isNaN(size) || !cursor.byte(CLOSE_BRACKET)) return -1;
      last = price;
      if (size > 0) {
        ticks[count] = price;
        lots[count] = size;
        count++;
      }
      if (cursor.byte(CLOSE_BRACKET)) return count;
      if (!cursor.byte(COMMA)) return -1;
    }
  }

  /** No field of a ticker is used, but a frame the oracle would refuse must not pass. */
  #ticker(): boolean {
    const cursor = this.cursor;
    if (cursor.uint() === -1 || !cursor.token(MSG)) return false;
    do if (!cursor.byte(QUOTE) || this.#unknownField() === -1) return false;
    while (cursor.byte(COMMA));
    return cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
  }

  #marketField(): number {
    const cursor = this.cursor;
    if (cursor.token(MARKET_TICKER)) {
      return cursor.symbol() ? SEEN_TICKER : -1;
    }
    if (cursor.token(MARKET_ID)) return cursor.skipString() ? SEEN_ID : -1;
    return this.#unknownField();
  }

  /** `ts_ms` is read; `ts` says the same less exactly and is skipped. */
  #timeField(): number {
    const cursor = this.cursor;
    if (cursor.token(TS_MS)) {
      const millis = cursor.uint();
      if (millis === -1 || millis > MAX_MILLIS) return -1;
      this.venueAt = millis * 1000;
      return SEEN_TS_MS;
    }
    if (cursor.token(TS)) return cursor.skipValue() ? SEEN_TS : -1;
    return this.#unknownField();
  }

  #yesNo(): boolean {
    if (this.cursor.token(YES)) this.side = BID;
    else if (this.cursor.token(NO)) this.side = ASK;
    else return false;
    return true;
  }

  /** A key that is not read: remembered so that a repetition is noticed; its value is skipped strictly. */
  #unknownField(): number {
    const cursor = this.cursor;
    const start = cursor.at;
    cursor.at--;
    if (!cursor.skipString()) return -1;
    const end = cursor.at - 1;
    const count = this.#unknownCount;
    if (count === MAX_UNKNOWN_KEYS) return -1;
    for (let i = 0; i < count; i++)
      if (sameBytes(cursor.bytes, this.#unknownStart[i]!, this.#unknownEnd[i]!, start, end)) return -1;
    this.#unknownStart[count] = start;
    this.#unknownEnd[count] = end;
    this.#unknownCount = count + 1;
    return cursor.byte(COLON) && cursor.skipValue() ? 0 : -1;
  }
}

function sameBytes(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false;
  for (let i = 0; a + i < aEnd; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

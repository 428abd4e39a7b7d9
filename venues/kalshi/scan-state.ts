import { ASK, BID, type Side } from "../../src/contracts/index.ts";
import { ByteCursor, type Token, token } from "./byte-cursor.ts";
import type { KnownText } from "./known-text.ts";
import { MAX_MILLIS, PRICE_SCALE } from "./scales.ts";
import { TickerMemo } from "./ticker-memo.ts";

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const SEQ = token(',"seq":');
const YES = token('"yes"');
const NO = token('"no"');
const BOOK_BID = token('"bid"');
const BOOK_ASK = token('"ask"');
const FALSE = token("false");

/** Fields of the hot messages. Each is one bit in the set of those a message had; UNKNOWN ones are not in it. */
export const Field = {
  UNKNOWN: 0,
  TICKER: 1,
  /** A value that is checked and not used. */
  MARKET_ID: 2,
  TS: 3,
  TS_MS: 4,
  PRICE: 5,
  DELTA: 6,
  SIDE: 7,
  NO_PRICE: 8,
  COUNT: 9,
  TRADE_ID: 10,
  IS_BLOCK: 11,
  TAKER_SIDE: 12,
  TAKER_OUTCOME: 13,
  TAKER_BOOK: 14,
  YES_LEVELS: 15,
  NO_LEVELS: 16,
} as const;
export type Field = (typeof Field)[keyof typeof Field];

/** Sides named by the taker fields of a trade: bits, so that a contradiction shows. */
export const NAMED_BID = 1;
export const NAMED_ASK = 2;

/** What the scanner reads with and into. Nothing here is allocated per frame. */
export class ScanState {
  readonly cursor = new ByteCursor();
  readonly ticker = new TickerMemo();
  sid = 0;
  seq = 0;
  side: Side = BID;
  /** Price on the scale of the leg named, as read; `FrameScanner` turns it onto the YES scale. */
  ticks = 0;
  noTicks = 0;
  lots = 0;
  namedSides = 0;
  /** Microseconds. */
  venueAt = 0;
  /** Levels of a snapshot on the YES scale. */
  readonly bidTicks = new Int32Array(PRICE_SCALE);
  readonly bidLots = new Float64Array(PRICE_SCALE);
  bidCount = 0;
  readonly askTicks = new Int32Array(PRICE_SCALE);
  readonly askLots = new Float64Array(PRICE_SCALE);
  askCount = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.cursor.open(bytes, start, end);
    this.namedSides = 0;
    this.bidCount = 0;
    this.askCount = 0;
  }

  /** `1,"seq":2`: the numbers of an envelope behind `"sid":`. */
  numbers(): boolean {
    const { cursor } = this;
    this.sid = cursor.uint();
    if (this.sid === -1 || !cursor.token(SEQ)) return false;
    this.seq = cursor.uint();
    return this.seq !== -1;
  }

  /** Reads the value of a field. False: not in the expected spelling, give up. */
  value(field: number, known: KnownText): boolean {
    const { cursor } = this;
    switch (field) {
      case Field.TICKER:
        return this.ticker.read(cursor);
      case Field.PRICE:
        this.ticks = cursor.price();
        return this.ticks !== -1;
      case Field.DELTA:
        this.lots = cursor.size(true);
        return !Number.isNaN(this.lots);
      case Field.SIDE:
        this.side = cursor.token(YES) ? BID : ASK;
        return this.side === BID || cursor.token(NO);
      case Field.TS_MS: {
        const millis = cursor.millis();
        this.venueAt = millis * 1000;
        return millis !== -1 && millis <= MAX_MILLIS;
      }
      case Field.UNKNOWN:
      case Field.MARKET_ID:
      case Field.TS:
      case Field.TRADE_ID:
        return cursor.skipLike(known);
      default:
        return this.#rarer(field);
    }
  }

  #rarer(field: number): boolean {
    const { cursor } = this;
    switch (field) {
      case Field.NO_PRICE:
        this.noTicks = cursor.price();
        return this.noTicks !== -1;
      case Field.COUNT:
        this.lots = cursor.size(false);
        return !Number.isNaN(this.lots);
      case Field.IS_BLOCK:
        return cursor.token(FALSE);
      case Field.TAKER_SIDE:
      case Field.TAKER_OUTCOME:
        return this.#taker(YES, NO);
      case Field.TAKER_BOOK:
        return this.#taker(BOOK_BID, BOOK_ASK);
      case Field.YES_LEVELS:
        this.bidCount = this.#ladder(this.bidTicks, this.bidLots);
        return this.bidCount !== -1;
      default:
        this.askCount = this.#ladder(this.askTicks, this.askLots);
        for (let i = 0; i < this.askCount; i++) this.askTicks[i] = PRICE_SCALE - this.askTicks[i]!;
        return this.askCount !== -1;
    }
  }

  #taker(bid: Token, ask: Token): boolean {
    if (this.cursor.token(bid)) this.namedSides |= NAMED_BID;
    else if (this.cursor.token(ask)) this.namedSides |= NAMED_ASK;
    else return false;
    return true;
  }

  /** `[["0.0100","5.00"],…]` in strictly ascending prices; levels of size 0 are left out. Count, or -1. */
  #ladder(ticks: Int32Array, lots: Float64Array): number {
    const { cursor } = this;
    if (!cursor.byte(OPEN_BRACKET)) return -1;
    if (cursor.byte(CLOSE_BRACKET)) return 0;
    let count = 0;
    let last = 0;
    do {
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
    } while (cursor.byte(COMMA));
    return cursor.byte(CLOSE_BRACKET) ? count : -1;
  }
}

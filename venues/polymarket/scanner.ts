import { ASK, BID } from "../../src/contracts/index.ts";
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  COMMA,
  equals,
  plainEnd,
  QUOTE,
  skipScalar,
  skipSpace,
  timestampMicros,
} from "./bytes.ts";
import { ChangeReader } from "./change-reader.ts";
import { FrameBytes } from "./frame-bytes.ts";
import { judgeHash } from "./hash.ts";
import { KeyReader } from "./key-reader.ts";
import { ascii, Literal, Word } from "./literal.ts";
import { MarketMemo } from "./market-memo.ts";
import type { TokenCache } from "./token-cache.ts";
import { ValueReader } from "./value-reader.ts";
import { Event, HashState, TOP_UNSTATED, type WireFrame } from "./wire-frame.ts";
import { KEY_COUNT, Key, keyMask } from "./wire-keys.ts";

const BOOK = ascii("book");
const PRICE_CHANGE = ascii("price_change");
const LAST_TRADE_PRICE = ascii("last_trade_price");
const BEST_BID_ASK = ascii("best_bid_ask");
const TRUE = new Word("true");
const FALSE = new Word("false");

/** Fields that must and that may stand in each message; anything else is a surprise. */
const ENVELOPE = keyMask(Key.EVENT_TYPE, Key.MARKET, Key.TIMESTAMP);
const BOOK_NEEDS = ENVELOPE | keyMask(Key.ASSET_ID, Key.BIDS, Key.ASKS);
const BOOK_METADATA = keyMask(Key.TICK_SIZE, Key.MIN_ORDER_SIZE, Key.NEG_RISK, Key.LAST_TRADE_PRICE);
const BOOK_MAY = BOOK_NEEDS | BOOK_METADATA | keyMask(Key.HASH);
const CHANGE_NEEDS = ENVELOPE | keyMask(Key.PRICE_CHANGES);
const TRADE_NEEDS = ENVELOPE | keyMask(Key.ASSET_ID, Key.PRICE, Key.SIZE, Key.SIDE);
const TRADE_MAY = TRADE_NEEDS | keyMask(Key.FEE_RATE_BPS, Key.TRANSACTION_HASH);
const TOP_NEEDS = ENVELOPE | keyMask(Key.ASSET_ID, Key.BEST_BID, Key.BEST_ASK);
const TOP_MAY = TOP_NEEDS | keyMask(Key.SPREAD);

/** A price change as the venue writes it today, piece by piece around its items. */
const CHANGE_HEAD = new Literal('{"market":"');
const CHANGE_ITEMS = new Literal(',"price_changes"');
const CHANGE_TIMESTAMP = new Literal(',"timestamp":"');
const CHANGE_TYPE = new Literal(',"event_type":"p');
const CHANGE_TAIL = new Literal('rice_change"}');
const TIMESTAMP_LENGTH = 13;

/**
 * Strict reader of the hot market-channel messages (`book`, `price_change` with `price_changes`, `last_trade_price`,
 * `best_bid_ask`), straight from the frame's bytes into a `WireFrame`. It allocates nothing but for a checksum.
 *
 * It either understands every byte of the frame or gives up: full keys, exact values, no repeated key, nothing after
 * the end. What it gives up on, the oracle reads; `scanner.test.ts` holds the two together.
 */
export class Scanner {
  readonly #input = new FrameBytes();
  readonly #frame: WireFrame;
  readonly #keys = new KeyReader(this.#input);
  readonly #values: ValueReader;
  readonly #changes: ChangeReader;
  readonly #markets = new MarketMemo();
  /** Spans of the event's values. */
  readonly #start = new Int32Array(KEY_COUNT);
  readonly #end = new Int32Array(KEY_COUNT);

  constructor(frame: WireFrame, tokens: TokenCache) {
    this.#frame = frame;
    this.#values = new ValueReader(this.#input, frame, tokens);
    this.#changes = new ChangeReader(this.#input, frame, this.#values);
  }

  /** Reads `source[start, end)` into the frame. False: not understood, the frame's content means nothing. */
  scan(source: Uint8Array, start: number, end: number): boolean {
    const input = this.#input;
    input.load(source, start, end);
    const { bytes } = input;
    if (this.#usualChange()) return true;
    this.#frame.reset(bytes);
    let pos = skipSpace(bytes, 0);
    if (bytes[pos] === BRACKET_OPEN) {
      do {
        pos = this.#event(skipSpace(bytes, pos + 1));
        if (pos === -1) return false;
        pos = skipSpace(bytes, pos);
      } while (bytes[pos] === COMMA);
      if (bytes[pos] !== BRACKET_CLOSE) return false;
      pos++;
    } else {
      pos = this.#event(pos);
      if (pos === -1) return false;
    }
    return skipSpace(bytes, pos) === input.length;
  }

  /** One price change in today's shape, compact; by far the most frequent frame. */
  #usualChange(): boolean {
    const { bytes, view, length } = this.#input;
    if (!CHANGE_HEAD.at(view, 0)) return false;
    let pos = this.#markets.read(bytes, view, CHANGE_HEAD.length) + 1;
    if (pos === 0 || !CHANGE_ITEMS.at(view, pos) || bytes[pos + CHANGE_ITEMS.length] !== COLON) return false;
    this.#frame.reset(bytes);
    pos = this.#changes.read(pos + CHANGE_ITEMS.length + 1);
    if (pos === -1 || !CHANGE_TIMESTAMP.at(view, pos)) return false;
    pos += CHANGE_TIMESTAMP.length;
    const close = pos + TIMESTAMP_LENGTH;
    const at = timestampMicros(view, pos, close);
    if (at === -1 || bytes[close] !== QUOTE || !CHANGE_TYPE.at(view, close + 1)) return false;
    const tail = close + 1 + CHANGE_TYPE.length;
    if (!CHANGE_TAIL.at(view, tail) || tail + CHANGE_TAIL.length !== length) return false;
    this.#frame.addEvent(Event.CHANGE, -1, at, 0, HashState.OPAQUE);
    return true;
  }

  #event(open: number): number {
    const { bytes } = this.#input;
    const keys = this.#keys;
    if (bytes[open] !== BRACE_OPEN) return -1;
    const first = this.#frame.opCount;
    keys.begin();
    let pos = open;
    do {
      pos = keys.read(pos + 1);
      if (pos === -1) return -1;
      pos = this.#value(keys.key, pos);
      if (pos === -1) return -1;
      pos = skipSpace(bytes, pos);
    } while (bytes[pos] === COMMA);
    if (bytes[pos] !== BRACE_CLOSE) return -1;
    return this.#finish(keys.seen, first) ? pos + 1 : -1;
  }

  #value(key: number, pos: number): number {
    const { bytes, view } = this.#input;
    switch (key) {
      case Key.BIDS:
        return this.#span(key, pos, this.#values.readLevels(pos, BID));
      case Key.ASKS:
        return this.#span(key, pos, this.#values.readLevels(pos, ASK));
      case Key.PRICE_CHANGES:
        return this.#changes.read(pos);
      case Key.ASSET_ID:
        return this.#span(key, pos, this.#values.readToken(pos));
      case Key.MARKET: {
        const close = bytes[pos] === QUOTE ? this.#markets.read(bytes, view, pos + 1) : -1;
        return close === -1 ? this.#string(key, pos) : this.#span(key, pos, close + 1);
      }
      case Key.NEG_RISK: {
        const word = TRUE.at(view, pos) ? TRUE : FALSE;
        return word.at(view, pos) ? this.#span(key, pos, pos + word.length) : -1;
      }
      case Key.UNKNOWN:
        return skipScalar(bytes, pos);
      default:
        return this.#string(key, pos);
    }
  }

  #string(key: number, pos: number): number {
    const { bytes } = this.#input;
    if (bytes[pos] !== QUOTE) return -1;
    const close = plainEnd(bytes, pos + 1);
    return close === -1 ? -1 : this.#span(key, pos, close + 1);
  }

  #span(key: number, start: number, end: number): number {
    this.#start[key] = start;
    this.#end[key] = end;
    return end;
  }

  /** Judges a whole event by the fields it had and adds it to the frame. */
  #finish(seen: number, first: number): boolean {
    if ((seen & ENVELOPE) !== ENVELOPE) return false;
    const at = timestampMicros(
      this.#input.view,
      this.#start[Key.TIMESTAMP]! + 1,
      this.#end[Key.TIMESTAMP]! - 1,
    );
    if (at === -1) return false;
    const frame = this.#frame;
    if (this.#isType(PRICE_CHANGE)) {
      if (seen !== CHANGE_NEEDS) return false;
      frame.addEvent(Event.CHANGE, -1, at, first, HashState.OPAQUE);
      return true;
    }
    if (this.#isType(BOOK)) {
      if (!within(seen, BOOK_NEEDS, BOOK_MAY)) return false;
      frame.addEvent(Event.BOOK, this.#values.symbol, at, first, this.#judgeHash(seen));
      return true;
    }
    if (this.#isType(LAST_TRADE_PRICE))
      return within(seen, TRADE_NEEDS, TRADE_MAY) && this.#finishTrade(at, first);
    if (this.#isType(BEST_BID_ASK)) return within(seen, TOP_NEEDS, TOP_MAY) && this.#finishTop(at, first);
    return false;
  }

  #finishTrade(at: number, first: number): boolean {
    const values = this.#values;
    if (values.readPrice(this.#start[Key.PRICE]!) === -1) return false;
    if (values.readSize(this.#start[Key.SIZE]!) === -1) return false;
    if (values.readSide(this.#start[Key.SIDE]!) === -1) return false;
    this.#frame.addEvent(Event.TRADE, values.symbol, at, first, HashState.OPAQUE);
    this.#frame.addOp(values.symbol, values.side, values.ticks, values.lots, TOP_UNSTATED, TOP_UNSTATED);
    return true;
  }

  #finishTop(at: number, first: number): boolean {
    const values = this.#values;
    if (values.readTop(this.#start[Key.BEST_BID]!, BID) === -1) return false;
    const topBid = values.top;
    if (values.readTop(this.#start[Key.BEST_ASK]!, ASK) === -1) return false;
    this.#frame.addEvent(Event.TOP, values.symbol, at, first, HashState.OPAQUE);
    this.#frame.addOp(values.symbol, BID, 0, 0, topBid, values.top);
    return true;
  }

  #isType(name: Uint8Array): boolean {
    return equals(this.#input.bytes, this.#start[Key.EVENT_TYPE]! + 1, this.#end[Key.EVENT_TYPE]! - 1, name);
  }

  #judgeHash(seen: number): HashState {
    const metadata = seen & BOOK_METADATA;
    const judgeable = metadata === 0 || metadata === BOOK_METADATA;
    if (!judgeable || (seen & (1 << Key.HASH)) === 0) return HashState.OPAQUE;
    const optional = (key: number): string | null => ((seen & (1 << key)) === 0 ? null : this.#text(key));
    return judgeHash(this.#text(Key.HASH).slice(1, -1), {
      market: this.#text(Key.MARKET),
      assetId: this.#text(Key.ASSET_ID),
      timestamp: this.#text(Key.TIMESTAMP),
      bids: this.#text(Key.BIDS),
      asks: this.#text(Key.ASKS),
      minOrderSize: optional(Key.MIN_ORDER_SIZE),
      tickSize: optional(Key.TICK_SIZE),
      negRisk: optional(Key.NEG_RISK),
      lastTradePrice: optional(Key.LAST_TRADE_PRICE),
    });
  }

  /** The value of a key as JSON text. */
  #text(key: number): string {
    const { bytes } = this.#input;
    const start = this.#start[key]!;
    return Buffer.from(bytes.buffer, start, this.#end[key]! - start).toString("latin1");
  }
}

function within(seen: number, needs: number, may: number): boolean {
  return (seen & needs) === needs && (seen & ~may) === 0;
}

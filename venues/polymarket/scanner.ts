import { ASK, BID, type Side } from "../../src/contracts/index.ts";
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  COMMA,
  DecimalReader,
  equals,
  plainEnd,
  QUOTE,
  skipScalar,
  skipSpace,
  startsWith,
  timestampMicros,
} from "./bytes.ts";
import { judgeHash } from "./hash.ts";
import { PRICE_DIGITS, PRICE_ONE, SIZE_DIGITS } from "./scales.ts";
import { Event, HashState, TOP_EMPTY, TOP_UNSTATED, type WireFrame } from "./wire-frame.ts";
import { ascii, KEY_COUNT, KEY_LITERALS, Key, keyAt } from "./wire-keys.ts";

const BOOK = ascii("book");
const PRICE_CHANGE = ascii("price_change");
const LAST_TRADE_PRICE = ascii("last_trade_price");
const BEST_BID_ASK = ascii("best_bid_ask");
const BUY = ascii('"BUY"');
const SELL = ascii('"SELL"');
const TRUE = ascii("true");
const FALSE = ascii("false");
const LEVEL_PRICE = ascii('{"price":"');
const LEVEL_SIZE = ascii(',"size":"');

const has = (...keys: number[]): number => keys.reduce((mask, key) => mask | (1 << key), 0);

/** Fields that must and that may stand in each message; anything else is a surprise. */
const ENVELOPE = has(Key.EVENT_TYPE, Key.MARKET, Key.TIMESTAMP);
const BOOK_NEEDS = ENVELOPE | has(Key.ASSET_ID, Key.BIDS, Key.ASKS);
const BOOK_MAY =
  BOOK_NEEDS | has(Key.HASH, Key.TICK_SIZE, Key.MIN_ORDER_SIZE, Key.NEG_RISK, Key.LAST_TRADE_PRICE);
const CHANGE_NEEDS = ENVELOPE | has(Key.PRICE_CHANGES);
const TRADE_NEEDS = ENVELOPE | has(Key.ASSET_ID, Key.PRICE, Key.SIZE, Key.SIDE);
const TRADE_MAY = TRADE_NEEDS | has(Key.FEE_RATE_BPS, Key.TRANSACTION_HASH);
const TOP_NEEDS = ENVELOPE | has(Key.ASSET_ID, Key.BEST_BID, Key.BEST_ASK);
const TOP_MAY = TOP_NEEDS | has(Key.SPREAD);
const ITEM_NEEDS = has(Key.ASSET_ID, Key.PRICE, Key.SIZE, Key.SIDE);

/** Unknown keys of one object that are remembered so that a repeated one is noticed. */
const MAX_UNKNOWN_KEYS = 4;

/**
 * Strict reader of the hot market-channel messages (`book`, `price_change` with `price_changes`, `last_trade_price`,
 * `best_bid_ask`), straight from the frame's bytes into a `WireFrame`. It allocates nothing but for the checksum.
 *
 * It either understands every byte of the frame or gives up: full keys, exact values, no repeated key, nothing after
 * the end. What it gives up on, the oracle reads; `scanner.test.ts` holds the two together.
 */
export class Scanner {
  readonly #frame: WireFrame;
  readonly #decimal = new DecimalReader();
  readonly #start = new Int32Array(KEY_COUNT);
  readonly #end = new Int32Array(KEY_COUNT);
  /** The key that followed each key last time, per kind of object: senders keep their order. */
  readonly #nextInEvent = new Uint8Array(KEY_COUNT);
  readonly #nextInItem = new Uint8Array(KEY_COUNT);
  readonly #unknownStart = new Int32Array(MAX_UNKNOWN_KEYS);
  readonly #unknownEnd = new Int32Array(MAX_UNKNOWN_KEYS);
  #unknownCount = 0;
  /** Unknown keys from here on belong to the object being read. */
  #unknownFirst = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  /** The key read by the last `#keyStart`. */
  #key: number = Key.NONE;
  /** The price read by the last `#top`. */
  #topTicks = 0;

  constructor(frame: WireFrame) {
    this.#frame = frame;
  }

  /** Reads `bytes[start, end)` into the frame. False: not understood, the frame's content means nothing. */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#frame.reset(bytes);
    let pos = skipSpace(bytes, start);
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
    return pos <= end && onlySpace(bytes, pos, end);
  }

  #event(open: number): number {
    const bytes = this.#bytes;
    if (bytes[open] !== BRACE_OPEN) return -1;
    const first = this.#frame.opCount;
    this.#unknownFirst = 0;
    this.#unknownCount = 0;
    let seen = 0;
    let previous: number = Key.NONE;
    let pos = open;
    do {
      pos = this.#keyStart(pos + 1, previous, this.#nextInEvent);
      if (pos === -1) return -1;
      const key = this.#key;
      previous = key;
      if (key === Key.UNKNOWN) {
        pos = skipScalar(bytes, pos);
      } else {
        if ((seen & (1 << key)) !== 0) return -1;
        seen |= 1 << key;
        pos = this.#eventValue(key, pos);
      }
      if (pos === -1) return -1;
      pos = skipSpace(bytes, pos);
    } while (bytes[pos] === COMMA);
    if (bytes[pos] !== BRACE_CLOSE) return -1;
    return this.#finish(seen, first) ? pos + 1 : -1;
  }

  #eventValue(key: number, pos: number): number {
    switch (key) {
      case Key.BIDS:
        return this.#levels(key, pos, BID);
      case Key.ASKS:
        return this.#levels(key, pos, ASK);
      case Key.PRICE_CHANGES:
        return this.#changes(pos);
      case Key.NEG_RISK: {
        const word = startsWith(this.#bytes, pos, TRUE) ? TRUE : FALSE;
        if (!startsWith(this.#bytes, pos, word)) return -1;
        this.#start[key] = pos;
        this.#end[key] = pos + word.length;
        return pos + word.length;
      }
      default: {
        if (this.#bytes[pos] !== QUOTE) return -1;
        const end = plainEnd(this.#bytes, pos + 1);
        if (end === -1) return -1;
        this.#start[key] = pos + 1;
        this.#end[key] = end;
        return end + 1;
      }
    }
  }

  /**
   * Reads a key and its colon; `#key` is which. Tries the key that followed `previous` last time first.
   * Returns the start of the value.
   */
  #keyStart(from: number, previous: number, next: Uint8Array): number {
    const bytes = this.#bytes;
    const expected = next[previous]!;
    if (expected !== Key.NONE) {
      const literal = KEY_LITERALS[expected]!;
      if (startsWith(bytes, from, literal)) {
        this.#key = expected;
        return skipSpace(bytes, from + literal.length);
      }
    }
    const open = skipSpace(bytes, from);
    if (bytes[open] !== QUOTE) return -1;
    const close = plainEnd(bytes, open + 1);
    if (close === -1) return -1;
    const key = keyAt(bytes, open + 1, close);
    if (key === Key.UNKNOWN) {
      if (!this.#rememberUnknown(open + 1, close)) return -1;
    } else {
      next[previous] = key;
    }
    this.#key = key;
    const colon = skipSpace(bytes, close + 1);
    return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : -1;
  }

  /** False when the key was seen before in this object, or there are too many to remember. */
  #rememberUnknown(start: number, end: number): boolean {
    const bytes = this.#bytes;
    const count = this.#unknownCount;
    if (count === MAX_UNKNOWN_KEYS) return false;
    for (let i = this.#unknownFirst; i < count; i++) {
      if (sameBytes(bytes, this.#unknownStart[i]!, this.#unknownEnd[i]!, start, end)) return false;
    }
    this.#unknownStart[count] = start;
    this.#unknownEnd[count] = end;
    this.#unknownCount = count + 1;
    return true;
  }

  /** `[{"price":"…","size":"…"},…]` into operations. */
  #levels(key: number, open: number, side: Side): number {
    const bytes = this.#bytes;
    const frame = this.#frame;
    const decimal = this.#decimal;
    if (bytes[open] !== BRACKET_OPEN) return -1;
    this.#start[key] = open;
    let pos = open + 1;
    if (bytes[pos] === BRACKET_CLOSE) {
      this.#end[key] = pos + 1;
      return pos + 1;
    }
    for (;;) {
      if (!startsWith(bytes, pos, LEVEL_PRICE)) return -1;
      pos = decimal.read(bytes, pos + LEVEL_PRICE.length, PRICE_DIGITS);
      const ticks = decimal.value;
      if (pos === -1 || ticks <= 0 || ticks >= PRICE_ONE || !startsWith(bytes, pos, LEVEL_SIZE)) return -1;
      pos = decimal.read(bytes, pos + LEVEL_SIZE.length, SIZE_DIGITS);
      if (pos === -1 || bytes[pos] !== BRACE_CLOSE) return -1;
      if (frame.opCount === frame.opTicks.length) frame.growOps();
      const op = frame.opCount++;
      frame.opSide[op] = side;
      frame.opTicks[op] = ticks;
      frame.opLots[op] = decimal.value;
      const byte = bytes[++pos]!;
      pos++;
      if (byte === COMMA) continue;
      if (byte !== BRACKET_CLOSE) return -1;
      this.#end[key] = pos;
      return pos;
    }
  }

  /** The `price_changes` array, one operation an item. */
  #changes(open: number): number {
    const bytes = this.#bytes;
    if (bytes[open] !== BRACKET_OPEN) return -1;
    this.#unknownFirst = this.#unknownCount;
    let pos = open;
    do {
      pos = this.#change(skipSpace(bytes, pos + 1));
      if (pos === -1) return -1;
      this.#unknownCount = this.#unknownFirst;
      pos = skipSpace(bytes, pos);
    } while (bytes[pos] === COMMA);
    this.#unknownFirst = 0;
    return bytes[pos] === BRACKET_CLOSE ? pos + 1 : -1;
  }

  #change(open: number): number {
    const bytes = this.#bytes;
    const decimal = this.#decimal;
    if (bytes[open] !== BRACE_OPEN) return -1;
    let seen = 0;
    let previous: number = Key.NONE;
    let symbol = -1;
    let ticks = 0;
    let lots = 0;
    let side: Side = BID;
    let topBid = TOP_UNSTATED;
    let topAsk = TOP_UNSTATED;
    let pos = open;
    do {
      pos = this.#keyStart(pos + 1, previous, this.#nextInItem);
      if (pos === -1) return -1;
      const key = this.#key;
      previous = key;
      if (key !== Key.UNKNOWN) {
        if ((seen & (1 << key)) !== 0) return -1;
        seen |= 1 << key;
      }
      switch (key) {
        case Key.ASSET_ID: {
          if (bytes[pos] !== QUOTE) return -1;
          const end = plainEnd(bytes, pos + 1);
          if (end === -1) return -1;
          symbol = this.#symbol(pos + 1, end);
          pos = end + 1;
          break;
        }
        case Key.PRICE:
          pos = bytes[pos] === QUOTE ? decimal.read(bytes, pos + 1, PRICE_DIGITS) : -1;
          ticks = decimal.value;
          break;
        case Key.SIZE:
          pos = bytes[pos] === QUOTE ? decimal.read(bytes, pos + 1, SIZE_DIGITS) : -1;
          lots = decimal.value;
          break;
        case Key.SIDE: {
          side = startsWith(bytes, pos, BUY) ? BID : ASK;
          const word = side === BID ? BUY : SELL;
          pos = startsWith(bytes, pos, word) ? pos + word.length : -1;
          break;
        }
        case Key.BEST_BID:
          pos = this.#top(pos, BID);
          topBid = this.#topTicks;
          break;
        case Key.BEST_ASK:
          pos = this.#top(pos, ASK);
          topAsk = this.#topTicks;
          break;
        case Key.HASH:
          if (bytes[pos] !== QUOTE) return -1;
          pos = skipScalar(bytes, pos);
          break;
        case Key.UNKNOWN:
          pos = skipScalar(bytes, pos);
          break;
        default:
          return -1;
      }
      if (pos === -1) return -1;
      pos = skipSpace(bytes, pos);
    } while (bytes[pos] === COMMA);
    if (bytes[pos] !== BRACE_CLOSE || (seen & ITEM_NEEDS) !== ITEM_NEEDS) return -1;
    if (ticks <= 0 || ticks >= PRICE_ONE) return -1;
    this.#frame.addOp(symbol, side, ticks, lots, topBid, topAsk);
    return pos + 1;
  }

  /** A stated best price at its opening quote; `#topTicks` is it, or `TOP_EMPTY`. */
  #top(pos: number, side: Side): number {
    const bytes = this.#bytes;
    if (bytes[pos] !== QUOTE) return -1;
    if (bytes[pos + 1] === QUOTE) {
      this.#topTicks = TOP_EMPTY;
      return pos + 2;
    }
    const end = this.#decimal.read(bytes, pos + 1, PRICE_DIGITS);
    const ticks = this.#decimal.value;
    const empty = ticks === 0 || (side === ASK && ticks === PRICE_ONE);
    if (!empty && ticks >= PRICE_ONE) return -1;
    this.#topTicks = empty ? TOP_EMPTY : ticks;
    return end;
  }

  /** Index of the symbol `bytes[start, end)`; frames repeat the last one or two. */
  #symbol(start: number, end: number): number {
    const frame = this.#frame;
    const oldest = frame.symbolCount > 2 ? frame.symbolCount - 2 : 0;
    for (let i = frame.symbolCount - 1; i >= oldest; i--) {
      if (sameBytes(this.#bytes, frame.symbolStart[i]!, frame.symbolEnd[i]!, start, end)) return i;
    }
    return frame.addSymbol(start, end);
  }

  /** Judges a whole event by the fields it had and adds it to the frame. */
  #finish(seen: number, first: number): boolean {
    const bytes = this.#bytes;
    if ((seen & ENVELOPE) !== ENVELOPE) return false;
    const at = timestampMicros(bytes, this.#start[Key.TIMESTAMP]!, this.#end[Key.TIMESTAMP]!);
    if (at === -1) return false;
    if (this.#isType(PRICE_CHANGE)) {
      if (seen !== CHANGE_NEEDS) return false;
      this.#frame.addEvent(Event.CHANGE, -1, at, first, HashState.OPAQUE);
      return true;
    }
    if (this.#isType(BOOK)) {
      if (!within(seen, BOOK_NEEDS, BOOK_MAY)) return false;
      this.#frame.addEvent(Event.BOOK, this.#eventSymbol(), at, first, this.#judgeHash(seen));
      return true;
    }
    if (this.#isType(LAST_TRADE_PRICE))
      return within(seen, TRADE_NEEDS, TRADE_MAY) && this.#finishTrade(at, first);
    if (this.#isType(BEST_BID_ASK)) return within(seen, TOP_NEEDS, TOP_MAY) && this.#finishTop(at, first);
    return false;
  }

  #finishTrade(at: number, first: number): boolean {
    const bytes = this.#bytes;
    const decimal = this.#decimal;
    if (decimal.read(bytes, this.#start[Key.PRICE]!, PRICE_DIGITS) === -1) return false;
    const ticks = decimal.value;
    if (ticks <= 0 || ticks >= PRICE_ONE) return false;
    if (decimal.read(bytes, this.#start[Key.SIZE]!, SIZE_DIGITS) === -1) return false;
    const sideAt = this.#start[Key.SIDE]! - 1;
    const side = startsWith(bytes, sideAt, BUY) ? BID : ASK;
    if (side === ASK && !startsWith(bytes, sideAt, SELL)) return false;
    const symbol = this.#eventSymbol();
    this.#frame.addEvent(Event.TRADE, symbol, at, first, HashState.OPAQUE);
    this.#frame.addOp(symbol, side, ticks, decimal.value, TOP_UNSTATED, TOP_UNSTATED);
    return true;
  }

  #finishTop(at: number, first: number): boolean {
    if (this.#top(this.#start[Key.BEST_BID]! - 1, BID) === -1) return false;
    const topBid = this.#topTicks;
    if (this.#top(this.#start[Key.BEST_ASK]! - 1, ASK) === -1) return false;
    const symbol = this.#eventSymbol();
    this.#frame.addEvent(Event.TOP, symbol, at, first, HashState.OPAQUE);
    this.#frame.addOp(symbol, BID, 0, 0, topBid, this.#topTicks);
    return true;
  }

  #eventSymbol(): number {
    return this.#symbol(this.#start[Key.ASSET_ID]!, this.#end[Key.ASSET_ID]!);
  }

  #isType(name: Uint8Array): boolean {
    return equals(this.#bytes, this.#start[Key.EVENT_TYPE]!, this.#end[Key.EVENT_TYPE]!, name);
  }

  #judgeHash(seen: number): HashState {
    if ((seen & (1 << Key.HASH)) === 0) return HashState.OPAQUE;
    const quoted = (key: number): string | null => ((seen & (1 << key)) === 0 ? null : this.#text(key, 1));
    return judgeHash(this.#text(Key.HASH, 0), {
      market: this.#text(Key.MARKET, 1),
      assetId: this.#text(Key.ASSET_ID, 1),
      timestamp: this.#text(Key.TIMESTAMP, 1),
      bids: this.#text(Key.BIDS, 0),
      asks: this.#text(Key.ASKS, 0),
      minOrderSize: quoted(Key.MIN_ORDER_SIZE),
      tickSize: quoted(Key.TICK_SIZE),
      negRisk: (seen & (1 << Key.NEG_RISK)) === 0 ? null : this.#text(Key.NEG_RISK, 0),
      lastTradePrice: quoted(Key.LAST_TRADE_PRICE),
    });
  }

  /** The value of a key as text, widened by `margin` bytes on both sides (1 takes the quotes along). */
  #text(key: number, margin: number): string {
    const bytes = this.#bytes;
    const from = this.#start[key]! - margin;
    const length = this.#end[key]! + margin - from;
    return Buffer.from(bytes.buffer, bytes.byteOffset + from, length).latin1Slice(0, length);
  }
}

function within(seen: number, needs: number, may: number): boolean {
  return (seen & needs) === needs && (seen & ~may) === 0;
}

function onlySpace(bytes: Uint8Array, from: number, end: number): boolean {
  for (let pos = from; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false;
  }
  return true;
}

function sameBytes(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  const length = aEnd - a;
  if (bEnd - b !== length) return false;
  for (let i = length - 1; i >= 0; i--) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

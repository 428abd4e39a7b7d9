import { ASK, BID } from "../../src/contracts/index.ts";
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COMMA,
  isPlain,
  plainEnd,
  QUOTE,
  skipScalar,
  skipSpace,
} from "./bytes.ts";
import type { FrameBytes } from "./frame-bytes.ts";
import { KeyReader } from "./key-reader.ts";
import { Literal } from "./literal.ts";
import { TopMemo } from "./top-memo.ts";
import type { ValueReader } from "./value-reader.ts";
import { TOP_UNSTATED, type WireFrame } from "./wire-frame.ts";
import { Key, keyMask } from "./wire-keys.ts";

const NEEDS = keyMask(Key.ASSET_ID, Key.PRICE, Key.SIZE, Key.SIDE);
const HASH_LENGTH = 40;

/** The item as the venue writes it today, piece by piece. */
const ASSET = new Literal('{"asset_id":');
const PRICE = new Literal(',"price":');
const SIZE = new Literal(',"size":');
const SIDE = new Literal(',"side":');
const HASH = new Literal(',"hash":"');
const BEST_BID = new Literal(',"best_bid":');
const BEST_ASK = new Literal(',"best_ask":');

/** Reads `price_changes`: first in the shape the venue writes, item by item; any other order by its keys. */
export class ChangeReader {
  readonly #input: FrameBytes;
  readonly #frame: WireFrame;
  readonly #values: ValueReader;
  readonly #keys: KeyReader;
  readonly #tops = new TopMemo();
  #topBid = TOP_UNSTATED;
  #topAsk = TOP_UNSTATED;

  constructor(input: FrameBytes, frame: WireFrame, values: ValueReader) {
    this.#input = input;
    this.#frame = frame;
    this.#values = values;
    this.#keys = new KeyReader(input);
  }

  /** The array at `open` into operations; returns the position after it, -1 on a surprise. */
  read(open: number): number {
    const { bytes } = this.#input;
    const values = this.#values;
    if (bytes[open] !== BRACKET_OPEN) return -1;
    let pos = open;
    do {
      const start = skipSpace(bytes, pos + 1);
      pos = this.#usual(start);
      if (pos === -1) pos = this.#any(start);
      if (pos === -1) return -1;
      this.#frame.addOp(values.symbol, values.side, values.ticks, values.lots, this.#topBid, this.#topAsk);
      pos = skipSpace(bytes, pos);
    } while (bytes[pos] === COMMA);
    return bytes[pos] === BRACKET_CLOSE ? pos + 1 : -1;
  }

  /** asset_id, price, size, side, hash, best_bid, best_ask, compact and nothing else. */
  #usual(start: number): number {
    const { bytes, view } = this.#input;
    const values = this.#values;
    if (!ASSET.at(view, start)) return -1;
    let pos = values.readToken(start + ASSET.length);
    if (pos === -1 || !PRICE.at(view, pos)) return -1;
    pos = values.readPrice(pos + PRICE.length);
    if (pos === -1 || !SIZE.at(view, pos)) return -1;
    pos = values.readSize(pos + SIZE.length);
    if (pos === -1 || !SIDE.at(view, pos)) return -1;
    pos = values.readSide(pos + SIDE.length);
    if (pos === -1 || !HASH.at(view, pos)) return -1;
    pos += HASH.length;
    if (!isPlain(bytes, view, pos, HASH_LENGTH)) return -1;
    return this.#usualTop(pos + HASH_LENGTH + 1);
  }

  #usualTop(start: number): number {
    const { bytes, view } = this.#input;
    const values = this.#values;
    const tops = this.#tops;
    const token = this.#frame.symbolToken[values.symbol]!;
    const known = tops.match(view, start, token);
    if (known !== -1) {
      this.#topBid = tops.bid;
      this.#topAsk = tops.ask;
      return known;
    }
    if (!BEST_BID.at(view, start)) return -1;
    let pos = values.readTop(start + BEST_BID.length, BID);
    if (pos === -1 || !BEST_ASK.at(view, pos)) return -1;
    this.#topBid = values.top;
    pos = values.readTop(pos + BEST_ASK.length, ASK);
    if (pos === -1 || bytes[pos] !== BRACE_CLOSE) return -1;
    this.#topAsk = values.top;
    tops.keep(view, start, pos + 1, token, this.#topBid, this.#topAsk);
    return pos + 1;
  }

  #any(start: number): number {
    const { bytes } = this.#input;
    const keys = this.#keys;
    if (bytes[start] !== BRACE_OPEN) return -1;
    this.#topBid = TOP_UNSTATED;
    this.#topAsk = TOP_UNSTATED;
    keys.begin();
    let pos = start;
    do {
      pos = keys.read(pos + 1);
      if (pos === -1) return -1;
      pos = this.#value(keys.key, pos);
      if (pos === -1) return -1;
      pos = skipSpace(bytes, pos);
    } while (bytes[pos] === COMMA);
    return bytes[pos] === BRACE_CLOSE && (keys.seen & NEEDS) === NEEDS ? pos + 1 : -1;
  }

  #value(key: number, pos: number): number {
    const values = this.#values;
    switch (key) {
      case Key.ASSET_ID:
        return values.readToken(pos);
      case Key.PRICE:
        return values.readPrice(pos);
      case Key.SIZE:
        return values.readSize(pos);
      case Key.SIDE:
        return values.readSide(pos);
      case Key.BEST_BID: {
        const end = values.readTop(pos, BID);
        this.#topBid = values.top;
        return end;
      }
      case Key.BEST_ASK: {
        const end = values.readTop(pos, ASK);
        this.#topAsk = values.top;
        return end;
      }
      case Key.HASH: {
        if (this.#input.bytes[pos] !== QUOTE) return -1;
        const end = plainEnd(this.#input.bytes, pos + 1);
        return end === -1 ? -1 : end + 1;
      }
      case Key.UNKNOWN:
        return skipScalar(this.#input.bytes, pos);
      default:
        return -1;
    }
  }
}

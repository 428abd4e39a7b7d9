import { ASK, BID, type Side } from "../../src/contracts/index.ts";
import { BRACE_CLOSE, BRACKET_CLOSE, BRACKET_OPEN, COMMA, DecimalReader, plainEnd, QUOTE } from "./bytes.ts";
import type { FrameBytes } from "./frame-bytes.ts";
import { sameBytes } from "./key-reader.ts";
import { Literal, Word } from "./literal.ts";
import { PRICE_ONE, SIZE_DIGITS } from "./scales.ts";
import type { TokenCache } from "./token-cache.ts";
import { TOP_EMPTY, type WireFrame } from "./wire-frame.ts";

const BUY = new Word('"BUY"');
const SELL = new Word('"SELL"');
const LEVEL_PRICE = new Literal('{"price":"');
const LEVEL_SIZE = new Literal(',"size":"');

/**
 * Reads the values of the market channel at a position. Each method returns the position after the value, -1 on a
 * surprise, and leaves what it read in the field named.
 */
export class ValueReader {
  /** Last price, 0 < ticks < 1. */
  ticks = 0;
  lots = 0;
  side: Side = BID;
  /** Last stated best price, or `TOP_EMPTY`. */
  top = 0;
  /** Last token: index of a symbol of the frame. */
  symbol = -1;
  readonly #input: FrameBytes;
  readonly #frame: WireFrame;
  readonly #tokens: TokenCache;
  readonly #decimal = new DecimalReader();

  constructor(input: FrameBytes, frame: WireFrame, tokens: TokenCache) {
    this.#input = input;
    this.#frame = frame;
    this.#tokens = tokens;
  }

  readPrice(pos: number): number {
    const { bytes } = this.#input;
    if (bytes[pos] !== QUOTE) return -1;
    const end = this.#decimal.readPrice(bytes, pos + 1);
    const ticks = this.#decimal.value;
    this.ticks = ticks;
    return ticks > 0 && ticks < PRICE_ONE ? end : -1;
  }

  readSize(pos: number): number {
    const { bytes } = this.#input;
    if (bytes[pos] !== QUOTE) return -1;
    const end = this.#decimal.read(bytes, pos + 1, SIZE_DIGITS);
    this.lots = this.#decimal.value;
    return end;
  }

  readSide(pos: number): number {
    const { view } = this.#input;
    if (BUY.at(view, pos)) {
      this.side = BID;
      return pos + BUY.length;
    }
    this.side = ASK;
    return SELL.at(view, pos) ? pos + SELL.length : -1;
  }

  /** A stated best price: "" and "0" say that the side is empty, and so does an ask of "1". */
  readTop(pos: number, side: Side): number {
    const { bytes } = this.#input;
    if (bytes[pos] !== QUOTE) return -1;
    if (bytes[pos + 1] === QUOTE) {
      this.top = TOP_EMPTY;
      return pos + 2;
    }
    const end = this.#decimal.readPrice(bytes, pos + 1);
    const ticks = this.#decimal.value;
    const empty = ticks === 0 || (side === ASK && ticks === PRICE_ONE);
    if (!empty && ticks >= PRICE_ONE) return -1;
    this.top = empty ? TOP_EMPTY : ticks;
    return end;
  }

  readToken(pos: number): number {
    const { bytes, view } = this.#input;
    if (bytes[pos] !== QUOTE) return -1;
    const token = this.#tokens.match(bytes, view, pos + 1);
    if (token !== -1) {
      const end = this.#tokens.end;
      this.symbol = this.#known(token, pos + 1, end);
      return end + 1;
    }
    const end = plainEnd(bytes, pos + 1);
    if (end === -1) return -1;
    this.symbol = this.#symbol(pos + 1, end);
    return end + 1;
  }

  /** `[{"price":"…","size":"…"},…]`, compact, into operations. */
  readLevels(open: number, side: Side): number {
    const { bytes, view } = this.#input;
    const frame = this.#frame;
    if (bytes[open] !== BRACKET_OPEN) return -1;
    let pos = open + 1;
    if (bytes[pos] === BRACKET_CLOSE) return pos + 1;
    for (;;) {
      if (!LEVEL_PRICE.at(view, pos)) return -1;
      pos = this.readPrice(pos + LEVEL_PRICE.length - 1);
      if (pos === -1 || !LEVEL_SIZE.at(view, pos)) return -1;
      pos = this.readSize(pos + LEVEL_SIZE.length - 1);
      if (pos === -1 || bytes[pos] !== BRACE_CLOSE) return -1;
      frame.addLevel(side, this.ticks, this.lots);
      const separator = bytes[pos + 1];
      pos += 2;
      if (separator === COMMA) continue;
      return separator === BRACKET_CLOSE ? pos : -1;
    }
  }

  /** The frame's symbol for a token the cache knows; frames repeat the last one or two. */
  #known(token: number, start: number, end: number): number {
    const frame = this.#frame;
    const count = frame.symbolCount;
    if (count > 0 && frame.symbolToken[count - 1] === token) return count - 1;
    if (count > 1 && frame.symbolToken[count - 2] === token) return count - 2;
    return frame.addSymbol(start, end, token);
  }

  #symbol(start: number, end: number): number {
    const frame = this.#frame;
    const oldest = Math.max(0, frame.symbolCount - 2);
    for (let i = frame.symbolCount - 1; i >= oldest; i--) {
      if (sameBytes(this.#input.bytes, frame.symbolStart[i]!, frame.symbolEnd[i]!, start, end)) return i;
    }
    return frame.addSymbol(start, end, -1);
  }
}

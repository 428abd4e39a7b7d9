import { ASK, BID } from "../../src/contracts/index.ts";
import { type Token, token } from "./byte-cursor.ts";
import { PRICE_SCALE } from "./scales.ts";
import { type ScanState, SEEN_TICKER, SEEN_TS_MS } from "./scan-state.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_BRACE = 0x7d;

const TRADE_ID = token('trade_id":');
const YES_PRICE = token('yes_price_dollars":');
const NO_PRICE = token('no_price_dollars":');
const COUNT = token('count_fp":');
const TAKER_SIDE = token('taker_side":');
const TAKER_OUTCOME = token('taker_outcome_side":');
const TAKER_BOOK = token('taker_book_side":');
const IS_BLOCK = token('is_block_trade":');
const YES = token('"yes"');
const NO = token('"no"');
const BOOK_BID = token('"bid"');
const BOOK_ASK = token('"ask"');
const FALSE = token("false");

const SEEN_YES_PRICE = 16;
const SEEN_NO_PRICE = 32;
const SEEN_COUNT = 64;
const SEEN_TRADE_ID = 128;
const SEEN_BLOCK = 256;
const SEEN_TAKER_SIDE = 512;
const SEEN_TAKER_OUTCOME = 1024;
const SEEN_TAKER_BOOK = 2048;
const NEEDED = SEEN_TICKER | SEEN_TS_MS | SEEN_YES_PRICE | SEEN_COUNT;

/** Sides named by the taker fields of the trade at hand. */
const NAMED_BID = 1;
const NAMED_ASK = 2;

/** `trade` behind `"sid":`. Every taker field given must name the same side; both prices given must add up to 1. */
export class TradeScan {
  #noTicks = 0;
  #named = 0;

  scan(state: ScanState): boolean {
    const { cursor } = state;
    if (!state.numbers() || !state.msg()) return false;
    let seen = 0;
    this.#named = 0;
    do {
      if (!cursor.byte(QUOTE)) return false;
      const bit = this.#field(state);
      if (bit < 0 || (seen & bit) !== 0) return false;
      seen |= bit;
    } while (cursor.byte(COMMA));
    if ((seen & NEEDED) !== NEEDED) return false;
    if ((seen & SEEN_NO_PRICE) !== 0 && this.#noTicks + state.ticks !== PRICE_SCALE) return false;
    if (this.#named !== NAMED_BID && this.#named !== NAMED_ASK) return false;
    state.side = this.#named === NAMED_BID ? BID : ASK;
    return state.lots > 0 && cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
  }

  #field(state: ScanState): number {
    const { cursor } = state;
    switch (cursor.bytes[cursor.at]) {
      case 0x6d: // m
        return state.marketField();
      case 0x79: // y
        if (!cursor.token(YES_PRICE)) return state.unknownField();
        state.ticks = cursor.price();
        return state.ticks === -1 ? -1 : SEEN_YES_PRICE;
      case 0x6e: // n
        if (!cursor.token(NO_PRICE)) return state.unknownField();
        this.#noTicks = cursor.price();
        return this.#noTicks === -1 ? -1 : SEEN_NO_PRICE;
      case 0x63: // c
        if (!cursor.token(COUNT)) return state.unknownField();
        state.lots = cursor.size(false);
        return Number.isNaN(state.lots) ? -1 : SEEN_COUNT;
      case 0x74: // t
        return this.#takerField(state);
      case 0x69: // i
        if (!cursor.token(IS_BLOCK)) return state.unknownField();
        return cursor.token(FALSE) ? SEEN_BLOCK : -1;
      default:
        return state.unknownField();
    }
  }

  #takerField(state: ScanState): number {
    const { cursor } = state;
    if (cursor.token(TRADE_ID)) return cursor.skipValue() ? SEEN_TRADE_ID : -1;
    if (cursor.token(TAKER_SIDE)) return this.#taker(state, YES, NO, SEEN_TAKER_SIDE);
    if (cursor.token(TAKER_OUTCOME)) return this.#taker(state, YES, NO, SEEN_TAKER_OUTCOME);
    if (cursor.token(TAKER_BOOK)) return this.#taker(state, BOOK_BID, BOOK_ASK, SEEN_TAKER_BOOK);
    return state.timeField();
  }

  #taker({ cursor }: ScanState, bid: Token, ask: Token, bit: number): number {
    if (cursor.token(bid)) this.#named |= NAMED_BID;
    else if (cursor.token(ask)) this.#named |= NAMED_ASK;
    else return -1;
    return bit;
  }
}

import { ASK, BID } from "../../src/contracts/index.ts";
import { token } from "./byte-cursor.ts";
import { MAX_MILLIS, PRICE_SCALE } from "./scales.ts";
import { type ScanState, SEEN_TICKER, SEEN_TS_MS } from "./scan-state.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_BRACE = 0x7d;

/** The fixed stretches of a delta in the order the venue sends its fields. */
const IN_ORDER_TICKER = token(',"msg":{"market_ticker":');
const IN_ORDER_ID = token(',"market_id":');
const IN_ORDER_PRICE = token(',"price_dollars":');
const IN_ORDER_DELTA = token(',"delta_fp":');
const IN_ORDER_YES = token(',"side":"yes","ts":');
const IN_ORDER_NO = token(',"side":"no","ts":');
const IN_ORDER_TS_MS = token(',"ts_ms":');

const PRICE = token('price_dollars":');
const DELTA = token('delta_fp":');
const SIDE = token('side":');
const YES = token('"yes"');
const NO = token('"no"');

const SEEN_PRICE = 16;
const SEEN_DELTA = 32;
const SEEN_SIDE = 64;
const NEEDED = SEEN_TICKER | SEEN_TS_MS | SEEN_PRICE | SEEN_DELTA | SEEN_SIDE;

/** `orderbook_delta` behind `"sid":`, to the end of the frame: side, ticks, signed lots, venueAt, ticker. */
export function scanDelta(state: ScanState): boolean {
  if (!state.numbers()) return false;
  const { cursor } = state;
  const { at } = cursor;
  if (inOrder(state)) return true;
  cursor.at = at;
  return state.msg() && inAnyOrder(state);
}

/** The usual layout, stretch by stretch: half the cost of finding out which key comes next. */
function inOrder(state: ScanState): boolean {
  const { cursor } = state;
  if (!cursor.token(IN_ORDER_TICKER) || !cursor.symbol()) return false;
  if (!cursor.token(IN_ORDER_ID) || !cursor.skipString() || !cursor.token(IN_ORDER_PRICE)) return false;
  const ticks = cursor.price();
  if (ticks === -1 || !cursor.token(IN_ORDER_DELTA)) return false;
  state.lots = cursor.size(true);
  if (Number.isNaN(state.lots)) return false;
  if (cursor.token(IN_ORDER_YES)) {
    state.side = BID;
    state.ticks = ticks;
  } else if (cursor.token(IN_ORDER_NO)) {
    state.side = ASK;
    state.ticks = PRICE_SCALE - ticks;
  } else return false;
  if (!cursor.skipString() || !cursor.token(IN_ORDER_TS_MS)) return false;
  const millis = cursor.uint();
  state.venueAt = millis * 1000;
  return millis !== -1 && millis <= MAX_MILLIS && cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
}

function inAnyOrder(state: ScanState): boolean {
  const { cursor } = state;
  let seen = 0;
  do {
    if (!cursor.byte(QUOTE)) return false;
    const bit = field(state);
    if (bit < 0 || (seen & bit) !== 0) return false;
    seen |= bit;
  } while (cursor.byte(COMMA));
  if ((seen & NEEDED) !== NEEDED) return false;
  if (state.side === ASK) state.ticks = PRICE_SCALE - state.ticks;
  return cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
}

function field(state: ScanState): number {
  const { cursor } = state;
  switch (cursor.bytes[cursor.at]) {
    case 0x6d: // m
      return state.marketField();
    case 0x70: // p
      if (!cursor.token(PRICE)) return state.unknownField();
      state.ticks = cursor.price();
      return state.ticks === -1 ? -1 : SEEN_PRICE;
    case 0x64: // d
      if (!cursor.token(DELTA)) return state.unknownField();
      state.lots = cursor.size(true);
      return Number.isNaN(state.lots) ? -1 : SEEN_DELTA;
    case 0x73: // s
      if (!cursor.token(SIDE)) return state.unknownField();
      if (cursor.token(YES)) state.side = BID;
      else if (cursor.token(NO)) state.side = ASK;
      else return -1;
      return SEEN_SIDE;
    case 0x74: // t
      return state.timeField();
    default:
      return state.unknownField();
  }
}

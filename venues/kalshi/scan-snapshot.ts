import { token } from "./byte-cursor.ts";
import { PRICE_SCALE } from "./scales.ts";
import { type ScanState, SEEN_TICKER } from "./scan-state.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

const YES_LEVELS = token('yes_dollars_fp":');
const NO_LEVELS = token('no_dollars_fp":');

const SEEN_YES = 16;
const SEEN_NO = 32;

/** `orderbook_snapshot` behind `"sid":`: both ladders on the YES scale; an absent side is empty. */
export function scanSnapshot(state: ScanState): boolean {
  const { cursor } = state;
  if (!state.numbers() || !state.msg()) return false;
  let seen = 0;
  state.bidCount = 0;
  state.askCount = 0;
  do {
    if (!cursor.byte(QUOTE)) return false;
    const bit = field(state);
    if (bit < 0 || (seen & bit) !== 0) return false;
    seen |= bit;
  } while (cursor.byte(COMMA));
  return (seen & SEEN_TICKER) !== 0 && cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
}

function field(state: ScanState): number {
  const { cursor } = state;
  switch (cursor.bytes[cursor.at]) {
    case 0x6d: // m
      return state.marketField();
    case 0x79: // y; another key in `y` or `n` may be a ladder of an older format
      if (!cursor.token(YES_LEVELS)) return -1;
      state.bidCount = ladder(state, state.bidTicks, state.bidLots);
      return state.bidCount === -1 ? -1 : SEEN_YES;
    case 0x6e: // n
      if (!cursor.token(NO_LEVELS)) return -1;
      state.askCount = ladder(state, state.askTicks, state.askLots);
      for (let i = 0; i < state.askCount; i++) state.askTicks[i] = PRICE_SCALE - state.askTicks[i]!;
      return state.askCount === -1 ? -1 : SEEN_NO;
    default:
      return state.unknownField();
  }
}

/** `[["0.0100","5.00"],…]` in strictly ascending prices; levels of size 0 are left out. Count, or -1. */
function ladder({ cursor }: ScanState, ticks: Int32Array, lots: Float64Array): number {
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

import { token } from "./byte-cursor.ts";
import { scanDelta } from "./scan-delta.ts";
import { scanSnapshot } from "./scan-snapshot.ts";
import { ScanState } from "./scan-state.ts";
import { TradeScan } from "./scan-trade.ts";

/**
 * What `FrameScanner.scan` found. `quiet`: a `ticker`, which says nothing about the book.
 * `unknown`: not one of the hot shapes exactly; ask the oracle.
 */
export const Scanned = { unknown: 0, delta: 1, snapshot: 2, trade: 3, quiet: 4 } as const;
export type Scanned = (typeof Scanned)[keyof typeof Scanned];

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_BRACE = 0x7d;

const HEAD_DELTA = token('{"type":"orderbook_delta","sid":');
const HEAD_SNAPSHOT = token('{"type":"orderbook_snapshot","sid":');
const HEAD_TRADE = token('{"type":"trade","sid":');
const HEAD_TICKER = token('{"type":"ticker","sid":');

/**
 * Reads the hot frames straight from bytes into numbers: no string, no object, no allocation.
 * Strict: full keys, exact values, separators, end of message. It never emits; `state` holds the result of the last
 * `scan` that did not answer `unknown`. What it accepts, the oracle reads alike (shown by mutation).
 */
export class FrameScanner {
  readonly state = new ScanState();
  readonly #trade = new TradeScan();

  scan(bytes: Uint8Array, start: number, end: number): Scanned {
    const { state } = this;
    const { cursor } = state;
    state.open(bytes, start, end);
    let found: Scanned = Scanned.unknown;
    if (cursor.token(HEAD_DELTA)) {
      if (scanDelta(state)) found = Scanned.delta;
    } else if (cursor.token(HEAD_TRADE)) {
      if (this.#trade.scan(state)) found = Scanned.trade;
    } else if (cursor.token(HEAD_SNAPSHOT)) {
      if (scanSnapshot(state)) found = Scanned.snapshot;
    } else if (cursor.token(HEAD_TICKER) && scanTicker(state)) found = Scanned.quiet;
    return cursor.at === end ? found : Scanned.unknown;
  }
}

/** No field of a ticker is used, but a frame the oracle would refuse must not pass. */
function scanTicker(state: ScanState): boolean {
  const { cursor } = state;
  if (cursor.uint() === -1 || !state.msg()) return false;
  do if (!cursor.byte(QUOTE) || state.unknownField() === -1) return false;
  while (cursor.byte(COMMA));
  return cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
}

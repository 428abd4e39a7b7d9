import { ASK, BID } from "../../src/contracts/index.ts";
import { token } from "./byte-cursor.ts";
import { MessageReader } from "./message-reader.ts";
import { PRICE_SCALE } from "./scales.ts";
import { Field, NAMED_ASK, NAMED_BID, ScanState } from "./scan-state.ts";

/**
 * What `FrameScanner.scan` found. `quiet`: a `ticker`, which says nothing about the book.
 * `unknown`: not one of the hot shapes exactly; ask the oracle.
 */
export const Scanned = { unknown: 0, delta: 1, snapshot: 2, trade: 3, quiet: 4 } as const;
export type Scanned = (typeof Scanned)[keyof typeof Scanned];

const HEAD_DELTA = token('{"type":"orderbook_delta","sid":');
const HEAD_SNAPSHOT = token('{"type":"orderbook_snapshot","sid":');
const HEAD_TRADE = token('{"type":"trade","sid":');
const HEAD_TICKER = token('{"type":"ticker","sid":');

type Keys = readonly (readonly [key: string, field: Field])[];
const MARKET: Keys = [
  ["market_ticker", Field.TICKER],
  ["market_id", Field.MARKET_ID],
];
const TIME: Keys = [
  ["ts_ms", Field.TS_MS],
  ["ts", Field.TS],
];
const DELTA: Keys = [
  ...MARKET,
  ["price_dollars", Field.PRICE],
  ["delta_fp", Field.DELTA],
  ["side", Field.SIDE],
  ...TIME,
];
const SNAPSHOT: Keys = [...MARKET, ["yes_dollars_fp", Field.YES_LEVELS], ["no_dollars_fp", Field.NO_LEVELS]];
const TRADE: Keys = [
  ["trade_id", Field.TRADE_ID],
  ...MARKET,
  ["yes_price_dollars", Field.PRICE],
  ["no_price_dollars", Field.NO_PRICE],
  ["count_fp", Field.COUNT],
  ["taker_side", Field.TAKER_SIDE],
  ["taker_outcome_side", Field.TAKER_OUTCOME],
  ["taker_book_side", Field.TAKER_BOOK],
  ["is_block_trade", Field.IS_BLOCK],
  ...TIME,
];

/**
 * Reads the hot frames straight from bytes into numbers: no string, no object, no allocation.
 * Strict: full keys, exact values, separators, end of message. It never emits; `state` holds the result of the last
 * `scan` that did not answer `unknown`. What it accepts, the oracle reads alike (shown by mutation).
 */
export class FrameScanner {
  readonly state = new ScanState();
  readonly #delta = new MessageReader(new Map(DELTA), [
    Field.TICKER,
    Field.TS_MS,
    Field.PRICE,
    Field.DELTA,
    Field.SIDE,
  ]);
  /** Another key in `y` or `n` may be a ladder of an older format. */
  readonly #snapshot = new MessageReader(new Map(SNAPSHOT), [Field.TICKER], "yn");
  readonly #trade = new MessageReader(new Map(TRADE), [Field.TICKER, Field.TS_MS, Field.PRICE, Field.COUNT]);
  readonly #ticker = new MessageReader(new Map(), []);

  scan(bytes: Uint8Array, start: number, end: number): Scanned {
    const { state } = this;
    const { cursor } = state;
    state.open(bytes, start, end);
    let found: Scanned = Scanned.unknown;
    if (cursor.token(HEAD_DELTA)) {
      if (this.#scanDelta()) found = Scanned.delta;
    } else if (cursor.token(HEAD_TRADE)) {
      if (this.#scanTrade()) found = Scanned.trade;
    } else if (cursor.token(HEAD_SNAPSHOT)) {
      if (state.numbers() && this.#snapshot.read(state) !== -1) found = Scanned.snapshot;
    } else if (cursor.token(HEAD_TICKER) && this.#scanTicker()) found = Scanned.quiet;
    return cursor.at === end ? found : Scanned.unknown;
  }

  #scanDelta(): boolean {
    const { state } = this;
    if (!state.numbers() || this.#delta.read(state) === -1) return false;
    if (state.side === ASK) state.ticks = PRICE_SCALE - state.ticks;
    return true;
  }

  /** Every taker field given must name the same side; both prices given must add up to 1. */
  #scanTrade(): boolean {
    const { state } = this;
    if (!state.numbers()) return false;
    const seen = this.#trade.read(state);
    if (seen === -1) return false;
    if ((seen & (1 << Field.NO_PRICE)) !== 0 && state.noTicks + state.ticks !== PRICE_SCALE) return false;
    if (state.namedSides !== NAMED_BID && state.namedSides !== NAMED_ASK) return false;
    state.side = state.namedSides === NAMED_BID ? BID : ASK;
    return state.lots > 0;
  }

  /** No field of a ticker is used, but a frame the oracle would refuse must not pass. */
  #scanTicker(): boolean {
    return this.state.cursor.uint() !== -1 && this.#ticker.read(this.state) !== -1;
  }
}

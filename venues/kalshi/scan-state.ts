import { BID, type Side } from "../../src/contracts/index.ts";
import { ByteCursor, token } from "./byte-cursor.ts";
import { MAX_MILLIS, PRICE_SCALE } from "./scales.ts";

const COLON = 0x3a;

const SEQ = token(',"seq":');
const MSG = token(',"msg":{');

/** Keys that several messages share, behind their opening quote. */
const MARKET_TICKER = token('market_ticker":');
const MARKET_ID = token('market_id":');
const TS = token('ts":');
const TS_MS = token('ts_ms":');

/** One bit per key seen in `msg`, to find repeated and missing ones. The other files number theirs from 16 on. */
export const SEEN_TICKER = 1;
const SEEN_ID = 2;
const SEEN_TS = 4;
export const SEEN_TS_MS = 8;

/** Unknown keys of one message that are remembered to find repetitions; more go to the oracle. */
const MAX_UNKNOWN_KEYS = 32;

/** What the scanner reads with and into. Nothing here is allocated per frame. */
export class ScanState {
  readonly cursor = new ByteCursor();
  sid = 0;
  seq = 0;
  side: Side = BID;
  /** Price on the YES scale. */
  ticks = 0;
  lots = 0;
  /** Microseconds. */
  venueAt = 0;
  /** Levels of a snapshot on the YES scale. */
  readonly bidTicks = new Int32Array(PRICE_SCALE);
  readonly bidLots = new Float64Array(PRICE_SCALE);
  bidCount = 0;
  readonly askTicks = new Int32Array(PRICE_SCALE);
  readonly askLots = new Float64Array(PRICE_SCALE);
  askCount = 0;

  readonly #unknownStart = new Int32Array(MAX_UNKNOWN_KEYS);
  readonly #unknownEnd = new Int32Array(MAX_UNKNOWN_KEYS);
  #unknownCount = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.cursor.open(bytes, start, end);
    this.#unknownCount = 0;
  }

  /** `1,"seq":2`: the numbers of an envelope behind `"sid":`. */
  numbers(): boolean {
    const { cursor } = this;
    this.sid = cursor.uint();
    if (this.sid === -1 || !cursor.token(SEQ)) return false;
    this.seq = cursor.uint();
    return this.seq !== -1;
  }

  /** `,"msg":{` */
  msg(): boolean {
    return this.cursor.token(MSG);
  }

  /** `market_ticker` or `market_id`. Like every field reader: the key's bit, 0 for an unknown key, -1 to give up. */
  marketField(): number {
    const { cursor } = this;
    if (cursor.token(MARKET_TICKER)) return cursor.symbol() ? SEEN_TICKER : -1;
    if (cursor.token(MARKET_ID)) return cursor.skipString() ? SEEN_ID : -1;
    return this.unknownField();
  }

  /** `ts_ms` is read; `ts` says the same less exactly and is skipped. */
  timeField(): number {
    const { cursor } = this;
    if (cursor.token(TS_MS)) {
      const millis = cursor.uint();
      if (millis === -1 || millis > MAX_MILLIS) return -1;
      this.venueAt = millis * 1000;
      return SEEN_TS_MS;
    }
    if (cursor.token(TS)) return cursor.skipValue() ? SEEN_TS : -1;
    return this.unknownField();
  }

  /** A key that is not read: remembered so that a repetition is noticed; its value is skipped strictly. */
  unknownField(): number {
    const { cursor } = this;
    const start = cursor.at;
    cursor.at--;
    if (!cursor.skipString()) return -1;
    const end = cursor.at - 1;
    const count = this.#unknownCount;
    if (count === MAX_UNKNOWN_KEYS) return -1;
    for (let i = 0; i < count; i++)
      if (sameBytes(cursor.bytes, this.#unknownStart[i]!, this.#unknownEnd[i]!, start, end)) return -1;
    this.#unknownStart[count] = start;
    this.#unknownEnd[count] = end;
    this.#unknownCount = count + 1;
    return cursor.byte(COLON) && cursor.skipValue() ? 0 : -1;
  }
}

function sameBytes(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false;
  for (let i = 0; a + i < aEnd; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

import type { ByteCursor } from "./byte-cursor.ts";
import type { TickerMemo } from "./ticker-memo.ts";

/** Stretches kept: a power of two. Busy markets stay; a collision only costs reading field by field. */
const LINES = 256;
/** Words of eight bytes kept of one stretch, the overlapping last one included. */
const WORDS = 24;
/** Shortest stretch kept. It must hold all the bytes by which it is found. */
const MIN_LENGTH = 84;

/**
 * Stretches of a message that name its market: keys, ticker, identifier and the key behind them. They come again with
 * every message of the market. One that was read once and comes again byte for byte need not be read again.
 */
export class StretchMemo {
  readonly #words = new Float64Array(LINES * WORDS);
  readonly #lengths = new Int32Array(LINES);
  /** What the ticker memo made of the ticker within. */
  readonly #tickers = new Float64Array(LINES);

  /** Moves behind a stretch that is known and selects its ticker; false when it must be read. */
  match(cursor: ByteCursor, ticker: TickerMemo): boolean {
    const { at } = cursor;
    if (at + MIN_LENGTH > cursor.end) return false;
    const line = lineOf(cursor.view, at + cursor.viewOffset);
    if (!this.#holds(line, cursor) || !ticker.select(this.#tickers[line]!)) return false;
    cursor.at = at + this.#lengths[line]!;
    return true;
  }

  /** Remembers the stretch from `start` to where the cursor stands, just read. */
  keep({ view, viewOffset, at }: ByteCursor, start: number, ticker: TickerMemo): void {
    const length = at - start;
    if (length < MIN_LENGTH || length >= WORDS * 8) return;
    const from = start + viewOffset;
    const line = lineOf(view, from);
    const words = length >> 3;
    for (let i = 0; i < words; i++) this.#words[line * WORDS + i] = view.getFloat64(from + i * 8, true);
    this.#words[line * WORDS + words] = view.getFloat64(from + length - 8, true);
    this.#lengths[line] = length;
    this.#tickers[line] = ticker.selected;
  }

  /** Forgets all: the fields within a stretch are others from here on. */
  clear(): void {
    this.#lengths.fill(0);
  }

  /** Compares doubles (see `KnownText`); the last one overlaps the one before. */
  #holds(line: number, { view, viewOffset, at, end }: ByteCursor): boolean {
    const length = this.#lengths[line]!;
    if (length === 0 || at + length > end) return false;
    const words = this.#words;
    const from = at + viewOffset;
    const last = from + length - 8;
    let word = line * WORDS;
    if (view.getFloat64(last, true) !== words[word + (length >> 3)]) return false;
    for (let pos = from; pos <= last; pos += 8)
      if (view.getFloat64(pos, true) !== words[word++]) return false;
    return true;
  }
}

/** Bytes of the market's identifier stand at the first two places when it comes before the ticker, else at the last. */
function lineOf(view: DataView, from: number): number {
  const early = view.getInt32(from + 16, true) ^ Math.imul(view.getInt32(from + 32, true), 0x85ebca6b);
  const late = view.getInt32(from + 72, true) ^ Math.imul(view.getInt32(from + 80, true), 0xc2b2ae35);
  return Math.imul(early ^ Math.imul(late, 0x27d4eb2f), 0x9e3779b1) >>> 24;
}

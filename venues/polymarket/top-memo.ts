/** Tokens whose last stated prices are kept: a power of two. */
const LINES = 256;
/** Words of eight bytes of one text, the overlapping last one included. */
const WORDS = 8;
const MIN_LENGTH = 8;

/**
 * The last `,"best_bid":"…","best_ask":"…"}` of each token. Most changes of a book leave its best prices as they were,
 * so the text comes again byte for byte and need not be read. Compared as 64-bit floats: those of ASCII are neither
 * zero nor NaN, so they are equal exactly when their bytes are.
 */
export class TopMemo {
  bid = 0;
  ask = 0;
  readonly #words = new Float64Array(LINES * WORDS);
  readonly #lengths = new Int32Array(LINES);
  readonly #bids = new Int32Array(LINES);
  readonly #asks = new Int32Array(LINES);

  /** The position after the text when it is this token's last one, and its prices in `bid` and `ask`; else -1. */
  match(view: DataView, pos: number, token: number): number {
    const line = token & (LINES - 1);
    const length = this.#lengths[line]!;
    if (length === 0) return -1;
    const words = this.#words;
    const last = pos + length - 8;
    let word = line * WORDS;
    if (view.getFloat64(last, true) !== words[word + (length >> 3)]) return -1;
    for (let at = pos; at <= last; at += 8) if (view.getFloat64(at, true) !== words[word++]) return -1;
    this.bid = this.#bids[line]!;
    this.ask = this.#asks[line]!;
    return pos + length;
  }

  /** Remembers the text `[from, to)`, just read. */
  keep(view: DataView, from: number, to: number, token: number, bid: number, ask: number): void {
    const length = to - from;
    if (length < MIN_LENGTH || length >= WORDS * 8) return;
    const line = token & (LINES - 1);
    const first = line * WORDS;
    const count = length >> 3;
    for (let i = 0; i < count; i++) this.#words[first + i] = view.getFloat64(from + i * 8, true);
    this.#words[first + count] = view.getFloat64(to - 8, true);
    this.#lengths[line] = length;
    this.#bids[line] = bid;
    this.#asks[line] = ask;
  }
}

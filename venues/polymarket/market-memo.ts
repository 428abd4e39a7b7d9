import { isPlain, QUOTE } from "./bytes.ts";

/** A condition id: 0x and 64 hex digits. */
const LENGTH = 66;
/** Words of eight bytes of one id; the last overlaps the one before. */
const WORDS = 9;
const LAST = LENGTH - 8;
/** Ids kept: a power of two. */
const LINES = 256;

/**
 * Condition ids seen before: one that comes again byte for byte needs no check of its characters. Compared as 64-bit
 * floats: those of ASCII are neither zero nor NaN, so they are equal exactly when their bytes are.
 */
export class MarketMemo {
  readonly #words = new Float64Array(LINES * WORDS);

  /** From after an opening quote: the closing quote of an id of the usual length, -1 for any other string. */
  read(bytes: Uint8Array, view: DataView, pos: number): number {
    const close = pos + LENGTH;
    if (bytes[close] !== QUOTE) return -1;
    const words = this.#words;
    const line =
      (Math.imul(view.getInt32(pos + 8, true) ^ (view.getInt32(pos + 12, true) >>> 3), 0x9e3779b1) >>> 24) *
      WORDS;
    let word = 0;
    while (word < WORDS - 1 && view.getFloat64(pos + word * 8, true) === words[line + word]) word++;
    if (word === WORDS - 1 && view.getFloat64(pos + LAST, true) === words[line + word]) return close;
    if (!isPlain(bytes, view, pos, LENGTH)) return -1;
    for (let i = 0; i < WORDS - 1; i++) words[line + i] = view.getFloat64(pos + i * 8, true);
    words[line + WORDS - 1] = view.getFloat64(pos + LAST, true);
    return close;
  }
}

/** Texts kept: a power of two. */
const LINES = 64;
/** Words of eight bytes kept of each. */
const WORDS = 8;

/**
 * Beginnings of the strings that stood in one field before, found by their first four bytes. Identifiers and dates come
 * again frame after frame; what equals a text that was checked once needs no check of its own.
 * Eight bytes are compared as a double: those of ASCII are neither zero nor NaN, so they are equal exactly when their
 * bytes are.
 */
export class KnownText {
  readonly #words = new Float64Array(LINES * WORDS);

  /** How many of the bytes from `from` on, at most to `limit`, are known to be plain text: a multiple of eight. */
  match(view: DataView, from: number, limit: number): number {
    if (from + 8 > limit) return 0;
    const line = lineOf(view.getInt32(from, true));
    const last = Math.min(WORDS, (limit - from) >> 3);
    let word = 0;
    while (word < last && view.getFloat64(from + word * 8, true) === this.#words[line + word]) word++;
    return word * 8;
  }

  /** Remembers the plain text `[from, to)`, of which `matched` bytes are known already. */
  keep(view: DataView, from: number, to: number, matched: number): void {
    const line = lineOf(view.getInt32(from, true));
    const last = Math.min(WORDS, (to - from) >> 3);
    for (let word = matched >> 3; word < last; word++)
      this.#words[line + word] = view.getFloat64(from + word * 8, true);
  }
}

function lineOf(head: number): number {
  return (Math.imul(head, 0x9e3779b1) >>> 26) * WORDS;
}

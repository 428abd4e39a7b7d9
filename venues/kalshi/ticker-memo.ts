import type { ByteCursor } from "./byte-cursor.ts";
import { bytesBeforeQuote, GRAPHIC, TEXT } from "./plain-text.ts";
import { MAX_SYMBOL_LENGTH } from "./scales.ts";

const QUOTE = 0x22;

/** Tickers remembered: a power of two. Busy markets stay; a collision only costs a look-up in the full index. */
const SLOTS = 1024;

/** FNV-1a's prime. */
const HASH_PRIME = 0x01000193;

/** `TickerMemo.book` of a ticker that was read and not looked up yet. */
const UNRESOLVED = -1;

/**
 * Reads tickers, and remembers the recent ones and their books. A ticker equal to a remembered one needs neither a
 * check of its characters nor a look-up. A ticker keeps its book for ever, so an entry never gets old.
 */
export class TickerMemo {
  readonly #books = new Int32Array(SLOTS).fill(UNRESOLVED);
  readonly #lengths = new Int32Array(SLOTS);
  readonly #text = new Uint8Array(SLOTS * MAX_SYMBOL_LENGTH);
  readonly #view = new DataView(this.#text.buffer);
  /** How often a slot was given to another ticker. */
  readonly #turns = new Int32Array(SLOTS);
  #slot = 0;

  /** A quoted ticker: printable ASCII without blanks, quotes or escapes; the cursor moves behind it. */
  read(cursor: ByteCursor): boolean {
    const { at, bytes } = cursor;
    if (bytes[at] !== QUOTE) return false;
    const from = at + 1;
    const recent = this.#lengths[this.#slot]!;
    if (recent > 0 && this.#holds(this.#slot, cursor, from, recent) && bytes[from + recent] === QUOTE) {
      cursor.at = from + recent + 1;
      return true;
    }
    return this.#find(cursor, from);
  }

  /** Book of the last ticker read, -1 when it is not remembered. */
  get book(): number {
    return this.#books[this.#slot]!;
  }

  /** Remembers the book of the last ticker read. */
  set book(book: number) {
    this.#books[this.#slot] = book;
  }

  /** Names the last ticker read for as long as it is remembered. */
  get selected(): number {
    return this.#turns[this.#slot]! * SLOTS + this.#slot;
  }

  /** Makes a ticker the last one read; false when it is remembered no more. */
  select(selected: number): boolean {
    const slot = selected % SLOTS;
    if (this.#turns[slot]! * SLOTS + slot !== selected) return false;
    this.#slot = slot;
    return true;
  }

  /** Bytes of the last ticker read. */
  get text(): Uint8Array {
    const start = this.#slot * MAX_SYMBOL_LENGTH;
    return this.#text.subarray(start, start + this.#lengths[this.#slot]!);
  }

  #find(cursor: ByteCursor, from: number): boolean {
    const { bytes, view, viewOffset } = cursor;
    const limit = Math.min(cursor.end - 1, from + MAX_SYMBOL_LENGTH);
    let at = from;
    let hash = 0;
    while (at + 4 <= limit) {
      const word = view.getInt32(at + viewOffset, true);
      if (bytesBeforeQuote(word) < 4) break;
      hash = Math.imul(hash ^ word, HASH_PRIME);
      at += 4;
    }
    while (at < limit && bytes[at] !== QUOTE) hash = Math.imul(hash ^ bytes[at++]!, HASH_PRIME);
    if (bytes[at] !== QUOTE || at === from) return false;
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const length = at - from;
    if (this.#lengths[slot] !== length || !this.#holds(slot, cursor, from, length)) {
      for (let i = from; i < at; i++) if (TEXT[bytes[i]!] !== GRAPHIC) return false;
      this.#text.set(bytes.subarray(from, at), slot * MAX_SYMBOL_LENGTH);
      this.#lengths[slot] = length;
      this.#turns[slot] = this.#turns[slot]! + 1;
      this.#books[slot] = UNRESOLVED;
    }
    this.#slot = slot;
    cursor.at = at + 1;
    return true;
  }

  /** True when the ticker in a slot stands at `from`; compared as doubles (see `KnownText`), the last two overlapping. */
  #holds(slot: number, { bytes, view, viewOffset, end }: ByteCursor, from: number, length: number): boolean {
    if (from + length > end) return false;
    const own = slot * MAX_SYMBOL_LENGTH;
    if (length < 8) {
      for (let i = 0; i < length; i++) if (bytes[from + i] !== this.#text[own + i]) return false;
      return true;
    }
    const mine = this.#view;
    const theirs = from + viewOffset;
    const last = length - 8;
    for (let i = 0; i < last; i += 8)
      if (view.getFloat64(theirs + i, true) !== mine.getFloat64(own + i, true)) return false;
    return view.getFloat64(theirs + last, true) === mine.getFloat64(own + last, true);
  }
}

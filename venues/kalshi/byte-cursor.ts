import { MAX_SYMBOL_LENGTH, PRICE_SCALE } from "./scales.ts";

const QUOTE = 0x22;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** The same byte four times over, for tests on four bytes at once. */
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const BLANKS = 0x20202020;
const GRAPHS = 0x21212121;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;

/** FNV-1a's prime. */
const HASH_PRIME = 0x01000193;

/** What a byte may be inside a string read here: PLAIN text, or GRAPHIC (plain and fit for a ticker). */
const PLAIN = 1;
const GRAPHIC = 2;
const TEXT = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte > 0x7f || byte === QUOTE || byte === BACKSLASH) return 0;
  return byte === 0x20 || byte === 0x7f ? PLAIN : GRAPHIC;
});

/** Depth to which values that are not read are skipped here; deeper ones go to the oracle. */
const MAX_SKIP_DEPTH = 4;

/**
 * An ASCII text of at least four bytes, to be compared eight bytes at a time, as doubles: finite, non-zero doubles
 * are equal only when all their bits are, and eight ASCII bytes are always one. The last word overlaps the one
 * before; texts of four to seven bytes are two overlapping 32-bit words.
 */
export interface Token {
  readonly length: number;
  readonly words: Float64Array;
  readonly head: number;
  readonly tail: number;
}

/** Bytes of an ASCII text. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Made once at load. Throws RangeError below four bytes. */
export function token(text: string): Token {
  const { length } = text;
  if (length < 4) throw new RangeError(`token ${text} is too short`);
  const view = new DataView(asciiBytes(text).buffer);
  const words = Float64Array.from({ length: length < 8 ? 0 : Math.ceil(length / 8) }, (_, i) =>
    view.getFloat64(Math.min(i * 8, length - 8), true),
  );
  return { length, words, head: view.getInt32(0, true), tail: view.getInt32(length - 4, true) };
}

const TRUE = token("true");
const FALSE = token("false");
const NULL = token("null");

/**
 * Four bytes at once: a high bit is set when a byte is a quote, a backslash, beyond ASCII, or below `least`'s bytes.
 * For four bytes `x`, `(x - ONES) & ~x & HIGH_BITS` is non-zero exactly when one of them is 0; with `least` instead
 * of ONES, when one of them is below it (Warren, Hacker's Delight, 6-1).
 */
function specialBytes(word: number, least: number): number {
  const quote = word ^ QUOTES;
  const backslash = word ^ BACKSLASHES;
  return ((word - least) & ~word) | ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | word;
}

/**
 * A cursor over compact JSON bytes. Each method reads one token exactly and moves on, or fails and the caller gives
 * the frame to the oracle. It accepts less than JSON: no blanks, no escapes, no bytes beyond ASCII, no exponents.
 * Words are compared four bytes at a time: byte-wise comparison alone costs more than the rest of a frame.
 */
export class ByteCursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** Index of the next byte. */
  at = 0;
  /** Index behind the last byte that may be read. */
  end = 0;
  /** Bounds and hash of the last `symbol`. */
  symbolStart = 0;
  symbolEnd = 0;
  symbolHash = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #viewOffset = 0;

  /** Begins at `start`. Frames of one buffer share one view. */
  open(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      if (bytes.buffer !== this.#view.buffer) this.#view = new DataView(bytes.buffer);
      this.#viewOffset = bytes.byteOffset;
    }
    this.at = start;
    this.end = Math.min(end, bytes.length);
  }

  /** True when the token stands here; moves behind it. */
  token(expected: Token): boolean {
    const { at } = this;
    const { length, words } = expected;
    if (at + length > this.end) return false;
    const view = this.#view;
    const from = at + this.#viewOffset;
    if (length < 8) {
      if (view.getInt32(from, true) !== expected.head) return false;
      if (view.getInt32(from + length - 4, true) !== expected.tail) return false;
    } else {
      const last = words.length - 1;
      for (let i = 0; i < last; i++) if (view.getFloat64(from + i * 8, true) !== words[i]) return false;
      if (view.getFloat64(from + length - 8, true) !== words[last]) return false;
    }
    this.at = at + length;
    return true;
  }

  byte(expected: number): boolean {
    if (this.bytes[this.at] !== expected) return false;
    this.at++;
    return true;
  }

  /** A whole number without sign or leading zero, up to 15 digits; -1 when there is none. */
  uint(): number {
    const { bytes } = this;
    let at = this.at;
    let value = 0;
    for (;;) {
      const digit = bytes[at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      at++;
    }
    const digits = at - this.at;
    if (digits === 0 || digits > 15 || (digits > 1 && bytes[this.at] === ZERO)) return -1;
    this.at = at;
    return value;
  }

  /** `"0.dddd"` strictly between 0 and 1 as ticks; -1 for anything else. */
  price(): number {
    const { bytes, at } = this;
    if (bytes[at] !== QUOTE || bytes[at + 1] !== ZERO || bytes[at + 2] !== DOT || bytes[at + 7] !== QUOTE)
      return -1;
    let ticks = 0;
    for (let i = at + 3; i < at + 7; i++) {
      const digit = bytes[i]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) return -1;
      ticks = ticks * 10 + digit;
    }
    if (ticks <= 0 || ticks >= PRICE_SCALE) return -1;
    this.at = at + 8;
    return ticks;
  }

  /** `"123.45"`, optionally signed, as hundredths; NaN for anything else. Up to 11 whole digits. */
  size(signed: boolean): number {
    const { bytes } = this;
    let at = this.at;
    if (bytes[at] !== QUOTE) return Number.NaN;
    at++;
    const negative = signed && bytes[at] === MINUS;
    if (negative) at++;
    const first = at;
    let value = 0;
    for (;;) {
      const digit = bytes[at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      at++;
    }
    const tenths = bytes[at + 1]! - ZERO;
    const hundredths = bytes[at + 2]! - ZERO;
    const fits = at > first && at - first <= 11;
    const fraction = tenths >= 0 && tenths <= 9 && hundredths >= 0 && hundredths <= 9;
    if (!fits || !fraction || bytes[at] !== DOT || bytes[at + 3] !== QUOTE) return Number.NaN;
    this.at = at + 4;
    value = value * 100 + tenths * 10 + hundredths;
    return negative ? 0 - value : value;
  }

  /** A quoted ticker: printable ASCII without blanks, quotes or escapes. Its hash comes for nothing on the way. */
  symbol(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) return false;
    const from = this.at + 1;
    const view = this.#view;
    const offset = this.#viewOffset;
    const last = Math.min(this.end, from + MAX_SYMBOL_LENGTH) - 4;
    let at = from;
    let hash = 0;
    while (at <= last) {
      const word = view.getInt32(at + offset, true);
      if (((specialBytes(word, GRAPHS) | (word + ONES)) & HIGH_BITS) !== 0) break;
      hash = Math.imul(hash ^ word, HASH_PRIME);
      at += 4;
    }
    while (TEXT[bytes[at]!] === GRAPHIC) hash = Math.imul(hash ^ bytes[at++]!, HASH_PRIME);
    if (bytes[at] !== QUOTE || at === from || at - from > MAX_SYMBOL_LENGTH) return false;
    this.symbolStart = from;
    this.symbolEnd = at;
    this.symbolHash = hash;
    this.at = at + 1;
    return true;
  }

  /** True when the last `symbol` equals the text of the same length at `offset` of another view. */
  symbolEquals(other: DataView, offset: number): boolean {
    const length = this.symbolEnd - this.symbolStart;
    const from = this.symbolStart + this.#viewOffset;
    const view = this.#view;
    let i = 0;
    for (; i + 4 <= length; i += 4)
      if (view.getInt32(from + i, true) !== other.getInt32(offset + i, true)) return false;
    for (; i < length; i++) if (view.getUint8(from + i) !== other.getUint8(offset + i)) return false;
    return true;
  }

  /** A quoted plain ASCII string of any content; moves behind it. */
  skipString(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) return false;
    let at = this.#skipPlainWords(this.at + 1);
    while (TEXT[bytes[at]!]! >= PLAIN) at++;
    if (bytes[at] !== QUOTE) return false;
    this.at = at + 1;
    return true;
  }

  /** Skips four bytes at a time while all four are plain text. */
  #skipPlainWords(from: number): number {
    const view = this.#view;
    const offset = this.#viewOffset;
    const last = this.end - 4;
    let at = from;
    while (at <= last && (specialBytes(view.getInt32(at + offset, true), BLANKS) & HIGH_BITS) === 0) at += 4;
    return at;
  }

  /** Any value in the accepted subset of JSON. */
  skipValue(depth = 0): boolean {
    const byte = this.bytes[this.at]!;
    if (byte === QUOTE) return this.skipString();
    if (byte === MINUS || (byte >= ZERO && byte <= ZERO + 9)) return this.#skipNumber();
    if (byte === OPEN_BRACKET || byte === OPEN_BRACE)
      return depth < MAX_SKIP_DEPTH && this.#skipContainer(byte === OPEN_BRACE, depth);
    return this.token(TRUE) || this.token(FALSE) || this.token(NULL);
  }

  #skipNumber(): boolean {
    if (this.bytes[this.at] === MINUS) this.at++;
    if (this.uint() === -1) return false;
    if (this.bytes[this.at] !== DOT) return true;
    const first = ++this.at;
    for (;;) {
      const digit = this.bytes[this.at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      this.at++;
    }
    return this.at > first;
  }

  /** An array or object; in ASCII the closing bracket stands two behind the opening one. */
  #skipContainer(keyed: boolean, depth: number): boolean {
    const close = this.bytes[this.at++]! + 2;
    if (this.byte(close)) return true;
    for (;;) {
      if (keyed && !(this.skipString() && this.byte(COLON))) return false;
      if (!this.skipValue(depth + 1)) return false;
      if (this.byte(close)) return true;
      if (!this.byte(COMMA)) return false;
    }
  }
}

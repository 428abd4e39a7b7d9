import type { KnownText } from "./known-text.ts";
import { fourDigits, isPlainWord, PLAIN, TEXT } from "./plain-text.ts";
import { PRICE_SCALE } from "./scales.ts";

const QUOTE = 0x22;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const COMMA = 0x2c;
const COLON = 0x3a;

/** `"0.`, the first three of four little-endian bytes. */
const PRICE_HEAD = 0x2e3022;

/** Digits of a millisecond instant between 2001 and 2286. */
const MILLIS_DIGITS = 13;

/** Unknown bytes of a string from which on it is remembered: a date's fraction of a second never comes again. */
const WORTH_KEEPING = 16;

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

/** Made once at load, or when a layout is learned. Throws RangeError below four bytes. */
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
 * A cursor over compact JSON bytes. Each method reads one token exactly and moves on, or fails and the caller gives
 * the frame to the oracle. It accepts less than JSON: no blanks, no escapes, no bytes beyond ASCII, no exponents.
 * Words are compared four or eight bytes at a time: byte-wise comparison alone costs more than the rest of a frame.
 */
export class ByteCursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** All of the buffer that `bytes` lies in: the byte at `i` is here at `i + viewOffset`. */
  view: DataView = new DataView(new ArrayBuffer(0));
  viewOffset = 0;
  /** Index of the next byte. */
  at = 0;
  /** Index behind the last byte that may be read. */
  end = 0;

  /** Begins at `start`. Frames of one buffer share one view. */
  open(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      if (bytes.buffer !== this.view.buffer) this.view = new DataView(bytes.buffer);
      this.viewOffset = bytes.byteOffset;
    }
    this.at = start;
    this.end = Math.min(end, bytes.length);
  }

  /** True when the token stands here; moves behind it. */
  token(expected: Token): boolean {
    const { at } = this;
    const { length, words } = expected;
    if (at + length > this.end) return false;
    const { view } = this;
    const from = at + this.viewOffset;
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

  /** As `uint`, faster for instants of 13 digits; more digits are left unread, where the caller stumbles on them. */
  millis(): number {
    const { at, view } = this;
    if (at + MILLIS_DIGITS > this.end) return this.uint();
    const from = at + this.viewOffset;
    const high = fourDigits(view.getInt32(from, true));
    const middle = fourDigits(view.getInt32(from + 4, true));
    const low = fourDigits(view.getInt32(from + 8, true));
    const last = view.getUint8(from + 12) - ZERO;
    if (high < 1000 || (middle | low | last) < 0 || last > 9) return this.uint();
    this.at = at + MILLIS_DIGITS;
    return ((high * 10_000 + middle) * 10_000 + low) * 10 + last;
  }

  /** `"0.dddd"` strictly between 0 and 1 as ticks; -1 for anything else. */
  price(): number {
    const { at, view } = this;
    if (at + 8 > this.end) return -1;
    const from = at + this.viewOffset;
    if ((view.getInt32(from, true) & 0xffffff) !== PRICE_HEAD || view.getUint8(from + 7) !== QUOTE) return -1;
    const ticks = fourDigits(view.getInt32(from + 3, true));
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

  /** A quoted plain ASCII string of any content; moves behind it. */
  skipString(): boolean {
    if (this.bytes[this.at] !== QUOTE) return false;
    const close = this.#plainEnd(this.at + 1);
    if (close === -1) return false;
    this.at = close + 1;
    return true;
  }

  /** As `skipValue`, without checking again what a string of this field has in common with an earlier one. */
  skipLike(known: KnownText): boolean {
    const { at } = this;
    if (this.bytes[at] !== QUOTE) return this.skipValue();
    const { view, viewOffset } = this;
    const from = at + 1;
    const matched = known.match(view, from + viewOffset, this.end + viewOffset);
    const close = this.#plainEnd(from + matched);
    if (close === -1) return false;
    if (close - from - matched >= WORTH_KEEPING)
      known.keep(view, from + viewOffset, close + viewOffset, matched);
    this.at = close + 1;
    return true;
  }

  /** The closing quote of a plain text that goes on here, -1 when something else comes first. */
  #plainEnd(from: number): number {
    const { bytes, view, viewOffset } = this;
    const last = this.end - 4;
    let at = from;
    while (at <= last && isPlainWord(view.getInt32(at + viewOffset, true))) at += 4;
    while (TEXT[bytes[at]!]! >= PLAIN) at++;
    return bytes[at] === QUOTE ? at : -1;
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

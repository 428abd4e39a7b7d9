import { MAX_SYMBOL_LENGTH, PRICE_SCALE } from "./scales.ts";

const QUOTE = 0x22;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

const TRUE = asciiBytes("true");
const FALSE = asciiBytes("false");
const NULL = asciiBytes("null");

/** What a byte may be inside a string read here: PLAIN text, or GRAPHIC (plain and fit for a ticker). */
const PLAIN = 1;
const GRAPHIC = 2;
const TEXT = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte > 0x7f || byte === QUOTE || byte === BACKSLASH) return 0;
  return byte === 0x20 || byte === 0x7f ? PLAIN : GRAPHIC;
});

/** Depth to which values that are not read are skipped here; deeper ones go to the oracle. */
const MAX_SKIP_DEPTH = 4;

/** Bytes of an ASCII token, made once at load. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/**
 * A cursor over compact JSON bytes. Each method reads one token exactly and moves on, or fails and the caller gives
 * the frame to the oracle. It accepts less than JSON: no blanks, no escapes, no bytes beyond ASCII, no exponents.
 * Reading past `bytes` yields undefined, which matches nothing.
 */
export class ByteCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;

  /** True when the token stands here; moves behind it. */
  token(token: Uint8Array): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < token.length; i++) if (bytes[at + i] !== token[i]) return false;
    this.at = at + token.length;
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

  /** A quoted ticker: printable ASCII without blanks, quotes or escapes. Leaves the bounds in `start`/`end`. */
  symbol(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) return false;
    let at = this.at + 1;
    while (TEXT[bytes[at]!] === GRAPHIC) at++;
    const length = at - this.at - 1;
    if (bytes[at] !== QUOTE || length === 0 || length > MAX_SYMBOL_LENGTH) return false;
    this.start = this.at + 1;
    this.end = at;
    this.at = at + 1;
    return true;
  }
  start = 0;
  end = 0;

  /** A quoted plain ASCII string of any content; moves behind it. */
  skipString(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) return false;
    let at = this.at + 1;
    while (TEXT[bytes[at]!]! >= PLAIN) at++;
    if (bytes[at] !== QUOTE) return false;
    this.at = at + 1;
    return true;
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

  /** An array or object; `{` + 2 and `[` + 2 are their closing bytes in ASCII. */
  #skipContainer(keyed: boolean, depth: number): boolean {
    const close = this.bytes[this.at++]! + 2;
    if (this.byte(close)) return true;
    for (;;) {
      if (keyed && !(this.skipString() && this.byte(0x3a))) return false;
      if (!this.skipValue(depth + 1)) return false;
      if (this.byte(close)) return true;
      if (!this.byte(COMMA)) return false;
    }
  }
}

import { MAX_TIMESTAMP_MS } from "./scales.ts";

/** Reading JSON in place. Every function takes a position, returns the position after what it read, and -1 on a surprise. */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;
export const BRACKET_OPEN = 0x5b;
export const BRACKET_CLOSE = 0x5d;
const DOT = 0x2e;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** 1 for bytes that stand for themselves inside a string: printable ASCII but quote and backslash. */
const PLAIN = new Uint8Array(256);
for (let byte = 0x20; byte < 0x7f; byte++) PLAIN[byte] = byte === QUOTE || byte === 0x5c ? 0 : 1;

const FIFTH_BITS = 0x20202020;
const ZEROS = 0x30303030;
const HIGH_BITS = 0x80808080 | 0;

const POWERS_OF_TEN = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
const MAX_WHOLE_DIGITS = 9;
const TIMESTAMP_DIGITS = 13;

/** The next byte that is no JSON white space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let pos = from;
  for (;;) {
    const byte = bytes[pos]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return pos;
    pos++;
  }
}

/**
 * Whether `length` bytes from `pos` on (at least four), and then a quote, are a string without escapes, control bytes
 * or non-ASCII. Four bytes a step: digits and small letters, of which identifiers consist, have bit 5 and one of its
 * neighbours set, and nothing that must not stand in a string has. Other text is tested exactly.
 */
export function isPlain(bytes: Uint8Array, view: DataView, pos: number, length: number): boolean {
  if (bytes[pos + length] !== QUOTE) return false;
  const last = pos + length - 4;
  let any = view.getInt32(last, true);
  let all = any & ((any << 1) | (any >>> 1));
  for (let at = pos; at < last; at += 4) {
    const word = view.getInt32(at, true);
    all &= word & ((word << 1) | (word >>> 1));
    any |= word;
  }
  if ((all & FIFTH_BITS) === FIFTH_BITS && (any & HIGH_BITS) === 0) return true;
  return plainEnd(bytes, pos) === pos + length;
}

/** From after an opening quote: the closing quote of a string without escapes, control bytes or non-ASCII. */
export function plainEnd(bytes: Uint8Array, from: number): number {
  let pos = from;
  while (PLAIN[bytes[pos]!] === 1) pos++;
  return bytes[pos] === QUOTE ? pos : -1;
}

/** Whether `literal` stands at `pos`. */
export function startsWith(bytes: Uint8Array, pos: number, literal: Uint8Array): boolean {
  for (let i = 0; i < literal.length; i++) if (bytes[pos + i] !== literal[i]) return false;
  return true;
}

/** Whether `bytes[start, end)` is exactly `literal`. */
export function equals(bytes: Uint8Array, start: number, end: number, literal: Uint8Array): boolean {
  return end - start === literal.length && startsWith(bytes, start, literal);
}

/** Reads decimals that are the whole content of a JSON string; the result of the last read is in `value`. */
export class DecimalReader {
  value = 0;

  /**
   * From after the opening quote, a decimal as ten-thousandths: `0.d` to `0.dddd` digit by digit, every other
   * spelling as `read` does. Returns the position after the closing quote.
   */
  readPrice(bytes: Uint8Array, from: number): number {
    if (bytes[from] !== ZERO || bytes[from + 1] !== DOT) return this.read(bytes, from, 4);
    let value = (bytes[from + 2]! - ZERO) * 1000;
    if (value < 0 || value > 9000) return -1;
    let byte = bytes[from + 3]!;
    let pos = from + 3;
    for (let weight = 100; byte !== QUOTE; weight = weight === 100 ? 10 : 1) {
      if (byte < ZERO || byte > NINE || pos === from + 6) return this.read(bytes, from, 4);
      value += (byte - ZERO) * weight;
      byte = bytes[++pos]!;
    }
    this.value = value;
    return pos + 1;
  }

  /**
   * From after the opening quote, a plain decimal as an integer scaled by 10^digits (at most 6). Returns the
   * position after the closing quote. Surprises: signs, exponents, leading zeros, more than 9 whole digits, and
   * decimals that do not fit `digits` exactly.
   */
  read(bytes: Uint8Array, from: number, digits: number): number {
    let pos = from;
    let value = 0;
    let byte = bytes[pos]!;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      byte = bytes[++pos]!;
    }
    const whole = pos - from;
    if (whole === 0 || whole > MAX_WHOLE_DIGITS || (whole > 1 && bytes[from] === ZERO)) return -1;
    let left = digits;
    if (byte === DOT) {
      const fraction = ++pos;
      byte = bytes[pos]!;
      while (byte >= ZERO && byte <= NINE) {
        if (left > 0) {
          value = value * 10 + (byte - ZERO);
          left--;
        } else if (byte !== ZERO) return -1;
        byte = bytes[++pos]!;
      }
      if (pos === fraction) return -1;
    }
    if (byte !== QUOTE) return -1;
    this.value = value * POWERS_OF_TEN[left]!;
    return pos + 1;
  }
}

/** Milliseconds in exactly 13 digits, as microseconds; -1 for anything else. At least 16 bytes follow `start`. */
export function timestampMicros(view: DataView, start: number, end: number): number {
  if (end - start !== TIMESTAMP_DIGITS) return -1;
  const high = fourDigits(view.getInt32(start, true));
  const middle = fourDigits(view.getInt32(start + 4, true));
  const low = fourDigits(view.getInt32(start + 8, true));
  const last = view.getUint8(start + 12) - ZERO;
  if (high < 1000 || (middle | low | last) < 0 || last > 9) return -1;
  const value = ((high * 10_000 + middle) * 10_000 + low) * 10 + last;
  return value > MAX_TIMESTAMP_MS ? -1 : value * 1000;
}

/** Four little-endian ASCII digits as a number; -1 when one of them is no digit. */
function fourDigits(word: number): number {
  const digits = word ^ ZEROS;
  if ((((digits + 0x76767676) | digits) & HIGH_BITS) !== 0) return -1;
  const pairs = digits * 10 + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

/** Any string, number, true, false or null, checked in full; nested values are a surprise. */
export function skipScalar(bytes: Uint8Array, pos: number): number {
  const byte = bytes[pos]!;
  if (byte === QUOTE) {
    const end = plainEnd(bytes, pos + 1);
    return end === -1 ? -1 : end + 1;
  }
  if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return skipInteger(bytes, pos);
  for (const word of WORDS) if (startsWith(bytes, pos, word)) return pos + word.length;
  return -1;
}

const ENCODER = new TextEncoder();
const WORDS = [ENCODER.encode("true"), ENCODER.encode("false"), ENCODER.encode("null")];

/** A JSON integer; fractions and exponents are left to the oracle. */
function skipInteger(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  let pos = first;
  while (bytes[pos]! >= ZERO && bytes[pos]! <= NINE) pos++;
  if (pos === first || (pos - first > 1 && bytes[first] === ZERO)) return -1;
  return pos;
}

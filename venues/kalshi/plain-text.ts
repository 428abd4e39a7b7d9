/** Tests on the bytes of a string, four at a time. */

const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const SPACES = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const ZEROS = 0x30303030;

/** What a byte may be inside a string read here: PLAIN text, or GRAPHIC (plain and fit for a ticker). */
export const PLAIN = 1;
export const GRAPHIC = 2;
export const TEXT: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte > 0x7f || byte === 0x22 || byte === 0x5c) return 0;
  return byte === 0x20 || byte === 0x7f ? PLAIN : GRAPHIC;
});

/**
 * True when the four bytes are plain: no quote, no backslash, nothing below a space or beyond ASCII.
 * For four bytes `x`, `(x - ONES) & ~x & HIGH_BITS` is non-zero exactly when one of them is 0, and with SPACES instead
 * of ONES when one of them is below 0x20 (Warren, Hacker's Delight, 6-1).
 */
export function isPlainWord(word: number): boolean {
  const quote = word ^ QUOTES;
  const slash = word ^ BACKSLASHES;
  const special = ((word - SPACES) & ~word) | ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | word;
  return (special & HIGH_BITS) === 0;
}

/** How many of four little-endian bytes stand before the first quote; 4 when there is none. */
export function bytesBeforeQuote(word: number): number {
  const quote = word ^ QUOTES;
  const found = (quote - ONES) & ~quote & HIGH_BITS;
  return found === 0 ? 4 : (31 - Math.clz32(found & -found)) >> 3;
}

/** Four little-endian ASCII digits as a number; -1 when one of them is no digit. */
export function fourDigits(word: number): number {
  const digits = word ^ ZEROS;
  if ((((digits + 0x76767676) | digits) & HIGH_BITS) !== 0) return -1;
  const pairs = digits * 10 + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

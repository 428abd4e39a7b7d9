import { BRACE_CLOSE, BRACE_OPEN, BRACKET_CLOSE, BRACKET_OPEN, QUOTE } from "./bytes.ts";
import { ascii } from "./literal.ts";

const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const TYPE = ascii('"event_type":"book"');
const TYPE_KEY = Buffer.from('"event_type"');

/**
 * Answers of `POST /books` and `GET /book` are the books of the market channel without their type: with it they are
 * frames like any other. What already names a type, or is no list of objects, is left as it is.
 */
export class PollAnswer {
  /** The frame lies in `bytes[0, length)` after `read`; valid until the next one. */
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;

  /** Reads `source[start, end)`; books are the objects at the top or in the list at the top. */
  read(source: Uint8Array, start: number, end: number): void {
    const body = Buffer.from(source.buffer, source.byteOffset + start, end - start);
    if (body.includes(TYPE_KEY)) this.#copy(body);
    else this.#typed(body);
  }

  #copy(body: Uint8Array): void {
    this.#grow(body.length);
    this.bytes.set(body, 0);
    this.length = body.length;
  }

  #typed(body: Uint8Array): void {
    const books = body[firstOf(body)] === BRACKET_OPEN ? 2 : 1;
    let depth = 0;
    let from = 0;
    this.length = 0;
    for (let at = 0; at < body.length; at++) {
      const byte = body[at]!;
      if (byte === QUOTE) at = stringEnd(body, at);
      else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
        depth++;
        if (byte !== BRACE_OPEN || depth !== books) continue;
        this.#append(body, from, at + 1);
        from = at + 1;
        this.#append(TYPE, 0, TYPE.length);
        if (body[firstOf(body, from)] !== BRACE_CLOSE) this.#append(SEPARATOR, 0, 1);
      } else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) depth--;
    }
    this.#append(body, from, body.length);
  }

  #append(source: Uint8Array, from: number, to: number): void {
    this.#grow(this.length + to - from);
    this.bytes.set(source.subarray(from, to), this.length);
    this.length += to - from;
  }

  #grow(length: number): void {
    if (length <= this.bytes.length) return;
    const wider = new Uint8Array(length * 2);
    wider.set(this.bytes.subarray(0, this.length));
    this.bytes = wider;
  }
}

const SEPARATOR = Uint8Array.of(COMMA);

/** Position of the first byte from `at` on that is no white space. */
function firstOf(body: Uint8Array, at = 0): number {
  let pos = at;
  while (pos < body.length && body[pos]! <= 0x20) pos++;
  return pos;
}

/** Position of the quote that ends the string begun at `open`. */
function stringEnd(body: Uint8Array, open: number): number {
  let at = open + 1;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}

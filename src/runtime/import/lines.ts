/** Longest line handed on; a longer one is reported as too long and skipped, so memory stays bounded. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

export interface LineHandler {
  /** `bytes[start, end)` without its newline; valid only during the call. `line` counts from 1, `offset` in bytes. */
  line(bytes: Uint8Array, start: number, end: number, line: number, offset: number): void;
  tooLong(line: number, offset: number): void;
}

/** Splits chunks into lines without making strings. */
export class LineSplitter {
  readonly #handler: LineHandler;
  #rest = new Uint8Array(0);
  #restLength = 0;
  #line = 1;
  #offset = 0;
  #skipping = false;

  constructor(handler: LineHandler) {
    this.#handler = handler;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(10, start);
      if (newline === -1) break;
      this.#emit(chunk, start, newline);
      start = newline + 1;
    }
    this.#keep(chunk, start);
  }

  /** The last line, when the input does not end with a newline. */
  end(): void {
    if (this.#restLength > 0 || this.#skipping) this.#emit(EMPTY, 0, 0);
  }

  #emit(chunk: Uint8Array, start: number, end: number): void {
    const total = this.#restLength + (end - start);
    if (this.#skipping || total > MAX_LINE_BYTES) {
      this.#handler.tooLong(this.#line, this.#offset);
      this.#skipping = false;
    } else if (this.#restLength === 0) {
      this.#hand(chunk, start, end);
    } else {
      this.#keep(chunk.subarray(0, end), start);
      this.#hand(this.#rest, 0, total);
    }
    this.#restLength = 0;
    this.#line++;
    this.#offset += total + 1;
  }

  #hand(bytes: Uint8Array, start: number, end: number): void {
    const trimmed = end > start && bytes[end - 1] === 13 ? end - 1 : end;
    if (trimmed > start) this.#handler.line(bytes, start, trimmed, this.#line, this.#offset);
  }

  #keep(chunk: Uint8Array, start: number): void {
    const length = chunk.length - start;
    if (length === 0) return;
    if (this.#restLength + length > MAX_LINE_BYTES) {
      this.#skipping = true;
      this.#offset += this.#restLength + length;
      this.#restLength = 0;
      return;
    }
    if (this.#restLength + length > this.#rest.length) {
      const larger = new Uint8Array(Math.max(1 << 16, (this.#restLength + length) * 2));
      larger.set(this.#rest.subarray(0, this.#restLength));
      this.#rest = larger;
    }
    this.#rest.set(chunk.subarray(start), this.#restLength);
    this.#restLength += length;
  }
}

const EMPTY = new Uint8Array(0);

const ENCODER = new TextEncoder();

/** The bytes of a text, for comparison in place. */
export function ascii(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/**
 * A text of 8 to 16 bytes, compared as two overlapping 64-bit floats. Floats that come from ASCII are neither zero
 * nor NaN, so they are equal exactly when their bytes are.
 */
export class Literal {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly #first: number;
  readonly #second: number;
  readonly #offset: number;

  constructor(text: string) {
    this.bytes = ascii(text);
    this.length = this.bytes.length;
    if (this.length < 8 || this.length > 16) throw new RangeError(`a literal has 8 to 16 bytes: ${text}`);
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset);
    this.#offset = this.length - 8;
    this.#first = view.getFloat64(0, true);
    this.#second = view.getFloat64(this.#offset, true);
  }

  /** Whether the text stands at `pos`. */
  at(view: DataView, pos: number): boolean {
    return (
      view.getFloat64(pos, true) === this.#first && view.getFloat64(pos + this.#offset, true) === this.#second
    );
  }
}

/** A text of 4 to 8 bytes, compared as two overlapping words. */
export class Word {
  readonly length: number;
  readonly #first: number;
  readonly #second: number;
  readonly #offset: number;

  constructor(text: string) {
    const bytes = ascii(text);
    this.length = bytes.length;
    if (this.length < 4 || this.length > 8) throw new RangeError(`a word has 4 to 8 bytes: ${text}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#offset = this.length - 4;
    this.#first = view.getInt32(0, true);
    this.#second = view.getInt32(this.#offset, true);
  }

  /** Whether the text stands at `pos`. */
  at(view: DataView, pos: number): boolean {
    return (
      view.getInt32(pos, true) === this.#first && view.getInt32(pos + this.#offset, true) === this.#second
    );
  }
}

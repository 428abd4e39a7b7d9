const ENCODER = new TextEncoder();

/** The bytes of a text, for comparison in place. */
export function ascii(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** A text of at least four bytes, as little-endian words at `offsets`; the last one may overlap its neighbour. */
export class Literal {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly #words: Int32Array;
  readonly #last: number;

  constructor(text: string) {
    this.bytes = ascii(text);
    this.length = this.bytes.length;
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset);
    this.#last = this.length - 4;
    this.#words = new Int32Array(Math.ceil(this.length / 4));
    for (let i = 0; i < this.#words.length; i++) {
      this.#words[i] = view.getInt32(Math.min(4 * i, this.#last), true);
    }
  }

  /** Whether the text stands at `pos`. */
  at(view: DataView, pos: number): boolean {
    const words = this.#words;
    const last = words.length - 1;
    if (view.getInt32(pos + this.#last, true) !== words[last]) return false;
    for (let i = 0; i < last; i++) if (view.getInt32(pos + 4 * i, true) !== words[i]) return false;
    return true;
  }
}

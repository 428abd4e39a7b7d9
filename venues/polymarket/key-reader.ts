import { COLON, plainEnd, QUOTE, skipSpace, startsWith } from "./bytes.ts";
import type { FrameBytes } from "./frame-bytes.ts";
import { KEY_COUNT, KEY_TEXTS, Key, keyAt } from "./wire-keys.ts";

/** Unknown keys of one object that are remembered so that a repeated one is noticed. */
const MAX_UNKNOWN = 4;

/** Reads the keys of one kind of object. Senders keep their order: the key that came next last time is tried first. */
export class KeyReader {
  /** The key read last. */
  key: number = Key.NONE;
  readonly #input: FrameBytes;
  readonly #next = new Uint8Array(KEY_COUNT);
  readonly #unknownStart = new Int32Array(MAX_UNKNOWN);
  readonly #unknownEnd = new Int32Array(MAX_UNKNOWN);
  #unknown = 0;
  #seen = 0;

  constructor(input: FrameBytes) {
    this.#input = input;
  }

  /** Starts an object. */
  begin(): void {
    this.key = Key.NONE;
    this.#unknown = 0;
    this.#seen = 0;
  }

  /** Bit set of the known keys of this object so far. */
  get seen(): number {
    return this.#seen;
  }

  /** Reads a key and its colon; returns the start of the value, -1 on a surprise or a repeated key. */
  read(from: number): number {
    const { bytes } = this.#input;
    const expected = this.#next[this.key]!;
    if (expected !== Key.NONE) {
      const text = KEY_TEXTS[expected]!;
      if (startsWith(bytes, from, text)) {
        return this.#accept(expected) ? skipSpace(bytes, from + text.length) : -1;
      }
    }
    return this.#spelled(from);
  }

  #spelled(from: number): number {
    const { bytes } = this.#input;
    const open = skipSpace(bytes, from);
    if (bytes[open] !== QUOTE) return -1;
    const close = plainEnd(bytes, open + 1);
    if (close === -1) return -1;
    const key = keyAt(bytes, open + 1, close);
    if (key === Key.UNKNOWN) {
      if (!this.#remember(open + 1, close)) return -1;
      this.key = key;
    } else {
      this.#next[this.key] = key;
      if (!this.#accept(key)) return -1;
    }
    const colon = skipSpace(bytes, close + 1);
    return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : -1;
  }

  #accept(key: number): boolean {
    const bit = 1 << key;
    if ((this.#seen & bit) !== 0) return false;
    this.#seen |= bit;
    this.key = key;
    return true;
  }

  /** False when the unknown key was seen before in this object, or there are too many to remember. */
  #remember(start: number, end: number): boolean {
    const { bytes } = this.#input;
    const count = this.#unknown;
    if (count === MAX_UNKNOWN) return false;
    for (let i = 0; i < count; i++) {
      if (sameBytes(bytes, this.#unknownStart[i]!, this.#unknownEnd[i]!, start, end)) return false;
    }
    this.#unknownStart[count] = start;
    this.#unknownEnd[count] = end;
    this.#unknown = count + 1;
    return true;
  }
}

/** Whether two spans hold the same bytes. */
export function sameBytes(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  const length = aEnd - a;
  if (bEnd - b !== length) return false;
  for (let i = length - 1; i >= 0; i--) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

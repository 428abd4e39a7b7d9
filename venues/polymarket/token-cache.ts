import { QUOTE } from "./bytes.ts";

/** Tokens beyond this many are looked up the slow way. */
const MAX_TOKENS = 200_000;
const MIN_LENGTH = 48;
/** Bytes kept for one id: a 256-bit integer has at most 78 digits. */
const MAX_LENGTH = 80;
const MAX_DIGITS = 78;

/**
 * Token ids that were resolved before, recognised in place: equality with a known id both checks every byte of the
 * string and says which it is, so neither its end has to be found nor its hash to be computed.
 */
export class TokenCache {
  /** Position of the closing quote of the last match. */
  end = 0;
  count = 0;
  #arena = new Uint8Array(MAX_LENGTH * 64);
  #view = new DataView(this.#arena.buffer);
  #lengths = new Uint8Array(64);
  #slots = new Int32Array(256).fill(-1);

  /** Number of the known token whose string begins at `pos` (after its quote); -1 when there is none. */
  match(bytes: Uint8Array, view: DataView, pos: number): number {
    const mask = this.#slots.length - 1;
    let slot = mix(view.getInt32(pos + 4, true), view.getInt32(pos + 40, true)) & mask;
    for (;;) {
      const token = this.#slots[slot]!;
      if (token === -1) return -1;
      if (this.#equals(token, bytes, view, pos)) return token;
      slot = (slot + 1) & mask;
    }
  }

  /** Remembers a token; what is no token id of usual length, and those beyond the bound, get no number (-1). */
  add(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length < MIN_LENGTH || !isTokenId(bytes, start, end) || this.count === MAX_TOKENS) return -1;
    if (this.count === this.#lengths.length) this.#grow();
    const token = this.count++;
    const at = token * MAX_LENGTH;
    for (let i = 0; i < length; i++) this.#arena[at + i] = bytes[start + i]!;
    this.#lengths[token] = length;
    this.#place(token);
    return token;
  }

  /** Compares 64-bit floats: those of ASCII are neither zero nor NaN, so they are equal exactly when their bytes are. */
  #equals(token: number, bytes: Uint8Array, view: DataView, pos: number): boolean {
    const own = this.#view;
    const at = token * MAX_LENGTH;
    const length = this.#lengths[token]!;
    if (bytes[pos + length] !== QUOTE) return false;
    const last = length - 8;
    if (view.getFloat64(pos + last, true) !== own.getFloat64(at + last, true)) return false;
    for (let i = 0; i < last; i += 8) {
      if (view.getFloat64(pos + i, true) !== own.getFloat64(at + i, true)) return false;
    }
    this.end = pos + length;
    return true;
  }

  #place(token: number): void {
    const at = token * MAX_LENGTH;
    const mask = this.#slots.length - 1;
    let slot = mix(this.#view.getInt32(at + 4, true), this.#view.getInt32(at + 40, true)) & mask;
    while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
    this.#slots[slot] = token;
  }

  #grow(): void {
    const size = this.#lengths.length * 2;
    const arena = new Uint8Array(size * MAX_LENGTH);
    arena.set(this.#arena);
    this.#arena = arena;
    this.#view = new DataView(arena.buffer);
    const lengths = new Uint8Array(size);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
    this.#slots = new Int32Array(size * 4).fill(-1);
    for (let token = 0; token < this.count; token++) this.#place(token);
  }
}

function mix(a: number, b: number): number {
  const hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

/** Token ids are 256-bit integers in decimal. */
export function isTokenId(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || end - start > MAX_DIGITS) return false;
  for (let pos = start; pos < end; pos++) if (bytes[pos]! < 0x30 || bytes[pos]! > 0x39) return false;
  return true;
}

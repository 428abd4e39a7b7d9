import type { ByteCursor } from "./byte-cursor.ts";
import { MAX_SYMBOL_LENGTH } from "./scales.ts";

/** Tickers remembered: a power of two. Busy markets stay, a collision only costs a look-up in the full index. */
const SLOTS = 1024;

/**
 * The books of recently seen tickers, found by the hash the cursor made on its way and compared word by word.
 * It stands before the full index, which must hash a ticker byte by byte. A ticker keeps its book for ever, so an
 * entry never gets old.
 */
export class SymbolMemo {
  readonly #books = new Int32Array(SLOTS).fill(-1);
  readonly #lengths = new Int32Array(SLOTS);
  readonly #text = new Uint8Array(SLOTS * MAX_SYMBOL_LENGTH);
  readonly #view = new DataView(this.#text.buffer);

  /** Book of the cursor's last symbol, -1 when it is not remembered. */
  find(cursor: ByteCursor): number {
    const slot = slotOf(cursor.symbolHash);
    if (this.#lengths[slot] !== cursor.symbolEnd - cursor.symbolStart) return -1;
    return cursor.symbolEquals(this.#view, slot * MAX_SYMBOL_LENGTH) ? this.#books[slot]! : -1;
  }

  /** Remembers the book of the cursor's last symbol. */
  keep(cursor: ByteCursor, book: number): void {
    const slot = slotOf(cursor.symbolHash);
    const { bytes, symbolStart, symbolEnd } = cursor;
    this.#text.set(bytes.subarray(symbolStart, symbolEnd), slot * MAX_SYMBOL_LENGTH);
    this.#lengths[slot] = symbolEnd - symbolStart;
    this.#books[slot] = book;
  }
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

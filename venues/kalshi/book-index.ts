import type { Micros, SymbolIndex } from "../../src/contracts/index.ts";
import { asciiBytes, type ByteCursor } from "./byte-cursor.ts";
import { SymbolMemo } from "./symbol-memo.ts";

const DECODER = new TextDecoder();

/** Tickers -> books, learning new ones. The venue has no mirrored tokens: a hit is always twice the book. */
export class BookIndex {
  readonly #symbols: SymbolIndex;
  readonly #memo = new SymbolMemo();

  constructor(symbols: SymbolIndex) {
    this.#symbols = symbols;
  }

  /** Book of the ticker a cursor just read; -1 when the bound on books is reached. */
  scanned(cursor: ByteCursor, at: number): number {
    const remembered = this.#memo.find(cursor);
    if (remembered !== -1) return remembered;
    const { bytes, symbolStart, symbolEnd } = cursor;
    const hit = this.#symbols.find(bytes, symbolStart, symbolEnd);
    const book =
      hit === -1 ? this.named(DECODER.decode(bytes.subarray(symbolStart, symbolEnd)), at) : hit >> 1;
    if (book !== -1) this.#memo.keep(cursor, book);
    return book;
  }

  /** Book of a ticker; -1 when the bound on books is reached. */
  named(symbol: string, at: number): number {
    const known = this.known(symbol);
    return known !== -1 ? known : this.#symbols.learn(symbol, at as Micros) >> 1;
  }

  /** Book of a ticker that was seen before, else -1. */
  known(symbol: string): number {
    const bytes = asciiBytes(symbol);
    return this.#symbols.find(bytes, 0, bytes.length) >> 1;
  }
}

import type { Micros, SymbolIndex } from "../../src/contracts/index.ts";
import { asciiBytes } from "./byte-cursor.ts";
import type { TickerMemo } from "./ticker-memo.ts";

const DECODER = new TextDecoder();

/** Tickers -> books, learning new ones. The venue has no mirrored tokens: a hit is always twice the book. */
export class BookIndex {
  readonly #symbols: SymbolIndex;

  constructor(symbols: SymbolIndex) {
    this.#symbols = symbols;
  }

  /** Book of the ticker a scanner just read; -1 when the bound on books is reached. */
  scanned(ticker: TickerMemo, at: number): number {
    const remembered = ticker.book;
    if (remembered !== -1) return remembered;
    const { text } = ticker;
    const hit = this.#symbols.find(text, 0, text.length);
    const book = hit === -1 ? this.named(DECODER.decode(text), at) : hit >> 1;
    ticker.book = book;
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

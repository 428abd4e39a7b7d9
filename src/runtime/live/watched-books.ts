import type { BookId, SymbolIndex } from "../../contracts/index.ts";

const ENCODER = new TextEncoder();

/** The books of one venue that are watched: numbers by symbol and back, and which of them a stream carries. */
export class WatchedBooks {
  readonly #books = new Map<string, BookId>();
  readonly #symbols = new Map<number, string>();
  readonly #streamed = new Set<string>();

  get size(): number {
    return this.#books.size;
  }

  /** @returns the book's number; undefined when metadata never announced it, or it is watched already. */
  add(symbol: string, index: SymbolIndex): BookId | undefined {
    const bytes = ENCODER.encode(symbol);
    const hit = index.find(bytes, 0, bytes.length);
    if (hit < 0 || this.#books.has(symbol)) return undefined;
    const book = (hit >> 1) as BookId;
    this.#books.set(symbol, book);
    this.#symbols.set(book, symbol);
    return book;
  }

  /** @returns the number it had; undefined when it was not watched. */
  remove(symbol: string): BookId | undefined {
    const book = this.#books.get(symbol);
    if (book === undefined) return undefined;
    this.#books.delete(symbol);
    this.#symbols.delete(book);
    this.#streamed.delete(symbol);
    return book;
  }

  bookOf(symbol: string): BookId | undefined {
    return this.#books.get(symbol);
  }

  symbolOf(book: number): string | undefined {
    return this.#symbols.get(book);
  }

  symbols(): readonly string[] {
    return [...this.#books.keys()];
  }

  books(): IterableIterator<BookId> {
    return this.#books.values();
  }

  entries(): IterableIterator<[string, BookId]> {
    return this.#books.entries();
  }

  /** The session says that these are on a stream, or no longer. */
  subscribed(symbols: readonly string[], on: boolean): void {
    for (const symbol of symbols) {
      if (!on) this.#streamed.delete(symbol);
      else if (this.#books.has(symbol)) this.#streamed.add(symbol);
    }
  }

  isStreamed(symbol: string): boolean {
    return this.#streamed.has(symbol);
  }
}

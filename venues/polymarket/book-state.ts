/** What a mapper remembers of each book on a connection: dense columns by book index, grown as books appear. */
export class BookState {
  #lastAt = new Float64Array(1024);
  #stream = new Int32Array(1024).fill(-1);
  #touchedIn = new Float64Array(1024);
  #refused = new Uint8Array(1024);
  #topBid = new Int32Array(1024);
  #topAsk = new Int32Array(1024);

  /** Whether `at` is older than the last content of this book on this stream. */
  isLate(book: number, stream: number, at: number): boolean {
    if (book >= this.#lastAt.length) this.#grow(book);
    return this.#stream[book] === stream && at < this.#lastAt[book]!;
  }

  /** False when content of instant `at` comes late; else it becomes the last of this book. */
  advance(book: number, stream: number, at: number): boolean {
    if (this.isLate(book, stream, at)) return false;
    this.#stream[book] = stream;
    this.#lastAt[book] = at;
    return true;
  }

  /** True on the first touch of a book within the event numbered `serial`. */
  touch(book: number, serial: number): boolean {
    if (book >= this.#lastAt.length) this.#grow(book);
    if (this.#touchedIn[book] === serial) return false;
    this.#touchedIn[book] = serial;
    this.#refused[book] = 0;
    return true;
  }

  refuse(book: number): void {
    this.#refused[book] = 1;
  }

  /** Whether the book's part of the event that touched it last was refused. */
  refused(book: number): boolean {
    return this.#refused[book] === 1;
  }

  setTop(book: number, bid: number, ask: number): void {
    this.#topBid[book] = bid;
    this.#topAsk[book] = ask;
  }

  topBid(book: number): number {
    return this.#topBid[book]!;
  }

  topAsk(book: number): number {
    return this.#topAsk[book]!;
  }

  #grow(book: number): void {
    const size = Math.max(this.#lastAt.length * 2, book + 1);
    this.#lastAt = widen(this.#lastAt, new Float64Array(size));
    this.#stream = widen(this.#stream, new Int32Array(size).fill(-1));
    this.#touchedIn = widen(this.#touchedIn, new Float64Array(size));
    this.#refused = widen(this.#refused, new Uint8Array(size));
    this.#topBid = widen(this.#topBid, new Int32Array(size));
    this.#topAsk = widen(this.#topAsk, new Int32Array(size));
  }
}

function widen<T extends Uint8Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

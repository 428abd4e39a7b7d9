import { ASK, BID, FLAG_HASH_OK, Kind, type Side } from "../../src/contracts/index.ts";
import { BookState } from "./book-state.ts";
import type { Emitter } from "./emitter.ts";
import { PRICE_ONE } from "./scales.ts";
import type { SymbolResolver } from "./symbol-resolver.ts";
import { HashState, TOP_UNSTATED, type WireFrame } from "./wire-frame.ts";

/** Hot events of a decoded frame -> facts. The second token of a market is counted, never applied. */
export class EventFacts {
  readonly #frame: WireFrame;
  readonly #out: Emitter;
  readonly #symbols: SymbolResolver;
  readonly #books = new BookState();
  #touched = new Int32Array(16);
  #serial = 0;

  constructor(frame: WireFrame, out: Emitter, symbols: SymbolResolver) {
    this.#frame = frame;
    this.#out = out;
    this.#symbols = symbols;
  }

  /** The book an event is about; -1 when it is unknown or the mirrored token, which is refused here. */
  #bookOf(event: number, at: number): number {
    const hit = this.#symbols.hit(this.#frame.eventSymbol[event]!);
    if (hit !== -1 && (hit & 1) === 0) return hit >> 1;
    this.#out.reject(hit === -1 ? "wire.unknown_symbol" : "wire.mirror", hit === -1 ? -1 : hit >> 1, at);
    return -1;
  }

  /** The book is replaced. */
  book(event: number): void {
    const frame = this.#frame;
    const out = this.#out;
    const at = frame.eventAt[event]!;
    const book = this.#bookOf(event, at);
    if (book === -1) return;
    if (!this.#books.advance(book, out.stream, at)) {
      out.reject("seq.reordered", book, at);
      return;
    }
    if (frame.state[event] === HashState.MISMATCH) {
      out.invalid("book.hash_mismatch", book, at);
      return;
    }
    out.put(Kind.SNAPSHOT_BEGIN, BID, 0, book, 0, -1, at);
    const limit = frame.eventLimit(event);
    for (let op = frame.eventFirst[event]!; op < limit; op++) {
      const lots = frame.opLots[op]!;
      if (lots > 0) out.level(frame.opSide[op] as Side, book, frame.opTicks[op]!, lots, at);
    }
    const flags = frame.state[event] === HashState.OK ? FLAG_HASH_OK : 0;
    out.put(Kind.SNAPSHOT_END, BID, flags, book, 0, -1, at);
  }

  /**
   * New totals of levels, then the stated best prices as witnesses. A change that comes late is lost for the book, so
   * it invalidates it; a late snapshot would only replace newer knowledge, so it is just dropped.
   */
  change(event: number): void {
    const frame = this.#frame;
    const out = this.#out;
    const books = this.#books;
    const at = frame.eventAt[event]!;
    const limit = frame.eventLimit(event);
    const serial = ++this.#serial;
    let touched = 0;
    let mirrored = -1;
    for (let op = frame.eventFirst[event]!; op < limit; op++) {
      const hit = this.#symbols.hit(frame.opSymbol[op]!);
      const book = hit >> 1;
      if (hit === -1) out.reject("wire.unknown_symbol", -1, at);
      else if ((hit & 1) === 1) mirrored = book;
      else {
        if (books.touch(book, serial)) {
          this.#rememberTouched(touched++, book);
          if (!books.advance(book, out.stream, at)) {
            books.refuse(book);
            out.reject("seq.reordered", book, at);
            out.invalid("book.gap", book, at);
          }
        }
        if (books.refused(book)) continue;
        books.setTop(book, frame.opTopBid[op]!, frame.opTopAsk[op]!);
        out.put(Kind.LEVEL_SET, frame.opSide[op] as Side, 0, book, frame.opTicks[op]!, frame.opLots[op]!, at);
      }
    }
    for (let i = 0; i < touched; i++) {
      const book = this.#touched[i]!;
      if (!books.refused(book)) this.#witness(book, books.topBid(book), books.topAsk(book), at);
    }
    if (mirrored !== -1) out.reject("wire.mirror", mirrored, at);
  }

  /** A print names the taker's token only, so one of the mirrored token is turned onto the book's scale. */
  trade(event: number): void {
    const frame = this.#frame;
    const out = this.#out;
    const at = frame.eventAt[event]!;
    const hit = this.#symbols.hit(frame.eventSymbol[event]!);
    if (hit === -1) {
      out.reject("wire.unknown_symbol", -1, at);
      return;
    }
    const op = frame.eventFirst[event]!;
    const mirrored = (hit & 1) === 1;
    const side = (mirrored ? 1 - frame.opSide[op]! : frame.opSide[op]!) as Side;
    const ticks = mirrored ? PRICE_ONE - frame.opTicks[op]! : frame.opTicks[op]!;
    out.put(Kind.TRADE, side, 0, hit >> 1, ticks, frame.opLots[op]!, at);
  }

  /** The venue's own best prices. */
  top(event: number): void {
    const frame = this.#frame;
    const out = this.#out;
    const at = frame.eventAt[event]!;
    const book = this.#bookOf(event, at);
    if (book === -1) return;
    if (this.#books.isLate(book, out.stream, at)) {
      out.reject("seq.reordered", book, at);
      return;
    }
    const op = frame.eventFirst[event]!;
    this.#witness(book, frame.opTopBid[op]!, frame.opTopAsk[op]!, at);
  }

  #witness(book: number, topBid: number, topAsk: number, at: number): void {
    if (topBid !== TOP_UNSTATED) this.#out.put(Kind.TOP_WITNESS, BID, 0, book, topBid, -1, at);
    if (topAsk !== TOP_UNSTATED) this.#out.put(Kind.TOP_WITNESS, ASK, 0, book, topAsk, -1, at);
  }

  #rememberTouched(index: number, book: number): void {
    if (index === this.#touched.length) {
      const wider = new Int32Array(index * 2);
      wider.set(this.#touched);
      this.#touched = wider;
    }
    this.#touched[index] = book;
  }
}

import {
  ASK,
  BID,
  FLAG_HASH_OK,
  Kind,
  type MapperEnv,
  type Micros,
  type Side,
  type SymbolHit,
  type WireMapper,
} from "../../src/contracts/index.ts";
import { BookState } from "./book-state.ts";
import { equals } from "./bytes.ts";
import { Emitter } from "./emitter.ts";
import { KnownTokens } from "./known-tokens.ts";
import { ascii } from "./literal.ts";
import { Oracle } from "./oracle.ts";
import { RareEvents } from "./rare-events.ts";
import { PRICE_ONE } from "./scales.ts";
import { Scanner } from "./scanner.ts";
import { Event, HashState, TOP_UNSTATED, WireFrame } from "./wire-frame.ts";

const DECODER = new TextDecoder();
const PONG = ascii("PONG");
const PING = ascii("PING");
/** Token ids are 256-bit integers in decimal; nothing else is learned. */
const MAX_SYMBOL_DIGITS = 78;
const UNRESOLVED = -2;
const WHY = "the venue numbers nothing: order is judged by its timestamps, books by stated best prices";

/**
 * Market-channel frames -> facts. The scanner reads what is usual, the oracle the rest; nothing of a frame is emitted
 * before all of it is understood. One stream per connection.
 */
export class PolymarketMapper implements WireMapper {
  readonly #env: MapperEnv;
  readonly #frame = new WireFrame();
  readonly #tokens: KnownTokens;
  readonly #scanner: Scanner;
  readonly #oracle = new Oracle(this.#frame);
  readonly #books = new BookState();
  readonly #out: Emitter;
  readonly #rare: RareEvents;
  readonly #streams = new Map<number, number>();
  #connection = -1;
  #stream = -1;
  #hits = new Int32Array(16);
  #touched = new Int32Array(16);
  #serial = 0;
  #recvAt = 0 as Micros;

  constructor(env: MapperEnv) {
    this.#env = env;
    this.#out = new Emitter(env.sink);
    this.#rare = new RareEvents(env, this.#out);
    this.#tokens = new KnownTokens(env.symbols);
    this.#scanner = new Scanner(this.#frame, this.#tokens.cache);
  }

  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    if (connection !== this.#connection || this.#stream === -1) this.#select(connection, recvAt as Micros);
    const out = this.#out;
    this.#recvAt = recvAt as Micros;
    out.begin(this.#stream, recvAt);
    if (end - start > this.#env.maxFrameBytes) {
      out.reject("wire.too_large", -1, 0);
      out.invalid("book.unreadable", -1, 0);
    } else if (equals(bytes, start, end, PONG) || equals(bytes, start, end, PING)) {
      out.reject("wire.no_content", -1, 0);
    } else {
      this.#read(bytes, start, end);
    }
    out.end();
  }

  connection(connection: number, state: "opened" | "lost", at: Micros): void {
    const stream = this.#streams.get(connection);
    if (stream !== undefined) {
      this.#streams.delete(connection);
      if (this.#connection === connection) this.#stream = -1;
      this.#out.begin(stream, at);
      this.#out.invalid("book.reconnect", -1, 0);
      this.#out.end();
      this.#env.sink.object({ kind: "stream.closed", stream, reason: "book.reconnect" }, at);
    }
    if (state === "opened") this.#select(connection, at);
  }

  #select(connection: number, at: Micros): void {
    let stream = this.#streams.get(connection);
    if (stream === undefined) {
      stream = this.#env.openStream(`market#${connection}`, true, WHY, at);
      this.#streams.set(connection, stream);
    }
    this.#connection = connection;
    this.#stream = stream;
  }

  #read(bytes: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    if (!this.#scanner.scan(bytes, start, end)) {
      const refusal = this.#oracle.read(bytes, start, end);
      if (refusal !== null) {
        out.reject(refusal, -1, 0);
        out.invalid("book.unreadable", -1, 0);
        return;
      }
    }
    const frame = this.#frame;
    this.#resetHits();
    for (let event = 0; event < frame.eventCount; event++) this.#apply(event);
    if (out.count === 0) out.reject("wire.no_content", -1, 0);
  }

  #apply(event: number): void {
    switch (this.#frame.kinds[event]) {
      case Event.BOOK:
        this.#book(event);
        break;
      case Event.CHANGE:
        this.#change(event);
        break;
      case Event.TRADE:
        this.#trade(event);
        break;
      case Event.TOP:
        this.#top(event);
        break;
      case Event.RARE:
        this.#rareEvent(event);
        break;
      default:
        this.#refused(event);
    }
  }

  #book(event: number): void {
    const frame = this.#frame;
    const out = this.#out;
    const at = frame.eventAt[event]!;
    const hit = this.#hit(frame.eventSymbol[event]!);
    if (hit === -1) {
      out.reject("wire.unknown_symbol", -1, at);
      return;
    }
    const book = hit >> 1;
    if ((hit & 1) === 1) {
      out.reject("wire.mirror", book, at);
      return;
    }
    if (!this.#books.advance(book, this.#stream, at)) {
      out.reject("seq.reordered", book, at);
      return;
    }
    if (frame.hashState[event] === HashState.MISMATCH) {
      out.invalid("book.hash_mismatch", book, at);
      return;
    }
    out.put(Kind.SNAPSHOT_BEGIN, BID, 0, book, 0, -1, at);
    const limit = frame.eventLimit(event);
    for (let op = frame.eventFirst[event]!; op < limit; op++) {
      const lots = frame.opLots[op]!;
      if (lots > 0) out.level(frame.opSide[op] as Side, book, frame.opTicks[op]!, lots, at);
    }
    const flags = frame.hashState[event] === HashState.OK ? FLAG_HASH_OK : 0;
    out.put(Kind.SNAPSHOT_END, BID, flags, book, 0, -1, at);
  }

  /**
   * New totals of levels, then the stated best prices as witnesses. A change that comes late is lost for the book, so
   * it invalidates it; a late snapshot would only replace newer knowledge, so it is just dropped.
   */
  #change(event: number): void {
    const frame = this.#frame;
    const out = this.#out;
    const books = this.#books;
    const at = frame.eventAt[event]!;
    const limit = frame.eventLimit(event);
    const serial = ++this.#serial;
    let touched = 0;
    let mirrored = -1;
    for (let op = frame.eventFirst[event]!; op < limit; op++) {
      const hit = this.#hit(frame.opSymbol[op]!);
      const book = hit >> 1;
      if (hit === -1) out.reject("wire.unknown_symbol", -1, at);
      else if ((hit & 1) === 1) mirrored = book;
      else {
        if (books.touch(book, serial)) {
          this.#rememberTouched(touched++, book);
          if (!books.advance(book, this.#stream, at)) {
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
  #trade(event: number): void {
    const frame = this.#frame;
    const out = this.#out;
    const at = frame.eventAt[event]!;
    const hit = this.#hit(frame.eventSymbol[event]!);
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

  #top(event: number): void {
    const frame = this.#frame;
    const out = this.#out;
    const at = frame.eventAt[event]!;
    const hit = this.#hit(frame.eventSymbol[event]!);
    if (hit === -1) {
      out.reject("wire.unknown_symbol", -1, at);
      return;
    }
    const book = hit >> 1;
    if ((hit & 1) === 1) {
      out.reject("wire.mirror", book, at);
      return;
    }
    if (this.#books.isLate(book, this.#stream, at)) {
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

  #rareEvent(event: number): void {
    const frame = this.#frame;
    const rare = frame.rare[frame.hashState[event]!]!;
    const at = frame.eventAt[event]!;
    switch (rare.kind) {
      case "tick": {
        const symbol = frame.eventSymbol[event]!;
        this.#rare.tick(rare, this.#text(symbol), this.#hit(symbol), this.#recvAt, at);
        break;
      }
      case "listed":
        this.#rare.listed(rare, this.#recvAt);
        break;
      case "resolved":
        this.#rare.resolved(rare, this.#text(frame.opSymbol[frame.eventFirst[event]!]!), this.#recvAt);
        this.#invalidateNamed(event, "book.venue_close", at);
    }
  }

  /** A refused message costs the books it names their validity; one that names none costs all of the stream. */
  #refused(event: number): void {
    const frame = this.#frame;
    const reason = frame.reasons[event]!;
    this.#out.reject(reason, -1, 0);
    if (reason === "wire.unknown_type") return;
    if (frame.eventFirst[event] === frame.eventLimit(event)) this.#out.invalid("book.unreadable", -1, 0);
    else this.#invalidateNamed(event, "book.unreadable", 0);
  }

  #invalidateNamed(event: number, reason: "book.venue_close" | "book.unreadable", at: number): void {
    const frame = this.#frame;
    const limit = frame.eventLimit(event);
    for (let op = frame.eventFirst[event]!; op < limit; op++) {
      const symbol = frame.opSymbol[op]!;
      const hit = this.#env.symbols.find(frame.bytes, frame.symbolStart[symbol]!, frame.symbolEnd[symbol]!);
      if (hit !== -1) this.#out.invalid(reason, hit >> 1, at);
    }
  }

  #resetHits(): void {
    const count = this.#frame.symbolCount;
    if (count > this.#hits.length) this.#hits = new Int32Array(count * 2);
    for (let i = 0; i < count; i++) this.#hits[i] = UNRESOLVED;
  }

  /** Book and mirror of a symbol of this frame, looked up once; an unknown token id becomes a book of its own. */
  #hit(symbol: number): SymbolHit {
    const known = this.#hits[symbol]!;
    if (known !== UNRESOLVED) return known;
    const frame = this.#frame;
    const start = frame.symbolStart[symbol]!;
    const end = frame.symbolEnd[symbol]!;
    let hit = this.#tokens.find(frame.bytes, start, end, frame.symbolToken[symbol]!);
    if (hit === -1 && isTokenId(frame.bytes, start, end)) {
      this.#out.beforeObject();
      hit = this.#env.symbols.learn(this.#text(symbol), this.#recvAt);
    }
    this.#hits[symbol] = hit;
    return hit;
  }

  #text(symbol: number): string {
    const frame = this.#frame;
    return DECODER.decode(frame.bytes.subarray(frame.symbolStart[symbol]!, frame.symbolEnd[symbol]!));
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

function isTokenId(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || end - start > MAX_SYMBOL_DIGITS) return false;
  for (let pos = start; pos < end; pos++) if (bytes[pos]! < 0x30 || bytes[pos]! > 0x39) return false;
  return true;
}

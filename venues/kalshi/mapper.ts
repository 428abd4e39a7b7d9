import {
  BID,
  FLAG_FRAME_END,
  Kind,
  type MapperEnv,
  type Micros,
  type Reason,
  reasonNumber,
  type WireMapper,
} from "../../src/contracts/index.ts";
import { asciiBytes, type ByteCursor } from "./byte-cursor.ts";
import { catalogOf } from "./catalog.ts";
import { LifecycleFacts } from "./lifecycle.ts";
import { readFrame } from "./oracle.ts";
import { FrameScanner, Scanned } from "./scanner.ts";
import { Streams } from "./streams.ts";
import { SymbolMemo } from "./symbol-memo.ts";
import type { RefusedMessage, SnapshotMessage, VenueErrorMessage, WireMessage } from "./wire.ts";

const DECODER = new TextDecoder();

/** Frames -> facts. The scanner reads the hot shapes; everything else goes through the oracle. */
export class KalshiMapper implements WireMapper {
  readonly #env: MapperEnv;
  readonly #streams: Streams;
  readonly #lifecycle: LifecycleFacts;
  readonly #scanner: FrameScanner | null;
  readonly #memo = new SymbolMemo();
  /** Set for the frame at hand, so that the emitters below stay short. */
  #connection = 0;
  #recvAt = 0;

  /** @param useScanner false sends every frame through the oracle (parity tests). */
  constructor(env: MapperEnv, useScanner = true) {
    this.#env = env;
    this.#streams = new Streams(env);
    this.#lifecycle = new LifecycleFacts(env, catalogOf(env.symbols));
    this.#scanner = useScanner ? new FrameScanner() : null;
  }

  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    this.#connection = connection;
    this.#recvAt = recvAt;
    if (end - start > this.#env.maxFrameBytes) {
      this.#refused(TOO_LARGE);
      return;
    }
    const scanner = this.#scanner;
    switch (scanner === null ? Scanned.unknown : scanner.scan(bytes, start, end)) {
      case Scanned.delta:
        this.#scannedChange(Kind.LEVEL_CHANGE);
        return;
      case Scanned.trade:
        this.#scannedChange(Kind.TRADE);
        return;
      case Scanned.snapshot:
        this.#scannedSnapshot();
        return;
      case Scanned.quiet:
        return;
      case Scanned.unknown:
        this.#message(readFrame(bytes, start, end));
    }
  }

  connection(connection: number, state: "opened" | "lost", at: Micros): void {
    const reason = state === "lost" ? "the connection was lost" : "the connection was opened anew";
    this.#streams.closeAll(connection, reason, at);
  }

  /** A delta or a trade left in the scanner's fields. */
  #scannedChange(kind: Kind): void {
    const scanner = this.#scanner!;
    const stream = this.#streams.of(this.#connection, scanner.sid, scanner.seq, this.#recvAt);
    const book = this.#scannedBook(scanner.cursor);
    if (stream === -1 || book === -1) {
      this.#unplaced(stream, scanner.seq);
      return;
    }
    this.#env.sink.put(
      kind,
      scanner.side,
      FLAG_FRAME_END,
      book,
      scanner.ticks,
      stream,
      scanner.lots,
      this.#recvAt,
      scanner.venueAt,
      scanner.seq,
    );
  }

  #scannedSnapshot(): void {
    const scanner = this.#scanner!;
    const { seq } = scanner;
    const stream = this.#streams.of(this.#connection, scanner.sid, seq, this.#recvAt);
    const book = this.#scannedBook(scanner.cursor);
    if (stream === -1 || book === -1) {
      this.#unplaced(stream, seq);
      return;
    }
    const { sink } = this.#env;
    const at = this.#recvAt;
    sink.put(Kind.SNAPSHOT_BEGIN, BID, 0, book, -1, stream, -1, at, 0, seq);
    for (let i = 0; i < scanner.bidCount; i++)
      sink.put(
        Kind.SNAPSHOT_LEVEL,
        0,
        0,
        book,
        scanner.bidTicks[i]!,
        stream,
        scanner.bidLots[i]!,
        at,
        0,
        seq,
      );
    for (let i = 0; i < scanner.askCount; i++)
      sink.put(
        Kind.SNAPSHOT_LEVEL,
        1,
        0,
        book,
        scanner.askTicks[i]!,
        stream,
        scanner.askLots[i]!,
        at,
        0,
        seq,
      );
    sink.put(Kind.SNAPSHOT_END, BID, FLAG_FRAME_END, book, -1, stream, -1, at, 0, seq);
  }

  #message(message: WireMessage): void {
    switch (message.kind) {
      case "delta":
      case "trade": {
        const kind = message.kind === "delta" ? Kind.LEVEL_CHANGE : Kind.TRADE;
        const { sid, seq, symbol, side, ticks, lots, venueAt } = message;
        const stream = this.#streams.of(this.#connection, sid, seq, this.#recvAt);
        const book = this.#bookOf(symbol);
        if (stream === -1 || book === -1) this.#unplaced(stream, seq);
        else
          this.#env.sink.put(
            kind,
            side,
            FLAG_FRAME_END,
            book,
            ticks,
            stream,
            lots,
            this.#recvAt,
            venueAt,
            seq,
          );
        return;
      }
      case "snapshot":
        this.#snapshot(message);
        return;
      case "subscribed":
        this.#streams.announce(this.#connection, message.sid, message.channel, this.#recvAt);
        return;
      case "unsubscribed":
        this.#sequence(message.sid, message.seq);
        this.#streams.close(this.#connection, message.sid, "unsubscribed", this.#recvAt);
        return;
      case "quiet":
        this.#sequence(message.sid, message.seq);
        return;
      case "lifecycle":
      case "event_fee": {
        const stream = this.#streams.of(this.#connection, message.sid, message.seq, this.#recvAt);
        if (stream === -1) this.#unplaced(stream, message.seq);
        else this.#lifecycle.apply(message, stream, this.#recvAt);
        return;
      }
      case "venue_error":
        this.#venueError(message);
        return;
      case "refused":
        this.#refused(message);
    }
  }

  #snapshot({ sid, seq, symbol, levels }: SnapshotMessage): void {
    const stream = this.#streams.of(this.#connection, sid, seq, this.#recvAt);
    const book = this.#bookOf(symbol);
    if (stream === -1 || book === -1) {
      this.#unplaced(stream, seq);
      return;
    }
    const { sink } = this.#env;
    const at = this.#recvAt;
    sink.put(Kind.SNAPSHOT_BEGIN, BID, 0, book, -1, stream, -1, at, 0, seq);
    for (const { side, ticks, lots } of levels)
      sink.put(Kind.SNAPSHOT_LEVEL, side, 0, book, ticks, stream, lots, at, 0, seq);
    sink.put(Kind.SNAPSHOT_END, BID, FLAG_FRAME_END, book, -1, stream, -1, at, 0, seq);
  }

  /** A frame without book content: it counts in its stream when it carries a number, and says nothing otherwise. */
  #sequence(sid: number | null, seq: number | null): void {
    if (sid === null || seq === null) return;
    const stream = this.#streams.of(this.#connection, sid, seq, this.#recvAt);
    if (stream === -1) this.#unplaced(stream, seq);
    else this.#env.sink.put(Kind.SEQUENCE, BID, FLAG_FRAME_END, -1, -1, stream, -1, this.#recvAt, 0, seq);
  }

  #venueError({ sid, seq, terminal }: VenueErrorMessage): void {
    const stream = this.#streams.known(this.#connection, sid);
    this.#reject("wire.venue_error", -1, stream, seq, !terminal || stream === -1);
    if (!terminal || stream === -1 || sid === null) return;
    this.#invalid("book.reconnect", -1, stream, seq, true);
    this.#streams.close(this.#connection, sid, "the venue ended the subscription", this.#recvAt);
  }

  /** Nothing of the frame is used; what it may have changed without being read becomes invalid. */
  #refused({ reason, sid, seq, symbol, touched }: RefusedMessage): void {
    const stream = this.#streams.known(this.#connection, sid);
    const hit = symbol === null || touched !== "book" ? -1 : this.#findBook(symbol);
    if (touched === "nothing") {
      this.#reject(reason, -1, stream, seq, true);
      return;
    }
    if (hit !== -1) {
      this.#reject(reason, hit, stream, seq, false);
      this.#invalid("book.unreadable", hit, stream, seq, true);
      return;
    }
    const damaged =
      stream !== -1 && touched !== "connection" ? [stream] : this.#streams.all(this.#connection);
    this.#reject(reason, -1, stream, seq, damaged.length === 0);
    damaged.forEach((each, index) => {
      this.#invalid("book.unreadable", -1, each, each === stream ? seq : null, index === damaged.length - 1);
    });
  }

  /** A good message without a place: too many subscriptions or too many books. */
  #unplaced(stream: number, seq: number): void {
    this.#reject(stream === -1 ? "book.overflow" : "wire.unknown_symbol", -1, stream, seq, true);
  }

  #reject(reason: Reason, book: number, stream: number, seq: number | null, last: boolean): void {
    this.#mark(Kind.REJECT, reason, book, stream, seq, last);
  }

  #invalid(reason: Reason, book: number, stream: number, seq: number | null, last: boolean): void {
    this.#mark(Kind.INVALID, reason, book, stream, seq, last);
  }

  #mark(kind: Kind, reason: Reason, book: number, stream: number, seq: number | null, last: boolean): void {
    const venueSeq = stream === -1 ? -1 : (seq ?? -1);
    const flags = last ? FLAG_FRAME_END : 0;
    this.#env.sink.put(kind, BID, flags, book, reasonNumber(reason), stream, -1, this.#recvAt, 0, venueSeq);
  }

  #scannedBook(cursor: ByteCursor): number {
    const remembered = this.#memo.find(cursor);
    if (remembered !== -1) return remembered;
    const { bytes, symbolStart, symbolEnd } = cursor;
    const hit = this.#env.symbols.find(bytes, symbolStart, symbolEnd);
    const book = hit === -1 ? this.#bookOf(DECODER.decode(bytes.subarray(symbolStart, symbolEnd))) : hit >> 1;
    if (book !== -1) this.#memo.keep(cursor, book);
    return book;
  }

  #bookOf(symbol: string): number {
    const known = this.#findBook(symbol);
    return known !== -1 ? known : this.#env.symbols.learn(symbol, this.#recvAt as Micros) >> 1;
  }

  #findBook(symbol: string): number {
    const bytes = asciiBytes(symbol);
    return this.#env.symbols.find(bytes, 0, bytes.length) >> 1;
  }
}

const TOO_LARGE: RefusedMessage = {
  kind: "refused",
  reason: "wire.too_large",
  sid: null,
  seq: null,
  symbol: null,
  touched: "connection",
};

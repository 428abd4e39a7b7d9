import {
  BID,
  FLAG_FRAME_END,
  Kind,
  type Listing,
  type MapperEnv,
  type Micros,
  POLL_CONNECTION,
  type Reason,
  reasonNumber,
  type WireMapper,
} from "../../src/contracts/index.ts";
import { BookIndex } from "./book-index.ts";
import { catalogOf } from "./catalog.ts";
import { LifecycleFacts } from "./lifecycle.ts";
import { readFrame } from "./oracle.ts";
import { PollAnswers } from "./poll-answer.ts";
import { FrameScanner, Scanned } from "./scanner.ts";
import { Streams } from "./streams.ts";
import {
  type RefusedMessage,
  type SnapshotMessage,
  TOO_LARGE,
  type VenueErrorMessage,
  type WireMessage,
} from "./wire.ts";

/** Frames -> facts. The scanner reads the hot shapes; everything else goes through the oracle. */
export class KalshiMapper implements WireMapper {
  readonly #env: MapperEnv;
  readonly #streams: Streams;
  readonly #lifecycle: LifecycleFacts;
  readonly #scanner: FrameScanner | null;
  readonly #books: BookIndex;
  readonly #polls: PollAnswers;
  /** Set for the frame at hand, so that the emitters below stay short. */
  #connection = 0;
  #recvAt = 0;

  /** @param useScanner false sends every frame through the oracle (parity tests). */
  constructor(env: MapperEnv, useScanner = true) {
    this.#env = env;
    this.#streams = new Streams(env);
    this.#books = new BookIndex(env.symbols);
    this.#polls = new PollAnswers(env, this.#books);
    this.#lifecycle = new LifecycleFacts(env, catalogOf(env.symbols));
    this.#scanner = useScanner ? new FrameScanner() : null;
  }

  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    if (connection >= POLL_CONNECTION) {
      this.#polls.frame(connection, recvAt, bytes, start, end);
      return;
    }
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
    if (connection >= POLL_CONNECTION) {
      if (state === "lost") this.#polls.lost(connection, at);
      return;
    }
    const reason = state === "lost" ? "the connection was lost" : "the connection was opened anew";
    this.#streams.closeAll(connection, reason, at);
  }

  restored(listing: Listing): void {
    catalogOf(this.#env.symbols).keep(listing);
  }

  /** A delta or a trade left in the scanner's fields. */
  #scannedChange(kind: Kind): void {
    const scanned = this.#scanner!.state;
    const stream = this.#streams.of(this.#connection, scanned.sid, scanned.seq, this.#recvAt);
    const book = this.#books.scanned(scanned.ticker, this.#recvAt);
    if (stream === -1 || book === -1) {
      this.#unplaced(stream, scanned.seq);
      return;
    }
    this.#env.sink.put(
      kind,
      scanned.side,
      FLAG_FRAME_END,
      book,
      scanned.ticks,
      stream,
      scanned.lots,
      this.#recvAt,
      scanned.venueAt,
      scanned.seq,
    );
  }

  #scannedSnapshot(): void {
    const scanned = this.#scanner!.state;
    const { seq } = scanned;
    const stream = this.#streams.of(this.#connection, scanned.sid, seq, this.#recvAt);
    const book = this.#books.scanned(scanned.ticker, this.#recvAt);
    if (stream === -1 || book === -1) {
      this.#unplaced(stream, seq);
      return;
    }
    this.#streams.carries(stream, book);
    const { sink } = this.#env;
    const at = this.#recvAt;
    sink.put(Kind.SNAPSHOT_BEGIN, BID, 0, book, -1, stream, -1, at, 0, seq);
    for (let i = 0; i < scanned.bidCount; i++)
      sink.put(
        Kind.SNAPSHOT_LEVEL,
        0,
        0,
        book,
        scanned.bidTicks[i]!,
        stream,
        scanned.bidLots[i]!,
        at,
        0,
        seq,
      );
    for (let i = 0; i < scanned.askCount; i++)
      sink.put(
        Kind.SNAPSHOT_LEVEL,
        1,
        0,
        book,
        scanned.askTicks[i]!,
        stream,
        scanned.askLots[i]!,
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
        const book = this.#books.named(symbol, this.#recvAt);
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
      case "listed":
        this.#listed(message.sid, message.seq, message.symbols);
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
    const book = this.#books.named(symbol, this.#recvAt);
    if (stream === -1 || book === -1) {
      this.#unplaced(stream, seq);
      return;
    }
    this.#streams.carries(stream, book);
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

  /**
   * The subscription holds these markets from here on. A book that left it gets no more changes while the stream's
   * numbers go on without a gap: it would look fresh for ever.
   */
  #listed(sid: number, seq: number, symbols: readonly string[]): void {
    const stream = this.#streams.known(this.#connection, sid);
    const listed = new Set(symbols.map((symbol) => this.#books.known(symbol)));
    const dropped = stream === -1 ? [] : this.#streams.retain(stream, listed);
    if (dropped.length === 0) this.#sequence(sid, seq);
    dropped.forEach((book, index) => {
      this.#invalid("book.reconnect", book, stream, seq, index === dropped.length - 1);
    });
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
    const hit = symbol === null || touched !== "book" ? -1 : this.#books.known(symbol);
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
    // A frame whose subscription cannot be read counts where it did damage, so that the venue is named.
    const named = stream === -1 ? (damaged[0] ?? -1) : stream;
    this.#reject(reason, -1, named, named === stream ? seq : null, damaged.length === 0);
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
}

import {
  type Listing,
  type MapperEnv,
  type Micros,
  POLL_CONNECTION,
  type WireMapper,
} from "../../src/contracts/index.ts";
import { equals } from "./bytes.ts";
import { catalogueOf } from "./catalogue.ts";
import { Emitter } from "./emitter.ts";
import { EventFacts } from "./event-facts.ts";
import { ascii } from "./literal.ts";
import { Oracle } from "./oracle.ts";
import { PollMapper } from "./poll-mapper.ts";
import { RareEvents } from "./rare-events.ts";
import { Scanner } from "./scanner.ts";
import { SymbolResolver } from "./symbol-resolver.ts";
import { Blame, Event, WireFrame } from "./wire-frame.ts";

const PONG = ascii("PONG");
const PING = ascii("PING");
const WHY = "the venue numbers nothing: order is judged by its timestamps, books by stated best prices";

/**
 * Market-channel frames -> facts. The scanner reads what is usual, the oracle the rest; nothing of a frame is emitted
 * before all of it is understood. One stream per connection. Poll answers take a way of their own.
 */
export class PolymarketMapper implements WireMapper {
  readonly #env: MapperEnv;
  readonly #frame = new WireFrame();
  readonly #scanner: Scanner;
  readonly #oracle = new Oracle(this.#frame);
  readonly #out: Emitter;
  readonly #symbols: SymbolResolver;
  readonly #events: EventFacts;
  readonly #rare: RareEvents;
  readonly #polls: PollMapper;
  readonly #streams = new Map<number, number>();
  #connection = -1;
  #stream = -1;
  #recvAt = 0 as Micros;

  constructor(env: MapperEnv) {
    this.#env = env;
    this.#out = new Emitter(env.sink);
    this.#rare = new RareEvents(env, this.#out);
    this.#polls = new PollMapper(env);
    this.#symbols = new SymbolResolver(env, this.#frame, this.#out);
    this.#events = new EventFacts(this.#frame, this.#out, this.#symbols);
    this.#scanner = new Scanner(this.#frame, this.#symbols.tokens);
  }

  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    if (connection >= POLL_CONNECTION) {
      this.#polls.frame(connection, recvAt as Micros, bytes, start, end);
      return;
    }
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

  restored(listing: Listing): void {
    catalogueOf(this.#env.symbols).restored(listing);
  }

  connection(connection: number, state: "opened" | "lost", at: Micros): void {
    if (connection >= POLL_CONNECTION) {
      this.#polls.connection(connection, state, at);
      return;
    }
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
    this.#symbols.begin(this.#recvAt);
    for (let event = 0; event < frame.eventCount; event++) this.#apply(event);
    if (out.count === 0) out.reject("wire.no_content", -1, 0);
  }

  #apply(event: number): void {
    switch (this.#frame.kinds[event]) {
      case Event.BOOK:
        this.#events.book(event);
        break;
      case Event.CHANGE:
        this.#events.change(event);
        break;
      case Event.TRADE:
        this.#events.trade(event);
        break;
      case Event.TOP:
        this.#events.top(event);
        break;
      case Event.RARE:
        this.#rareEvent(event);
        break;
      default:
        this.#refused(event);
    }
  }

  #rareEvent(event: number): void {
    const frame = this.#frame;
    const rare = frame.rare[frame.state[event]!]!;
    const at = frame.eventAt[event]!;
    switch (rare.kind) {
      case "tick": {
        const symbol = frame.eventSymbol[event]!;
        this.#rare.tick(rare, this.#symbols.text(symbol), this.#symbols.hit(symbol), this.#recvAt, at);
        break;
      }
      case "listed":
        this.#rare.listed(rare, this.#recvAt);
        break;
      case "resolved":
        this.#rare.resolved(
          rare,
          this.#symbols.text(frame.opSymbol[frame.eventFirst[event]!]!),
          this.#recvAt,
        );
        this.#invalidateNamed(event, "book.venue_close", at);
    }
  }

  /** A refused message costs the books it names their validity; one that names none costs all of the stream. */
  #refused(event: number): void {
    const frame = this.#frame;
    const reason = frame.reasons[event]!;
    this.#out.reject(reason, -1, 0);
    const namesNone = frame.eventFirst[event] === frame.eventLimit(event);
    if (!namesNone) this.#invalidateNamed(event, "book.unreadable", 0);
    else if (frame.state[event] === Blame.STREAM_IF_NONE) this.#out.invalid("book.unreadable", -1, 0);
  }

  #invalidateNamed(event: number, reason: "book.venue_close" | "book.unreadable", at: number): void {
    const frame = this.#frame;
    const limit = frame.eventLimit(event);
    for (let op = frame.eventFirst[event]!; op < limit; op++) {
      const hit = this.#symbols.existing(frame.opSymbol[op]!);
      if (hit !== -1) this.#out.invalid(reason, hit >> 1, at);
    }
  }
}

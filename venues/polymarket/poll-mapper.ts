import { FLAG_POLL, type MapperEnv, type Micros, POLL_CONNECTION } from "../../src/contracts/index.ts";
import { Emitter } from "./emitter.ts";
import { EventFacts } from "./event-facts.ts";
import { Oracle } from "./oracle.ts";
import { PollAnswer } from "./poll-answer.ts";
import { Scanner } from "./scanner.ts";
import { SymbolResolver } from "./symbol-resolver.ts";
import { Event, WireFrame } from "./wire-frame.ts";

/** Poll connections remembered. */
const MAX_STREAMS = 1_024;
const WHY = "polled: nothing is said of what lies between two answers";

/**
 * Answers of `POST /books` -> facts with the poll flag, on one unjudged stream per poll connection. An answer that
 * cannot be read changes nothing; a book of it that cannot be read becomes invalid; a book it does not name stays.
 */
export class PollMapper {
  readonly #env: MapperEnv;
  readonly #answer = new PollAnswer();
  readonly #frame = new WireFrame();
  readonly #scanner: Scanner;
  readonly #oracle = new Oracle(this.#frame);
  readonly #out: Emitter;
  readonly #symbols: SymbolResolver;
  readonly #events: EventFacts;
  readonly #streams = new Map<number, number>();

  constructor(env: MapperEnv) {
    this.#env = env;
    this.#out = new Emitter(env.sink, FLAG_POLL);
    this.#symbols = new SymbolResolver(env, this.#frame, this.#out);
    this.#events = new EventFacts(this.#frame, this.#out, this.#symbols);
    this.#scanner = new Scanner(this.#frame, this.#symbols.tokens);
  }

  frame(connection: number, recvAt: Micros, bytes: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    out.begin(this.#open(connection, recvAt), recvAt);
    if (out.stream === -1) out.reject("book.overflow", -1, 0);
    else if (end - start > this.#env.maxFrameBytes) out.reject("wire.too_large", -1, 0);
    else {
      this.#read(recvAt, bytes, start, end);
      if (out.count === 0) out.reject("wire.no_content", -1, 0);
    }
    out.end();
  }

  connection(connection: number, state: "opened" | "lost", at: Micros): void {
    const stream = this.#streams.get(connection);
    if (stream !== undefined) {
      this.#streams.delete(connection);
      this.#out.begin(stream, at);
      this.#out.invalid("book.reconnect", -1, 0);
      this.#out.end();
      this.#env.sink.object({ kind: "stream.closed", stream, reason: "polling ended" }, at);
    }
    if (state === "opened") this.#open(connection, at);
  }

  #open(connection: number, at: Micros): number {
    const known = this.#streams.get(connection);
    if (known !== undefined) return known;
    if (this.#streams.size >= MAX_STREAMS) return -1;
    const stream = this.#env.openStream(`poll#${connection - POLL_CONNECTION}`, false, WHY, at);
    this.#streams.set(connection, stream);
    return stream;
  }

  #read(recvAt: Micros, bytes: Uint8Array, start: number, end: number): void {
    const answer = this.#answer;
    answer.read(bytes, start, end);
    if (!this.#scanner.scan(answer.bytes, 0, answer.length)) {
      const refusal = this.#oracle.read(answer.bytes, 0, answer.length);
      if (refusal !== null) {
        this.#out.reject(refusal, -1, 0);
        return;
      }
    }
    this.#symbols.begin(recvAt);
    for (let event = 0; event < this.#frame.eventCount; event++) this.#apply(event);
  }

  #apply(event: number): void {
    const frame = this.#frame;
    if (frame.kinds[event] === Event.BOOK) this.#events.book(event);
    else if (frame.kinds[event] === Event.REFUSED) this.#refused(event);
    else this.#out.reject("wire.unknown_type", -1, 0);
  }

  #refused(event: number): void {
    const frame = this.#frame;
    this.#out.reject(frame.reasons[event]!, -1, 0);
    const limit = frame.eventLimit(event);
    for (let op = frame.eventFirst[event]!; op < limit; op++) {
      const hit = this.#symbols.existing(frame.opSymbol[op]!);
      if (hit !== -1) this.#out.invalid("book.unreadable", hit >> 1, 0);
    }
  }
}

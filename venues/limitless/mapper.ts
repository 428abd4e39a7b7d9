import {
  BID,
  FLAG_POLL,
  Kind,
  type MapperEnv,
  type Micros,
  POLL_CONNECTION,
  type WireMapper,
} from "../../src/contracts/index.ts";
import { Emitter } from "./emitter.ts";
import { readExact, textOf } from "./json.ts";
import {
  type Refused,
  readBook,
  readResolution,
  readTrade,
  readUpdate,
  type WireBookState,
} from "./messages.ts";
import { readPacket } from "./packets.ts";

const WHY_STREAM =
  "the venue numbers nothing: every message is a whole book, its order is judged by its timestamp";
const WHY_POLL = "polled: nothing is said of what lies between two answers";
/** A book this little older than the last one was overtaken on its way; one older than that is a clock set back. */
const REORDER_MICROS = 60_000_000;
/** Poll and socket connections remembered, and markets whose token is remembered by slug. */
const MAX_CONNECTIONS = 1_024;
const MAX_SLUGS = 200_000;

/** Known events that say nothing about a public book. */
const SILENT: ReadonlySet<string> = new Set([
  "system",
  "authenticated",
  "newPriceData",
  "oraclePriceData",
  "marketCreated",
  "positions",
  "orderEvent",
]);

/**
 * Socket.io frames and polled order books -> facts. Every book message is a full snapshot of the YES book; the book's
 * symbol is its YES token. One stream per connection.
 */
export class LimitlessMapper implements WireMapper {
  readonly #env: MapperEnv;
  readonly #out: Emitter;
  readonly #encoder = new TextEncoder();
  readonly #streams = new Map<number, number>();
  /** Books by slug, as book updates named them: other events name the slug alone. */
  readonly #bySlug = new Map<string, number>();
  /** Stated instant of the last update, by book. */
  readonly #lastAt = new Map<number, number>();
  readonly #resolved = new Set<string>();

  constructor(env: MapperEnv) {
    this.#env = env;
    this.#out = new Emitter(env.sink);
  }

  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    const polled = connection >= POLL_CONNECTION;
    const stream = this.#open(connection, recvAt as Micros);
    out.begin(stream, recvAt, polled ? FLAG_POLL : 0);
    const text = end - start > this.#env.maxFrameBytes ? null : textOf(bytes, start, end);
    if (stream === -1) out.reject("book.overflow", -1);
    else if (end - start > this.#env.maxFrameBytes) this.#unreadable("wire.too_large", polled);
    else if (text === null) this.#unreadable("wire.unreadable", polled);
    else if (polled) this.#answer(text, recvAt as Micros);
    else this.#packet(text, recvAt as Micros);
    out.end();
  }

  connection(connection: number, state: "opened" | "lost", at: Micros): void {
    const stream = this.#streams.get(connection);
    if (stream !== undefined) {
      this.#streams.delete(connection);
      this.#out.begin(stream, at, connection >= POLL_CONNECTION ? FLAG_POLL : 0);
      this.#out.invalid("book.reconnect", -1);
      this.#out.end();
      this.#env.sink.object({ kind: "stream.closed", stream, reason: "book.reconnect" }, at);
    }
    if (state === "opened") this.#open(connection, at);
  }

  #open(connection: number, at: Micros): number {
    const known = this.#streams.get(connection);
    if (known !== undefined) return known;
    if (this.#streams.size >= MAX_CONNECTIONS) return -1;
    const polled = connection >= POLL_CONNECTION;
    const label = polled ? `poll#${connection - POLL_CONNECTION}` : `markets#${connection}`;
    const stream = this.#env.openStream(label, !polled, polled ? WHY_POLL : WHY_STREAM, at);
    this.#streams.set(connection, stream);
    return stream;
  }

  /** What cannot be read may have been any book of the stream; an answer that cannot be read changes nothing. */
  #unreadable(reason: Refused["reason"], polled: boolean): void {
    this.#out.reject(reason, -1);
    if (!polled) this.#out.invalid("book.unreadable", -1);
  }

  #answer(text: string, at: Micros): void {
    const read = readExact(text);
    if (typeof read === "string") {
      this.#unreadable(read, true);
      return;
    }
    const book = readBook(read.value);
    if ("reason" in book) this.#refused(book, true);
    else this.#snapshot(book, at, null, 0);
  }

  #packet(text: string, at: Micros): void {
    const packet = readPacket(text);
    if (typeof packet === "string") this.#unreadable(packet, false);
    else if (packet.kind === "event") this.#event(packet.name, packet.payload, at);
    else this.#out.reject(packet.kind === "refused" ? "wire.venue_error" : "wire.no_content", -1);
  }

  #event(name: string, payload: unknown, at: Micros): void {
    if (name === "orderbookUpdate") {
      const update = readUpdate(payload);
      if ("reason" in update) this.#refused(update, false);
      else this.#snapshot(update.book, at, update.slug, update.venueAt);
    } else if (name === "trade") this.#trade(payload);
    else if (name === "marketResolved") this.#resolution(payload);
    else if (name === "exception") this.#out.reject("wire.venue_error", -1);
    else this.#out.reject(SILENT.has(name) ? "wire.no_content" : "wire.unknown_type", -1);
  }

  #snapshot({ tokenId, levels }: WireBookState, at: Micros, slug: string | null, venueAt: number): void {
    const out = this.#out;
    out.venueAt = venueAt;
    const hit = this.#find(tokenId) ?? this.#env.symbols.learn(tokenId, at);
    const book = hit >> 1;
    if (hit === -1) out.reject("wire.unknown_symbol", -1);
    else if ((hit & 1) === 1) out.reject("wire.mirror", book);
    else if (this.#isLate(book, venueAt)) out.reject("seq.reordered", book);
    else {
      if (slug !== null && (this.#bySlug.has(slug) || this.#bySlug.size < MAX_SLUGS))
        this.#bySlug.set(slug, book);
      if (venueAt > 0) this.#lastAt.set(book, venueAt);
      out.put(Kind.SNAPSHOT_BEGIN, BID, book, 0, -1);
      for (const { side, ticks, lots } of levels) out.put(Kind.SNAPSHOT_LEVEL, side, book, ticks, lots);
      out.put(Kind.SNAPSHOT_END, BID, book, 0, -1);
    }
  }

  #isLate(book: number, venueAt: number): boolean {
    const behind = (this.#lastAt.get(book) ?? 0) - venueAt;
    return venueAt > 0 && behind > 0 && behind <= REORDER_MICROS;
  }

  #trade(payload: unknown): void {
    const out = this.#out;
    const print = readTrade(payload);
    if ("reason" in print) {
      out.reject(print.reason, -1);
      return;
    }
    out.venueAt = print.venueAt;
    const book = this.#bySlug.get(print.slug);
    if (book === undefined) out.reject("wire.unknown_symbol", -1);
    else out.put(Kind.TRADE, print.side, book, print.ticks, print.lots);
  }

  #resolution(payload: unknown): void {
    const out = this.#out;
    const resolution = readResolution(payload);
    if ("reason" in resolution) {
      this.#refused(resolution, true);
      return;
    }
    const { slug, yesPayout } = resolution;
    if (!this.#resolved.has(slug) && this.#resolved.size < MAX_SLUGS) {
      this.#resolved.add(slug);
      const market = `${this.#env.venue}:${slug}`;
      out.object({ kind: "market.resolved", market, yesPayout, source: "marketResolved message" });
    }
    const book = this.#bySlug.get(slug);
    if (book === undefined) out.put(Kind.SEQUENCE, BID, -1, 0, -1);
    else out.invalid("book.venue_close", book);
  }

  /** The book it names is in doubt; one that names none costs the stream, unless it was about no streamed book. */
  #refused({ reason, tokenId, slug }: Refused, spareStream: boolean): void {
    const hit = tokenId === null ? null : this.#find(tokenId);
    const book = hit === null ? (slug === null ? -1 : (this.#bySlug.get(slug) ?? -1)) : hit >> 1;
    this.#out.reject(reason, book);
    const isForeign = tokenId !== null && hit === null && book === -1;
    if (book !== -1 || (!spareStream && !isForeign)) this.#out.invalid("book.unreadable", book);
  }

  /** Null when no book has this token. */
  #find(tokenId: string): number | null {
    const bytes = this.#encoder.encode(tokenId);
    const hit = this.#env.symbols.find(bytes, 0, bytes.length);
    return hit === -1 ? null : hit;
  }
}

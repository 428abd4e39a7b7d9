import {
  BID,
  FLAG_FRAME_END,
  Kind,
  type MapperEnv,
  type Micros,
  reasonNumber,
} from "../../src/contracts/index.ts";

/** Subscriptions of one connection: sid -> stream, and the sids the venue announced by a `subscribed` reply. */
interface ConnectionStreams {
  readonly open: Map<number, number>;
  readonly announced: Map<number, string>;
}

/** Subscriptions kept per connection; the venue itself allows far fewer channels. */
const MAX_STREAMS = 1024;

/**
 * Streams of all connections. A stream is one sid of one connection: the scope of Kalshi's `seq`.
 * It is opened at the first numbered frame; whether its numbers can be judged is decided then.
 */
export class Streams {
  readonly #env: MapperEnv;
  readonly #connections = new Map<number, ConnectionStreams>();
  /** Books that had a snapshot on a stream. */
  readonly #books = new Map<number, Set<number>>();
  #lastConnection = -1;
  #lastSid = -1;
  #lastStream = -1;

  constructor(env: MapperEnv) {
    this.#env = env;
  }

  /** Stream of a numbered frame, opened when new; -1 beyond the bound. */
  of(connection: number, sid: number, seq: number, at: number): number {
    if (sid === this.#lastSid && connection === this.#lastConnection) return this.#lastStream;
    const stream = this.#find(connection, sid, seq, at);
    if (stream !== -1) this.#remember(connection, sid, stream);
    return stream;
  }

  /** Stream of a sid that was seen before, else -1. */
  known(connection: number, sid: number | null): number {
    if (sid === null) return -1;
    return this.#connections.get(connection)?.open.get(sid) ?? -1;
  }

  /** All open streams of a connection, oldest first. */
  all(connection: number): readonly number[] {
    return [...(this.#connections.get(connection)?.open.values() ?? [])];
  }

  /** A snapshot of the book came on this stream. */
  carries(stream: number, book: number): void {
    const books = this.#books.get(stream);
    if (books === undefined) this.#books.set(stream, new Set([book]));
    else books.add(book);
  }

  /** The venue's full list of a subscription: forgets the other books of the stream and returns them. */
  retain(stream: number, listed: ReadonlySet<number>): readonly number[] {
    const books = this.#books.get(stream);
    if (books === undefined) return [];
    const dropped = [...books].filter((book) => !listed.has(book));
    for (const book of dropped) books.delete(book);
    return dropped;
  }

  /** A `subscribed` reply: the next frame of this sid begins a whole stream. */
  announce(connection: number, sid: number, channel: string, at: number): void {
    this.close(connection, sid, "subscribed again", at);
    const { announced } = this.#connection(connection);
    if (announced.size < MAX_STREAMS) announced.set(sid, channel);
  }

  /** The subscription ended: its books need a new one. */
  close(connection: number, sid: number, reason: string, at: number): void {
    const streams = this.#connections.get(connection);
    if (streams === undefined) return;
    streams.announced.delete(sid);
    const stream = streams.open.get(sid);
    if (stream === undefined) return;
    streams.open.delete(sid);
    this.#books.delete(stream);
    this.#forget();
    this.#env.sink.object({ kind: "stream.closed", stream, reason }, at as Micros);
  }

  /** The connection ended: every stream becomes invalid and closes. */
  closeAll(connection: number, reason: string, at: number): void {
    const streams = this.#connections.get(connection);
    if (streams === undefined) return;
    for (const [sid, stream] of [...streams.open]) {
      const { sink } = this.#env;
      const why = reasonNumber("book.reconnect");
      sink.put(Kind.INVALID, BID, FLAG_FRAME_END, -1, why, stream, -1, at, 0, -1);
      this.close(connection, sid, reason, at);
    }
    this.#connections.delete(connection);
  }

  #connection(connection: number): ConnectionStreams {
    let streams = this.#connections.get(connection);
    if (streams === undefined) {
      streams = { open: new Map(), announced: new Map() };
      this.#connections.set(connection, streams);
    }
    return streams;
  }

  #find(connection: number, sid: number, seq: number, at: number): number {
    const { open, announced } = this.#connection(connection);
    const known = open.get(sid);
    if (known !== undefined) return known;
    if (open.size >= MAX_STREAMS) return -1;
    const channel = announced.get(sid);
    const judged = channel !== undefined || seq === 1;
    const label = `connection ${connection} sid ${sid}${channel === undefined ? "" : ` ${channel}`}`;
    const stream = this.#env.openStream(label, judged, whyJudged(channel, seq), at as Micros);
    open.set(sid, stream);
    return stream;
  }

  #remember(connection: number, sid: number, stream: number): void {
    this.#lastConnection = connection;
    this.#lastSid = sid;
    this.#lastStream = stream;
  }

  #forget(): void {
    this.#remember(-1, -1, -1);
  }
}

function whyJudged(channel: string | undefined, seq: number): string {
  if (channel !== undefined) return "the venue confirmed the subscription on this connection";
  if (seq === 1) return "the first number seen is 1";
  return `the first number seen is ${seq} and no subscription was confirmed: the frames before are missing, and those of other markets may be`;
}

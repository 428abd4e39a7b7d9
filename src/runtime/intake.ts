import type { Micros, ObjectFact, RecordingSink, VenueModule } from "../contracts/index.ts";
import { BatchSink } from "./batch-sink.ts";
import { type Feed, type FeedLimits, Feeds, restore } from "./feeds.ts";
import type { Session } from "./session.ts";

/** Connection numbers of one venue of a journal: `venue position in the header * this + the venue's own number`. */
export const CONNECTIONS_PER_VENUE = 100_000_000;

/** Keeps raw frames; the journal's writer, or nothing. */
export interface RawSink {
  raw(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void;
  rawObject(fact: ObjectFact, at: Micros): void;
  rawConnection(connection: number, state: "opened" | "lost", at: Micros): void;
}

export const NO_RAW: RawSink = { raw: () => {}, rawObject: () => {}, rawConnection: () => {} };

/**
 * Bytes of several venues -> facts -> session, one frame at a time. What is kept raw is kept before it is mapped.
 * Facts that no frame explains (listings, families) go into the raw log too.
 */
export class Intake {
  readonly #batch = new BatchSink();
  readonly #feeds: Feeds;
  readonly #session: Session;
  readonly #raw: RawSink;
  readonly #byVenue: readonly Feed[];

  /** @param venues id and module of each venue, in the order of the journal's header. */
  constructor(
    session: Session,
    raw: RawSink,
    venues: readonly { readonly id: string; readonly module: VenueModule }[],
    limits: FeedLimits,
  ) {
    this.#session = session;
    this.#raw = raw;
    this.#feeds = new Feeds(this.#batch, limits);
    this.#byVenue = venues.map(({ id, module }) => this.#feeds.open(module, id));
  }

  feed(venue: number): Feed {
    const feed = this.#byVenue[venue];
    if (feed === undefined) throw new RangeError(`intake: no venue ${venue}`);
    return feed;
  }

  frame(
    venue: number,
    connection: number,
    recvAt: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#raw.raw(venue * CONNECTIONS_PER_VENUE + connection, recvAt, bytes, start, end);
    this.feed(venue).mapper.frame(connection, recvAt, bytes, start, end);
    this.#drain(false);
  }

  connection(venue: number, connection: number, state: "opened" | "lost", at: Micros): void {
    this.#raw.rawConnection(venue * CONNECTIONS_PER_VENUE + connection, state, at);
    this.feed(venue).mapper.connection(connection, state, at);
    this.#drain(false);
  }

  /** Runs something that speaks to a venue's environment without a frame: metadata, families. */
  describe(venue: number, run: (feed: Feed) => void): void {
    run(this.feed(venue));
    this.#drain(true);
  }

  /** A fact as the raw log kept it. */
  object(fact: ObjectFact, at: Micros): void {
    if (fact.kind === "market.instruments") this.#restore(fact.instruments);
    this.#batch.object(fact, at);
    this.#drain(true);
  }

  /** For recording readers. */
  recordingSink(venue: number, onReject: RecordingSink["reject"]): RecordingSink {
    const { env } = this.feed(venue);
    return {
      env,
      facts: env.sink,
      frame: (connection, recvAt, bytes, start, end) =>
        this.frame(venue, connection, recvAt, bytes, start, end),
      connection: (connection, state, at) => this.connection(venue, connection, state, at),
      object: (fact, at) => this.object(fact, at),
      reject: onReject,
    };
  }

  #restore(instruments: Extract<ObjectFact, { kind: "market.instruments" }>["instruments"]): void {
    for (const instrument of instruments) {
      restore(
        this.#byVenue.find((feed) => feed.id === instrument.venue),
        instrument,
      );
    }
  }

  #drain(keepRaw: boolean): void {
    const batch = this.#batch;
    const { count, objects } = batch;
    let next = 0;
    for (let index = 0; index < count; index++) {
      while (next < objects.length && objects[next]!.before === index) this.#object(next++, keepRaw);
      this.#session.packed(batch.i32, batch.f64, index);
    }
    while (next < objects.length) this.#object(next++, keepRaw);
    batch.clear();
  }

  #object(index: number, keepRaw: boolean): void {
    const { fact, at } = this.#batch.objects[index]!;
    if (keepRaw) this.#raw.rawObject(fact, at);
    this.#session.object(fact, at);
  }
}

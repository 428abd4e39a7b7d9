import {
  type FactSink,
  type Micros,
  type ObjectFact,
  REASONS,
  type Reason,
  type RecordingReader,
  type RecordingSession,
  type RecordingSink,
  type VenueModule,
} from "../../contracts/index.ts";
import { type Feed, Feeds } from "../feeds.ts";

/** Where an import writes: the journal's writer, as far as an import needs it. */
export interface ImportTarget {
  readonly facts: FactSink;
  raw(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void;
  rawObject(fact: ObjectFact, at: Micros): void;
  rawConnection(connection: number, state: "opened" | "lost", at: Micros): void;
}

/** One line of a recording that was not used. */
export interface ImportReject {
  readonly file: string;
  readonly line: number;
  readonly offset: number;
  readonly reason: Reason;
  readonly detail: string;
}

export interface ImportCounts {
  lines: number;
  frames: number;
  facts: number;
  objects: number;
  rejected: number;
  /** Packed facts older than one before them: files that overlap in time, or were given out of order. */
  late: number;
}

/** Connections of one file are numbered apart from those of the next. */
const CONNECTIONS_PER_FILE = 1_000;

/**
 * Turns the lines of recordings into a journal: frames verbatim into the raw log, their facts beside them.
 * What could not be read is reported with its position; nothing else is lost for it.
 */
export class ImportSession {
  readonly counts: ImportCounts = { lines: 0, frames: 0, facts: 0, objects: 0, rejected: 0, late: 0 };
  readonly #target: ImportTarget;
  readonly #feed: Feed;
  readonly #onReject: (reject: ImportReject) => void;
  #mapping = false;
  #file = "";
  #line = 0;
  #offset = 0;
  #connectionBase = 0;
  #openConnections = new Set<number>();
  #lastAt = 0;

  constructor(target: ImportTarget, venue: VenueModule, onReject: (reject: ImportReject) => void) {
    this.#target = target;
    this.#onReject = onReject;
    this.#feed = new Feeds(this.#countingSink()).open(venue);
  }

  /** Instant of the newest record so far. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** Starts a file; feed it with `accept`, close it with `endFile`. */
  openFile(
    file: string,
    reader: RecordingReader,
    options: Readonly<Record<string, string>>,
  ): RecordingSession {
    this.#file = file;
    this.#line = 0;
    this.#offset = 0;
    return reader.open(this.#recordingSink(), options);
  }

  accept(
    session: RecordingSession,
    bytes: Uint8Array,
    start: number,
    end: number,
    line: number,
    offset: number,
  ): void {
    this.#line = line;
    this.#offset = offset;
    this.counts.lines++;
    session.accept(bytes, start, end);
  }

  reject(reason: Reason, detail: string, line = this.#line, offset = this.#offset): void {
    this.counts.rejected++;
    this.#onReject({
      file: this.#file,
      line,
      offset,
      reason,
      detail: detail === "" ? REASONS[reason].text : detail,
    });
  }

  /** Ends a file: its connections are lost, so none of its books stays valid into the next file. */
  endFile(session: RecordingSession): void {
    session.end();
    for (const connection of this.#openConnections)
      this.#connection(connection, "lost", this.#lastAt as Micros);
    this.#openConnections.clear();
    this.#connectionBase += CONNECTIONS_PER_FILE;
  }

  #recordingSink(): RecordingSink {
    const base = this.#connectionBase;
    return {
      facts: this.#feed.env.sink,
      env: this.#feed.env,
      frame: (connection, recvAt, bytes, start, end) =>
        this.#frame(base + connection, recvAt, bytes, start, end),
      connection: (connection, state, at) => this.#connection(base + connection, state, at),
      object: (fact, at) => this.#feed.env.sink.object(fact, at),
      reject: (reason, detail) => this.reject(reason, detail),
    };
  }

  #frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    this.counts.frames++;
    this.#lastAt = Math.max(this.#lastAt, recvAt);
    this.#openConnections.add(connection);
    this.#target.raw(connection, recvAt, bytes, start, end);
    this.#mapping = true;
    this.#feed.mapper.frame(connection, recvAt, bytes, start, end);
    this.#mapping = false;
  }

  #connection(connection: number, state: "opened" | "lost", at: Micros): void {
    if (state === "opened") this.#openConnections.add(connection);
    else this.#openConnections.delete(connection);
    this.#target.rawConnection(connection, state, at);
    this.#mapping = true;
    this.#feed.mapper.connection(connection, state, at);
    this.#mapping = false;
  }

  /** Facts that no frame explains go into the raw log too, so that the raw log alone can be mapped again. */
  #countingSink(): FactSink {
    const { facts } = this.#target;
    return {
      put: (kind, side, flags, book, priceTicks, stream, lots, recvAt, venueAt, venueSeq) => {
        this.counts.facts++;
        if (recvAt >= this.#lastAt) this.#lastAt = recvAt;
        else this.counts.late++;
        facts.put(kind, side, flags, book, priceTicks, stream, lots, recvAt, venueAt, venueSeq);
      },
      object: (fact, at) => {
        this.counts.objects++;
        if (at > this.#lastAt) this.#lastAt = at;
        if (!this.#mapping) this.#target.rawObject(fact, at);
        facts.object(fact, at);
      },
    };
  }
}

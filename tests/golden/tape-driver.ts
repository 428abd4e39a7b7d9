import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  ASK,
  BID,
  type BookId,
  type ObjectFact,
  type RecordingReader,
  type RecordingSession,
  reasonOf,
  type Side,
} from "../../src/contracts/index.ts";
import { DEFAULT_FIREWALL } from "../../src/core/market/options.ts";
import { Replica } from "../../src/core/market/replica.ts";
import { sha256Hex } from "../../src/runtime/assemble.ts";
import { BatchSink } from "../../src/runtime/batch-sink.ts";
import { type Feed, Feeds } from "../../src/runtime/feeds.ts";
import { formatOf } from "./pipeline.ts";

/** The lines of a recording, plain or gzip. */
export function linesOf(path: string): string[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text.split("\n").filter((line) => line !== "");
}

type StreamOpened = Extract<ObjectFact, { kind: "stream.opened" }>;

/** Lines of a recording -> reader -> mapper -> books and firewall, one line at a time. */
export class TapeDriver {
  readonly streams: StreamOpened[] = [];
  rejectedLines = 0;
  /** Reason for which the firewall bars a side, from the events it reported. */
  readonly #barred = new Map<number, string>();
  readonly #batch = new BatchSink();
  readonly #replica: Replica;
  readonly #feed: Feed;
  readonly #reader: RecordingReader;
  #session: RecordingSession;
  #factSeq = 0;

  constructor(format: string) {
    const { venue, reader } = formatOf(format);
    const firewall = { ...DEFAULT_FIREWALL, maxAgeMicros: Number.MAX_SAFE_INTEGER, allowUnknownStatus: true };
    this.#replica = new Replica(
      { maxBooks: 1000, denseBudgetBytes: 1 << 26, firewall, sha256: sha256Hex },
      {
        quarantine: (book, side, reason) => this.#barred.set(book * 2 + side, reasonOf(reason) ?? "?"),
        release: (book, side) => this.#barred.delete(book * 2 + side),
        invalid: () => {},
        refused: () => {},
      },
    );
    this.#feed = new Feeds(this.#batch).open(venue);
    this.#reader = reader;
    this.#session = this.#open();
  }

  /** One line; everything it says is applied before this returns. */
  line(text: string): void {
    const bytes = Buffer.from(text);
    this.#session.accept(bytes, 0, bytes.length);
    this.#drain();
  }

  /** The recording ends and another begins. */
  nextFile(): void {
    this.#session.end();
    this.#drain();
    this.#session = this.#open();
  }

  best(symbol: string, side: Side): number {
    return this.#replica.view.bestTicks(this.#book(symbol), side);
  }

  isValid(symbol: string): boolean {
    return this.#replica.validity(this.#book(symbol))?.valid === true;
  }

  /** Reasons for which both sides are barred, "" = not barred: as the view says and as the events said. */
  barred(symbol: string): readonly string[] {
    const book = this.#book(symbol);
    return ([BID, ASK] as const).flatMap((side) => {
      const seen = this.#replica.view.barred(book, side);
      return [seen === 0 ? "" : (reasonOf(seen) ?? "?"), this.#barred.get(book * 2 + side) ?? ""];
    });
  }

  counters(): {
    readonly gaps: number;
    readonly clamped: number;
    readonly reasons: Readonly<Record<string, number>>;
  } {
    const { gaps, clamped, reasons } = this.#replica.counters();
    return { gaps, clamped, reasons: reasons["kalshi"] ?? {} };
  }

  #open(): RecordingSession {
    const { env, mapper } = this.#feed;
    return this.#reader.open(
      {
        env,
        facts: env.sink,
        frame: (connection, recvAt, bytes, start, end) => mapper.frame(connection, recvAt, bytes, start, end),
        connection: (connection, state, at) => mapper.connection(connection, state, at),
        object: (fact, at) => env.sink.object(fact, at),
        reject: () => {
          this.rejectedLines++;
        },
      },
      {},
    );
  }

  #book(symbol: string): BookId {
    const bytes = Buffer.from(symbol);
    return (this.#feed.symbols.find(bytes, 0, bytes.length) >> 1) as BookId;
  }

  #drain(): void {
    const { i32, f64, count, objects } = this.#batch;
    let next = 0;
    for (let index = 0; index <= count; index++) {
      for (; next < objects.length && objects[next]!.before === index; next++) {
        const { fact, at } = objects[next]!;
        if (fact.kind === "stream.opened") this.streams.push(fact);
        this.#replica.object(fact, at, this.#factSeq++);
      }
      if (index < count) this.#replica.apply(i32, f64, index, this.#factSeq++);
    }
    this.#batch.clear();
    this.#replica.clearChanged();
  }
}

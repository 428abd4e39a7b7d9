import { openRawReader } from "../../capture/raw-reader.ts";
import { type Block, type JournalReader, openJournalReader } from "../../capture/reader.ts";
import {
  FACT_SLOTS,
  FACT_WORDS,
  isWorldFact,
  Kind,
  type Micros,
  type ObjectFact,
  S_LOTS,
  S_RECV,
  S_VENUE_AT,
  S_VENUE_SEQ,
  type VenueModule,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
} from "../../contracts/index.ts";
import { BatchSink } from "../batch-sink.ts";
import { DEFAULT_FEED_LIMITS, type Feed, type FeedLimits, Feeds, restore } from "../feeds.ts";
import { CONNECTIONS_PER_VENUE } from "../intake.ts";
import { type RunVenue, venuesOf } from "./journal-venues.ts";
import type { Pace } from "./pace.ts";

export interface RemapResult {
  readonly frames: number;
  readonly compared: number;
  /** First recorded fact that the raw frames do not give: its seq and both values in words. */
  readonly difference: { readonly seq: number; readonly recorded: string; readonly remapped: string } | null;
  /** True when a killed writer left more at the end of one log than of the other: compared as far as both go. */
  readonly cut: boolean;
  /** True when the first raw segments are gone (retention): mappers need a log from its beginning, nothing was compared. */
  readonly beginningGone: boolean;
}

const NOTHING_COMPARED = { frames: 0, compared: 0, difference: null, cut: false } as const;

/**
 * Maps the raw frames of a journal again and compares every fact with the recorded one, so that an edited fact, or a
 * mapper that changed, shows at its exact event.
 * @param limits those under which the journal was made; an import uses the defaults.
 */
export async function remapJournal(
  dir: string,
  registry: ReadonlyMap<string, VenueModule>,
  pace: Pace,
  stopped: () => boolean,
  limits: FeedLimits = DEFAULT_FEED_LIMITS,
): Promise<RemapResult> {
  const reader = openJournalReader(dir, { validate: false });
  const raw = openRawReader(dir);
  const comparison = new Comparison(new WorldCursor(reader), venuesOf(reader.header, registry), limits);
  try {
    if (!raw.startsAtTheBeginning) return { ...NOTHING_COMPARED, beginningGone: true };
    while (!comparison.done && !stopped() && raw.visitNext(comparison)) await pace.breathe();
    if (comparison.frames > 0 && !stopped()) comparison.finish(raw.tail?.sealed !== false);
    const { frames, compared, difference, cut } = comparison;
    return { frames, compared, difference, cut, beginningGone: false };
  } finally {
    raw.close();
    reader.close();
  }
}

class Comparison {
  frames = 0;
  compared = 0;
  difference: RemapResult["difference"] = null;
  cut = false;
  readonly #cursor: WorldCursor;
  readonly #batch = new BatchSink();
  readonly #feeds: readonly Feed[];

  constructor(cursor: WorldCursor, venues: readonly RunVenue[], limits: FeedLimits) {
    this.#cursor = cursor;
    const feeds = new Feeds(this.#batch, limits);
    this.#feeds = venues.map(({ id, module }) => feeds.open(module, id));
  }

  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    this.frames++;
    this.#feed(connection)?.mapper.frame(connection % CONNECTIONS_PER_VENUE, recvAt, bytes, start, end);
    this.#compare();
  }

  connection(connection: number, state: "opened" | "lost", at: number): void {
    this.#feed(connection)?.mapper.connection(connection % CONNECTIONS_PER_VENUE, state, at as Micros);
    this.#compare();
  }

  object(fact: ObjectFact, at: number): void {
    if (fact.kind === "market.instruments") {
      for (const instrument of fact.instruments) {
        restore(
          this.#feeds.find((feed) => feed.id === instrument.venue),
          instrument,
        );
      }
    }
    this.#batch.object(fact, at as Micros);
    this.#compare();
  }

  get done(): boolean {
    return this.difference !== null || this.cut;
  }

  /** Recorded facts that no frame gave: a difference, unless the raw log was never closed. */
  finish(rawIsWhole: boolean): void {
    if (this.done) return;
    const left = this.#cursor.next();
    if (left !== null && !rawIsWhole) this.cut = true;
    else if (left !== null)
      this.difference = { seq: left.seq, recorded: describe(left), remapped: "(nothing)" };
  }

  #feed(connection: number): Feed | undefined {
    return this.#feeds[Math.floor(connection / CONNECTIONS_PER_VENUE)];
  }

  #compare(): void {
    const { i32, f64, count, objects } = this.#batch;
    let next = 0;
    for (let index = 0; index < count && !this.done; index++) {
      while (next < objects.length && objects[next]!.before === index)
        this.#one({ fact: objects[next++]!.fact });
      this.#one({ i32, f64, index });
    }
    while (next < objects.length && !this.done) this.#one({ fact: objects[next++]!.fact });
    this.#batch.clear();
  }

  #one(mapped: FactRecord): void {
    if (this.done) return;
    const recorded = this.#cursor.next();
    if (recorded === null && !this.#cursor.isWhole) {
      this.cut = true;
      return;
    }
    this.compared++;
    if (recorded !== null && same(recorded, mapped)) return;
    this.difference = {
      seq: recorded?.seq ?? -1,
      recorded: recorded === null ? "(nothing)" : describe(recorded),
      remapped: describe(mapped),
    };
  }
}

type FactRecord =
  | { readonly i32: Int32Array; readonly f64: Float64Array; readonly index: number }
  | { readonly fact: ObjectFact };
type Recorded = FactRecord & { readonly seq: number };

function same(a: FactRecord, b: FactRecord): boolean {
  if ("fact" in a || "fact" in b) {
    return "fact" in a && "fact" in b && JSON.stringify(a.fact) === JSON.stringify(b.fact);
  }
  for (let word = 0; word < FACT_WORDS; word++) {
    if (a.i32[a.index * FACT_WORDS + word] !== b.i32[b.index * FACT_WORDS + word]) return false;
  }
  return true;
}

const KIND_NAMES = new Map<number, string>(
  Object.entries(Kind).map(([name, kind]) => [kind, name.toLowerCase()]),
);

function describe(record: FactRecord): string {
  if ("fact" in record) return JSON.stringify(record.fact).slice(0, 200);
  const { i32, f64, index } = record;
  const word = index * FACT_WORDS;
  const slot = index * FACT_SLOTS;
  const head = i32[word + W_HEAD]!;
  const side = ((head >> 8) & 0xff) === 0 ? "bid" : "ask";
  return (
    `${KIND_NAMES.get(head & 0xff) ?? head & 0xff} ${side} book ${i32[word + W_BOOK]} ticks ${i32[word + W_PRICE]} ` +
    `lots ${f64[slot + S_LOTS]} stream ${i32[word + W_STREAM]} seq ${f64[slot + S_VENUE_SEQ]} ` +
    `recvAt ${f64[slot + S_RECV]} venueAt ${f64[slot + S_VENUE_AT]} flags ${head >>> 16}`
  );
}

/** The world facts of a journal, one by one. */
class WorldCursor {
  readonly #reader: JournalReader;
  #block: Block | null = null;
  #index = 0;

  constructor(reader: JournalReader) {
    this.#reader = reader;
  }

  /** False once the end was met and the writer had not closed the log. */
  get isWhole(): boolean {
    return this.#reader.tail?.sealed !== false;
  }

  next(): Recorded | null {
    for (;;) {
      const block = this.#block;
      if (block !== null && block.kind === "packed" && this.#index < block.count) {
        const index = this.#index++;
        if ((block.i32[index * FACT_WORDS + W_HEAD]! & 0xff) < Kind.TICK) {
          return { i32: block.i32, f64: block.f64, index, seq: block.firstSeq + index };
        }
      } else if (block !== null && block.kind === "objects" && this.#index < block.records.length) {
        const record = block.records[this.#index++]!;
        if (record.type === "fact" && isWorldFact(record.fact.kind))
          return { fact: record.fact, seq: record.seq };
      } else {
        this.#block = this.#reader.next();
        this.#index = 0;
        if (this.#block === null) return null;
      }
    }
  }
}

import {
  ASK,
  BID,
  type BookId,
  FACT_WORDS,
  FLAG_FRAME_END,
  type Instrument,
  Kind,
  type Level,
  type Micros,
  type ObjectFact,
  type Side,
  writeFact,
} from "../../contracts/index.ts";
import type { Replica } from "../../core/market/replica.ts";
import { BatchBuilder } from "./batch-builder.ts";
import type { LaneBatch } from "./messages.ts";

type StreamOpened = Extract<ObjectFact, { kind: "stream.opened" }>;

const ALL_LEVELS = 1 << 20;

/** What a lane that starts late must hear first: terms, families, streams and every book that is exact now. */
export class LaneSeeder {
  readonly #replica: Replica;
  readonly #streams = new Map<number, StreamOpened>();
  readonly #i32: Int32Array;
  readonly #f64: Float64Array;

  constructor(replica: Replica) {
    const buffer = new ArrayBuffer(FACT_WORDS * 4);
    this.#replica = replica;
    this.#i32 = new Int32Array(buffer);
    this.#f64 = new Float64Array(buffer);
  }

  /** Remembers the streams that are open; to be told every object fact. */
  object(fact: ObjectFact): void {
    if (fact.kind === "stream.opened") this.#streams.set(fact.stream, fact);
    else if (fact.kind === "stream.closed") this.#streams.delete(fact.stream);
  }

  /** The batch, numbered 0: it is no part of the feed. */
  batch(): LaneBatch {
    const { view } = this.#replica;
    const builder = new BatchBuilder();
    const { now, factSeq } = view;
    const instruments = this.#instruments();
    const families = Array.from({ length: view.familyCount() }, (_, index) => view.family(index));
    builder.object({ kind: "market.instruments", instruments }, now, factSeq);
    builder.object({ kind: "market.families", families }, now, factSeq);
    for (const stream of this.#streams.values()) builder.object(stream, now, factSeq);
    for (const { book } of instruments)
      if (this.#replica.isExact(book)) this.#book(builder, book, now, factSeq);
    return { ...builder.take(), id: 0 };
  }

  #instruments(): readonly Instrument[] {
    const instruments: Instrument[] = [];
    for (let book = 0; ; book++) {
      const instrument = this.#replica.view.instrument(book as BookId);
      if (instrument === undefined) return instruments;
      instruments.push(instrument);
    }
  }

  #book(builder: BatchBuilder, book: BookId, at: Micros, seq: number): void {
    const stream = this.#replica.streamOf(book);
    const put = (kind: Kind, side: Side, flags: number, level: Level | null): void => {
      const [ticks, lots] = level === null ? [-1, -1] : [level.ticks, level.lots];
      writeFact(this.#i32, this.#f64, 0, kind, side, flags, book, ticks, stream, lots, at, 0, -1);
      builder.packed(this.#i32, 0, seq);
    };
    put(Kind.SNAPSHOT_BEGIN, BID, 0, null);
    for (const side of [BID, ASK] as const)
      for (const level of this.#replica.view.ladder(book, side, ALL_LEVELS))
        put(Kind.SNAPSHOT_LEVEL, side, 0, level);
    put(Kind.SNAPSHOT_END, BID, FLAG_FRAME_END, null);
  }
}

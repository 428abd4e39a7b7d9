import {
  ASK,
  BID,
  type BookId,
  FACT_WORDS,
  FLAG_FRAME_END,
  Kind,
  type RecordingSink,
  type ReferenceFold,
  type VenueModule,
  W_BOOK,
  W_HEAD,
  W_PRICE,
} from "../contracts/index.ts";
import type { Replica } from "../core/market/replica.ts";
import { BatchSink } from "./batch-sink.ts";
import { type Feed, Feeds } from "./feeds.ts";

/** What a recording shows of EMP's books. */
export interface TapeCounts {
  lines: number;
  rejectedLines: number;
  frames: number;
  /** Frames after which a book was compared with the reference fold. */
  compared: number;
  bboMismatches: number;
  /** Frames after which EMP's book, and the reference fold, stood crossed or locked. */
  crossed: number;
  referenceCrossed: number;
  gaps: number;
  duplicates: number;
  reordered: number;
  clamped: number;
  mapperRejects: number;
  trades: number;
  tradesInside: number;
  tradesAtTouch: number;
  /** Streams that could not be judged because the recording is a slice. */
  unjudgedStreams: number;
  readonly notes: string[];
}

/**
 * Feeds recordings through mapper and books and compares best bid and ask after every frame with the venue's
 * reference fold, which shares no code with either.
 */
export class TapeCheck {
  readonly counts: TapeCounts = {
    lines: 0,
    rejectedLines: 0,
    frames: 0,
    compared: 0,
    bboMismatches: 0,
    crossed: 0,
    referenceCrossed: 0,
    gaps: 0,
    duplicates: 0,
    reordered: 0,
    clamped: 0,
    mapperRejects: 0,
    trades: 0,
    tradesInside: 0,
    tradesAtTouch: 0,
    unjudgedStreams: 0,
    notes: [],
  };
  /** First few mismatches in words. */
  readonly examples: string[] = [];
  readonly #batch = new BatchSink();
  readonly #replica: Replica;
  readonly #feed: Feed;
  readonly #fold: ReferenceFold;
  readonly #decoder = new TextDecoder();
  #factSeq = 0;

  constructor(venue: VenueModule, replica: Replica) {
    this.#replica = replica;
    this.#feed = new Feeds(this.#batch).open(venue);
    this.#fold = venue.createReferenceFold();
  }

  sink(): RecordingSink {
    const { env, mapper } = this.#feed;
    return {
      env,
      facts: env.sink,
      frame: (connection, recvAt, bytes, start, end) => {
        this.counts.frames++;
        mapper.frame(connection, recvAt, bytes, start, end);
        this.#drain();
        this.#compare(this.#decoder.decode(bytes.subarray(start, end)));
      },
      connection: (connection, state, at) => {
        mapper.connection(connection, state, at);
        this.#drain();
      },
      object: (fact, at) => {
        env.sink.object(fact, at);
        this.#drain();
      },
      reject: () => {
        this.counts.rejectedLines++;
      },
    };
  }

  /** Takes over what the replica counted. */
  finish(counters: {
    readonly gaps: number;
    readonly duplicates: number;
    readonly reordered: number;
    readonly clamped: number;
  }): void {
    Object.assign(this.counts, counters);
  }

  #drain(): void {
    const { i32, f64, count, objects } = this.#batch;
    let next = 0;
    for (let index = 0; index <= count; index++) {
      while (next < objects.length && objects[next]!.before === index) {
        const { fact, at } = objects[next++]!;
        if (fact.kind === "stream.opened" && !fact.judged) this.#unjudged(fact.label, fact.why);
        this.#replica.object(fact, at, this.#factSeq++);
      }
      if (index < count) this.#step(i32, f64, index);
    }
    this.#batch.clear();
    this.#replica.clearChanged();
  }

  #unjudged(label: string, why: string): void {
    this.counts.unjudgedStreams++;
    if (this.counts.notes.length < 8) this.counts.notes.push(`${label}: sequence not judged: ${why}`);
  }

  #step(i32: Int32Array, f64: Float64Array, index: number): void {
    const word = index * FACT_WORDS;
    const kind = i32[word + W_HEAD]! & 0xff;
    if (kind === Kind.TRADE) this.#trade(i32[word + W_BOOK]! as BookId, i32[word + W_PRICE]!);
    if (kind === Kind.REJECT) this.counts.mapperRejects++;
    this.#replica.apply(i32, f64, index, this.#factSeq++);
    if ((i32[word + W_HEAD]! & (FLAG_FRAME_END << 16)) !== 0 && i32[word + W_BOOK]! >= 0)
      this.#crossed(i32[word + W_BOOK]! as BookId);
  }

  #trade(book: BookId, ticks: number): void {
    const bid = this.#replica.view.bestTicks(book, BID);
    const ask = this.#replica.view.bestTicks(book, ASK);
    this.counts.trades++;
    if (ticks >= bid && (ask === -1 || ticks <= ask)) this.counts.tradesInside++;
    if (ticks === bid || ticks === ask) this.counts.tradesAtTouch++;
  }

  #crossed(book: BookId): void {
    const bid = this.#replica.view.bestTicks(book, BID);
    const ask = this.#replica.view.bestTicks(book, ASK);
    if (bid !== -1 && ask !== -1 && bid >= ask) this.counts.crossed++;
  }

  #compare(text: string): void {
    for (const symbol of this.#fold.frame(text)) {
      const top = this.#fold.top(symbol);
      const bytes = ENCODER.encode(symbol);
      const hit = this.#feed.symbols.find(bytes, 0, bytes.length);
      if (top === null || hit < 0 || (hit & 1) === 1) continue;
      const book = (hit >> 1) as BookId;
      this.counts.compared++;
      if (top.bid !== -1 && top.ask !== -1 && top.bid >= top.ask) this.counts.referenceCrossed++;
      const bid = this.#replica.view.bestTicks(book, BID);
      const ask = this.#replica.view.bestTicks(book, ASK);
      if (bid === top.bid && ask === top.ask) continue;
      this.counts.bboMismatches++;
      if (this.examples.length < 5) {
        this.examples.push(
          `frame ${this.counts.frames} ${symbol}: best ${bid}/${ask}, reference ${top.bid}/${top.ask}`,
        );
      }
    }
  }
}

const ENCODER = new TextEncoder();

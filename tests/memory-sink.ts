import {
  type BookId,
  type FactSink,
  type Instrument,
  Kind,
  type Listing,
  type Lots,
  type MapperEnv,
  type Micros,
  type ObjectFact,
  type RecordingSink,
  type Side,
  type SymbolHit,
  type SymbolIndex,
  type VenueScales,
} from "../src/contracts/index.ts";

/** One packed fact, spread out so that tests can compare and print it. */
export interface PlainRecord {
  readonly kind: string;
  readonly side: number;
  readonly flags: number;
  readonly book: number;
  readonly priceTicks: number;
  readonly stream: number;
  readonly lots: number;
  readonly recvAt: number;
  readonly venueAt: number;
  readonly venueSeq: number;
}

const KIND_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Kind).map(([name, number]) => [number, name]),
);

/** Keeps everything a mapper emits, in order: packed facts as `PlainRecord`, object facts as they came. */
export class MemorySink implements FactSink {
  readonly entries: (PlainRecord | { readonly object: ObjectFact; readonly at: number })[] = [];

  put(
    kind: Kind,
    side: Side,
    flags: number,
    book: number,
    priceTicks: number,
    stream: number,
    lots: number,
    recvAt: number,
    venueAt: number,
    venueSeq: number,
  ): void {
    this.entries.push({
      kind: KIND_NAMES.get(kind) ?? String(kind),
      side,
      flags,
      book,
      priceTicks,
      stream,
      lots,
      recvAt,
      venueAt,
      venueSeq,
    });
  }

  object(fact: ObjectFact, at: Micros): void {
    this.entries.push({ object: fact, at });
  }

  get records(): PlainRecord[] {
    return this.entries.filter((entry): entry is PlainRecord => "kind" in entry);
  }

  get objects(): ObjectFact[] {
    return this.entries.flatMap((entry) => ("object" in entry ? [entry.object] : []));
  }

  clear(): void {
    this.entries.length = 0;
  }
}

const DECODER = new TextDecoder();

/** A simple exact symbol index over a Map. Announces instruments to the sink as the real one does. */
export class MemorySymbols implements SymbolIndex {
  readonly instruments: Instrument[] = [];
  readonly #venue: string;
  readonly #scales: VenueScales;
  readonly #sink: FactSink;
  readonly #limit: number;
  readonly #hits = new Map<string, number>();

  constructor(venue: string, scales: VenueScales, sink: FactSink, limit = 100_000) {
    this.#venue = venue;
    this.#scales = scales;
    this.#sink = sink;
    this.#limit = limit;
  }

  find(bytes: Uint8Array, start: number, end: number): SymbolHit {
    return this.#hits.get(DECODER.decode(bytes.subarray(start, end))) ?? -1;
  }

  /** The hit of a symbol, -1 when unknown. */
  hit(symbol: string): SymbolHit {
    return this.#hits.get(symbol) ?? -1;
  }

  learn(symbol: string, at: Micros): SymbolHit {
    const known = this.#hits.get(symbol);
    if (known !== undefined) return known;
    const book = this.describe(
      {
        symbol,
        market: `${this.#venue}:${symbol}`,
        side: "unified",
        title: symbol,
        priceScale: this.#scales.priceScale,
        sizeScale: this.#scales.sizeScale,
        tickRanges: [],
        minLots: 0 as Lots,
        lotStep: 1 as Lots,
        fees: [],
        currency: this.#scales.currency,
        status: "unknown",
        opensAt: null,
        closesAt: null,
      },
      at,
    );
    return book === -1 ? -1 : book * 2;
  }

  describe(listing: Listing, at: Micros): number {
    const known = this.#hits.get(listing.symbol);
    const book = known === undefined ? this.instruments.length : known >> 1;
    if (book >= this.#limit) return -1;
    const instrument: Instrument = {
      ...listing,
      book: book as BookId,
      key: `${this.#venue}:${listing.symbol}`,
      venue: this.#venue,
    };
    if (JSON.stringify(this.instruments[book]) === JSON.stringify(instrument)) return book;
    this.instruments[book] = instrument;
    this.#hits.set(listing.symbol, book * 2);
    if (listing.mirrorSymbol !== undefined) this.#hits.set(listing.mirrorSymbol, book * 2 + 1);
    this.#sink.object({ kind: "market.instruments", instruments: [instrument] }, at);
    return book;
  }
}

/** A mapper environment whose streams and symbols live in memory and whose facts go to `sink`. */
export interface MemoryEnv extends MapperEnv {
  readonly sink: MemorySink;
  readonly symbols: MemorySymbols;
}

/** Builds the environment one venue's mapper needs in a test. */
export function memoryEnv(
  venue: string,
  scales: VenueScales,
  options: { readonly maxFrameBytes?: number; readonly maxBooks?: number; readonly sink?: MemorySink } = {},
): MemoryEnv {
  const sink = options.sink ?? new MemorySink();
  let streams = 0;
  return {
    venue,
    sink,
    symbols: new MemorySymbols(venue, scales, sink, options.maxBooks),
    maxFrameBytes: options.maxFrameBytes ?? 4 * 1024 * 1024,
    openStream(label, judged, why, at) {
      const stream = streams++;
      sink.object({ kind: "stream.opened", stream, venue, label, judged, why }, at);
      return stream;
    },
  };
}

/** What a recording reader handed over, besides facts. */
export interface MemoryRecording extends RecordingSink {
  readonly env: MemoryEnv;
  readonly frames: {
    readonly connection: number;
    readonly recvAt: number;
    readonly text: string;
  }[];
  readonly connections: {
    readonly connection: number;
    readonly state: "opened" | "lost";
    readonly at: number;
  }[];
  readonly rejects: { readonly reason: string; readonly detail: string }[];
}

/** A recording sink that keeps frames, connection states and rejects in memory; facts go to `env.sink`. */
export function memoryRecording(env: MemoryEnv): MemoryRecording {
  const frames: MemoryRecording["frames"] = [];
  const connections: MemoryRecording["connections"] = [];
  const rejects: MemoryRecording["rejects"] = [];
  return {
    env,
    facts: env.sink,
    frames,
    connections,
    rejects,
    frame(connection, recvAt, bytes, start, end) {
      frames.push({ connection, recvAt, text: DECODER.decode(bytes.subarray(start, end)) });
    },
    connection(connection, state, at) {
      connections.push({ connection, state, at });
    },
    object(fact, at) {
      env.sink.object(fact, at);
    },
    reject(reason, detail) {
      rejects.push({ reason, detail });
    },
  };
}

import type {
  BookId,
  FactSink,
  Instrument,
  Listing,
  Lots,
  Micros,
  SymbolHit,
  SymbolIndex,
  VenueId,
  VenueScales,
} from "../contracts/index.ts";

const EMPTY = -1;

/** Assigns book indices over all venues of a journal; the bound keeps memory flat whatever a venue sends. */
export class BookCounter {
  #next = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#next;
  }

  /** Next free book, or -1 at the bound. */
  take(): number {
    return this.#next < this.#limit ? this.#next++ : -1;
  }

  /** Continues after books that a journal already assigned. */
  reserve(book: number): void {
    if (book >= this.#next) this.#next = book + 1;
  }
}

/**
 * Symbol bytes -> book, for one venue. Open addressing over FNV-1a of the WHOLE symbol: hashing a prefix collides
 * massively on venue tickers. Nothing is allocated by `find`.
 */
export class SymbolTable implements SymbolIndex {
  readonly #venue: VenueId;
  readonly #scales: VenueScales;
  readonly #counter: BookCounter;
  readonly #sink: FactSink;
  readonly #instruments: (Instrument | undefined)[] = [];
  #slots = new Int32Array(1024).fill(EMPTY);
  #hits: number[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #bytes = new Uint8Array(1 << 16);
  #used = 0;

  constructor(venue: VenueId, scales: VenueScales, counter: BookCounter, sink: FactSink) {
    this.#venue = venue;
    this.#scales = scales;
    this.#counter = counter;
    this.#sink = sink;
  }

  find(bytes: Uint8Array, start: number, end: number): SymbolHit {
    const entry = this.#slots[this.#probe(bytes, start, end)]!;
    return entry === EMPTY ? -1 : this.#hits[entry]!;
  }

  learn(symbol: string, at: Micros): SymbolHit {
    const known = this.#lookup(symbol);
    if (known !== -1) return known;
    const book = this.#counter.take();
    if (book === -1) return -1;
    this.#announce(unknownTerms(this.#venue, this.#scales, symbol, book), at);
    return this.#lookup(symbol);
  }

  describe(listing: Listing, at: Micros): number {
    const known = this.#lookup(listing.symbol);
    const book = known === -1 ? this.#counter.take() : known >> 1;
    if (book === -1) return -1;
    const instrument: Instrument = {
      ...listing,
      book: book as BookId,
      key: `${this.#venue}:${listing.symbol}`,
      venue: this.#venue,
    };
    const before = this.#instruments[book];
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(instrument))
      this.#announce(instrument, at);
    return book;
  }

  /** Restores an instrument that a journal announced; emits nothing. */
  restore(instrument: Instrument): void {
    this.#counter.reserve(instrument.book);
    this.#instruments[instrument.book] = instrument;
    this.#insert(instrument.symbol, instrument.book * 2);
    if (instrument.mirrorSymbol !== undefined) this.#insert(instrument.mirrorSymbol, instrument.book * 2 + 1);
  }

  #announce(instrument: Instrument, at: Micros): void {
    this.restore(instrument);
    this.#sink.object({ kind: "market.instruments", instruments: [instrument] }, at);
  }

  #lookup(symbol: string): SymbolHit {
    const bytes = ENCODER.encode(symbol);
    return this.find(bytes, 0, bytes.length);
  }

  #insert(symbol: string, hit: SymbolHit): void {
    const bytes = ENCODER.encode(symbol);
    const slot = this.#probe(bytes, 0, bytes.length);
    const entry = this.#slots[slot]!;
    if (entry !== EMPTY) {
      this.#hits[entry] = hit;
      return;
    }
    const start = this.#store(bytes);
    this.#slots[slot] = this.#hits.length;
    this.#hits.push(hit);
    this.#starts.push(start);
    this.#ends.push(start + bytes.length);
    if (this.#hits.length * 2 > this.#slots.length) this.#grow();
  }

  #probe(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashBytes(bytes, start, end) & mask;
    for (;;) {
      const entry = this.#slots[slot]!;
      if (entry === EMPTY || this.#equals(entry, bytes, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[entry]!;
    const length = end - start;
    if (this.#ends[entry]! - from !== length) return false;
    const stored = this.#bytes;
    for (let i = 0; i < length; i++) if (stored[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #store(bytes: Uint8Array): number {
    while (this.#used + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    const start = this.#used;
    this.#bytes.set(bytes, start);
    this.#used += bytes.length;
    return start;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    for (let entry = 0; entry < this.#hits.length; entry++) {
      const mask = this.#slots.length - 1;
      let slot = hashBytes(this.#bytes, this.#starts[entry]!, this.#ends[entry]!) & mask;
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#slots[slot] = entry;
    }
  }
}

const ENCODER = new TextEncoder();

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** A book whose terms nobody stated: it can be kept and watched; unknown fee and tick forbid any trade. */
function unknownTerms(venue: VenueId, scales: VenueScales, symbol: string, book: number): Instrument {
  return {
    book: book as BookId,
    key: `${venue}:${symbol}`,
    venue,
    symbol,
    market: `${venue}:${symbol}`,
    side: "unified",
    title: symbol,
    priceScale: scales.priceScale,
    sizeScale: scales.sizeScale,
    tickRanges: [],
    minLots: 0 as Lots,
    lotStep: 1 as Lots,
    fees: [],
    currency: scales.currency,
    status: "unknown",
    opensAt: null,
    closesAt: null,
  };
}

/**
 * Cost of one packed level change through the whole market part (continuity, exact book, top, firewall, digest,
 * changed families) against an idiomatic object design that does less: it keeps sorted levels and a best price, and
 * checks sequence, cross and staleness. Rounds of both are interleaved in one process; CPU time is user + system.
 *
 * Usage: node bench/book.ts [books=2000] [updates=1000000] [rounds=7]
 */
import {
  ASK,
  BID,
  type BookId,
  FACT_BYTES,
  FACT_SLOTS,
  FACT_WORDS,
  type Family,
  FLAG_FRAME_END,
  type Instrument,
  Kind,
  type Lots,
  type Micros,
  S_LOTS,
  S_RECV,
  S_VENUE_SEQ,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
} from "../src/contracts/index.ts";
import { DEFAULT_FIREWALL } from "../src/core/market/options.ts";
import { Replica } from "../src/core/market/replica.ts";

const BOOKS = Number(process.argv[2] ?? 2000);
const UPDATES = Number(process.argv[3] ?? 1_000_000);
const ROUNDS = Number(process.argv[4] ?? 7);
/** Levels a side, and how deep changes reach: recorded Kalshi books hold 34 and change 3 below the best on average. */
const LEVELS = 34;
const REACH = 10;

interface Tape {
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly count: number;
}

/** A small seeded generator (xorshift), so that every run measures the same tape. */
function randomInt(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** Changes near the touch of random books, sizes kept positive, one frame each, one stream. Half of them move a top. */
function makeTape(): Tape {
  const buffer = new ArrayBuffer(UPDATES * FACT_BYTES);
  const i32 = new Int32Array(buffer);
  const f64 = new Float64Array(buffer);
  const int = randomInt(12345);
  const sizes = new Float64Array(BOOKS * 2 * LEVELS).fill(100);
  for (let i = 0; i < UPDATES; i++) {
    const book = int(BOOKS);
    const side = int(2);
    const level = Math.min(int(REACH), int(REACH));
    const at = (book * 2 + side) * LEVELS + level;
    const lots = sizes[at]! > 0 && int(4) === 0 ? -sizes[at]! : 1 + int(500);
    sizes[at] = sizes[at]! + lots;
    const word = i * FACT_WORDS;
    i32[word + W_HEAD] = Kind.LEVEL_CHANGE | (side << 8) | (FLAG_FRAME_END << 16);
    i32[word + W_BOOK] = book;
    i32[word + W_PRICE] = side === BID ? 4900 - level * 100 : 5100 + level * 100;
    i32[word + W_STREAM] = 0;
    const slot = i * FACT_SLOTS;
    f64[slot + S_LOTS] = lots;
    f64[slot + S_RECV] = 1_000_000 + i;
    f64[slot + S_VENUE_SEQ] = BOOKS + 1 + i;
  }
  return { i32, f64, count: UPDATES };
}

function instrument(book: number): Instrument {
  return {
    book: book as BookId,
    key: `bench:${book}`,
    venue: "bench",
    symbol: String(book),
    market: `bench:${book}`,
    side: "unified",
    title: "",
    priceScale: 10_000,
    sizeScale: 100,
    tickRanges: [{ fromTicks: 100, toTicks: 9900, stepTicks: 100 } as never],
    minLots: 1 as Lots,
    lotStep: 1 as Lots,
    fees: [],
    currency: "USD",
    status: "open",
    opensAt: null,
    closesAt: null,
  };
}

function families(): Family[] {
  const evidence = { label: "unknown", source: "", hash: "", expiresAt: null } as const;
  const list: Family[] = [];
  for (let first = 0; first < BOOKS; first += 8) {
    const members = Array.from({ length: Math.min(8, BOOKS - first) }, (_, i) => (first + i) as BookId);
    list.push({
      id: `f${first}`,
      kind: "event",
      venue: "bench",
      title: "",
      members,
      unquoted: [],
      exclusive: evidence,
      exhaustive: evidence,
      atMost: null,
      transforms: [],
    });
  }
  return list;
}

/** Ours: every book listed and filled. */
function makeReplica(): Replica {
  const ignore = (): void => {};
  const replica = new Replica(
    { maxBooks: BOOKS, denseBudgetBytes: 512 << 20, firewall: DEFAULT_FIREWALL, sha256: (text) => text },
    { quarantine: ignore, release: ignore, invalid: ignore, refused: ignore },
  );
  const at = 1_000_000 as Micros;
  const instruments = Array.from({ length: BOOKS }, (_, book) => instrument(book));
  replica.object({ kind: "market.instruments", instruments }, at, 0);
  replica.object({ kind: "market.families", families: families() }, at, 0);
  replica.object(
    { kind: "stream.opened", stream: 0, venue: "bench", label: "", judged: true, why: "" },
    at,
    0,
  );
  const i32 = new Int32Array(FACT_WORDS);
  const f64 = new Float64Array(i32.buffer);
  const put = (kind: number, book: number, side: number, ticks: number, flags: number): void => {
    i32[W_HEAD] = kind | (side << 8) | (flags << 16);
    i32[W_BOOK] = book;
    i32[W_PRICE] = ticks;
    i32[W_STREAM] = 0;
    f64[S_LOTS] = 100;
    f64[S_RECV] = 1_000_000;
    f64[S_VENUE_SEQ] = book + 1;
    replica.apply(i32, f64, 0, 0);
  };
  for (let book = 0; book < BOOKS; book++) {
    put(Kind.SNAPSHOT_BEGIN, book, 0, 0, 0);
    for (let level = 0; level < LEVELS; level++) {
      put(Kind.SNAPSHOT_LEVEL, book, BID, 4900 - level * 100, 0);
      put(Kind.SNAPSHOT_LEVEL, book, ASK, 5100 + level * 100, 0);
    }
    put(Kind.SNAPSHOT_END, book, 0, 0, FLAG_FRAME_END);
  }
  return replica;
}

interface ObjectLevel {
  price: number;
  size: number;
}

interface ObjectUpdate {
  readonly book: string;
  readonly side: "bid" | "ask";
  readonly price: number;
  readonly delta: number;
  readonly seq: number;
  readonly recvAt: number;
}

/** The baseline: a Map of books, each with sorted arrays of {price, size}; the usual design of such engines. */
class ObjectBooks {
  readonly books = new Map<
    string,
    { bids: ObjectLevel[]; asks: ObjectLevel[]; lastAt: number; valid: boolean }
  >();
  readonly changed = new Set<string>();
  lastSeq = BOOKS;
  quarantined = 0;

  constructor() {
    for (let book = 0; book < BOOKS; book++) {
      const ladder = (start: number, step: number) =>
        Array.from({ length: LEVELS }, (_, i) => ({ price: (start + step * i) / 10_000, size: 1 }));
      this.books.set(String(book), {
        bids: ladder(4900, -100),
        asks: ladder(5100, 100),
        lastAt: 0,
        valid: true,
      });
    }
  }

  apply(update: ObjectUpdate): void {
    const book = this.books.get(update.book);
    if (book === undefined) return;
    if (update.seq !== this.lastSeq + 1) book.valid = false;
    this.lastSeq = update.seq;
    book.lastAt = update.recvAt;
    const levels = update.side === "bid" ? book.bids : book.asks;
    const top = levels[0]?.price;
    const topSize = levels[0]?.size;
    const at = levels.findIndex((l) =>
      update.side === "bid" ? l.price <= update.price : l.price >= update.price,
    );
    const level = at < 0 ? undefined : levels[at];
    if (level !== undefined && level.price === update.price) {
      level.size += update.delta;
      if (level.size <= 0) levels.splice(at, 1);
    } else if (update.delta > 0) {
      levels.splice(at < 0 ? levels.length : at, 0, { price: update.price, size: update.delta });
    }
    if (levels[0]?.price === top && levels[0]?.size === topSize) return;
    const bid = book.bids[0];
    const ask = book.asks[0];
    if (bid !== undefined && ask !== undefined && bid.price >= ask.price) this.quarantined++;
    else this.changed.add(update.book);
  }
}

function objectUpdates(tape: Tape): ObjectUpdate[] {
  return Array.from({ length: tape.count }, (_, i) => ({
    book: String(tape.i32[i * FACT_WORDS + W_BOOK]!),
    side: ((tape.i32[i * FACT_WORDS]! >> 8) & 1) === BID ? "bid" : "ask",
    price: tape.i32[i * FACT_WORDS + W_PRICE]! / 10_000,
    delta: tape.f64[i * FACT_SLOTS + S_LOTS]! / 100,
    seq: tape.f64[i * FACT_SLOTS + S_VENUE_SEQ]!,
    recvAt: tape.f64[i * FACT_SLOTS + S_RECV]!,
  }));
}

/** CPU nanoseconds per update. */
function cpuOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const used = process.cpuUsage(before);
  return ((used.user + used.system) * 1000) / UPDATES;
}

function ours(tape: Tape): number {
  const replica = makeReplica();
  const { i32, f64, count } = tape;
  const cpu = cpuOf(() => {
    for (let i = 0; i < count; i++) {
      replica.apply(i32, f64, i, i);
      if ((i & 63) === 63) replica.clearChanged();
    }
  });
  const counted = replica.counters();
  if (counted.booksValid !== BOOKS || counted.gaps !== 0)
    throw new Error("the tape was not folded as intended");
  return cpu;
}

function baseline(updates: readonly ObjectUpdate[]): number {
  const books = new ObjectBooks();
  return cpuOf(() => {
    for (let i = 0; i < updates.length; i++) {
      books.apply(updates[i]!);
      if ((i & 63) === 63) books.changed.clear();
    }
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const tape = makeTape();
const updates = objectUpdates(tape);
const our: number[] = [];
const their: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  our.push(ours(tape));
  their.push(baseline(updates));
}
const line = (name: string, a: number, b: number): void =>
  console.log(`${name} | ${a.toFixed(1)} ns | ${b.toFixed(1)} ns | ${(b / a).toFixed(2)}x`);
console.log(`# ${BOOKS} books, ${UPDATES} level changes, ${ROUNDS} interleaved rounds, CPU time per update`);
console.log("name | ours | baseline | ratio");
line("level change, median", median(our), median(their));
line("level change, min", Math.min(...our), Math.min(...their));

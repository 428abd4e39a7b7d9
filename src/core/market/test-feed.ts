import {
  ASK,
  BID,
  type BookId,
  FACT_WORDS,
  FLAG_FRAME_END,
  type Instrument,
  Kind,
  type Lots,
  type Micros,
  type ObjectFact,
  reasonOf,
  S_LOTS,
  S_RECV,
  S_VENUE_SEQ,
  type Ticks,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
} from "../../contracts/index.ts";
import { DEFAULT_FIREWALL, type FirewallOptions } from "./options.ts";
import { Replica } from "./replica.ts";

/** Test helper: one record of a frame, in words. */
export interface TestRecord {
  readonly kind: Kind;
  readonly side?: number;
  readonly book?: number;
  readonly ticks?: number;
  readonly lots?: number;
  readonly flags?: number;
}

export interface TestFrame {
  readonly stream?: number;
  readonly seq?: number;
  readonly at?: number;
  readonly records: readonly TestRecord[];
}

/** An open unified book on the cent grid of a 1e-4 price scale, fees and all left out. */
export function testInstrument(book: number, changes: Partial<Instrument> = {}): Instrument {
  return {
    book: book as BookId,
    key: `test:B${book}`,
    venue: "test",
    symbol: `B${book}`,
    market: `test:M${book}`,
    side: "unified",
    title: `book ${book}`,
    priceScale: 10_000,
    sizeScale: 100,
    tickRanges: [],
    minLots: 1 as Lots,
    lotStep: 1 as Lots,
    fees: [],
    currency: "USD",
    status: "open",
    opensAt: null,
    closesAt: null,
    ...changes,
  };
}

export function testTicks(fromTicks: number, toTicks: number, stepTicks: number) {
  return { fromTicks: fromTicks as Ticks, toTicks: toTicks as Ticks, stepTicks: stepTicks as Ticks };
}

/** Test helper: drives a `Replica` frame by frame and keeps what it reported as readable lines. */
export class TestFeed {
  readonly replica: Replica;
  readonly log: string[] = [];
  at = 1_000_000;
  seq = 0;
  factSeq = 0;
  readonly #i32 = new Int32Array(FACT_WORDS);
  readonly #f64 = new Float64Array(this.#i32.buffer);

  constructor(firewall: Partial<FirewallOptions> = {}, denseBudgetBytes = 1 << 20) {
    const line = (name: string) => (book: number, side: number, reason: number) => {
      this.log.push(`${name} ${book}/${side === 0 ? "bid" : "ask"} ${reasonOf(reason)}`);
    };
    this.replica = new Replica(
      {
        maxBooks: 64,
        denseBudgetBytes,
        firewall: { ...DEFAULT_FIREWALL, ...firewall },
        sha256: (text) => text,
      },
      {
        quarantine: line("quarantine"),
        release: line("release"),
        invalid: (book, reason) => this.log.push(`invalid ${book} ${reasonOf(reason)}`),
        refused: (reason, book) => this.log.push(`refused ${book} ${reasonOf(reason)}`),
      },
    );
  }

  object(fact: ObjectFact): void {
    this.replica.object(fact, this.at as Micros, this.factSeq++);
  }

  list(...instruments: Instrument[]): void {
    this.object({ kind: "market.instruments", instruments });
  }

  open(stream: number, judged = true): void {
    this.object({ kind: "stream.opened", stream, venue: "test", label: "test", judged, why: "" });
  }

  /** Delivers one frame; without `seq` the next in order, without `at` a millisecond later. */
  frame({ stream = 0, seq, at, records }: TestFrame): boolean {
    this.at = at ?? this.at + 1000;
    this.seq = seq ?? this.seq + 1;
    let ended = false;
    records.forEach(({ kind, side = 0, book = 0, ticks = 0, lots = 0, flags = 0 }, i) => {
      const end = i === records.length - 1 ? FLAG_FRAME_END : 0;
      this.#i32[W_HEAD] = kind | (side << 8) | ((flags | end) << 16);
      this.#i32[W_BOOK] = book;
      this.#i32[W_PRICE] = ticks;
      this.#i32[W_STREAM] = stream;
      this.#f64[S_LOTS] = lots;
      this.#f64[S_RECV] = this.at;
      this.#f64[S_VENUE_SEQ] = this.seq;
      ended = this.replica.apply(this.#i32, this.#f64, 0, this.factSeq++);
    });
    return ended;
  }

  /** Reason code of a side's standing, or "ok". */
  standing(book: number, side: 0 | 1): string {
    const reason = this.replica.view.barred(book as BookId, side);
    return reason === 0 ? "ok" : (reasonOf(reason) ?? String(reason));
  }

  best(book: number): string {
    const view = this.replica.view;
    const side = (s: 0 | 1) => `${view.bestTicks(book as BookId, s)}x${view.bestLots(book as BookId, s)}`;
    return `${side(0)} / ${side(1)}`;
  }

  count(reason: string): number {
    return this.replica.counters().reasons["test"]?.[reason] ?? 0;
  }
}

/** Snapshot records of a book from `[side, ticks, lots]` rows. */
export function snapshot(
  book: number,
  rows: readonly (readonly [number, number, number])[],
  flags = 0,
): TestRecord[] {
  return [
    { kind: Kind.SNAPSHOT_BEGIN, book, flags },
    ...rows.map(([side, ticks, lots]) => ({ kind: Kind.SNAPSHOT_LEVEL, book, side, ticks, lots, flags })),
    { kind: Kind.SNAPSHOT_END, book, flags },
  ];
}

export function change(book: number, side: number, ticks: number, lots: number): TestRecord {
  return { kind: Kind.LEVEL_CHANGE, book, side, ticks, lots };
}

export const TWO_SIDED = [
  [BID, 4_500, 100],
  [ASK, 4_700, 50],
] as const;

/** A feed with valid books 0 and 1 on judged stream 0. */
export function ready(firewall = {}): TestFeed {
  const feed = new TestFeed(firewall);
  feed.list(testInstrument(0), testInstrument(1));
  feed.open(0);
  feed.frame({ records: snapshot(0, TWO_SIDED) });
  feed.frame({ records: snapshot(1, TWO_SIDED) });
  return feed;
}

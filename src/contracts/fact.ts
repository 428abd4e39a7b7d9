import type { Family, Instrument, VenueId } from "./market.ts";
import type { Finding, OrderUpdate } from "./opportunity.ts";
import type { Micros } from "./units.ts";

/**
 * FACTS: what happened. The engine's only input.
 *
 * Hot facts (books, trades, sequence numbers) are packed records of 48 bytes in typed arrays from the mapper to
 * the journal to the engine. Everything rarer is a plain object. One `seq` orders both.
 *
 * Packed layout, little endian; word = int32 index, slot = float64 index within the record:
 *   word 0  kind | side << 8 | flags << 16
 *   word 1  book (BookId), or -1
 *   word 2  priceTicks, or a reason's number for INVALID / REJECT
 *   word 3  stream (index of the venue subscription), or -1
 *   slot 2  lots (absolute for *_LEVEL/SET/TRADE/WITNESS, signed for CHANGE), -1 = not stated
 *   slot 3  recvAt  Micros, stamped at the socket
 *   slot 4  venueAt Micros, 0 = not stated
 *   slot 5  venueSeq, -1 = none
 */
export const FACT_BYTES = 48;
export const FACT_WORDS = 12;
export const FACT_SLOTS = 6;
export const W_HEAD = 0;
export const W_BOOK = 1;
export const W_PRICE = 2;
export const W_STREAM = 3;
export const S_LOTS = 2;
export const S_RECV = 3;
export const S_VENUE_AT = 4;
export const S_VENUE_SEQ = 5;

/** Packed record kinds. 1..63 are facts, 64..127 are decisions of the engine recorded beside them. */
export const Kind = {
  /** The book is replaced: clear both sides. Levels follow, then SNAPSHOT_END. */
  SNAPSHOT_BEGIN: 1,
  SNAPSHOT_LEVEL: 2,
  SNAPSHOT_END: 3,
  /** Absolute total at a level; 0 removes it. */
  LEVEL_SET: 4,
  /** Signed change at a level. */
  LEVEL_CHANGE: 5,
  /** Public trade print; side = taker side (BID = taker bought YES). */
  TRADE: 6,
  /** The venue's own statement of the best price of a side (lots -1 if not given; priceTicks -1 = side empty). */
  TOP_WITNESS: 7,
  /** A frame without book content that consumed a sequence number. */
  SEQUENCE: 8,
  /** The mapper or the venue declares a book (or, with book -1, all books of the stream) invalid; word 2 = reason number. */
  INVALID: 9,
  /** A message or a part of it was refused by the mapper; word 2 = reason number. Nothing else of it was emitted. */
  REJECT: 10,
  /** Time passed (timer, end of input). */
  TICK: 11,
  /** Decisions. */
  QUARANTINE: 64,
  RELEASE: 65,
  REFUSAL: 66,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Kinds from here on are decisions of the engine. */
export const FIRST_DECISION_KIND = 64;

/** Writes one packed record at `word` (a multiple of 2): the layout above, in one place. */
export function writeFact(
  i32: Int32Array,
  f64: Float64Array,
  word: number,
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
  const slot = word >> 1;
  i32[word + W_HEAD] = kind | (side << 8) | (flags << 16);
  i32[word + W_BOOK] = book;
  i32[word + W_PRICE] = priceTicks;
  i32[word + W_STREAM] = stream;
  f64[slot + S_LOTS] = lots;
  f64[slot + S_RECV] = recvAt;
  f64[slot + S_VENUE_AT] = venueAt;
  f64[slot + S_VENUE_SEQ] = venueSeq;
}

/** Sides on the book's own scale. */
export const BID = 0;
export const ASK = 1;
export type Side = typeof BID | typeof ASK;

/** Last fact of one venue frame: judge, then let the lanes look. */
export const FLAG_FRAME_END = 1;
/** Observed by polling, not by a stream. */
export const FLAG_POLL = 2;
/** The venue's checksum over the snapshot was verified (set on SNAPSHOT_END). */
export const FLAG_HASH_OK = 4;

/** A run of packed records sharing one buffer. `i32` and `f64` view the same bytes. */
export interface FactBatch {
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly count: number;
}

/** Where a mapper writes packed facts. One call = one record; the sink owns the buffer and grows or flushes it. */
export interface FactSink {
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
  ): void;
  /** A rare fact, ordered after every record put so far. */
  object(fact: ObjectFact, at: Micros): void;
}

/** Version of the object-fact schemas below. Readers accept every version up to theirs (see capture/upgrade.ts). */
export const FACT_VERSION = 1;

/** Facts that are rare enough to be objects. Those marked W happened whatever we did; R answer our commands. */
export type ObjectFact =
  /** W: books first seen or changed. */
  | { readonly kind: "market.instruments"; readonly instruments: readonly Instrument[] }
  /** W: families first seen or changed. */
  | { readonly kind: "market.families"; readonly families: readonly Family[] }
  /** W: a subscription began. `judged` false: this recording is a slice, its sequence cannot be judged; `why` says so. */
  | {
      readonly kind: "stream.opened";
      readonly stream: number;
      readonly venue: VenueId;
      readonly label: string;
      readonly judged: boolean;
      readonly why: string;
    }
  | { readonly kind: "stream.closed"; readonly stream: number; readonly reason: string }
  /** W: a market settled; `yesPayout` is a decimal in [0,1]. */
  | {
      readonly kind: "market.resolved";
      readonly market: string;
      readonly yesPayout: string;
      readonly source: string;
    }
  | {
      readonly kind: "venue.status";
      readonly venue: VenueId;
      readonly status: "up" | "degraded" | "down";
      readonly reason: string;
    }
  | {
      readonly kind: "operator";
      readonly action: "pause" | "resume" | "kill";
      readonly who: string;
      readonly why: string;
    }
  /** R: an order moved. */
  | { readonly kind: "order.update"; readonly update: OrderUpdate }
  /** R: what a lane found, recorded so that verify needs no lane. */
  | { readonly kind: "lane.result"; readonly lane: string; readonly findings: readonly Finding[] }
  /** R: the session ended: what is open is closed in the books of the run. */
  | { readonly kind: "run.ended"; readonly reason: string }
  /** R: published for every consumer. */
  | { readonly kind: "risk.breach"; readonly rule: string; readonly detail: string }
  /** W: a venue's feed ("all": every feed) is behind the market, or sound again. */
  | { readonly kind: "degraded.mode"; readonly on: boolean; readonly scope: string; readonly reason: string }
  /** W: a stage of start-up ended, a poll budget changed, a fault was seen: what an operator wants to read later. */
  | {
      readonly kind: "feed.note";
      readonly venue: VenueId;
      readonly stage: string;
      readonly detail: string;
      readonly tookMs: number;
    };

export type ObjectFactKind = ObjectFact["kind"];

/** True for facts that happened whatever we did; what-if replay keeps only these. */
export function isWorldFact(kind: ObjectFactKind): boolean {
  switch (kind) {
    case "market.instruments":
    case "market.families":
    case "stream.opened":
    case "stream.closed":
    case "market.resolved":
    case "venue.status":
    case "operator":
    case "degraded.mode":
    case "feed.note":
      return true;
    case "order.update":
    case "lane.result":
    case "run.ended":
    case "risk.breach":
      return false;
  }
}

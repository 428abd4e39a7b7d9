import type { Instrument, Micros } from "../../contracts/index.ts";
import { BookTable } from "./book-table.ts";
import { Continuity } from "./continuity.ts";
import { Counters } from "./counters.ts";
import { FamilyIndex } from "./families.ts";
import { Firewall } from "./firewall.ts";
import { Frame } from "./frame.ts";
import { Ladders } from "./ladders.ts";
import type { MarketEvents, ReplicaOptions } from "./options.ts";
import { Placement } from "./placement.ts";
import { QuoteTerms } from "./quote-terms.ts";
import { SizeHistory } from "./size-history.ts";
import { StateDigest } from "./state-digest.ts";
import { Validity } from "./validity.ts";
import { Witness } from "./witness.ts";

/** The parts of one replica, shared by the few classes that work on them. */
export interface Parts {
  readonly options: ReplicaOptions;
  readonly events: MarketEvents;
  readonly table: BookTable;
  readonly ladders: Ladders;
  readonly placement: Placement;
  readonly history: SizeHistory;
  readonly validity: Validity;
  readonly witness: Witness;
  readonly terms: QuoteTerms;
  readonly firewall: Firewall;
  readonly streams: Continuity;
  readonly frame: Frame;
  readonly families: FamilyIndex;
  readonly counters: Counters;
  readonly digest: StateDigest;
  readonly instruments: (Instrument | undefined)[];
  /** Venue index of each book and stream, for counting. */
  readonly bookVenue: number[];
  readonly streamVenue: number[];
  /** `[now in Micros, fact number]` as of the fact under way: an array so that writing it allocates nothing. */
  readonly clock: Float64Array;
  readonly tallies: Tallies;
}

/** `clock[NOW]`: the largest receive instant so far. */
export const NOW = 0;
export const FACT = 1;

/** Whole-market counts that are no reasons. */
export interface Tallies {
  gaps: number;
  clamped: number;
  crossedFrames: number;
  frames: number;
  trades: number;
  booksListed: number;
}

export function createParts(options: ReplicaOptions, events: MarketEvents): Parts {
  const table = new BookTable(options.maxBooks);
  const ladders = new Ladders(table);
  const terms = new QuoteTerms(table);
  const witness = new Witness(table, ladders);
  return {
    options,
    events,
    table,
    ladders,
    placement: new Placement(table, ladders, options.denseBudgetBytes),
    history: new SizeHistory(table, ladders, options.firewall.sizeMedianBooks),
    validity: new Validity(table),
    witness,
    terms,
    firewall: new Firewall(table, terms, witness, options.firewall),
    streams: new Continuity(table),
    frame: new Frame(table),
    families: new FamilyIndex(options.maxBooks),
    counters: new Counters(),
    digest: new StateDigest(),
    instruments: [],
    bookVenue: [],
    streamVenue: [],
    clock: new Float64Array(2),
    tallies: { gaps: 0, clamped: 0, crossedFrames: 0, frames: 0, trades: 0, booksListed: 0 },
  };
}

/** Makes room for a book in every part; false beyond the bound. */
export function makeRoom(parts: Parts, book: number): boolean {
  const { table } = parts;
  if (!table.list(book)) return false;
  const { capacity } = table;
  parts.ladders.grow();
  parts.placement.grow();
  parts.history.grow(capacity);
  parts.validity.grow(capacity);
  parts.witness.grow(capacity);
  parts.streams.grow(capacity);
  while (parts.instruments.length <= book) {
    parts.instruments.push(undefined);
    parts.bookVenue.push(0);
  }
  return true;
}

/** Reports and counts something that was not used. `book` may be -1. */
export function refuse(parts: Parts, reason: number, book: number, venue: number): void {
  parts.counters.add(venue, reason);
  parts.events.refused(reason, book, now(parts), parts.clock[FACT]!);
}

/** Ends a book's validity, if it was valid; it must be judged at the end of the frame. */
export function invalidate(parts: Parts, book: number, reason: number): void {
  parts.frame.touch(book);
  parts.counters.add(parts.bookVenue[book]!, reason);
  if (!parts.validity.end(book, reason, parts.clock[FACT]!, now(parts))) return;
  parts.history.reset(book);
  parts.events.invalid(book, reason, now(parts), parts.clock[FACT]!);
}

/** Ends the validity of every book a stream makes. */
export function invalidateStream(parts: Parts, stream: number, reason: number): void {
  const { streams } = parts;
  for (let book = streams.firstBook(stream); book >= 0; book = streams.nextBook(book))
    invalidate(parts, book, reason);
}

export function now(parts: Parts): Micros {
  return parts.clock[NOW]! as Micros;
}

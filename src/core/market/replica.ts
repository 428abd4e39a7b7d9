import {
  FACT_SLOTS,
  FACT_WORDS,
  FLAG_FRAME_END,
  FLAG_POLL,
  Kind,
  type MarketView,
  type Micros,
  type ObjectFact,
  S_LOTS,
  S_RECV,
  S_VENUE_SEQ,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
} from "../../contracts/index.ts";
import { BookFold } from "./book-fold.ts";
import { B_STREAM, grownFloat64, LINE_SHIFT } from "./book-table.ts";
import { GAP, OVERFLOW, STALE, TIME_BACKWARDS, UNKNOWN_SYMBOL } from "./codes.ts";
import { ADMIT_DROPPED, ADMIT_GAP, ADMIT_OK } from "./continuity.ts";
import type { MarketEvents, ReplicaOptions } from "./options.ts";
import { createParts, FACT, invalidateStream, NOW, type Parts, refuse, type Tallies } from "./parts.ts";
import { Registry } from "./registry.ts";
import { settleFrame } from "./settle.ts";
import type { BookValidity } from "./validity.ts";
import { ReplicaView } from "./view.ts";

/** What the market part counted. `reasons` is venue -> reason code -> count. */
export interface MarketCounters extends Readonly<Tallies> {
  readonly reasons: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly booksValid: number;
  readonly denseBooks: number;
  readonly denseBytes: number;
  readonly promotions: number;
  readonly demotions: number;
  readonly regrids: number;
}

/**
 * Everything between a packed fact and what a lane may see: continuity, exact books, the quote firewall, settled sizes
 * and the list of changed families. Pure and synchronous; the same facts give the same state. Never throws on data.
 */
export class Replica {
  readonly #view: ReplicaView;
  readonly #parts: Parts;
  readonly #fold: BookFold;
  readonly #registry: Registry;
  #polledAt = new Float64Array(0);
  #frameOpen = false;

  constructor(options: ReplicaOptions, events: MarketEvents) {
    this.#parts = createParts(options, events);
    this.#fold = new BookFold(this.#parts);
    this.#registry = new Registry(this.#parts);
    this.#view = new ReplicaView(this.#parts, () => this.#polledAt);
  }

  get view(): MarketView {
    return this.#view;
  }

  /** Distinct indices of families whose usable quotes moved: `changed[0, changedCount)`. */
  get changed(): Int32Array {
    return this.#parts.families.changed;
  }

  get changedCount(): number {
    return this.#parts.families.changedCount;
  }

  clearChanged(): void {
    this.#parts.families.clearChanged();
  }

  /** Marks the families of a book as changed: someone waits for more than its best prices, such as a settled size. */
  lookAgain(book: number): void {
    if (this.#parts.table.has(book)) this.#parts.families.touch(book);
  }

  /** Applies record `index` of a batch. Returns true when it ended a frame: only then may anyone look. */
  apply(i32: Int32Array, f64: Float64Array, index: number, factSeq: number): boolean {
    const word = index * FACT_WORDS;
    const slot = index * FACT_SLOTS;
    const head = i32[word + W_HEAD]!;
    const flags = head >>> 16;
    const stream = i32[word + W_STREAM]!;
    this.#parts.clock[FACT] = factSeq;
    this.#advance(f64[slot + S_RECV]!, stream);
    if (this.#admit(stream, f64, slot))
      this.#dispatch(head, i32[word + W_BOOK]!, i32[word + W_PRICE]!, stream, f64, slot);
    this.#frameOpen = (flags & FLAG_FRAME_END) === 0;
    if (this.#frameOpen) return false;
    this.#parts.tallies.frames++;
    settleFrame(this.#parts);
    return true;
  }

  /** Applies a rare fact; kinds that concern no book are ignored. Within a frame its effect is judged at the frame's end. */
  object(fact: ObjectFact, at: Micros, factSeq: number): void {
    const parts = this.#parts;
    parts.clock[FACT] = factSeq;
    if (at > parts.clock[NOW]!) parts.clock[NOW] = at;
    this.#registry.apply(fact);
    if (this.#polledAt.length < parts.table.capacity) {
      this.#polledAt = grownFloat64(this.#polledAt, parts.table.capacity, 0);
    }
    if (!this.#frameOpen) settleFrame(parts);
  }

  /** Since when a book is exact, or why it is not; undefined for an unknown book. */
  validity(book: number): BookValidity | undefined {
    return this.#parts.table.has(book) ? this.#parts.validity.of(book) : undefined;
  }

  /** True while a book is exactly what the venue shows, as far as the venue has proved it. Free of allocation. */
  isExact(book: number): boolean {
    return this.#parts.table.has(book) && this.#parts.validity.isValid(book);
  }

  /** Instant (Micros) at which a book was last known to be whole; 0 = never. */
  provedAt(book: number): number {
    return this.#view.provedAt(book);
  }

  /** The stream that makes a book; -1 = none. */
  streamOf(book: number): number {
    const { table } = this.#parts;
    return table.has(book) ? table.words[(book << LINE_SHIFT) + B_STREAM]! : -1;
  }

  counters(): MarketCounters {
    const { counters, placement, tallies, validity } = this.#parts;
    return {
      ...tallies,
      reasons: counters.byVenue(),
      booksValid: validity.validBooks,
      denseBooks: placement.denseBooks,
      denseBytes: placement.denseBytes,
      promotions: placement.promotions,
      demotions: placement.demotions,
      regrids: placement.regrids,
    };
  }

  /** Two int32 that differ as soon as any applied (book, side, price, size) differed. */
  stateDigest(): readonly [number, number] {
    return this.#parts.digest.words();
  }

  /** Moves the clock: receive time never goes back (one count a frame when the input tries). */
  #advance(recvAt: number, stream: number): void {
    const { clock, counters, streamVenue } = this.#parts;
    if (recvAt >= clock[NOW]!) clock[NOW] = recvAt;
    else if (!this.#frameOpen) counters.add(streamVenue[stream] ?? 0, TIME_BACKWARDS);
  }

  /** Judges the record's place in its stream; true when it may be used. */
  #admit(stream: number, f64: Float64Array, slot: number): boolean {
    if (stream < 0) return true;
    const parts = this.#parts;
    const { streams } = parts;
    if (stream >= streams.count && !streams.know(stream)) {
      refuse(parts, OVERFLOW, -1, 0);
      return false;
    }
    const verdict = streams.admit(stream, f64[slot + S_VENUE_SEQ]!, parts.frame.number);
    if (verdict === ADMIT_OK || verdict === ADMIT_GAP) {
      if (verdict === ADMIT_GAP) this.#gap(stream);
      const silence = parts.clock[NOW]! - streams.provedAt[stream]!;
      if (silence > parts.options.firewall.maxAgeMicros) this.#awake(stream);
      streams.provedAt[stream] = parts.clock[NOW]!;
      return true;
    }
    if (verdict !== ADMIT_DROPPED) refuse(parts, verdict, -1, parts.streamVenue[stream] ?? 0);
    return false;
  }

  #gap(stream: number): void {
    this.#parts.tallies.gaps++;
    invalidateStream(this.#parts, stream, GAP);
  }

  /** A stream speaks after a silence that made its quotes stale: they are usable again, so lanes must look. */
  #awake(stream: number): void {
    const { streams, families, counters, streamVenue } = this.#parts;
    if (streams.firstBook(stream) < 0) return;
    counters.add(streamVenue[stream] ?? 0, STALE);
    for (let book = streams.firstBook(stream); book >= 0; book = streams.nextBook(book)) families.touch(book);
  }

  #dispatch(
    head: number,
    book: number,
    ticks: number,
    stream: number,
    f64: Float64Array,
    slot: number,
  ): void {
    const kind = head & 0xff;
    const side = (head >>> 8) & 1;
    const isLevel = kind === Kind.LEVEL_CHANGE || kind === Kind.LEVEL_SET;
    if (isLevel && stream >= 0 && this.#parts.table.has(book) && head >>> 16 < FLAG_POLL) {
      // The hottest path, kept short: streamed level changes are nearly all facts.
      this.#fold.level(book, side, ticks, stream, f64, slot + S_LOTS, kind === Kind.LEVEL_CHANGE);
    } else this.#other(kind, side, head >>> 16, book, ticks, stream, f64, slot);
  }

  #other(
    kind: number,
    side: number,
    flags: number,
    book: number,
    ticks: number,
    stream: number,
    f64: Float64Array,
    slot: number,
  ): void {
    const parts = this.#parts;
    if (kind === Kind.SEQUENCE || kind === Kind.TICK) return;
    if (kind === Kind.REJECT) refuse(parts, ticks, book, this.#venueOf(book, stream));
    else if (kind === Kind.INVALID && book < 0) this.#fold.invalid(book, stream, ticks);
    else if (parts.table.has(book)) {
      if (stream < 0 || (flags & FLAG_POLL) !== 0) this.#polledAt[book] = parts.clock[NOW]!;
      this.#book(kind, side, flags, book, ticks, stream, f64, slot + S_LOTS);
    } else refuse(parts, UNKNOWN_SYMBOL, book, this.#venueOf(-1, stream));
  }

  /** A record about a listed book. */
  #book(
    kind: number,
    side: number,
    flags: number,
    book: number,
    ticks: number,
    stream: number,
    f64: Float64Array,
    lotsAt: number,
  ): void {
    switch (kind) {
      case Kind.LEVEL_CHANGE:
      case Kind.LEVEL_SET:
        this.#fold.level(book, side, ticks, stream, f64, lotsAt, kind === Kind.LEVEL_CHANGE);
        break;
      case Kind.SNAPSHOT_BEGIN:
      case Kind.SNAPSHOT_LEVEL:
      case Kind.SNAPSHOT_END:
        this.#fold.snapshot(kind, side, flags, book, ticks, stream, f64, lotsAt);
        break;
      case Kind.TOP_WITNESS:
        this.#fold.witness(book, side, ticks, f64[lotsAt]!);
        break;
      case Kind.INVALID:
        this.#fold.invalid(book, stream, ticks);
        break;
      case Kind.TRADE:
        this.#parts.tallies.trades++;
        break;
      default:
        break;
    }
  }

  #venueOf(book: number, stream: number): number {
    const { bookVenue, streamVenue } = this.#parts;
    return bookVenue[book] ?? streamVenue[stream] ?? 0;
  }
}

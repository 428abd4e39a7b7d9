import { FLAG_POLL, Kind } from "../../contracts/index.ts";
import {
  B_CLAMPED,
  B_FLAGS,
  B_REASON,
  B_SCALE,
  B_STATUS,
  B_STREAM,
  FLAG_BAD_SIZE,
  FLAG_DEPTH_CHANGED,
  FLAG_DRIFTED,
  FLAG_IN_SNAPSHOT,
  FLAG_POLLED,
  FLAG_SNAPSHOT_DONE,
  FLAG_SPOILED,
  FLAG_UNBOUNDED,
  LINE_SHIFT,
} from "./book-table.ts";
import {
  INVALID_SIZE,
  NEGATIVE_LEVEL,
  NEVER_SEEN,
  OFF_GRID,
  OVERFLOW,
  SEQ_DUPLICATE,
  SUSPICIOUS,
  TORN_SNAPSHOT,
  UNREADABLE,
  VENUE_CLOSE,
} from "./codes.ts";
import { isInvalidSize } from "./firewall-rules.ts";
import { PUT_CLAMPED, PUT_FULL } from "./ladders.ts";
import { invalidate, invalidateStream, type Parts, refuse } from "./parts.ts";
import { STATUS_SHUT } from "./quote-terms.ts";

/** Prices of unbounded books stay below this, so that price and side share one int32. */
const MAX_TICKS = 2 ** 30;

/** Folds the content of admitted records into the books. All books named must be listed. */
export class BookFold {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Snapshot records. The lots of a level are read from `f64[lotsAt]`. */
  snapshot(
    kind: number,
    side: number,
    flags: number,
    book: number,
    ticks: number,
    stream: number,
    f64: Float64Array,
    lotsAt: number,
  ): void {
    this.#parts.frame.touch(book);
    if (kind === Kind.SNAPSHOT_BEGIN) this.#begin(book, stream, flags);
    else if (!this.#parts.table.hasFlag(book, FLAG_IN_SNAPSHOT)) invalidate(this.#parts, book, TORN_SNAPSHOT);
    else if (kind === Kind.SNAPSHOT_END) this.#end(book);
    else this.#put(book, side, ticks, f64, lotsAt, false);
  }

  /** An absolute or relative level outside a snapshot. */
  level(
    book: number,
    side: number,
    ticks: number,
    stream: number,
    f64: Float64Array,
    lotsAt: number,
    relative: boolean,
  ): void {
    const parts = this.#parts;
    const words = parts.table.words;
    const line = book << LINE_SHIFT;
    parts.frame.touch(book);
    const owner = words[line + B_STREAM]!;
    if (owner !== stream && !this.#adopt(book, owner, stream)) return;
    if ((words[line + B_FLAGS]! & FLAG_IN_SNAPSHOT) !== 0) this.#tear(book);
    this.#put(book, side, ticks, f64, lotsAt, relative);
  }

  /** The venue's own best price of a side. */
  witness(book: number, side: number, ticks: number, lots: number): void {
    this.#parts.frame.touch(book);
    if (this.#parts.table.hasFlag(book, FLAG_IN_SNAPSHOT)) this.#tear(book);
    this.#parts.witness.state(book, side, ticks, lots);
  }

  /** The mapper or the venue declares a book, or all books of a stream (book -1), invalid. */
  invalid(book: number, stream: number, reason: number): void {
    const parts = this.#parts;
    if (book < 0) {
      if (stream >= 0) invalidateStream(parts, stream, reason);
      return;
    }
    this.#parts.table.clearFlag(book, FLAG_IN_SNAPSHOT);
    if (reason === VENUE_CLOSE) parts.table.words[(book << LINE_SHIFT) + B_STATUS] = STATUS_SHUT;
    invalidate(parts, book, reason);
  }

  #begin(book: number, stream: number, flags: number): void {
    const parts = this.#parts;
    const words = parts.table.words;
    const line = book << LINE_SHIFT;
    if (this.#parts.table.hasFlag(book, FLAG_IN_SNAPSHOT)) invalidate(parts, book, TORN_SNAPSHOT);
    if (words[line + B_REASON] === 0) parts.history.replaced(book);
    if (words[line + B_STREAM] !== stream) parts.streams.attach(book, stream);
    parts.ladders.clear(book);
    parts.digest.cleared(book);
    words[line + B_CLAMPED] = 0;
    const kept = words[line + B_FLAGS]! & ~(FLAG_SPOILED | FLAG_POLLED | FLAG_SNAPSHOT_DONE);
    words[line + B_FLAGS] = kept | FLAG_IN_SNAPSHOT | ((flags & FLAG_POLL) === 0 ? 0 : FLAG_POLLED);
  }

  #end(book: number): void {
    const parts = this.#parts;
    this.#parts.table.clearFlag(book, FLAG_IN_SNAPSHOT);
    parts.witness.snapshotDone(book);
    if (this.#parts.table.hasFlag(book, FLAG_SPOILED)) return;
    this.#parts.table.clearFlag(book, FLAG_BAD_SIZE);
    parts.witness.forgive(book);
    parts.validity.begin(book, parts.clock[1]!);
    this.#parts.table.setFlag(book, FLAG_SNAPSHOT_DONE);
  }

  #put(
    book: number,
    side: number,
    ticks: number,
    f64: Float64Array,
    lotsAt: number,
    relative: boolean,
  ): void {
    const parts = this.#parts;
    const words = parts.table.words;
    const line = book << LINE_SHIFT;
    const flags = words[line + B_FLAGS]!;
    const limit = (flags & FLAG_UNBOUNDED) === 0 ? words[line + B_SCALE]! : MAX_TICKS;
    if (!(ticks > 0 && ticks < limit)) {
      this.#spoil(book, OFF_GRID, false);
      return;
    }
    const lots = f64[lotsAt]!;
    if (isInvalidSize(relative ? Math.abs(lots) : lots)) {
      this.#spoil(book, UNREADABLE, true);
      return;
    }
    const code = parts.placement.put(book, side, ticks, lots, relative);
    if (code === PUT_FULL) {
      this.#spoil(book, OVERFLOW, false);
      return;
    }
    const applied = parts.ladders.applied;
    const after = applied[1]!;
    parts.digest.level(book, side, ticks, after);
    if ((flags & FLAG_IN_SNAPSHOT) === 0 && applied[0] !== after) {
      words[line + B_FLAGS] = words[line + B_FLAGS]! | FLAG_DEPTH_CHANGED | FLAG_DRIFTED;
      if (words[line + B_REASON] === 0) parts.history.record(book, side, ticks, after - applied[0]!);
    }
    if (code === PUT_CLAMPED) this.#clamped(book, line);
    else if (after > Number.MAX_SAFE_INTEGER) this.#spoil(book, UNREADABLE, true);
  }

  #clamped(book: number, line: number): void {
    const parts = this.#parts;
    const words = parts.table.words;
    parts.tallies.clamped++;
    parts.counters.add(parts.bookVenue[book]!, NEGATIVE_LEVEL);
    words[line + B_CLAMPED] = words[line + B_CLAMPED]! + 1;
    if (words[line + B_CLAMPED]! > parts.options.firewall.maxClampedLevels)
      invalidate(parts, book, SUSPICIOUS);
  }

  /** A level that cannot be used: the book is not exact until the next whole snapshot. */
  #spoil(book: number, reason: number, isSize: boolean): void {
    const parts = this.#parts;
    if (isSize) parts.counters.add(parts.bookVenue[book]!, INVALID_SIZE);
    const before = parts.table.words[(book << LINE_SHIFT) + B_REASON]!;
    if (isSize && (before === 0 || before === NEVER_SEEN)) parts.table.setFlag(book, FLAG_BAD_SIZE);
    if (this.#parts.table.hasFlag(book, FLAG_IN_SNAPSHOT)) this.#parts.table.setFlag(book, FLAG_SPOILED);
    invalidate(parts, book, reason);
  }

  #tear(book: number): void {
    this.#parts.table.clearFlag(book, FLAG_IN_SNAPSHOT);
    invalidate(this.#parts, book, TORN_SNAPSHOT);
  }

  /**
   * A change from a stream that does not make this book. Two subscriptions to one book would count every change
   * twice, so only a snapshot hands a book over; a book nobody makes yet goes to the first stream that speaks of it.
   */
  #adopt(book: number, owner: number, stream: number): boolean {
    if (owner >= 0) {
      // The owner of a book that is not exact may be long gone: the change is lost for that reason, it is no duplicate.
      const reason = this.#parts.table.words[(book << LINE_SHIFT) + B_REASON]!;
      refuse(this.#parts, reason === 0 ? SEQ_DUPLICATE : reason, book, this.#parts.bookVenue[book]!);
      return false;
    }
    this.#parts.streams.attach(book, stream);
    return true;
  }
}

import type { Family, Instrument, ObjectFact } from "../../contracts/index.ts";
import {
  B_FLAGS,
  B_SCALE,
  B_SIBLING,
  B_STREAM,
  FLAG_LISTED,
  FLAG_REJUDGE,
  FLAG_UNBOUNDED,
  LINE_SHIFT,
} from "./book-table.ts";
import { OVERFLOW, RECONNECT, SEQ_UNJUDGED, TICK_CHANGE, VENUE_CLOSE } from "./codes.ts";
import { invalidate, invalidateStream, makeRoom, type Parts, refuse } from "./parts.ts";

type StreamOpened = Extract<ObjectFact, { kind: "stream.opened" }>;

/** Applies the rare facts: instruments, families, streams, settlements. Books concerned are touched, to be judged. */
export class Registry {
  readonly #parts: Parts;
  readonly #byMarket = new Map<string, number[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  apply(fact: ObjectFact): void {
    switch (fact.kind) {
      case "market.instruments":
        for (const instrument of fact.instruments) this.#instrument(instrument);
        break;
      case "market.families":
        for (const family of fact.families) this.#family(family);
        break;
      case "stream.opened":
        this.#opened(fact);
        break;
      case "stream.closed":
        if (fact.stream >= 0 && fact.stream < this.#parts.streams.count) {
          invalidateStream(this.#parts, fact.stream, RECONNECT);
        }
        break;
      case "market.resolved":
        this.#resolved(fact.market);
        break;
      default:
        break;
    }
  }

  #instrument(instrument: Instrument): void {
    const parts = this.#parts;
    const book = instrument.book;
    const venue = parts.counters.venue(instrument.venue);
    if (!isUsableScale(instrument.priceScale) || !makeRoom(parts, book)) {
      refuse(parts, OVERFLOW, book, venue);
      return;
    }
    const before = parts.instruments[book];
    if (before === undefined) parts.tallies.booksListed++;
    else if (before.market !== instrument.market) this.#leaveMarket(before);
    parts.frame.touch(book);
    if (before !== undefined && isRescaled(before, instrument)) this.#rescale(book);
    parts.instruments[book] = instrument;
    parts.bookVenue[book] = venue;
    const line = book << LINE_SHIFT;
    parts.table.words[line + B_SCALE] = instrument.priceScale;
    const unbounded = parts.options.unboundedVenues?.includes(instrument.venue) === true;
    const kept = parts.table.words[line + B_FLAGS]! & ~FLAG_UNBOUNDED;
    parts.table.words[line + B_FLAGS] = kept | FLAG_LISTED | (unbounded ? FLAG_UNBOUNDED : 0);
    parts.table.setFlag(book, FLAG_REJUDGE);
    parts.terms.set(instrument);
    this.#pair(instrument);
  }

  /** Scales changed: what the book holds is in other units now. */
  #rescale(book: number): void {
    const parts = this.#parts;
    parts.placement.reset(book);
    parts.digest.cleared(book);
    parts.firewall.forget(book);
    invalidate(parts, book, TICK_CHANGE);
  }

  /** Finds the other view of the same book: a listed sibling that one of the two names as its mirror. */
  #pair(instrument: Instrument): void {
    const { instruments } = this.#parts;
    const { words } = this.#parts.table;
    const own = (instrument.book << LINE_SHIFT) + B_SIBLING;
    const siblings = this.#booksOf(instrument.market);
    if (!siblings.includes(instrument.book)) siblings.push(instrument.book);
    const old = words[own]!;
    if (old >= 0) words[(old << LINE_SHIFT) + B_SIBLING] = -1;
    words[own] = -1;
    for (const book of siblings) {
      const other = instruments[book];
      if (other === undefined || book === instrument.book) continue;
      if (other.mirrorSymbol !== instrument.symbol && instrument.mirrorSymbol !== other.symbol) continue;
      words[own] = book;
      words[(book << LINE_SHIFT) + B_SIBLING] = instrument.book;
    }
  }

  #booksOf(market: string): number[] {
    let books = this.#byMarket.get(market);
    if (books === undefined) {
      books = [];
      this.#byMarket.set(market, books);
    }
    return books;
  }

  #leaveMarket(instrument: Instrument): void {
    const books = this.#booksOf(instrument.market);
    const at = books.indexOf(instrument.book);
    if (at >= 0) books.splice(at, 1);
    if (books.length === 0) this.#byMarket.delete(instrument.market);
  }

  #family(family: Family): void {
    const parts = this.#parts;
    if (parts.families.list(family) < 0) refuse(parts, OVERFLOW, -1, parts.counters.venue(family.venue));
  }

  #opened(fact: StreamOpened): void {
    const parts = this.#parts;
    const venue = parts.counters.venue(fact.venue);
    if (fact.stream < 0 || !parts.streams.know(fact.stream)) {
      refuse(parts, OVERFLOW, -1, venue);
      return;
    }
    while (parts.streamVenue.length <= fact.stream) parts.streamVenue.push(0);
    parts.streamVenue[fact.stream] = venue;
    invalidateStream(parts, fact.stream, RECONNECT);
    parts.streams.open(fact.stream, fact.judged);
    if (!fact.judged) refuse(parts, SEQ_UNJUDGED, -1, venue);
  }

  #resolved(market: string): void {
    const parts = this.#parts;
    for (const book of this.#byMarket.get(market) ?? []) {
      const instrument = parts.instruments[book];
      if (instrument === undefined) continue;
      const resolved: Instrument = { ...instrument, status: "resolved" };
      parts.instruments[book] = resolved;
      parts.terms.set(resolved);
      invalidate(parts, book, VENUE_CLOSE);
      // Nobody trades it again: its levels make room for the books that come after it.
      parts.placement.reset(book);
      parts.digest.cleared(book);
      if (parts.table.words[(book << LINE_SHIFT) + B_STREAM]! >= 0) parts.streams.detach(book);
    }
  }
}

/** Price scales are powers of ten with room for price and side in one int32. */
function isUsableScale(scale: number): boolean {
  return Number.isInteger(scale) && scale > 1 && scale < 2 ** 30;
}

function isRescaled(before: Instrument, after: Instrument): boolean {
  return before.priceScale !== after.priceScale || before.sizeScale !== after.sizeScale;
}

import type { ListedBook, ObjectFact } from "../../../src/contracts/index.ts";
import { payoutOf } from "../oracle-lifecycle.ts";
import type { EventBook } from "./catalogue-page.ts";

/** Statuses after which no more trading is expected. */
const OVER: ReadonlySet<string> = new Set([
  "closed",
  "determined",
  "disputed",
  "amended",
  "finalized",
  "settled",
]);

interface Listed {
  open: boolean;
  weight: number;
  readonly event: string;
  /** Number of the last whole reading that named it. */
  seen: number;
  resolved: boolean;
}

/** The books that discovery found, so that only changes are told. Bounded: events beyond the bound are left out whole. */
export class Listings {
  readonly #maxBooks: number;
  readonly #books = new Map<string, Listed>();
  /** Books of events that were left out. */
  leftOut = 0;

  constructor(maxBooks: number) {
    this.#maxBooks = maxBooks;
  }

  eventOf(symbol: string): string | undefined {
    return this.#books.get(symbol)?.event;
  }

  /** The events of these books that still fit, by ticker. Events that were over before they were known are left out. */
  fitting(books: readonly EventBook[]): ReadonlySet<string> {
    const wanted = new Set<string>();
    const fresh = new Map<string, number>();
    for (const { event, symbol, record } of books) {
      const known = this.#books.has(symbol);
      if (known || !OVER.has(record.status)) wanted.add(event);
      fresh.set(event, (fresh.get(event) ?? 0) + (known ? 0 : 1));
    }
    const fits = new Set<string>();
    let room = this.#maxBooks - this.#books.size;
    for (const [event, count] of fresh) {
      if (!wanted.has(event)) continue;
      if (count <= room) {
        fits.add(event);
        room -= count;
      } else this.leftOut += count;
    }
    return fits;
  }

  /** Files what one page said. @returns what is new or changed. */
  file(books: readonly EventBook[], reading: number): readonly ListedBook[] {
    return books.filter(({ symbol, open, weight, event, record }) => {
      const known = this.#books.get(symbol);
      if (known === undefined) {
        const resolved = isSettled(record.status);
        this.#books.set(symbol, { open, weight, event, seen: reading, resolved });
        return true;
      }
      const changed = known.open !== open || known.weight !== weight;
      Object.assign(known, { open, weight, seen: reading });
      return changed;
    });
  }

  /** A stream said that a book opened or closed. @returns the change to tell, null when there is none. */
  set(symbol: string, open: boolean): ListedBook | null {
    const known = this.#books.get(symbol);
    if (known === undefined || known.open === open) return null;
    known.open = open;
    return { symbol, open, weight: known.weight };
  }

  /**
   * Books that whole reading `reading` did not name: those that were open, and the events to look at again. What is
   * resolved besides is forgotten.
   */
  vanished(reading: number): { readonly books: readonly ListedBook[]; readonly events: ReadonlySet<string> } {
    const books: ListedBook[] = [];
    const events = new Set<string>();
    for (const [symbol, known] of this.#books) {
      if (known.seen === reading) continue;
      if (known.resolved) {
        this.#books.delete(symbol);
        continue;
      }
      events.add(known.event);
      if (known.open) books.push({ symbol, open: false, weight: known.weight });
      known.open = false;
    }
    return { books, events };
  }

  /** The venue does not know the event any more. */
  forget(event: string): void {
    for (const [symbol, known] of this.#books)
      if (known.event === event && !known.open) this.#books.delete(symbol);
  }

  /** Results that REST records state of books listed before, each once. */
  results(books: readonly EventBook[], venue: string): readonly ObjectFact[] {
    return books.flatMap(({ symbol, record }): ObjectFact[] => {
      const { status, result, settlement_value_dollars: value } = record;
      const known = this.#books.get(symbol);
      if (known === undefined || known.resolved || !isSettled(status)) return [];
      const yesPayout = payoutOf(result, value);
      if (yesPayout === null) return [];
      known.resolved = true;
      return [
        { kind: "market.resolved", market: `${venue}:${symbol}`, yesPayout, source: "REST market record" },
      ];
    });
  }

  /** Settlement was told on a stream. */
  resolved(symbol: string): void {
    const known = this.#books.get(symbol);
    if (known !== undefined) known.resolved = true;
  }
}

function isSettled(status: string): boolean {
  return status === "finalized" || status === "settled";
}

import { ASK, BID, type BookId, reasonNumber } from "../../contracts/index.ts";
import type { Replica } from "../../core/market/replica.ts";
import type { CoverageReading } from "../../feed/health/coverage.ts";

const STALE = reasonNumber("quote.stale");
/** Books named for repair in one look. */
const MAX_NAMED = 5_000;

/**
 * Which of the watched books are usable now: exact and fresh, whatever the firewall thinks of their prices. Markets that
 * are not open are not wanted. A family is wanted with its first watched book and usable when all its books are.
 */
export function readCoverage(replica: Replica, books: Iterable<BookId>): CoverageReading {
  const { view } = replica;
  const invalid: number[] = [];
  const stale: number[] = [];
  const broken = new Set<number>();
  const families = new Set<number>();
  let wanted = 0;
  let unusable = 0;
  for (const book of books) {
    if (view.instrument(book)?.status !== "open") continue;
    wanted++;
    for (const family of view.familiesOf(book)) families.add(family);
    const isExact = replica.isExact(book);
    const isStale = isExact && (view.barred(book, BID) === STALE || view.barred(book, ASK) === STALE);
    if (isExact && !isStale) continue;
    unusable++;
    for (const family of view.familiesOf(book)) broken.add(family);
    const list = isExact ? stale : invalid;
    if (list.length < MAX_NAMED) list.push(book);
  }
  return {
    books: { wanted, usable: wanted - unusable },
    families: { wanted: families.size, usable: families.size - broken.size },
    counters: {},
    invalid,
    stale,
    unsubscribed: [],
  };
}

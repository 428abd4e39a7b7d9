import fc from "fast-check";
import { expect, it } from "vitest";
import { ASK, BID, type BookId, Kind } from "../../contracts/index.ts";
import { TestFeed, type TestRecord, testInstrument } from "./test-feed.ts";

/** Five prices a side, so that the eight summary levels hold the whole book and the oracle is exact. */
const level = fc.record({
  side: fc.constantFrom<0 | 1>(BID, ASK),
  slot: fc.integer({ min: 0, max: 4 }),
  lots: fc.integer({ min: 0, max: 40 }),
});
const step = fc.record({
  kind: fc.constantFrom("levels", "levels", "levels", "snapshot", "nothing", "lost"),
  levels: fc.array(level, { minLength: 1, maxLength: 4 }),
});

const priceOf = (side: number, slot: number) => (side === BID ? 4_000 - 100 * slot : 5_000 + 100 * slot);

type Book = readonly [Map<number, number>, Map<number, number>];

function totalOf(book: Book, side: 0 | 1, limit: number): number {
  let total = 0;
  for (const [ticks, lots] of book[side]) if (side === BID ? ticks >= limit : ticks <= limit) total += lots;
  return total;
}

it.each([1, 2, 3, 5])(
  "the size over the last %i valid books is the median of naive copies of them",
  (books) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 4 }), (steps, slot) => {
        const feed = new TestFeed({ sizeMedianBooks: books, maxJumpPermille: 0 });
        feed.list(testInstrument(0));
        feed.open(0, false);
        let book: Book = [new Map(), new Map()];
        let isValid = false;
        let copies: Book[] = [];
        for (const { kind, levels } of steps) {
          const records: TestRecord[] = [];
          let changed = false;
          if (kind === "lost") {
            feed.object({ kind: "stream.closed", stream: 0, reason: "lost" });
            isValid = false;
            copies = [];
            continue;
          }
          if (kind === "snapshot") {
            book = [new Map(), new Map()];
            isValid = true;
            changed = true;
            records.push({ kind: Kind.SNAPSHOT_BEGIN });
          }
          for (const { side, slot: at, lots } of kind === "nothing" ? [] : levels) {
            const ticks = priceOf(side, at);
            if ((book[side].get(ticks) ?? 0) !== lots) changed = true;
            if (lots === 0) book[side].delete(ticks);
            else book[side].set(ticks, lots);
            records.push({
              kind: kind === "snapshot" ? Kind.SNAPSHOT_LEVEL : Kind.LEVEL_SET,
              side,
              ticks,
              lots,
            });
          }
          if (kind === "snapshot") records.push({ kind: Kind.SNAPSHOT_END });
          if (kind === "nothing") records.push({ kind: Kind.SEQUENCE, book: -1 });
          feed.frame({ records });
          if (isValid && changed) copies.push([new Map(book[BID]), new Map(book[ASK])]);
        }
        for (const side of [BID, ASK] as const) {
          const limit = priceOf(side, slot);
          const got = feed.replica.view.settledLots(0 as BookId, side, limit);
          const totals = copies.slice(-books).map((copy) => totalOf(copy, side, limit));
          const want = totals.length < books ? -1 : totals.sort((a, b) => a - b)[(books - 1) >> 1]!;
          expect(got).toBe(want);
        }
      }),
      { numRuns: Number(process.env["EMP_FUZZ"] ?? 150) },
    );
  },
);

it("gives no size when one frame changed more levels than are remembered", () => {
  const feed = new TestFeed({ sizeMedianBooks: 3 });
  feed.list(testInstrument(0));
  feed.open(0);
  feed.frame({ records: [{ kind: Kind.SNAPSHOT_BEGIN }, { kind: Kind.SNAPSHOT_END }] });
  for (let frame = 1; frame <= 3; frame++) {
    feed.frame({
      records: Array.from({ length: 20 }, (_, i) => ({
        kind: Kind.LEVEL_SET,
        side: BID,
        ticks: 100 * (i + 1),
        lots: frame,
      })),
    });
  }
  expect(feed.replica.view.settledLots(0 as BookId, BID, 100)).toBe(-1);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASK, BID, Kind } from "../../contracts/index.ts";
import { change, ready, snapshot, TestFeed, TWO_SIDED, testInstrument } from "./test-feed.ts";

describe("continuity", () => {
  it("a skipped number invalidates every book of the stream until a snapshot each", () => {
    const feed = ready();
    feed.frame({ seq: 9, records: [change(0, BID, 4_400, 5)] });
    expect(feed.log.slice(-6)).toEqual([
      "invalid 1 book.gap",
      "invalid 0 book.gap",
      "quarantine 1/bid quote.invalid_book",
      "quarantine 1/ask quote.invalid_book",
      "quarantine 0/bid quote.invalid_book",
      "quarantine 0/ask quote.invalid_book",
    ]);
    feed.frame({ records: snapshot(0, TWO_SIDED) });
    expect([feed.standing(0, BID), feed.standing(1, BID)]).toEqual(["ok", "quote.invalid_book"]);
  });

  it("a snapshot that shares the frame of the gap makes its own book valid", () => {
    const feed = ready();
    feed.frame({ seq: 9, records: snapshot(0, TWO_SIDED) });
    expect([feed.standing(0, BID), feed.standing(1, BID)]).toEqual(["ok", "quote.invalid_book"]);
  });

  it("a frame without book content keeps the count, so that no gap is seen", () => {
    const feed = ready();
    feed.frame({ records: [{ kind: Kind.SEQUENCE, book: -1 }] });
    feed.frame({ records: [change(0, BID, 4_400, 5)] });
    expect(feed.count("book.gap")).toBe(0);
  });

  it("drops the whole of a duplicate or late frame and says which of the two it is", () => {
    const feed = ready();
    feed.frame({ seq: 2, records: [change(0, BID, 4_500, 1), change(0, ASK, 4_700, 1)] });
    expect(feed.best(0)).toBe("4500x100 / 4700x50");
    expect(feed.log.slice(-1)).toEqual(["refused -1 seq.duplicate"]);
    feed.frame({ seq: 4, records: [change(0, BID, 4_500, 1)] });
    feed.frame({ seq: 3, records: [change(0, BID, 4_500, 1)] });
    expect(feed.log.slice(-1)).toEqual(["refused -1 seq.reordered"]);
    expect(feed.count("seq.duplicate") + feed.count("seq.reordered")).toBe(2);
  });

  it("raises no gap on a stream that cannot be judged, and says so once", () => {
    const feed = new TestFeed();
    feed.list(testInstrument(0));
    feed.open(0, false);
    feed.frame({ seq: 22, records: snapshot(0, TWO_SIDED) });
    feed.frame({ seq: 692_647, records: [change(0, BID, 4_500, 5)] });
    feed.frame({ seq: 40, records: [change(0, BID, 4_500, 5)] });
    expect(feed.best(0)).toBe("4500x110 / 4700x50");
    expect(feed.log).toEqual(["refused -1 seq.unjudged"]);
  });

  it("keeps the largest receive instant", () => {
    const feed = ready();
    const before = feed.replica.view.now;
    feed.frame({ at: 5, records: [change(0, BID, 4_400, 5)] });
    expect(feed.replica.view.now).toBe(before);
    expect(feed.count("seq.time_backwards")).toBe(1);
  });

  it("detects every injected drop, duplicate and reorder, and never anything else", () => {
    const hazard = fc.constantFrom("none", "none", "none", "drop", "duplicate", "swap");
    fc.assert(
      fc.property(
        fc.array(fc.record({ hazard, book: fc.integer({ min: 0, max: 1 }) }), { maxLength: 60 }),
        (steps) => {
          const feed = ready();
          let next = 3;
          let dropped = 0;
          let refused = 0;
          const send = (seq: number, book: number) =>
            feed.frame({ seq, records: [change(book, BID, 4_400, 1)] });
          for (const { hazard: kind, book } of steps) {
            if (kind === "drop") next++;
            if (kind === "swap") {
              send(next + 1, book);
              send(next, book);
              next += 2;
              dropped++;
              refused++;
            } else {
              send(next, book);
              if (kind === "duplicate") {
                send(next, book);
                refused++;
              }
              next++;
            }
            if (kind === "drop") dropped++;
          }
          expect(feed.replica.counters().gaps).toBe(dropped);
          expect(feed.count("seq.duplicate") + feed.count("seq.reordered")).toBe(refused);
          expect(feed.count("seq.reordered")).toBe(steps.filter((s) => s.hazard === "swap").length);
          expect(feed.replica.validity(0)?.valid).toBe(dropped === 0);
        },
      ),
      { numRuns: 200 },
    );
  });
});

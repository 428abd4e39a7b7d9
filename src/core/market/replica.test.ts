import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASK, BID, type BookId, Kind, type Micros, reasonNumber } from "../../contracts/index.ts";
import {
  change,
  ready,
  snapshot,
  TestFeed,
  type TestRecord,
  TWO_SIDED,
  testInstrument,
} from "./test-feed.ts";

describe("books", () => {
  it("are valid and usable from the end of their first snapshot on", () => {
    const feed = new TestFeed();
    feed.list(testInstrument(0));
    feed.open(0);
    expect(feed.standing(0, BID)).toBe("book.never_seen");
    feed.frame({ records: snapshot(0, TWO_SIDED) });
    expect(feed.best(0)).toBe("4500x100 / 4700x50");
    expect(feed.standing(0, BID)).toBe("ok");
    expect(feed.replica.validity(0)).toMatchObject({ valid: true, validFrom: 5, validUntil: -1, reason: 0 });
  });

  it("ignore zero-size levels of a snapshot, and become empty by an empty one", () => {
    const feed = ready();
    feed.frame({ records: snapshot(0, [[ASK, 3_000, 0], ...TWO_SIDED]) });
    expect(feed.best(0)).toBe("4500x100 / 4700x50");
    feed.frame({ records: snapshot(0, []) });
    expect(feed.best(0)).toBe("-1x0 / -1x0");
    expect(feed.replica.validity(0)?.valid).toBe(true);
  });

  it("clamp a level driven below zero, and become suspicious after too many", () => {
    const feed = ready({ maxClampedLevels: 1 });
    feed.frame({ records: [change(0, BID, 4_500, -130)] });
    expect(feed.best(0)).toBe("-1x0 / 4700x50");
    expect(feed.count("book.negative_level")).toBe(1);
    expect(feed.replica.validity(0)?.valid).toBe(true);
    feed.frame({ records: [change(0, BID, 4_400, -1)] });
    expect(feed.log).toContain("invalid 0 book.suspicious");
    feed.frame({ records: snapshot(0, TWO_SIDED) });
    expect(feed.standing(0, ASK)).toBe("ok");
  });

  it("refuse a torn snapshot until a whole one arrives", () => {
    const feed = ready();
    feed.frame({ records: [{ kind: Kind.SNAPSHOT_BEGIN, book: 0 }, change(0, BID, 4_400, 5)] });
    expect(feed.replica.validity(0)?.reason).toBe(reasonNumber("book.torn_snapshot"));
    feed.frame({ records: [{ kind: Kind.SNAPSHOT_BEGIN, book: 1 }] });
    expect(feed.replica.validity(1)?.reason).toBe(reasonNumber("book.torn_snapshot"));
    feed.frame({ records: snapshot(0, TWO_SIDED) });
    expect(feed.replica.validity(0)).toMatchObject({
      valid: true,
      ended: [{ reason: reasonNumber("book.torn_snapshot") }],
    });
  });

  it.each([
    ["a price of zero", 0, 10, "quote.invalid_price"],
    ["a price of one", 10_000, 10, "quote.invalid_price"],
    ["a negative price", -5, 10, "quote.invalid_price"],
    ["a size that is no number", 3_000, Number.NaN, "quote.invalid_size"],
    ["a fraction of a lot", 3_000, 0.5, "quote.invalid_size"],
    ["a negative size", 3_000, -1, "quote.invalid_size"],
    ["a size beyond exact integers", 3_000, 2 ** 60, "quote.invalid_size"],
  ])("bar every quote after %s", (_, ticks, lots, reason) => {
    const feed = ready();
    feed.frame({ records: [{ kind: Kind.LEVEL_SET, book: 0, side: ASK, ticks, lots }] });
    expect(feed.standing(0, ASK)).toBe(reason);
    expect(feed.standing(1, ASK)).toBe("ok");
    feed.frame({ records: snapshot(0, [[ASK, ticks, lots]]) });
    expect(feed.standing(0, ASK)).toBe(reason);
    feed.frame({ records: snapshot(0, TWO_SIDED) });
    expect(feed.standing(0, ASK)).toBe("ok");
  });

  it("belong to the stream of their last snapshot: another subscription cannot count a change twice", () => {
    const feed = ready();
    feed.open(1);
    feed.frame({ stream: 1, seq: 1, records: [change(0, BID, 4_500, 7)] });
    expect(feed.best(0)).toBe("4500x100 / 4700x50");
    feed.frame({ stream: 1, seq: 2, records: snapshot(0, TWO_SIDED) });
    feed.frame({ stream: 1, seq: 3, records: [change(0, BID, 4_500, 7)] });
    expect(feed.best(0)).toBe("4500x107 / 4700x50");
    feed.object({ kind: "stream.closed", stream: 0, reason: "lost" });
    expect(feed.standing(0, BID)).toBe("ok");
    expect(feed.standing(1, BID)).toBe("quote.invalid_book");
    expect(feed.log).toContain("invalid 1 book.reconnect");
  });

  it("are refused beyond the bound and when nobody listed them", () => {
    const feed = ready();
    feed.list(testInstrument(64));
    feed.frame({ records: [change(63, BID, 100, 1)] });
    expect(feed.log.slice(-2)).toEqual(["refused 64 book.overflow", "refused 63 wire.unknown_symbol"]);
  });

  it("end with the settlement of their market", () => {
    const feed = ready();
    feed.object({ kind: "market.resolved", market: "test:M0", yesPayout: "1", source: "test" });
    expect(feed.replica.validity(0)?.reason).toBe(reasonNumber("book.venue_close"));
    expect(feed.replica.view.instrument(0 as BookId)?.status).toBe("resolved");
    expect(feed.standing(0, BID)).toBe("quote.invalid_book");
  });

  it("stay shut after the venue closed them, even when the closing snapshot arrives", () => {
    const feed = ready();
    feed.frame({ records: [{ kind: Kind.INVALID, book: 0, ticks: reasonNumber("book.venue_close") }] });
    feed.frame({ records: snapshot(0, TWO_SIDED) });
    expect(feed.standing(0, BID)).toBe("quote.not_open");
  });

  it("are cleared when their price scale changes", () => {
    const feed = ready();
    feed.list(testInstrument(0, { priceScale: 1_000_000 }));
    expect(feed.best(0)).toBe("-1x0 / -1x0");
    expect(feed.replica.validity(0)?.reason).toBe(reasonNumber("book.tick_change"));
  });
});

describe("witness", () => {
  const witness = (side: number, ticks: number, lots = -1): TestRecord => ({
    kind: Kind.TOP_WITNESS,
    side,
    ticks,
    lots,
  });

  it("agrees after the frame's own changes, whatever the order inside the frame", () => {
    const feed = ready();
    feed.frame({ records: [witness(BID, 4_600, 3), change(0, BID, 4_600, 3), witness(ASK, 4_700)] });
    expect(feed.replica.validity(0)?.valid).toBe(true);
  });

  it.each([
    ["another price", witness(BID, 4_400)],
    ["another size", witness(BID, 4_500, 99)],
    ["an empty side that is not", witness(ASK, -1)],
  ])("ends validity by %s", (_, record) => {
    const feed = ready();
    feed.frame({ records: [record] });
    expect(feed.log).toContain("invalid 0 book.witness_mismatch");
  });

  it("tolerates as many disagreements in a row as told", () => {
    const feed = ready({ witnessMismatches: 2 });
    feed.frame({ records: [witness(BID, 4_400)] });
    feed.frame({ records: [witness(BID, 4_500)] });
    feed.frame({ records: [witness(BID, 4_400)] });
    expect(feed.replica.validity(0)?.valid).toBe(true);
    feed.frame({ records: [witness(BID, 4_400)] });
    expect(feed.replica.validity(0)?.valid).toBe(false);
  });
});

describe("changed families", () => {
  const evidence = { label: "unknown", source: "", hash: "", expiresAt: null } as const;
  const family = (id: string, ...members: number[]) => ({
    id,
    kind: "event" as const,
    venue: "test",
    title: id,
    members: members as BookId[],
    unquoted: [],
    exclusive: evidence,
    exhaustive: evidence,
    atMost: null,
    transforms: [],
  });
  const taken = (feed: TestFeed) => {
    const changed = [...feed.replica.changed.subarray(0, feed.replica.changedCount)];
    feed.replica.clearChanged();
    return changed;
  };

  it("are listed once however often a quote moves, and only for moves of usable tops", () => {
    const feed = ready();
    feed.object({ kind: "market.families", families: [family("a", 0), family("b", 0, 1), family("c", 1)] });
    expect(taken(feed)).toEqual([0, 1, 2]);
    feed.frame({ records: [change(0, BID, 4_500, 1)] });
    feed.frame({ records: [change(0, BID, 4_600, 1)] });
    expect(taken(feed)).toEqual([0, 1]);
    feed.frame({ records: [change(0, BID, 100, 1)] });
    expect(taken(feed)).toEqual([]);
    feed.object({ kind: "market.families", families: [family("b", 1)] });
    expect(taken(feed)).toEqual([1]);
    feed.frame({ records: [change(0, BID, 4_600, 1)] });
    expect(taken(feed)).toEqual([0]);
    expect(feed.replica.view.familiesOf(1 as BookId)).toEqual([2, 1]);
  });

  it("are listed when a book is lost, and when a stream speaks again after a silence", () => {
    const feed = ready();
    feed.object({ kind: "market.families", families: [family("a", 0)] });
    taken(feed);
    feed.frame({ at: feed.at + 60_000_000, records: [change(1, BID, 100, 1)] });
    expect(taken(feed)).toEqual([0]);
    feed.object({ kind: "stream.closed", stream: 0, reason: "lost" });
    expect(taken(feed)).toEqual([0]);
  });
});

describe("state digest", () => {
  const steps = fc.array(
    fc.record({
      book: fc.integer({ min: 0, max: 1 }),
      side: fc.constantFrom(BID, ASK),
      ticks: fc.integer({ min: 1, max: 9_998 }),
      lots: fc.integer({ min: 1, max: 2 ** 40 }),
    }),
    { minLength: 1, maxLength: 40 },
  );
  const digestOf = (records: readonly { book: number; side: number; ticks: number; lots: number }[]) => {
    const feed = ready();
    for (const record of records) feed.frame({ records: [{ kind: Kind.LEVEL_SET, ...record }] });
    return feed.replica.stateDigest().join();
  };

  it("is equal for equal facts and shows one tick or one lot anywhere", () => {
    fc.assert(
      fc.property(steps, fc.nat(), (records, pick) => {
        const at = pick % records.length;
        const digest = digestOf(records);
        expect(digestOf(records)).toBe(digest);
        expect(digestOf(records.map((r, i) => (i === at ? { ...r, ticks: r.ticks + 1 } : r)))).not.toBe(
          digest,
        );
        expect(digestOf(records.map((r, i) => (i === at ? { ...r, lots: r.lots + 1 } : r)))).not.toBe(digest);
      }),
      { numRuns: 60 },
    );
  });
});

it("ignores object facts that concern no book, and closes of streams nobody opened", () => {
  const feed = ready();
  const before = feed.log.length;
  feed.object({ kind: "operator", action: "pause", who: "test", why: "test" });
  feed.object({ kind: "stream.closed", stream: 99, reason: "lost" });
  feed.replica.object({ kind: "stream.closed", stream: -1, reason: "" }, 0 as Micros, 0);
  expect(feed.log.length).toBe(before);
});

import { describe, expect, it } from "vitest";
import { ASK, BID, FLAG_POLL, Kind } from "../../contracts/index.ts";
import type { FirewallOptions } from "./options.ts";
import { TestFeed, type TestRecord, testInstrument } from "./test-feed.ts";

type Row = readonly [side: 0 | 1, ticks: number, lots: number];

function snapshot(book: number, rows: readonly Row[], flags = 0): TestRecord[] {
  return [
    { kind: Kind.SNAPSHOT_BEGIN, book, flags },
    ...rows.map(([side, ticks, lots]) => ({ kind: Kind.SNAPSHOT_LEVEL, book, side, ticks, lots, flags })),
    { kind: Kind.SNAPSHOT_END, book, flags },
  ];
}

const GOOD: readonly Row[] = [
  [BID, 4_500, 100],
  [ASK, 4_700, 50],
];

function feedWith(
  firewall: Partial<FirewallOptions>,
  ...instruments: ReturnType<typeof testInstrument>[]
): TestFeed {
  const feed = new TestFeed(firewall);
  feed.list(...(instruments.length === 0 ? [testInstrument(0)] : instruments));
  feed.open(0);
  return feed;
}

describe("jumps", () => {
  const quote = (bid: number): TestRecord[] =>
    snapshot(0, [
      [BID, bid, 10],
      [ASK, bid + 200, 10],
    ]);

  it("bar both sides until the new level is confirmed", () => {
    const feed = feedWith({ maxJumpPermille: 200, jumpConfirmations: 2 });
    const seen = [4_000, 4_500, 7_000, 7_100, 7_000, 7_000].map((bid) => {
      feed.frame({ records: quote(bid) });
      return feed.standing(0, BID);
    });
    expect(seen).toEqual(["ok", "ok", "quote.jump", "quote.jump", "ok", "ok"]);
  });

  it("pass again at once when the quote returns", () => {
    const feed = feedWith({ maxJumpPermille: 200, jumpConfirmations: 2 });
    const seen = [4_000, 8_000, 4_000, 8_000, 1_000, 8_000].map((bid) => {
      feed.frame({ records: quote(bid) });
      return feed.standing(0, ASK);
    });
    expect(seen).toEqual(["ok", "quote.jump", "ok", "quote.jump", "quote.jump", "quote.jump"]);
  });

  it("are allowed up to the limit, and everywhere when it is zero", () => {
    const feed = feedWith({ maxJumpPermille: 200 });
    feed.frame({ records: quote(4_000) });
    feed.frame({ records: quote(6_000) });
    expect(feed.standing(0, BID)).toBe("ok");
    const open = feedWith({ maxJumpPermille: 0 });
    open.frame({ records: quote(1_000) });
    open.frame({ records: quote(9_000) });
    expect(open.standing(0, BID)).toBe("ok");
  });
});

describe("depth that stays frozen while the venue's best quotes move", () => {
  const poll = (bid: number): TestRecord[] => [
    ...snapshot(0, GOOD, FLAG_POLL),
    { kind: Kind.TOP_WITNESS, side: BID, ticks: bid, lots: -1, flags: FLAG_POLL },
    { kind: Kind.TOP_WITNESS, side: ASK, ticks: 4_700, lots: -1, flags: FLAG_POLL },
  ];

  it("is barred, and released by a real change of depth", () => {
    const feed = feedWith({ frozenWitnessMoves: 2 });
    const seen = [4_500, 4_400, 4_500, 4_500].map((bid) => {
      feed.frame({ seq: -1, records: poll(bid) });
      return feed.standing(0, BID);
    });
    expect(seen).toEqual(["ok", "quote.invalid_book", "quote.frozen", "quote.frozen"]);
    feed.frame({ seq: -1, records: snapshot(0, [[BID, 4_400, 7], ...GOOD], FLAG_POLL) });
    expect(feed.standing(0, BID)).toBe("ok");
  });

  it("is not suspected when the depth moves along", () => {
    const feed = feedWith({ frozenWitnessMoves: 1 });
    for (const bid of [4_500, 4_400, 4_300]) {
      feed.frame({
        seq: -1,
        records: [
          ...snapshot(
            0,
            [
              [BID, bid, 5],
              [ASK, 4_700, 5],
            ],
            FLAG_POLL,
          ),
          { kind: Kind.TOP_WITNESS, side: BID, ticks: bid, lots: 5, flags: FLAG_POLL },
        ],
      });
      expect(feed.standing(0, BID)).toBe("ok");
    }
  });
});

describe("two views of one book", () => {
  const yes = testInstrument(0, { market: "test:M", side: "yes", mirrorSymbol: "B1" });
  const no = testInstrument(1, { market: "test:M", side: "no" });

  it("may not cost less than they pay together, nor sell for more", () => {
    const feed = feedWith({}, yes, no);
    feed.frame({ records: snapshot(0, [[ASK, 4_500, 100]]) });
    feed.frame({ records: snapshot(1, [[ASK, 5_000, 60]]) });
    expect([feed.standing(0, ASK), feed.standing(1, ASK)]).toEqual([
      "quote.unified_cross",
      "quote.unified_cross",
    ]);
    feed.frame({ records: snapshot(1, [[ASK, 5_600, 60]]) });
    expect([feed.standing(0, ASK), feed.standing(1, ASK)]).toEqual(["ok", "ok"]);
    feed.frame({ records: snapshot(0, [[BID, 4_450, 1]]) });
    feed.frame({ records: snapshot(1, [[BID, 5_560, 1]]) });
    expect([feed.standing(0, BID), feed.standing(1, BID)]).toEqual([
      "quote.unified_cross",
      "quote.unified_cross",
    ]);
  });

  it("are suspended together when one of them cannot be trusted", () => {
    const feed = feedWith({}, yes, no);
    feed.frame({ records: snapshot(0, GOOD) });
    feed.frame({
      records: snapshot(1, [
        [BID, 5_000, 1],
        [ASK, 4_900, 1],
      ]),
    });
    expect([feed.standing(0, ASK), feed.standing(1, ASK)]).toEqual(["quote.suspended", "quote.crossed"]);
    feed.frame({ records: snapshot(1, [[ASK, 5_600, 1]]) });
    expect(feed.standing(0, ASK)).toBe("ok");
  });

  it("are independent books when no mirror is named: a low sum is an opportunity then", () => {
    const feed = feedWith({}, testInstrument(0, { market: "test:M", side: "yes" }), no);
    feed.frame({ records: snapshot(0, [[ASK, 4_500, 100]]) });
    feed.frame({ records: snapshot(1, [[ASK, 5_000, 60]]) });
    expect([feed.standing(0, ASK), feed.standing(1, ASK)]).toEqual(["ok", "ok"]);
  });
});

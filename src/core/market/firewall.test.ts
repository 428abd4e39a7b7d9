import { describe, expect, it } from "vitest";
import { ASK, BID, FLAG_POLL, Kind, type Micros } from "../../contracts/index.ts";
import type { FirewallOptions } from "./options.ts";
import { TestFeed, type TestRecord, testInstrument, testTicks } from "./test-feed.ts";

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

/** What a snapshot with these rows makes of [bid, ask]. */
function standings(
  rows: readonly Row[],
  firewall: Partial<FirewallOptions> = {},
  instrument = testInstrument(0),
) {
  const feed = feedWith(firewall, instrument);
  feed.frame({ records: snapshot(0, rows) });
  return [feed.standing(0, BID), feed.standing(0, ASK)];
}

const cents = [testTicks(100, 9_900, 100)];

describe("every rule bars with its own reason", () => {
  it.each<
    [string, readonly Row[], Partial<FirewallOptions>, Partial<ReturnType<typeof testInstrument>>, string[]]
  >([
    ["a good quote passes", GOOD, {}, { tickRanges: cents }, ["ok", "ok"]],
    [
      "crossed",
      [
        [BID, 4_700, 1],
        [ASK, 4_500, 1],
      ],
      {},
      {},
      ["quote.crossed", "quote.crossed"],
    ],
    [
      "locked counts as crossed",
      [
        [BID, 4_500, 1],
        [ASK, 4_500, 1],
      ],
      {},
      {},
      ["quote.crossed", "quote.crossed"],
    ],
    ["a price of zero", [[ASK, 0, 1_000]], {}, {}, ["quote.invalid_price", "quote.invalid_price"]],
    ["a size of NaN", [[ASK, 4_000, Number.NaN]], {}, {}, ["quote.invalid_size", "quote.invalid_size"]],
    ["a zero-size level is ignored", [[ASK, 3_000, 0], ...GOOD], {}, {}, ["ok", "ok"]],
    [
      "micro ask",
      [
        [BID, 5, 1],
        [ASK, 10, 500_000],
      ],
      {},
      {},
      ["quote.micro_price", "quote.micro_price"],
    ],
    [
      "micro price bars its own side only",
      [
        [BID, 9_700, 1],
        [ASK, 9_900, 1],
      ],
      {},
      {},
      ["ok", "quote.micro_price"],
    ],
    [
      "the edges of the band pass",
      [
        [BID, 200, 1],
        [ASK, 9_800, 1],
      ],
      {},
      {},
      ["ok", "ok"],
    ],
    ["one side empty, allowed", [[BID, 4_500, 1]], {}, {}, ["ok", "ok"]],
    [
      "one side empty",
      [[BID, 4_500, 1]],
      { requireTwoSides: true },
      {},
      ["quote.one_sided", "quote.one_sided"],
    ],
    [
      "off the tick grid",
      [
        [BID, 4_550, 1],
        [ASK, 4_700, 1],
      ],
      {},
      { tickRanges: cents },
      ["quote.off_tick", "ok"],
    ],
    [
      "outside every tick range",
      [[BID, 4_500, 1]],
      {},
      { tickRanges: [testTicks(5_000, 6_000, 100)] },
      ["quote.off_tick", "ok"],
    ],
    ["a closed market", GOOD, {}, { status: "closed" }, ["quote.not_open", "quote.not_open"]],
    ["a market of unknown status", GOOD, {}, { status: "unknown" }, ["quote.not_open", "quote.not_open"]],
    [
      "a market of unknown status, allowed",
      GOOD,
      { allowUnknownStatus: true },
      { status: "unknown" },
      ["ok", "ok"],
    ],
    ["a market past its close", GOOD, {}, { closesAt: 5 as Micros }, ["quote.not_open", "quote.not_open"]],
    [
      "a market before its opening",
      GOOD,
      {},
      { opensAt: 1e12 as Micros },
      ["quote.not_open", "quote.not_open"],
    ],
    [
      "too few valid books",
      GOOD,
      { requireSettledSize: true },
      {},
      ["quote.unsettled_size", "quote.unsettled_size"],
    ],
  ])("%s", (_, rows, firewall, terms, want) => {
    expect(standings(rows, firewall, testInstrument(0, terms))).toEqual(want);
  });
});

describe("transitions", () => {
  it("are reported once, not per message, while every refused update is counted", () => {
    const feed = feedWith({});
    feed.frame({ records: snapshot(0, GOOD) });
    for (let i = 0; i < 5; i++)
      feed.frame({ records: [{ kind: Kind.LEVEL_SET, side: ASK, ticks: 4_400, lots: 9 + i }] });
    expect(feed.log).toEqual(["quarantine 0/bid quote.crossed", "quarantine 0/ask quote.crossed"]);
    expect(feed.count("quote.crossed")).toBe(10);
    expect(feed.replica.counters().crossedFrames).toBe(5);
    feed.frame({ records: [{ kind: Kind.LEVEL_SET, side: ASK, ticks: 4_400, lots: 0 }] });
    expect(feed.log.slice(2)).toEqual(["release 0/bid quote.crossed", "release 0/ask quote.crossed"]);
  });

  it("judge a cross at the end of a frame, never in the middle of one", () => {
    const feed = feedWith({});
    feed.frame({ records: snapshot(0, GOOD) });
    feed.frame({
      records: [
        { kind: Kind.LEVEL_SET, side: ASK, ticks: 4_400, lots: 9 },
        { kind: Kind.LEVEL_SET, side: BID, ticks: 4_500, lots: 0 },
      ],
    });
    expect(feed.log).toEqual([]);
    expect(feed.best(0)).toBe("-1x0 / 4400x9");
  });

  it("follow a change of terms without any quote", () => {
    const feed = feedWith({});
    feed.frame({ records: snapshot(0, GOOD) });
    feed.list(testInstrument(0, { status: "paused" }));
    expect(feed.standing(0, BID)).toBe("quote.not_open");
    feed.list(testInstrument(0));
    expect(feed.standing(0, BID)).toBe("ok");
  });
});

describe("staleness", () => {
  it("is the age of the last proof of the stream, whichever book it spoke of", () => {
    const feed = feedWith({ maxAgeMicros: 2_000_000 }, testInstrument(0), testInstrument(1));
    feed.open(1);
    feed.frame({ seq: 1, records: snapshot(0, GOOD) });
    feed.frame({ stream: 1, seq: 1, at: feed.at + 45_000_000, records: snapshot(1, GOOD) });
    expect([feed.standing(0, ASK), feed.standing(1, ASK)]).toEqual(["quote.stale", "ok"]);
    feed.frame({ seq: 2, records: [{ kind: Kind.SEQUENCE, book: -1 }] });
    expect([feed.standing(0, ASK), feed.standing(1, ASK)]).toEqual(["ok", "ok"]);
    expect(feed.count("quote.stale")).toBe(1);
  });

  it("is not refreshed by a duplicate frame", () => {
    const feed = feedWith({ maxAgeMicros: 2_000_000 });
    feed.frame({ seq: 1, records: snapshot(0, GOOD) });
    feed.frame({ seq: 1, at: feed.at + 3_000_000, records: [{ kind: Kind.SEQUENCE, book: -1 }] });
    expect(feed.standing(0, ASK)).toBe("quote.stale");
  });

  it("of a polled book is its own, since another book's answer proves nothing of it", () => {
    const feed = feedWith({ maxAgeMicros: 2_000_000 }, testInstrument(0), testInstrument(1));
    feed.frame({ seq: -1, records: snapshot(0, GOOD, FLAG_POLL) });
    feed.frame({ seq: -1, at: feed.at + 3_000_000, records: snapshot(1, GOOD, FLAG_POLL) });
    expect([feed.standing(0, ASK), feed.standing(1, ASK)]).toEqual(["quote.stale", "ok"]);
  });
});

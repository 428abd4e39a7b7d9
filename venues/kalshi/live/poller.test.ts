import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { POLL_CONNECTION, type PollOutcome } from "../../../src/contracts/index.ts";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { KALSHI_SCALES } from "../scales.ts";
import { fixture } from "./testing/fixture.ts";

function open(options: Parameters<typeof fixture>[1] = {}) {
  const mapper = memoryEnv("kalshi", KALSHI_SCALES);
  const opened = fixture(mapper, options);
  const outcomes: PollOutcome[] = [];
  const poll = (symbols: readonly string[], purpose: "poll" | "resync" = "poll") => {
    opened.session.poll(symbols, purpose, (outcome) => outcomes.push(outcome));
  };
  return { ...opened, mapper, outcomes, poll };
}

const body = (...tickers: readonly string[]) => ({
  orderbooks: tickers.map((ticker) => ({
    ticker,
    orderbook_fp: {
      yes_dollars: [
        ["0.4000", "1.00"],
        ["0.3900", "2.00"],
      ],
      no_dollars: [["0.5500", "3.00"]],
    },
  })),
});
const tickersOf = (path: string) =>
  [...path.matchAll(/tickers=([^&]*)/g)].map(([, ticker]) => decodeURIComponent(ticker!));

describe("polling", () => {
  it("repeats the tickers instead of joining them, and feeds the answer as it came", () => {
    const { venue, mapper, outcomes, poll } = open();
    poll(["KXA-1", "KXB-1.5", "KXA-1"]);
    const request = venue.one("/markets/orderbooks");
    expect(request.path).toBe("/markets/orderbooks?tickers=KXA-1&tickers=KXB-1.5");
    expect(request.request).toMatchObject({ purpose: "poll", rateClass: "public", maxBytes: 4_194_304 });
    const text = JSON.stringify(body("KXA-1", "KXB-1.5"));
    request.answer(200, text);
    expect(outcomes).toEqual([{ ok: true, books: 2 }]);
    expect(venue.frames).toEqual([{ connection: POLL_CONNECTION, text }]);
    expect(mapper.sink.records.filter(({ kind }) => kind === "SNAPSHOT_END")).toHaveLength(2);
  });

  it("resyncs have a stream of their own; without a key they are polls", () => {
    const { venue, session, outcomes, poll } = open();
    poll(["KXA-1"], "resync");
    expect(venue.one("/markets").request.purpose).toBe("resync");
    venue.one("/markets").answer(200, body("KXA-1"));
    session.resync(["KXA-1"]);
    venue.one("/markets").answer(200, body("KXA-1"));
    expect(venue.frames.map(({ connection }) => connection - POLL_CONNECTION)).toEqual([1, 1]);
    session.resync(["KXA-1"]);
    venue.one("/markets").answer(429, { error: "too many requests" });
    expect([venue.reasons(), outcomes]).toEqual([["feed.rate_limited"], [{ ok: true, books: 1 }]]);
  });

  it("the distance of two polls is the age of the edge cache without a key, short with one", () => {
    expect(open().session).toMatchObject({
      pollBatch: 100,
      minPollMicros: 15_000_000,
      streams: false,
      gateway: null,
    });
    expect(open({ keyed: true, session: { keyedPollMs: 500 } }).session).toMatchObject({
      minPollMicros: 500_000,
      streams: true,
    });
  });

  it("with a key it is signed and counted in tokens", () => {
    const { venue, poll } = open({ keyed: true });
    poll(["KXA-1"]);
    venue.one("/markets").leave();
    expect(venue.one("/markets").request).toMatchObject({ rateClass: "read.basic", cost: 10 });
    expect(venue.one("/markets").headers).toHaveProperty("kalshi-access-signature");
  });

  it.each([
    [429, { error: "too many requests" }, {}, { reason: "feed.rate_limited", retryAfterMicros: null }],
    [503, "", { "retry-after": "3" }, { reason: "feed.maintenance", retryAfterMicros: 3_000_000 }],
    [403, "<html>", {}, { reason: "feed.html", retryAfterMicros: null }],
  ])("HTTP %i is told to whoever asked, and not fed", (status, answer, headers, expected) => {
    const { venue, outcomes, poll } = open();
    poll(["KXA-1"]);
    venue.one("/markets").answer(status, answer, headers);
    expect([outcomes, venue.frames]).toEqual([[{ ok: false, ...expected }], []]);
  });

  it("an answer of another shape is fed for the record and told as drift", () => {
    const { venue, outcomes, poll } = open();
    poll(["KXA-1"]);
    venue.one("/markets").answer(200, { books: [] });
    expect(outcomes).toEqual([{ ok: false, reason: "feed.shape", retryAfterMicros: null }]);
    expect(venue.frames).toHaveLength(1);
  });

  it("an answer without books is an answer", () => {
    const { venue, outcomes, poll } = open();
    poll(["KXA-1"]);
    venue.one("/markets").answer(200, { orderbooks: [] });
    expect(outcomes).toEqual([{ ok: true, books: 0 }]);
  });

  it("what is too large is asked for in halves, down to one book", () => {
    const { venue, outcomes, poll } = open();
    poll(["A", "B", "C"]);
    venue.one("/markets").none("too_large");
    for (const request of venue.waiting()) {
      const tickers = tickersOf(request.path);
      if (tickers.length > 1) request.none("too_large");
      else request.answer(200, body(...tickers));
    }
    for (const request of venue.waiting()) request.none("too_large");
    expect(outcomes).toEqual([{ ok: false, reason: "feed.bad_answer", retryAfterMicros: null }]);
    expect(venue.requests).toHaveLength(5);
  });

  it("nothing is asked for an empty list", () => {
    const { venue, session, outcomes, poll } = open();
    poll([]);
    session.observe([], (books) => expect(books).toEqual([]));
    expect([outcomes, venue.requests]).toEqual([[{ ok: true, books: 0 }], []]);
  });

  it("every symbol is asked for exactly once, 100 at a time at most, in addresses of bounded length", () => {
    const symbol = fc.stringMatching(/^[A-Z][A-Z0-9.%-]{0,127}$/);
    fc.assert(
      fc.property(fc.array(symbol, { minLength: 1, maxLength: 300 }), (symbols) => {
        const { venue, poll } = open();
        poll(symbols);
        const asked = venue.requests.map(({ path }) => tickersOf(path));
        expect(asked.flat()).toEqual([...new Set(symbols)]);
        expect(Math.max(...asked.map(({ length }) => length))).toBeLessThanOrEqual(100);
        expect(Math.max(...venue.requests.map(({ path }) => path.length))).toBeLessThanOrEqual(7_200);
      }),
      { numRuns: 50 },
    );
  });
});

describe("observing", () => {
  it("hands the books back best first and feeds nothing", () => {
    const { venue, session } = open();
    let seen: unknown;
    session.observe(["KXA-1"], (books) => {
      seen = books;
    });
    venue.one("/markets").answer(200, body("KXA-1"));
    expect(seen).toEqual([
      {
        symbol: "KXA-1",
        bids: [
          { ticks: 4_000, lots: 100 },
          { ticks: 3_900, lots: 200 },
        ],
        asks: [{ ticks: 4_500, lots: 300 }],
      },
    ]);
    expect(venue.frames).toEqual([]);
  });

  it.each([
    ["a refusal", 500, ""],
    ["another shape", 200, { markets: [] }],
  ])("%s is no answer", (_name, status, answer) => {
    const { venue, session } = open();
    const seen: unknown[] = [];
    session.observe(["KXA-1"], (books) => seen.push(books));
    venue.one("/markets").answer(status, answer);
    expect(seen).toEqual([null]);
  });
});

describe("closing", () => {
  it("what is under way ends once, with nothing left open", () => {
    const { clock, venue, session, outcomes, poll } = open();
    const seen: unknown[] = [];
    poll(["KXA-1"]);
    session.observe(["KXA-1"], (books) => seen.push(books));
    let closed = 0;
    session.close(() => closed++);
    session.close(() => closed++);
    expect([outcomes, seen]).toEqual([[{ ok: false, reason: "feed.shed", retryAfterMicros: null }], [null]]);
    clock.settle();
    poll(["KXA-1"]);
    session.observe(["KXA-1"], (books) => seen.push(books));
    session.resync(["KXA-1"]);
    session.rediscover();
    expect([outcomes.length, seen.length, closed, venue.waiting().length, clock.pending]).toEqual([
      2, 2, 2, 0, 0,
    ]);
  });
});

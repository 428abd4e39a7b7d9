import { describe, expect, it } from "vitest";
import type { Instrument, Micros } from "../../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv } from "../../../tests/memory-sink.ts";
import { KALSHI_SCALES } from "../scales.ts";
import type { FakeRequest } from "./testing/fake-venue.ts";
import {
  event,
  type Fixture,
  fixture,
  keepAlive,
  market,
  obedient,
  series,
  standing,
} from "./testing/fixture.ts";

const MINUTE = 60_000_000;
const SERIES = series("KXA", "KXB");
const A = event("KXA-26", [market("KXA-26-X"), market("KXA-26-Y", { status: "closed" })]);
const B = event("KXB-26", [market("KXB-26-T", { volume_24h_fp: "900.25" })]);

type Responder = (request: FakeRequest) => void;

function open(options: Parameters<typeof fixture>[1] = {}): Fixture & { readonly mapper: MemoryEnv } {
  const mapper = memoryEnv("kalshi", KALSHI_SCALES);
  return { ...fixture(mapper, options), mapper };
}

/** Pages of events by cursor, "" first; everything else as on a quiet day. */
function catalogue(pages: Readonly<Record<string, unknown>>): Responder {
  return (request) => {
    if (standing(request, SERIES)) return;
    const cursor = /[?&]cursor=([^&]*)/.exec(request.path)?.[1] ?? "";
    if (request.path.startsWith("/events?") && cursor in pages) request.answer(200, pages[cursor]);
  };
}

const instruments = (mapper: MemoryEnv): readonly Instrument[] => mapper.symbols.instruments;

describe("reading the catalogue", () => {
  it("goes page by page to the end, with fees, families and weights", () => {
    const { clock, venue, session, mapper } = open();
    venue.responder = catalogue({ "": { events: [A], cursor: "p2" }, p2: { events: [B], cursor: "" } });
    session.start();
    clock.pass(1_000);
    expect(venue.requests.map(({ path }) => path)).toEqual([
      "/exchange/status",
      "/series",
      "/series/fee_changes",
      "/events?with_nested_markets=true&status=open&limit=200",
      "/events?with_nested_markets=true&status=open&limit=200&cursor=p2",
    ]);
    expect(venue.discovered).toBe(1);
    expect([...venue.listed.values()]).toEqual([
      { symbol: "KXA-26-X", open: true, weight: 12.5 },
      { symbol: "KXA-26-Y", open: false, weight: 12.5 },
      { symbol: "KXB-26-T", open: true, weight: 900.25 },
    ]);
    expect(instruments(mapper).map(({ symbol, fees }) => [symbol, fees[0]?.spec.type])).toEqual([
      ["KXA-26-X", "kalshi"],
      ["KXA-26-Y", "kalshi"],
      ["KXB-26-T", "kalshi"],
    ]);
    expect(mapper.sink.objects.filter(({ kind }) => kind === "market.families")).toHaveLength(1);
    expect(venue.progress.filter(({ stage }) => stage === "discovery").map(({ done }) => done)).toEqual([
      0, 1, 2,
    ]);
    expect(venue.status).toEqual([{ status: "up", reason: "" }]);
    session.close(() => undefined);
  });

  it("is asked without a key in the public class, with a name and without a signature", () => {
    const { clock, venue, session } = open();
    session.start();
    clock.settle();
    expect(venue.requests[0]!.request).toMatchObject({
      rateClass: "public",
      cost: 1,
      authorise: null,
      headers: { "user-agent": "emp-test/1" },
    });
    session.close(() => undefined);
  });

  it("generated combinations are left out", () => {
    const { clock, venue, session, mapper } = open();
    const combo = event("KXMVECROSS-S1", [market("KXMVECROSS-S1-1")]);
    venue.responder = catalogue({ "": { events: [combo, B] } });
    session.start();
    clock.pass(1_000);
    expect(instruments(mapper).map(({ symbol }) => symbol)).toEqual(["KXB-26-T"]);
  });

  it("events beyond the bound are left out whole, and said", () => {
    const { clock, venue, session } = open({ session: { maxBooks: 2 } });
    venue.responder = catalogue({ "": { events: [B, A] } });
    session.start();
    clock.pass(1_000);
    expect([...venue.listed.keys()]).toEqual(["KXB-26-T"]);
    expect(venue.refused.at(-1)).toEqual({
      reason: "book.overflow",
      detail: "2 books beyond session.maxBooks",
    });
  });

  it("a market that cannot be read is refused by name, its siblings stay", () => {
    const { clock, venue, session } = open();
    const odd = event("KXA-26", [market("KXA-26-X", { floor_strike: "much" }), market("KXA-26-Y")]);
    venue.responder = catalogue({ "": { events: [odd] } });
    session.start();
    clock.pass(1_000);
    expect([...venue.listed.keys()]).toEqual(["KXA-26-Y"]);
    expect(venue.refused).toMatchObject([
      { reason: "feed.shape", detail: expect.stringContaining("KXA-26-X") },
    ]);
  });
});

describe("a start that cannot succeed", () => {
  it("names the page that hangs after bounded tries", () => {
    const { clock, venue, session } = open();
    venue.responder = (request) => {
      if (!standing(request, SERIES)) request.none("timeout");
    };
    session.start();
    clock.pass(2 * MINUTE);
    expect(venue.failed).toEqual([{ stage: "discovery", detail: "events page 1: timeout, 5 tries" }]);
    expect(venue.requests.filter(({ path }) => path.startsWith("/events"))).toHaveLength(5);
  });

  it.each([
    ["series", (request: FakeRequest) => request.answer(200, { markets: [] }), /^series: not the shape/],
    [
      "series",
      (request: FakeRequest) => request.answer(503, "<html>"),
      /^series: HTTP 503: a web page, 5 tries$/,
    ],
    [
      "series",
      (request: FakeRequest) => request.answer(404, { error: { code: "not_found" } }),
      /^series: HTTP 404: not_found$/,
    ],
  ])("%s", (_name, answer, detail) => {
    const { clock, venue, session } = open();
    venue.responder = (request) => {
      if (request.path === "/series") answer(request);
    };
    session.start();
    clock.pass(2 * MINUTE);
    expect(venue.failed).toMatchObject([{ stage: "discovery", detail: expect.stringMatching(detail) }]);
  });

  it("a cursor that comes again does not go round for ever", () => {
    const { clock, venue, session } = open();
    venue.responder = catalogue({ "": { events: [A], cursor: "p" }, p: { events: [B], cursor: "p" } });
    session.start();
    clock.pass(1_000);
    expect(venue.failed).toMatchObject([{ detail: "events page 2: the cursor comes again" }]);
  });

  it("refusals for the rate are waited out", () => {
    const { clock, venue, session } = open();
    let refusals = 3;
    const pages = catalogue({ "": { events: [A] } });
    venue.responder = (request) => {
      if (request.path.startsWith("/events") && refusals-- > 0)
        request.answer(429, { error: "too many requests" });
      else pages(request);
    };
    session.start();
    clock.pass(MINUTE);
    expect([venue.discovered, venue.failed]).toEqual([1, []]);
  });

  it("a stated wait is kept to the letter", () => {
    const { clock, venue, session } = open();
    const pages = catalogue({ "": { events: [A] } });
    let first = true;
    venue.responder = (request) => {
      if (request.path === "/series" && first) {
        first = false;
        request.answer(503, "", { "retry-after": "20" });
      } else pages(request);
    };
    session.start();
    clock.pass(19_900_000);
    expect(venue.requests.filter(({ path }) => path === "/series")).toHaveLength(1);
    clock.pass(200_000);
    expect(venue.discovered).toBe(1);
  });
});

describe("the cache", () => {
  it("a warm start announces what was kept before anything is answered, then refreshes", () => {
    const cold = open();
    cold.venue.responder = catalogue({ "": { events: [A], cursor: "p2" }, p2: { events: [B] } });
    cold.session.start();
    cold.clock.pass(1_000);
    expect(cold.venue.cached?.pages).toHaveLength(3);

    const warm = open();
    warm.venue.cached = cold.venue.cached;
    warm.session.start();
    expect([...warm.venue.listed.keys()]).toEqual(["KXA-26-X", "KXA-26-Y", "KXB-26-T"]);
    expect(instruments(warm.mapper)[0]!.fees[0]!.spec.type).toBe("kalshi");
    warm.venue.responder = catalogue({ "": { events: [A] } });
    warm.clock.pass(1_000);
    expect(warm.venue.listed.get("KXB-26-T")).toMatchObject({ open: false });
  });

  it("a page that cannot be read is said and skipped; a catalogue beyond the bound is not kept", () => {
    const { clock, venue, session } = open({ session: { maxCacheBytes: 10 } });
    venue.cached = { at: 0 as Micros, pages: [new TextEncoder().encode("?")] };
    const kept = venue.cached;
    venue.responder = catalogue({ "": { events: [A] } });
    session.start();
    clock.pass(1_000);
    expect(venue.reasons()).toEqual(["feed.shape"]);
    expect(venue.cached).toBe(kept);
  });
});

describe("later readings", () => {
  function started(options: Parameters<typeof fixture>[1] = {}) {
    const opened = open(options);
    opened.venue.responder = catalogue({ "": { events: [A, B] } });
    opened.session.start();
    opened.clock.pass(1_000);
    opened.venue.listings.length = 0;
    opened.venue.requests.length = 0;
    return opened;
  }

  it("ask for what changed, with an overlap, and list only that", () => {
    const { clock, venue, session } = started();
    clock.pass(MINUTE);
    const fresh = event("KXB-27", [market("KXB-27-T")]);
    venue.responder = catalogue({ "": { events: [A, fresh] } });
    session.rediscover();
    clock.pass(1_000);
    const from = Math.floor((1_787_000_000_000_000 - 120_000_000) / 1_000_000);
    expect(venue.requests.map(({ path }) => path).filter((path) => path.startsWith("/events"))).toEqual([
      `/events?with_nested_markets=true&min_updated_ts=${from}&limit=200`,
    ]);
    expect(venue.listings).toEqual([[{ symbol: "KXB-27-T", open: true, weight: 12.5 }]]);
    expect(venue.discovered).toBe(2);
  });

  it("everything is read again when the last whole reading is old; what vanished is asked for and resolved", () => {
    const { clock, venue, session, mapper } = started({ session: { rediscoverMs: 60_000 } });
    clock.pass(2 * MINUTE);
    const settled = market("KXB-26-T", {
      status: "finalized",
      result: "yes",
      settlement_value_dollars: "1.0000",
    });
    const pages = catalogue({ "": { events: [A] } });
    venue.responder = (request) => {
      if (request.path === "/events/KXB-26?with_nested_markets=true")
        request.answer(200, { event: { ...B, markets: [settled] } });
      else pages(request);
    };
    session.rediscover();
    clock.pass(1_000);
    expect(venue.listed.get("KXB-26-T")).toMatchObject({ open: false });
    const results = () => mapper.sink.objects.filter(({ kind }) => kind === "market.resolved");
    expect(results()).toMatchObject([{ market: "kalshi:KXB-26-T", yesPayout: "1" }]);
    clock.pass(2 * MINUTE);
    session.rediscover();
    clock.pass(1_000);
    expect(results()).toHaveLength(1);
  });

  it("what the venue forgot is asked for once and forgotten; what was over before it was known is not announced", () => {
    const { clock, venue, session, mapper } = started({ session: { rediscoverMs: 60_000, maxBooks: 3 } });
    const late = event("KXB-20", [market("KXB-20-T", { status: "finalized", result: "no" })]);
    const fresh = event("KXB-27", [market("KXB-27-T")]);
    for (const pages of [[A], [A, late, fresh]]) {
      clock.pass(2 * MINUTE);
      const answers = catalogue({ "": { events: pages } });
      venue.responder = (request) => {
        if (request.path.startsWith("/events/")) request.answer(404, { error: { code: "not_found" } });
        else answers(request);
      };
      session.rediscover();
      clock.pass(1_000);
    }
    expect(venue.requests.filter(({ path }) => path.startsWith("/events/"))).toHaveLength(1);
    expect(venue.refused).toEqual([
      { reason: "feed.not_found", detail: "event KXB-26: HTTP 404: not_found" },
    ]);
    expect([...venue.listed.keys()]).toContain("KXB-27-T");
    expect(instruments(mapper).map(({ symbol }) => symbol)).not.toContain("KXB-20-T");
  });

  it("one that fails is said and changes nothing; one asked for meanwhile follows", () => {
    const { clock, venue, session } = started();
    venue.responder = (request) => {
      if (!standing(request, SERIES)) request.answer(400, { msg: "bad" });
    };
    session.rediscover();
    session.rediscover();
    clock.pass(1_000);
    expect(venue.refused.map(({ detail }) => detail)).toEqual(
      Array(2).fill("discovery: events page 1: HTTP 400: bad"),
    );
    expect([venue.failed, venue.listings]).toEqual([[], []]);
  });
});

describe("announced fee changes", () => {
  const change = (changes: Readonly<Record<string, unknown>>) => ({
    id: "1",
    series_ticker: "KXA",
    fee_type: "quadratic_with_maker_fees",
    fee_multiplier: 0.5,
    scheduled_ts: "2026-12-24T00:00:00Z",
    ...changes,
  });

  function withChanges(...changes: readonly unknown[]) {
    const opened = open();
    const pages = catalogue({ "": { events: [A, B] } });
    opened.venue.responder = (request) => {
      if (request.path === "/series/fee_changes") request.answer(200, { series_fee_change_arr: changes });
      else pages(request);
    };
    opened.session.start();
    opened.clock.pass(1_000);
    const fees = (symbol: string) => instruments(opened.mapper).find((each) => each.symbol === symbol)!.fees;
    return { ...opened, fees };
  }

  it("are terms from their instant on, of their series only", () => {
    const { fees } = withChanges(change({}));
    expect(
      fees("KXA-26-X").map(({ from, spec }) => [from, spec.type === "kalshi" && spec.takerRate]),
    ).toEqual([
      [0, "0.07"],
      [Date.UTC(2026, 11, 24) * 1_000, "0.035"],
    ]);
    expect(fees("KXB-26-T")).toHaveLength(1);
  });

  it("terms that are not understood are unknown from then on; past and unreadable ones do not count", () => {
    const { fees, venue } = withChanges(
      change({ fee_type: "flat" }),
      change({ scheduled_ts: "2020-01-01T00:00:00Z" }),
      change({ scheduled_ts: "soon" }),
    );
    expect(fees("KXA-26-X").map(({ spec }) => spec.type)).toEqual(["kalshi", "unknown"]);
    expect(venue.refused).toEqual([{ reason: "feed.shape", detail: "fee changes: 1 entries unreadable" }]);
  });
});

describe("the exchange's status", () => {
  it("closed, paused and unreachable are told when they begin and when they end", () => {
    const { clock, venue, session } = open();
    const pages = catalogue({ "": { events: [A] } });
    const answers: ((request: FakeRequest) => void)[] = [
      (request) => request.answer(200, { exchange_active: true, trading_active: true }),
      (request) => request.answer(200, { exchange_active: true, trading_active: false }),
      (request) => request.answer(200, { exchange_active: false, trading_active: false }),
      (request) => request.answer(200, { open: true }),
      (request) => request.none("unreachable"),
      (request) => request.none("unreachable"),
      (request) => request.answer(502, "<html>"),
      (request) => request.answer(200, { exchange_active: true, trading_active: true }),
    ];
    venue.responder = (request) => {
      if (request.path === "/exchange/status") answers.shift()?.(request);
      else pages(request);
    };
    session.start();
    clock.pass(8 * MINUTE);
    expect(venue.status).toEqual([
      { status: "up", reason: "" },
      { status: "degraded", reason: "trading is paused" },
      { status: "down", reason: "the exchange is closed" },
      { status: "up", reason: "" },
    ]);
    expect(venue.reasons()).toEqual(["feed.shape", "feed.unreachable", "feed.unreachable", "feed.html"]);
  });
});

describe("the life-cycle channel", () => {
  function streaming() {
    const opened = open({ keyed: true });
    const pages = catalogue({ "": { events: [A, B] } });
    opened.venue.responder = pages;
    opened.venue.onSocket = (socket) => {
      obedient(socket);
      keepAlive(socket, opened.clock);
      socket.open();
    };
    opened.session.start();
    opened.clock.pass(1_000);
    const say = (msg: Readonly<Record<string, unknown>>) =>
      opened.venue.socket(0).frame({ type: "market_lifecycle_v2", sid: 1, seq: 1, msg });
    return { ...opened, pages, say };
  }

  it("a created market is asked for until REST knows it", () => {
    const { clock, venue, pages, say } = streaming();
    let unknown = 3;
    venue.responder = (request) => {
      if (!request.path.startsWith("/events/KXB-27")) pages(request);
      else if (unknown-- > 0) request.answer(404, { error: { code: "not_found" } });
      else request.answer(200, { event: event("KXB-27", []), markets: [market("KXB-27-T")] });
    };
    const created = {
      event_type: "created",
      market_ticker: "KXB-27-T",
      additional_metadata: { event_ticker: "KXB-27" },
    };
    say(created);
    clock.pass(MINUTE);
    say(created);
    say(created);
    clock.pass(MINUTE);
    expect(venue.listed.get("KXB-27-T")).toMatchObject({ open: true });
    expect(venue.requests.filter(({ path }) => path.startsWith("/events/"))).toHaveLength(6);
  });

  it("one that never appears is given up, and said", () => {
    const { clock, venue, pages, say } = streaming();
    venue.responder = (request) => {
      if (request.path.startsWith("/events/")) request.answer(404, { error: { code: "not_found" } });
      else pages(request);
    };
    say({ event_type: "created", market_ticker: "KXQ-1", additional_metadata: { event_ticker: "KXQ" } });
    clock.pass(5 * MINUTE);
    expect(venue.refused).toEqual([{ reason: "feed.not_found", detail: "event KXQ: HTTP 404: not_found" }]);
    expect(venue.requests.filter(({ path }) => path.startsWith("/events/"))).toHaveLength(6);
  });

  it("books open and close with it, each change told once, results not told twice", () => {
    const { clock, venue, say, session, mapper } = streaming();
    venue.listings.length = 0;
    say({ event_type: "deactivated", market_ticker: "KXB-26-T" });
    say({ event_type: "deactivated", market_ticker: "KXB-26-T" });
    say({ event_type: "activated", market_ticker: "KXB-26-T" });
    say({ event_type: "determined", market_ticker: "KXB-26-T", result: "yes", settlement_value: "1.0000" });
    say({ event_type: "settled", market_ticker: "KXB-26-T" });
    say({ event_type: "activated", market_ticker: "KXUNKNOWN-1" });
    say({ event_type: 7 });
    expect(venue.listings.map(([book]) => book!.open)).toEqual([false, true, false]);
    clock.pass(40 * MINUTE);
    session.rediscover();
    clock.pass(1_000);
    expect(mapper.sink.objects.filter(({ kind }) => kind === "market.resolved")).toHaveLength(1);
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type HttpOutcome,
  type Micros,
  type ObservedBook,
  POLL_CONNECTION,
  type PollOutcome,
  type SessionHealth,
  type VenueSession,
} from "../../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv } from "../../../tests/memory-sink.ts";
import { sharedDir } from "../../../tests/shared.ts";
import { PolymarketMapper } from "../mapper.ts";
import { SCALES } from "../scales.ts";
import { failureOf, stress } from "./failures.ts";
import { polymarketLive } from "./live.ts";
import { readOptions } from "./options.ts";
import {
  book,
  bookFrame,
  condition,
  gammaEvent,
  gammaMarket,
  priceChange,
  token,
} from "./testing/payloads.ts";
import { type Scripted, ScriptedVenue, type SentRequest } from "./testing/scripted-venue.ts";

const SECOND = 1_000_000;
const shared = sharedDir();

let venue: ScriptedVenue;
let mapperEnv: MemoryEnv;
/** Pages of the catalogue by cursor. */
let pages: Record<string, object>;
let books: (tokens: readonly string[]) => Scripted;
let other: (request: SentRequest) => Scripted | undefined;

beforeEach(() => {
  venue = new ScriptedVenue();
  mapperEnv = memoryEnv("polymarket", SCALES);
  pages = { "": { events: [gammaEvent(1, [gammaMarket(1)])] } };
  books = (tokens) => ({ status: 200, body: tokens.map((asset) => book(asset)) });
  other = () => undefined;
  venue.answer = (request) => {
    const scripted = other(request);
    if (scripted !== undefined) return scripted;
    const { path, body } = request;
    if (path.startsWith("/events/keyset")) {
      const cursor = new URLSearchParams(path.split("?")[1]).get("after_cursor") ?? "";
      return { status: 200, body: pages[cursor] };
    }
    if (path === "/api/geoblock")
      return { status: 200, body: { blocked: false, ip: "203.0.113.1", country: "IE", region: "L" } };
    if (path === "/books") return books((body as { token_id: string }[]).map(({ token_id: asset }) => asset));
    return { status: 200, body: { markets: [] } };
  };
});

function start(options: object = {}, orders: "off" | "on" = "off"): VenueSession {
  const session = polymarketLive.configure(options)(venue.env(mapperEnv), orders);
  session.start();
  venue.run(SECOND);
  return session;
}

/** Closes a session: nothing may be left behind. */
function close(session: VenueSession): void {
  let closed = 0;
  session.close(() => {
    closed++;
  });
  venue.run(10 * SECOND);
  expect(closed).toBe(1);
  expect(venue.clock.pending).toBe(0);
  expect(venue.sockets.every(({ state }) => state === "closed")).toBe(true);
}

const tokens = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => token(from + i));
const market = () => venue.sockets.filter(({ url }) => url.endsWith("/market"));

describe("options", () => {
  it("have defaults and name what is wrong", () => {
    expect(readOptions(undefined)).toMatchObject({
      assetsPerConnection: 200,
      connections: 5,
      pageLimit: 100,
      chain: 137,
    });
    expect(() => readOptions({ pageLimit: 101 })).toThrow(
      "session.pageLimit: expected a whole number from 1 to 100, found 101".slice(0, 18),
    );
    expect(() => readOptions({ signatureType: 3 })).toThrow("3 (deposit wallet) is not supported, found 3");
    expect(() => readOptions({ conections: 1 })).toThrow("conections");
    expect(() => readOptions([])).toThrow("session");
  });
});

describe("discovery", () => {
  it("reads pages until no cursor comes, with its user agent, and lists books with their weight", () => {
    pages[""] = { events: [gammaEvent(1, [gammaMarket(1), gammaMarket(2)])], next_cursor: "c 1" };
    pages["c 1"] = {
      events: [gammaEvent(2, [gammaMarket(3, { volume24hr: "12.5", acceptingOrders: false })])],
    };
    const session = start();
    const asked = venue.to("/events/keyset").map(({ path }) => path);
    expect(asked).toEqual([
      "/events/keyset?closed=false&limit=100&order=volume24hr&ascending=false",
      "/events/keyset?closed=false&limit=100&order=volume24hr&ascending=false&after_cursor=c%201",
    ]);
    expect([...venue.listed.values()]).toEqual([
      { symbol: token(1), open: true, weight: 10 },
      { symbol: token(2), open: true, weight: 20 },
      { symbol: token(3), open: false, weight: 12.5 },
    ]);
    expect(venue.discoveries).toBe(1);
    expect(mapperEnv.symbols.instruments.map(({ symbol }) => symbol)).toEqual(tokens(1, 3));
    expect(venue.sent.every(({ headers }) => headers["user-agent"] === "emp-test/1")).toBe(true);
    expect(venue.written).toHaveLength(1);
    expect(venue.written[0]).toHaveLength(2);
    expect(venue.progress).toContain("discovery 2/?");
    close(session);
  });

  it("announces families of negative-risk events and markets with any outcome names", () => {
    const risk = `0x${"ab".repeat(31)}00`;
    const question = (n: number) => `0x${"ab".repeat(31)}0${n}`;
    const member = (n: number) =>
      gammaMarket(n + 1, {
        negRisk: true,
        negRiskMarketID: risk,
        questionID: question(n),
        outcomes: '["Over", "Under"]',
      });
    pages[""] = {
      events: [
        gammaEvent(7, [member(0), member(1)], {
          negRisk: true,
          negRiskMarketID: risk,
          negRiskAugmented: false,
        }),
      ],
    };
    const session = start();
    expect(mapperEnv.sink.objects.filter(({ kind }) => kind === "market.families")).toHaveLength(1);
    close(session);
  });

  it("tries again with jitter while that may help, and starts with what an earlier run kept", () => {
    const bodies: Scripted[] = [
      { status: 503, body: "<html>", headers: { "content-type": "text/html" } },
      { status: 429, body: { error: "Too Many Requests" }, headers: { "retry-after": "3" } },
      { none: "timeout", sent: true },
    ];
    other = ({ path }) => (path.startsWith("/events") ? bodies.shift() : undefined);
    venue.cached = [new TextEncoder().encode(JSON.stringify({ events: [gammaEvent(5, [gammaMarket(9)])] }))];
    const session = start();
    expect([...venue.listed.keys()]).toEqual([token(9)]);
    expect(venue.discoveries).toBe(0);
    venue.run(20 * SECOND);
    expect(venue.discoveries).toBe(1);
    expect(venue.to("/events")).toHaveLength(4);
    expect(venue.listed.get(token(9))).toMatchObject({ open: false });
    close(session);
  });

  it.each([
    ["a refusal", { status: 403, body: { error: "forbidden" } }, "HTTP 403: forbidden; the venue blocks"],
    [
      "no network",
      { none: "unreachable", sent: false },
      "unreachable, 6 tries; check this machine's network",
    ],
    ["another shape", { status: 200, body: { data: [] } }, "not the shape this adapter reads; run the probe"],
    [
      "a cursor that comes again",
      { status: 200, body: { events: [], next_cursor: "x" } },
      "the cursor comes again",
    ],
  ] as const)("ends start-up with one line for %s", (_, scripted, line) => {
    other = ({ path }) => (path.startsWith("/events") ? scripted : undefined);
    const session = start();
    venue.run(300 * SECOND);
    expect(venue.failures).toHaveLength(1);
    expect(venue.failures[0]).toMatch(/^discovery: Gamma events page \d/);
    expect(venue.failures[0]).toContain(line);
    close(session);
  });

  it("goes without the order that the venue refuses with 422", () => {
    other = ({ path }) =>
      path.includes("order=")
        ? { status: 422, body: { type: "validation error", error: "order fields" } }
        : undefined;
    const session = start();
    expect(venue.discoveries).toBe(1);
    expect(venue.reasons()).toEqual(["feed.bad_answer"]);
    close(session);
  });

  it("keeps whole events out by liquidity and by the bound on markets", () => {
    pages[""] = {
      events: [
        gammaEvent(1, [gammaMarket(1)], { liquidity: 5 }),
        gammaEvent(2, [gammaMarket(2), gammaMarket(3)]),
        gammaEvent(3, [gammaMarket(4)]),
      ],
      next_cursor: "more",
    };
    const session = start({ minLiquidity: 10, maxMarkets: 2 });
    expect([...venue.listed.keys()]).toEqual(tokens(2, 2));
    expect(venue.to("/events/keyset")).toHaveLength(1);
    expect(venue.refusals).toEqual(["book.overflow 1 markets beyond session.maxMarkets"]);
    close(session);
  });

  it("asks how markets ended that are listed no more", () => {
    pages[""] = { events: [gammaEvent(1, [gammaMarket(1)]), gammaEvent(2, [gammaMarket(2)])] };
    const session = start();
    pages[""] = { events: [gammaEvent(1, [gammaMarket(1)])] };
    const ended = { closed: true, umaResolutionStatus: "resolved", outcomePrices: '["1", "0"]' };
    other = ({ path }) =>
      path.startsWith("/markets/keyset")
        ? { status: 200, body: { markets: [gammaMarket(2, ended)] } }
        : undefined;
    session.rediscover();
    session.rediscover();
    venue.run(SECOND);
    expect(venue.listed.get(token(2))?.open).toBe(false);
    expect(venue.to("/markets/keyset")[0]?.path).toBe(
      `/markets/keyset?closed=true&limit=50&condition_ids=${condition(2)}`,
    );
    expect(mapperEnv.sink.objects).toContainEqual(
      expect.objectContaining({
        kind: "market.resolved",
        market: `polymarket:${condition(2)}`,
        yesPayout: "1",
      }),
    );
    expect(venue.discoveries).toBe(3);
    close(session);
  });

  it("reads again by itself where that is asked for, and a failure later ends nothing", () => {
    const session = start({ rediscoverMs: 60_000 });
    other = ({ path }) => (path.startsWith("/events") ? { status: 400, body: { error: "no" } } : undefined);
    venue.run(61 * SECOND);
    expect(venue.failures).toEqual([]);
    expect(venue.refusals).toEqual(["feed.bad_answer discovery: Gamma events page 1: HTTP 400: no"]);
    other = () => undefined;
    venue.run(60 * SECOND);
    expect(venue.discoveries).toBe(2);
    close(session);
  });

  it("passes over what is no event, and says so", () => {
    pages[""] = { events: [{ id: 7 }, gammaEvent(1, [gammaMarket(1), { id: 1 }])] };
    const session = start();
    expect(venue.reasons()).toEqual(["feed.shape", "feed.shape"]);
    expect(venue.listed.size).toBe(1);
    close(session);
  });

  it("drops a page of the cache that it cannot read, and keeps no more bytes than it may", () => {
    venue.cached = [new Uint8Array([1, 2])];
    const session = start({ maxCacheBytes: 10 });
    expect(venue.refusals).toEqual(["feed.shape a page of the discovery cache"]);
    expect(venue.written).toEqual([]);
    close(session);
  });
});

describe("market data", () => {
  it("is sharded, begun with the first frame, and told of as books come", () => {
    const session = start({ assetsPerConnection: 2, connections: 2 });
    session.watch(tokens(1, 5));
    venue.run(SECOND);
    expect(market().map(({ url, headers }) => [url, headers["user-agent"]])).toEqual([
      ["wss://ws.test/ws/market", "emp-test/1"],
      ["wss://ws.test/ws/market", "emp-test/1"],
    ]);
    expect(market().map(({ messages }) => messages)).toEqual([
      [{ assets_ids: tokens(1, 2), type: "market", initial_dump: true, custom_feature_enabled: true }],
      [{ assets_ids: tokens(3, 2), type: "market", initial_dump: true, custom_feature_enabled: true }],
    ]);
    expect(venue.refusals).toEqual(["feed.shed 1 books beyond the room of 2 connections"]);
    expect(venue.subscribed.size).toBe(0);
    market()[0]!.say([bookFrame(token(1)), bookFrame(token(2))]);
    market()[1]!.say(bookFrame(token(3)));
    expect([...venue.subscribed]).toEqual(tokens(1, 3));
    expect(venue.progress.at(-1)).toBe("subscribe 3/4");
    expect(venue.connections).toEqual(["0 opened", "1 opened"]);
    expect(venue.frames.map(({ connection }) => connection)).toEqual([0, 1]);
    close(session);
  });

  it("changes subscriptions in operations and never subscribes twice", () => {
    const session = start();
    session.watch(tokens(1, 2));
    venue.run(SECOND);
    session.watch(tokens(2, 2));
    session.watch(tokens(2, 2));
    expect(market()[0]!.messages.slice(1)).toEqual([
      { assets_ids: [token(1)], operation: "unsubscribe" },
      { assets_ids: [token(3)], operation: "subscribe", custom_feature_enabled: true },
    ]);
    session.watch([]);
    venue.run(SECOND);
    expect(market().map(({ state }) => state)).toEqual(["closed"]);
    session.watch([token(4)]);
    venue.run(SECOND);
    expect(market()[1]!.messages).toMatchObject([{ assets_ids: [token(4)], type: "market" }]);
    close(session);
  });

  it("passes frames on verbatim, PONG too, and words about subscriptions not", () => {
    const session = start();
    session.watch([token(1)]);
    venue.run(SECOND);
    const socket = market()[0]!;
    for (const frame of [
      "PONG",
      priceChange(token(1)),
      "[]",
      '{"broken',
      "NO NEW ASSETS",
      "INVALID OPERATION",
    ])
      socket.say(frame);
    expect(venue.frames.map(({ text }) => text)).toEqual(["PONG", priceChange(token(1)), "[]", '{"broken']);
    expect(venue.reasons()).toEqual(["feed.subscription_refused", "feed.subscription_refused"]);
    close(session);
  });

  it("pings every ten seconds, gives up after thirty without a byte, and connects again with full jitter", () => {
    const session = start();
    session.watch([token(1)]);
    venue.run(11 * SECOND);
    const [socket] = market();
    expect(socket!.texts.filter((text) => text === "PING")).toHaveLength(1);
    expect(venue.frames.map(({ text }) => text)).toEqual(["PONG"]);
    socket!.answersClose = false;
    socket!.answersPing = false;
    venue.run(38 * SECOND);
    expect(market()).toHaveLength(1);
    venue.run(3 * SECOND);
    expect(venue.reasons()).toContain("feed.heartbeat");
    expect(market()).toHaveLength(2);
    const lines = venue.connections.filter((line) => line.startsWith("0 "));
    expect(lines).toEqual(["0 opened", "0 lost", "0 opened"]);
    expect(market()[1]!.messages).toMatchObject([
      { assets_ids: [token(1)], type: "market", initial_dump: true },
    ]);
    socket!.say(bookFrame(token(1)));
    expect(venue.subscribed.size).toBe(0);
    socket!.end();
    close(session);
  });

  it("bounds a storm of reconnects, and says up, degraded and up again", () => {
    const session = start();
    session.watch([token(1)]);
    venue.run(SECOND);
    venue.chance = 0.999;
    for (let minute = 0; minute < 10; minute++) {
      for (let i = 0; i < 60; i++) {
        market().at(-1)!.end({ kind: "unreachable", code: 0 });
        venue.run(SECOND);
      }
    }
    // Doubling from 250 ms to 30 s: 8 attempts to get there, then two a minute.
    expect(market().length).toBeLessThan(30);
    expect(session.health().reconnects).toBe(market().length - 1);
    venue.run(60 * SECOND);
    market().at(-1)!.say("PONG");
    expect(venue.statuses.slice(0, 2)).toEqual([
      "up market data",
      "degraded 1 of 1 market connections are lost",
    ]);
    expect(venue.statuses.at(-1)).toBe("up market data");
    close(session);
  });

  it("waits as long as a refused upgrade says", () => {
    venue.opens = false;
    const session = start();
    session.watch([token(1)]);
    market()[0]!.end({ kind: "refused", code: 429, detail: "429 Too Many Requests, retry after 20" });
    venue.run(19 * SECOND);
    expect(market()).toHaveLength(1);
    venue.run(2 * SECOND);
    expect(market()).toHaveLength(2);
    close(session);
  });

  it("abandons a connection that never opens", () => {
    venue.opens = false;
    const session = start();
    session.watch([token(1)]);
    market()[0]!.answersClose = false;
    venue.run(16 * SECOND);
    expect(market().length).toBeGreaterThan(1);
    market()[0]!.open();
    expect(venue.connections).toEqual([]);
    market()[0]!.end();
    close(session);
  });

  it("resyncs by taking the token off and on again; what loops is polled once and then left alone", () => {
    const session = start();
    session.watch(tokens(1, 2));
    venue.run(SECOND);
    const socket = market()[0]!;
    socket.say([bookFrame(token(1)), bookFrame(token(2))]);
    for (let i = 0; i < 6; i++) {
      session.resync([token(1), "unknown"]);
      expect(venue.subscribed.has(token(1))).toBe(i > 1);
      socket.say(bookFrame(token(1)));
      venue.run(SECOND);
    }
    expect(socket.messages.slice(1)).toEqual([
      { assets_ids: [token(1)], operation: "unsubscribe" },
      { assets_ids: [token(1)], operation: "subscribe", custom_feature_enabled: true },
      { assets_ids: [token(1)], operation: "unsubscribe" },
      { assets_ids: [token(1)], operation: "subscribe", custom_feature_enabled: true },
    ]);
    expect(venue.to("/books").map(({ body }) => body)).toEqual([[{ token_id: token(1) }]]);
    expect(venue.reasons()).toEqual(["feed.resync_loop"]);
    expect(venue.subscribed.has(token(2))).toBe(true);
    venue.run(61 * SECOND);
    session.resync([token(1)]);
    expect(socket.messages).toHaveLength(7);
    close(session);
  });

  it("asks again for books that do not come, ever more rarely, and polls for them", () => {
    const session = start();
    session.watch([token(1)]);
    venue.run(3_600 * SECOND - SECOND);
    const subscriptions = market().flatMap(({ messages }) => messages).length;
    expect(subscriptions).toBeGreaterThan(4);
    expect(venue.to("/books").length).toBeGreaterThan(0);
    expect(venue.to("/books").length).toBeLessThan(40);
    expect(venue.reasons()).toContain("feed.subscription_refused");
    expect(venue.subscribed.size).toBe(0);
    close(session);
  });

  it("asks for the book when none follows a change of tick", () => {
    const session = start();
    session.watch(tokens(1, 2));
    venue.run(SECOND);
    const socket = market()[0]!;
    socket.say([bookFrame(token(1)), bookFrame(token(2))]);
    const change = (asset: string) => ({
      event_type: "tick_size_change",
      market: condition(1),
      asset_id: asset,
      old_tick_size: "0.01",
      new_tick_size: "0.001",
      timestamp: "1778480000000",
    });
    socket.say(change(token(1)));
    socket.say(change(token(2)));
    socket.say(change(token(1, 1)));
    socket.say(bookFrame(token(1)));
    venue.run(3 * SECOND);
    expect(socket.messages.slice(1)).toEqual([
      { assets_ids: [token(2)], operation: "unsubscribe" },
      { assets_ids: [token(2)], operation: "subscribe", custom_feature_enabled: true },
    ]);
    close(session);
  });

  it("learns new markets, reads their terms when the catalogue can know them, and hears of settlements", () => {
    const session = start();
    session.watch([token(1)]);
    venue.run(SECOND);
    const listed = {
      event_type: "new_market",
      id: "8",
      question: "?",
      market: condition(8),
      assets_ids: [token(8), token(8, 1)],
      outcomes: ["Yes", "No"],
      event_message: { id: "80" },
      timestamp: "1778480000000",
    };
    other = ({ path }) =>
      path === "/events/80" ? { status: 200, body: gammaEvent(80, [gammaMarket(8)]) } : undefined;
    market()[0]!.say(listed);
    market()[0]!.say(listed);
    expect(venue.listed.get(token(8))).toEqual({ symbol: token(8), open: false, weight: 0 });
    expect(venue.to("/events/80")).toHaveLength(0);
    venue.run(61 * SECOND);
    expect(venue.to("/events/80")).toHaveLength(1);
    expect(venue.listed.get(token(8))).toEqual({ symbol: token(8), open: true, weight: 80 });
    market()[0]!.say({
      event_type: "market_resolved",
      market: condition(8),
      assets_ids: [token(8), token(8, 1)],
      winning_asset_id: token(8),
      timestamp: "1778480000000",
    });
    expect(venue.listed.get(token(8))?.open).toBe(false);
    close(session);
  });

  it("finds the books of any frame and passes over level changes", () => {
    const session = start();
    session.watch(tokens(1, 9));
    venue.run(SECOND);
    market()[0]!.say(priceChange(token(1)));
    expect(venue.subscribed.size).toBe(0);
    fc.assert(
      fc.property(fc.subarray(tokens(1, 9), { minLength: 1 }), fc.nat(2), (some, indent) => {
        const frame = some.map((asset) => bookFrame(asset));
        market()[0]!.say(JSON.stringify(some.length === 1 ? frame[0] : frame, null, indent));
        for (const asset of some) expect(venue.subscribed.has(asset)).toBe(true);
      }),
    );
    close(session);
  });
});

describe("polls", () => {
  const poll = (session: VenueSession, symbols: readonly string[]): PollOutcome[] => {
    const outcomes: PollOutcome[] = [];
    session.poll(symbols, "poll", (outcome) => outcomes.push(outcome));
    venue.run(SECOND);
    return outcomes;
  };

  it("ask in batches and feed the answers as they came", () => {
    const session = start({ pollBatch: 2 });
    expect([session.pollBatch, session.minPollMicros, session.streams]).toEqual([2, SECOND, true]);
    expect(poll(session, tokens(1, 3))).toEqual([{ ok: true, books: 3 }]);
    expect(venue.to("/books").map(({ body }) => (body as unknown[]).length)).toEqual([2, 1]);
    expect(venue.connections).toEqual([`${POLL_CONNECTION} opened`]);
    const mapper = new PolymarketMapper(mapperEnv);
    mapperEnv.sink.clear();
    for (const { connection, text } of venue.frames) {
      const bytes = new TextEncoder().encode(text);
      mapper.frame(connection, venue.clock.now(), bytes, 0, bytes.length);
    }
    expect(mapperEnv.sink.records.filter(({ kind }) => kind === "SNAPSHOT_END")).toHaveLength(3);
    expect(poll(session, [])).toEqual([{ ok: true, books: 0 }]);
    close(session);
    expect(venue.connections.at(-1)).toBe(`${POLL_CONNECTION} lost`);
  });

  it("count fewer books where the venue leaves unknown tokens out", () => {
    books = () => ({ status: 200, body: [book(token(2))] });
    const session = start();
    expect(poll(session, tokens(1, 3))).toEqual([{ ok: true, books: 1 }]);
    close(session);
  });

  it("say why there is no answer", () => {
    books = () => ({ status: 429, body: { error: "Too Many Requests" }, headers: { "retry-after": "7" } });
    const session = start();
    expect(poll(session, [token(1)])).toEqual([
      { ok: false, reason: "feed.rate_limited", retryAfterMicros: 7 * SECOND },
    ]);
    expect(venue.frames).toEqual([]);
    close(session);
  });

  it("are answered when the session closes first", () => {
    books = () => null;
    const session = start();
    const outcomes: PollOutcome[] = [];
    let seen: readonly ObservedBook[] | null | undefined;
    session.poll([token(1)], "resync", (outcome) => outcomes.push(outcome));
    session.observe([token(1)], (observed) => {
      seen = observed;
    });
    close(session);
    expect(outcomes).toEqual([{ ok: false, reason: "feed.shed", retryAfterMicros: null }]);
    expect(seen).toBeNull();
    session.poll([token(1)], "poll", (outcome) => outcomes.push(outcome));
    expect(outcomes).toHaveLength(2);
  });

  it("can be looked at without feeding them, best first", () => {
    const levels = [
      { price: "0.1", size: "5" },
      { price: "0.3", size: "0" },
      { price: "0.2", size: "1.5" },
    ];
    books = ([asset]) => ({ status: 200, body: [{ ...book(asset!), bids: levels, asks: levels }] });
    const session = start();
    const seen: (readonly ObservedBook[] | null)[] = [];
    session.observe([token(1)], (observed) => seen.push(observed));
    venue.run(SECOND);
    expect(seen).toEqual([
      [
        {
          symbol: token(1),
          bids: [
            { ticks: 2_000, lots: 1_500_000 },
            { ticks: 1_000, lots: 5_000_000 },
          ],
          asks: [
            { ticks: 1_000, lots: 5_000_000 },
            { ticks: 2_000, lots: 1_500_000 },
          ],
        },
      ],
    ]);
    books = ([asset]) => ({ status: 200, body: [{ ...book(asset!), bids: [{ price: "1.5", size: "1" }] }] });
    session.observe([token(1)], (observed) => seen.push(observed));
    venue.run(SECOND);
    expect(seen[1]).toBeNull();
    expect(venue.frames).toEqual([]);
    close(session);
  });
});

describe("region and clock", () => {
  it("says a blocked region and goes on with market data", () => {
    other = ({ path }) =>
      path === "/api/geoblock"
        ? { status: 200, body: { blocked: true, ip: "203.0.113.42", country: "US", region: "NY" } }
        : undefined;
    const session = start();
    session.watch([token(1)]);
    venue.run(SECOND);
    expect(venue.refusals).toEqual(["feed.geo orders from region US-NY are not taken: market data only"]);
    expect(venue.sent.find(({ host }) => host === "geo")?.headers["user-agent"]).toBe("emp-test/1");
    expect(venue.statuses).toEqual(["up market data"]);
    expect(venue.discoveries).toBe(1);
    close(session);
  });

  it("does without an answer to the query", () => {
    other = ({ path }) => (path === "/api/geoblock" ? { status: 200, body: "hello" } : undefined);
    const session = start();
    expect(venue.refusals).toEqual(["feed.shape geoblock query: another shape"]);
    close(session);
  });

  it("measures the venue's clock by the dates of answers", () => {
    const dated = (seconds: number) => ({
      date: new Date(venue.clock.now() / 1_000 + seconds * 1_000).toUTCString(),
    });
    books = ([asset]) => ({ status: 200, body: [book(asset!)], headers: dated(30) });
    const session = start();
    const skew = (health: SessionHealth) => health.clockSkewMicros;
    expect(skew(session.health())).toBeNull();
    session.poll([token(1)], "poll", () => {});
    venue.run(61 * SECOND);
    expect(skew(session.health())! / SECOND).toBeCloseTo(30, -1);
    expect(venue.reasons()).toEqual(["feed.clock_skew"]);
    close(session);
  });
});

describe("closing", () => {
  it("does not wait for a socket that never says it is closed, nor leave anything behind", () => {
    const session = start();
    session.watch([token(1)]);
    venue.run(SECOND);
    market()[0]!.answersClose = false;
    let closed = 0;
    session.close(() => {
      closed++;
    });
    expect(closed).toBe(0);
    venue.run(3 * SECOND);
    expect(closed).toBe(1);
    session.watch([token(2)]);
    session.resync([token(1)]);
    session.rediscover();
    venue.run(100 * SECOND);
    expect([market().length, venue.clock.pending]).toEqual([1, 0]);
  });

  it("leaves nothing at any moment of a start", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), (micros) => {
        venue = Object.assign(new ScriptedVenue(), { answer: venue.answer });
        const session = polymarketLive.configure({})(venue.env(mapperEnv), "off");
        session.start();
        session.watch([token(1)]);
        venue.run(micros);
        close(session);
      }),
      { numRuns: 50 },
    );
  });
});

function outcome(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpOutcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const at = 1 as Micros;
  return { kind: "answer", status, headers, body: new TextEncoder().encode(text), sentAt: at, at };
}

describe("stress", () => {
  const page = "<!doctype html><title>Access denied</title><h1>Error 1015</h1> You are being rate limited";
  it.each([
    [outcome(429, { error: "Too Many Requests" }), { kind: "rate", retryAfterMicros: null }],
    [outcome(429, { error: "" }, { "retry-after": "2" }), { kind: "rate", retryAfterMicros: 2 * SECOND }],
    [outcome(429, page, { "content-type": "text/html" }), { kind: "rate", retryAfterMicros: null }],
    [outcome(403, page, { "content-type": "text/html" }), { kind: "rate", retryAfterMicros: null }],
    [outcome(425, ""), { kind: "maintenance", retryAfterMicros: null }],
    [
      outcome(503, { error: "x", retry_after_seconds: 79 }),
      { kind: "maintenance", retryAfterMicros: 79 * SECOND },
    ],
    [
      outcome(503, { error: "x", retry_after_seconds: 79 }, { "retry-after": "80" }),
      { kind: "maintenance", retryAfterMicros: 80 * SECOND },
    ],
    [outcome(200, {}, { "poly-ratelimit-warning": "true" }), { kind: "rate", retryAfterMicros: null }],
    [outcome(200, {}, { "poly-ratelimit-remaining": "5" }), { kind: "none" }],
    [outcome(500, { error: "order timed out" }), { kind: "none" }],
    [outcome(400, { error: "Invalid token id" }), { kind: "none" }],
  ] as const)("of an answer, case %#", (given, expected) => {
    expect(stress(given)).toEqual(expected);
  });

  it("of no answer is a timeout only when there was none in time", () => {
    const none = (why: "timeout" | "reset"): HttpOutcome => {
      return { kind: "none", why, detail: "", sent: true, sentAt: 0 as Micros, at: 1 as Micros };
    };
    expect([stress(none("timeout")).kind, stress(none("reset")).kind]).toEqual(["timeout", "none"]);
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.uint8Array(),
        fc.string(),
        (status, body, header) => {
          const given = { ...outcome(status, ""), body, headers: { "retry-after": header } } as HttpOutcome;
          stress(given);
          failureOf(given);
        },
      ),
    );
  });
});

describe.skipIf(shared === null)("recorded errors (skipped without the shared recordings)", () => {
  const folder = join(shared ?? "", "data/samples/polymarket/errors");
  const expected: Readonly<Record<string, string>> = {
    "400_balance": "feed.bad_answer",
    "400_fok": "feed.bad_answer",
    "400_payload_limit": "feed.bad_answer",
    "400_post_only_cross": "feed.bad_answer",
    "400_size": "feed.bad_answer",
    "400_tick": "feed.bad_answer",
    "401_api_key": "feed.auth",
    "403_geoblock": "feed.geo",
    "404_no_orderbook": "feed.not_found",
    "425_engine_restart": "feed.maintenance",
    "429": "feed.rate_limited",
    "503_post_only_mode": "feed.maintenance",
  };

  it("have a reason each, and every file is one that is known", () => {
    const files = shared === null ? [] : readdirSync(folder).sort();
    const read = files.map((file) => {
      const sample = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
        readonly status: number;
        readonly body: unknown;
      };
      return [file.replace(".json", ""), failureOf(outcome(sample.status, sample.body ?? ""))?.reason];
    });
    expect(Object.fromEntries(read)).toEqual(expected);
  });
});

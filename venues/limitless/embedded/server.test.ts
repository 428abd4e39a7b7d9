import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type {
  EventSpec,
  Lots,
  Micros,
  ServedAnswer,
  ServedPeer,
  Side,
  Ticks,
} from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { readEntry } from "../metadata.ts";
import { SOCKET_PATH } from "../packets.ts";
import { limitlessEmbedded } from "./module.ts";
import { EMBEDDED_TAKER_FEE_BPS } from "./terms.ts";

const START = 1_790_000_000_000_000 as Micros;
const SECOND = 1_000_000;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function spec(slot: number, changes: Partial<EventSpec> = {}): EventSpec {
  return {
    topic: `topic-${slot}`,
    slot,
    generation: 0,
    kind: "binary",
    title: "Will it rain in Marrow?",
    outcomes: ["Rain in Marrow"],
    rules: "Resolves to Yes if it rains.",
    opensAt: (START - SECOND) as Micros,
    closesAt: (START + 3_600 * SECOND) as Micros,
    variety: slot,
    volume: 1_200,
    ...changes,
  };
}

const CONTEST = { kind: "bucket", title: "Who wins?", outcomes: ["Ash", "Birch", "Other"] } as const;

class Peer implements ServedPeer {
  readonly frames: string[] = [];
  ended: string | null = null;

  send(text: string): void {
    this.frames.push(text);
  }

  ping(): void {}

  close(code: number, reason: string): void {
    this.ended = `${code} ${reason}`;
  }

  /** Event names with payloads since the last look. */
  events(): readonly (readonly [string, Record<string, unknown>])[] {
    return this.frames
      .splice(0)
      .filter((text) => text.startsWith("42/markets,"))
      .map((text) => JSON.parse(text.slice("42/markets,".length)) as [string, Record<string, unknown>]);
  }
}

function open(specs: readonly EventSpec[], rateLimits = false) {
  const clock = new StepClock(START);
  const exchange = new MatchingExchange("limitless", clock);
  const events = specs.map((each) => limitlessEmbedded.list(each, "limitless", sha256));
  for (const event of events) exchange.list(event);
  exchange.deposit("ann", "10000");
  const rng = new SeededRng("server");
  const server = limitlessEmbedded.open({
    venue: "limitless",
    exchange,
    clock,
    rng,
    sha256,
    accounts: new Map(),
    rateLimits,
  });
  const get = (path: string, host = "rest"): ServedAnswer & { json: Record<string, unknown> } => {
    const answers: ServedAnswer[] = [];
    server.request(host, { method: "GET", path, headers: {}, body: "" }, (answer) => answers.push(answer));
    expect(answers).toHaveLength(1);
    return { ...answers[0]!, json: JSON.parse(answers[0]!.body) as Record<string, unknown> };
  };
  const connect = () => {
    const peer = new Peer();
    const socket = server.socket("ws", { method: "GET", path: SOCKET_PATH, headers: {}, body: "" }, peer);
    if ("status" in socket) throw new Error(`refused ${socket.status}`);
    return { peer, socket };
  };
  const join = () => {
    const { peer, socket } = connect();
    socket.message("40/markets,");
    peer.frames.length = 0;
    const emit = (name: string, payload: unknown) =>
      socket.message(`42/markets,${JSON.stringify([name, payload])}`);
    return { peer, socket, emit };
  };
  const rest = (symbol: string, side: Side, ticks: number, lots: number) =>
    exchange.submit({
      account: "ann",
      clientId: null,
      symbol,
      side,
      ticks: ticks as Ticks,
      lots: lots as Lots,
      timeInForce: "gtc",
      postOnly: false,
      expiresAt: null,
    });
  const pass = (micros: number) => clock.advanceTo((clock.now() + micros) as Micros);
  return { clock, exchange, server, events, get, connect, join, rest, pass };
}

describe("REST", () => {
  it("shows the catalogue in pages of at most 25, and nothing that is resolved", () => {
    const t = open([spec(1), spec(2), spec(3)]);
    const page = (query: string) => {
      const { data, totalMarketsCount } = t.get(`/markets/active${query}`).json;
      return [(data as unknown[] | undefined)?.length, totalMarketsCount];
    };
    expect(page("?page=1&limit=2")).toEqual([2, 3]);
    expect(page("?page=2&limit=2")).toEqual([1, 3]);
    expect(page("?page=3&limit=2")).toEqual([0, 3]);
    expect(page("")).toEqual([3, 3]);
    t.exchange.resolve(t.exchange.book(t.events[0]!.markets[0]!.symbol)!, "1");
    expect(page("")).toEqual([2, 2]);
    for (const query of ["?limit=26", "?page=0", "?page=x"])
      expect(t.get(`/markets/active${query}`).status).toBe(400);
  });

  it("lists what the venue's own reading gives back, fees apart where they are on", () => {
    const t = open([spec(2), spec(3), spec(4, CONTEST)]);
    const terms = { venue: "limitless", assumedTakerFeeBps: EMBEDDED_TAKER_FEE_BPS };
    for (const event of t.events) {
      const entry = readEntry(t.get(`/markets/${event.id}`).json, terms)!;
      expect(entry.markets.map(({ listing }) => listing)).toEqual(
        event.markets.map(({ listing }) => listing),
      );
      expect(entry.group?.slug ?? null).toBe(event.spec.kind === "binary" ? null : event.id);
    }
    const contest = readEntry(t.get(`/markets/${t.events[2]!.id}`).json, terms)!;
    expect(contest.markets.map(({ isOther, negRisk }) => [isOther, negRisk])).toEqual([
      [false, true],
      [false, true],
      [true, true],
    ]);
  });

  it("shows a market by its slug with how it ended, and its book", () => {
    const t = open([spec(1, CONTEST)]);
    const [market] = t.events[0]!.markets;
    t.rest(market!.symbol, 0, 400, 10_000_000);
    t.rest(market!.symbol, 1, 450, 20_000_000);
    expect(t.get(`/markets/${market!.id}/orderbook`).body).toBe(
      `{"bids":[{"price":0.4,"size":10000000}],"asks":[{"price":0.45,"size":20000000}],"tokenId":"${market!.symbol}","adjustedMidpoint":0.425,"maxSpread":"0.035","minSize":"5000000"}`,
    );
    t.exchange.resolve(t.exchange.book(market!.symbol)!, "0");
    expect(t.get(`/markets/${market!.id}`).json).toMatchObject({
      status: "RESOLVED",
      winningOutcomeIndex: 1,
    });
    for (const path of ["/markets/none", "/markets/none/orderbook", "/markets", "/orders", "/markets/%zz"])
      expect(t.get(path).status).toBe(404);
    expect(t.get("/markets/active", "other").status).toBe(404);
  });

  it("takes a handful of requests together, then one every 300 ms, and refuses more without counting them", () => {
    const t = open([spec(1)], true);
    const taken = () => [1, 2, 3, 4, 5, 6].map(() => t.get("/markets/active").status).lastIndexOf(200) + 1;
    expect(taken()).toBe(4);
    t.pass(300_000);
    expect(taken()).toBe(1);
    t.pass(600_000);
    expect(taken()).toBe(2);
  });

  it("words every fault, dated", () => {
    const t = open([]);
    const faults = [
      "rate_limited",
      "rate_limited_retry_after",
      "cloudflare_html",
      "restarting",
      "forbidden",
      "unavailable",
    ] as const;
    const worded = faults.map((fault) => t.server.faultAnswer(fault));
    expect(worded.map(({ status }) => status)).toEqual([429, 429, 429, 502, 403, 503]);
    expect(worded.map(({ headers }) => headers["retry-after"] ?? "")).toEqual(["", "2", "", "", "", ""]);
    expect(worded.every(({ headers }) => Date.parse(headers["date"]!) > 0)).toBe(true);
  });
});

describe("the websocket", () => {
  it("shakes hands as engine.io 4, joins the namespace only, and refuses other paths", () => {
    const t = open([]);
    const { peer, socket } = t.connect();
    expect(JSON.parse(peer.frames[0]!.slice(1))).toMatchObject({ pingInterval: 25_000, pingTimeout: 20_000 });
    socket.message("40/other,");
    socket.message('42/markets,["subscribe_market_prices",{}]');
    socket.message("40/markets,");
    expect(peer.frames.slice(1)).toEqual([
      '44/other,{"message":"Invalid namespace"}',
      '40/markets,{"sid":"embedded-1-m"}',
    ]);
    const refused = t.server.socket(
      "ws",
      { method: "GET", path: "/other", headers: {}, body: "" },
      new Peer(),
    );
    expect(refused).toMatchObject({ status: 400 });
    t.server.close();
    expect([peer.ended, t.clock.pending]).toEqual(["1001 server shutting down", 0]);
  });

  it("pings every 25 s and ends who does not answer, does not join, or is not understood", () => {
    const t = open([]);
    const { peer, socket } = t.join();
    const silent = t.join().peer;
    const stranger = t.connect().peer;
    const garbled = t.join();
    garbled.socket.message("[]");
    for (let i = 0; i < 10; i++) {
      t.pass(25 * SECOND);
      socket.message("3");
    }
    expect(peer.frames.filter((text) => text === "2")).toHaveLength(10);
    expect([peer.ended, silent.ended, stranger.ended, garbled.peer.ended]).toEqual([
      null,
      "1000 ping timeout",
      "1000 connect timeout",
      "1000 parse error",
    ]);
  });

  it("sends the books of the last subscription only, whole, once a change", () => {
    const t = open([spec(1), spec(2)]);
    const [a, b] = t.events.map(({ markets }) => markets[0]!);
    const { peer, emit } = t.join();
    const books = () =>
      peer.events().flatMap(([name, payload]) => (name === "orderbookUpdate" ? [payload["marketSlug"]] : []));
    emit("subscribe_market_prices", { marketSlugs: [a!.id, "unknown"] });
    expect(books()).toEqual([a!.id]);
    emit("subscribe_market_prices", { marketSlugs: [b!.id] });
    expect(books()).toEqual([b!.id]);
    t.rest(a!.symbol, 0, 300, 10_000_000);
    t.rest(b!.symbol, 0, 300, 10_000_000);
    t.rest(b!.symbol, 0, 301, 10_000_000);
    t.pass(SECOND);
    expect(books()).toEqual([b!.id]);
    emit("subscribe_positions", {});
    expect(peer.events().map(([name]) => name)).toEqual(["exception"]);
  });

  it("tells of new and settled markets to whoever asked", () => {
    const t = open([spec(1), spec(2)]);
    const { peer, emit } = t.join();
    const deaf = t.join().peer;
    emit("subscribe_market_lifecycle", {});
    t.exchange.list(limitlessEmbedded.list(spec(7), "limitless", sha256));
    const [first, second] = t.events.map(({ markets }) => markets[0]!);
    t.exchange.resolve(t.exchange.book(first!.symbol)!, "1");
    t.exchange.resolve(t.exchange.book(second!.symbol)!, "0.5");
    expect(peer.events()).toMatchObject([
      ["marketCreated", { slug: "will-it-rain-in-marrow-7-0" }],
      ["marketResolved", { slug: first!.id, winningOutcome: "YES", winningIndex: 0 }],
      ["marketResolved", { slug: second!.id, winningIndex: null }],
    ]);
    expect(deaf.events()).toEqual([]);
  });
});

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  type BookId,
  type EmbeddedServer,
  type ListedBook,
  type Micros,
  type ObservedBook,
  POLL_CONNECTION,
  type PollOutcome,
  reasonOf,
  type SessionEnv,
} from "../../../src/contracts/index.ts";
import { DEFAULT_FIREWALL } from "../../../src/core/market/options.ts";
import { Replica } from "../../../src/core/market/replica.ts";
import { GovernedClient } from "../../../src/feed/pacing/governed-client.ts";
import { BatchSink } from "../../../src/runtime/batch-sink.ts";
import { Feeds } from "../../../src/runtime/feeds.ts";
import { FaultGate } from "../../../src/sim/embedded/faults/fault-gate.ts";
import { createEmbeddedMarket } from "../../../src/sim/embedded/market.ts";
import { SimNet } from "../../../src/sim/net/sim-net.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { limitlessEmbedded } from "../embedded/module.ts";
import { LimitlessServer } from "../embedded/server.ts";
import { limitless } from "../venue.ts";
import { limitlessLive } from "./live.ts";

const START = 1_790_000_000_000_000 as Micros;
const SECOND = 1_000_000;
const LATENCY = { minMicros: 1_000, typicalMicros: 3_000, maxMicros: 20_000 };
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

interface OpenOptions {
  readonly session?: unknown;
  readonly snapshotOnSubscribe?: boolean;
  readonly eventsPerSecond?: number;
  readonly eventLifeSeconds?: number;
}

/** A session with its governor over the simulated network to an embedded venue whose market is alive. */
function open({
  session: options,
  snapshotOnSubscribe = true,
  eventsPerSecond = 20,
  eventLifeSeconds = 1_200,
}: OpenOptions = {}) {
  const clock = new StepClock(START);
  const rng = new SeededRng("limitless live");
  const market = createEmbeddedMarket({
    venues: [{ id: "limitless", module: limitlessEmbedded }],
    clock,
    rng: rng.fork("market"),
    sha256,
    options: {
      marketsPerVenue: 30,
      eventsPerSecond,
      eventLifeMicros: eventLifeSeconds * SECOND,
      plantEveryMicros: 0,
      crossEveryMicros: 0,
      decoyEveryMicros: 0,
    },
  });
  const exchange = market.exchanges.get("limitless")!;
  const server: EmbeddedServer = new LimitlessServer(
    { venue: "limitless", exchange, clock, rng, sha256, accounts: new Map(), rateLimits: true },
    { snapshotOnSubscribe },
  );
  const gate = new FaultGate(server, {
    clock,
    rng: rng.fork("faults"),
    isHeartbeat: (text) => text === "2" || text === "3",
  });
  const net = new SimNet({ clock, rng: rng.fork("net"), up: LATENCY, down: LATENCY });
  const hosts = net.serve("limitless", limitlessLive.hosts, gate);
  const { rates, stress } = limitlessLive;
  const http = new GovernedClient({ net, clock, rng: rng.fork("pacing"), rates, stress });

  const batch = new BatchSink();
  const feed = new Feeds(batch).open(limitless);
  const replica = new Replica(
    { maxBooks: 1_000, denseBudgetBytes: 1 << 24, firewall: DEFAULT_FIREWALL, sha256 },
    {
      quarantine: () => {},
      release: () => {},
      invalid: () => {},
      refused: (reason) => refusedFacts.push(reason),
    },
  );
  const refusedFacts: number[] = [];
  let seq = 0;
  const drain = (): void => {
    const { i32, f64, count, objects } = batch;
    let next = 0;
    for (let index = 0; index <= count; index++) {
      for (; next < objects.length && objects[next]!.before === index; next++)
        replica.object(objects[next]!.fact, objects[next]!.at, seq++);
      if (index < count) replica.apply(i32, f64, index, seq++);
    }
    batch.clear();
    replica.clearChanged();
  };

  const listed = new Map<string, ListedBook>();
  const subscribed = new Set<string>();
  const refused: string[] = [];
  const failed: string[] = [];
  const status: string[] = [];
  const seen = { discovered: 0, polled: 0 };
  const env: SessionEnv = {
    venue: "limitless",
    hosts,
    clock,
    rng: rng.fork("session"),
    http,
    connect: (url, headers, handlers) => net.connect(url, headers, handlers),
    cache: { read: () => null, write: () => {} },
    secrets: {},
    userAgent: "emp-test/1",
    maxFrameBytes: 1_048_576,
    feed: {
      frame: (connection, at, bytes, start, end) => {
        if (connection >= POLL_CONNECTION) seen.polled++;
        feed.mapper.frame(connection, at, bytes, start, end);
        drain();
      },
      connection: (connection, state, at) => {
        feed.mapper.connection(connection, state, at);
        drain();
      },
      describe: (run) => {
        run(feed.env);
        drain();
      },
    },
    report: {
      progress: () => {},
      failed: (stage, detail) => failed.push(`${stage}: ${detail}`),
      listed: (books) => {
        for (const book of books) listed.set(book.symbol, book);
      },
      discovered: () => {
        seen.discovered++;
      },
      status: (now) => status.push(now),
      refused: (reason) => refused.push(reason),
      subscribed: (symbols, on) => {
        for (const symbol of symbols) on ? subscribed.add(symbol) : subscribed.delete(symbol);
      },
      order: () => {},
    },
  };
  const session = limitlessLive.configure(options)(env, "off");
  const pass = (seconds: number) => clock.advanceTo((clock.now() + seconds * SECOND) as Micros);
  const openSymbols = () => [...listed.values()].filter((book) => book.open).map(({ symbol }) => symbol);
  const bookOf = (symbol: string): BookId => {
    const bytes = Buffer.from(symbol);
    return (feed.symbols.find(bytes, 0, bytes.length) >> 1) as BookId;
  };
  /** Books whose levels differ from the exchange's, or that are not exact. */
  const wrong = () =>
    openSymbols().filter((symbol) => {
      const book = bookOf(symbol);
      const same = ([BID, ASK] as const).every(
        (side) =>
          JSON.stringify(replica.view.ladder(book, side, 100)) ===
          JSON.stringify(exchange.levels(symbol, side)),
      );
      return !same || !replica.isExact(book);
    });
  const reasons = () => refusedFacts.map((number) => reasonOf(number));
  return {
    clock,
    market,
    exchange,
    server,
    gate,
    net,
    http,
    session,
    pass,
    openSymbols,
    wrong,
    bookOf,
    replica,
    listed,
    subscribed,
    refused,
    failed,
    status,
    seen,
    reasons,
  };
}

type Opened = ReturnType<typeof open>;

/** Discovery done and every open book subscribed; then the market comes alive. */
function started(options: OpenOptions = {}): Opened {
  const t = open(options);
  t.session.start();
  t.pass(10);
  expect([t.failed, t.refused, t.seen.discovered]).toEqual([[], [], 1]);
  t.session.watch(t.openSymbols());
  t.pass(5);
  return t;
}

/** Lets the market rest until everything that was said has arrived. */
function rest(t: Opened): void {
  t.market.stop();
  t.pass(2);
}

function close(t: Opened): void {
  let closed = false;
  t.market.stop();
  t.session.close(() => {
    closed = true;
  });
  t.pass(3);
  t.http.close();
  t.gate.close();
  t.pass(3);
  expect([closed, t.net.open(), t.clock.pending]).toEqual([true, { requests: 0, sockets: 0 }, 0]);
}

describe("a session against the embedded venue", () => {
  it("finds every market, streams every book exactly as the exchange has it, and closes clean", () => {
    const t = started();
    const symbols = t.exchange.events().flatMap(({ markets }) => markets.map(({ symbol }) => symbol));
    expect([...t.listed.keys()].sort()).toEqual([...symbols].sort());
    expect([...t.subscribed].sort()).toEqual([...symbols].sort());
    expect(t.status.at(-1)).toBe("up");
    t.market.start();
    t.pass(60);
    rest(t);
    expect(t.wrong()).toEqual([]);
    expect([t.refused, t.session.health().reconnects, t.seen.polled]).toEqual([[], 0, 0]);
    expect(new Set(t.reasons())).toEqual(new Set(["wire.no_content"]));
    close(t);
  });

  it("fetches books that a subscription does not bring, within the venue's limits", () => {
    const t = started({ snapshotOnSubscribe: false, session: { awaitBookMs: 1_000 } });
    t.pass(30);
    expect([t.wrong(), t.seen.polled]).toEqual([[], t.openSymbols().length]);
    expect(t.refused).toEqual([]);
    expect(t.subscribed.size).toBe(t.openSymbols().length);
    close(t);
  });

  it("a resync of many books subscribes again, and fetches what that does not bring", () => {
    for (const snapshotOnSubscribe of [true, false]) {
      const t = started({ snapshotOnSubscribe, session: { awaitBookMs: 1_000 } });
      t.pass(30);
      const before = t.seen.polled;
      t.session.resync(t.openSymbols().slice(0, 10));
      t.pass(30);
      expect([t.seen.polled - before, t.wrong()]).toEqual([snapshotOnSubscribe ? 0 : 10, []]);
      close(t);
    }
  });

  it("polls and observes one book a request; observing feeds nothing", () => {
    const t = started();
    const [first, second] = t.openSymbols();
    const outcomes: PollOutcome[] = [];
    const observed: (readonly ObservedBook[] | null)[] = [];
    t.session.poll([first!], "poll", (outcome) => outcomes.push(outcome));
    t.session.poll(["unknown"], "poll", (outcome) => outcomes.push(outcome));
    t.session.observe([first!, second!], (books) => observed.push(books));
    t.session.observe(["unknown"], (books) => observed.push(books));
    t.pass(3);
    expect(outcomes).toEqual([
      { ok: false, reason: "feed.not_found", retryAfterMicros: null },
      { ok: true, books: 1 },
    ]);
    expect(observed).toEqual([
      null,
      [first, second].map((symbol) => ({
        symbol,
        bids: t.exchange.levels(symbol!, BID),
        asks: t.exchange.levels(symbol!, ASK),
      })),
    ]);
    expect(t.seen.polled).toBe(1);
    close(t);
  });

  it("takes markets that come and go from the life-cycle channel", () => {
    const t = started({ eventLifeSeconds: 120 });
    const before = new Set(t.openSymbols());
    t.market.start();
    for (let round = 0; round < 20; round++) {
      t.pass(15);
      t.session.watch(t.openSymbols());
    }
    rest(t);
    const gone = [...before].filter((symbol) => t.listed.get(symbol)?.open === false);
    const fresh = t.openSymbols().filter((symbol) => !before.has(symbol));
    expect([gone.length > 0, fresh.length > 0]).toEqual([true, true]);
    t.session.watch(t.openSymbols());
    t.pass(5);
    expect(t.wrong()).toEqual([]);
    expect(t.failed).toEqual([]);
    close(t);
  });

  it("reads fees as unknown unless the profile states an assumption", () => {
    const feesOf = (session: unknown) => {
      const t = started({ session });
      const types = t
        .openSymbols()
        .map((symbol) => t.replica.view.instrument(t.bookOf(symbol))!.fees[0]!.spec.type);
      close(t);
      return [...new Set(types)].sort();
    };
    expect(feesOf({})).toEqual(["none", "unknown"]);
    expect(feesOf({ assumedTakerFeeBps: "100" })).toEqual(["in_shares", "none"]);
  });

  it("every probe finds the shapes it expects", () => {
    const t = started();
    const learned = new Map<string, string>();
    for (const probe of limitlessLive.probes) {
      const { method, path } = probe.request(learned)!;
      t.pass(1);
      t.gate.request(probe.host, { method, path, headers: {}, body: "" }, ({ status, headers, body }) => {
        const at = t.clock.now();
        const bytes = new TextEncoder().encode(body);
        const outcome = { kind: "answer", status, headers, body: bytes, sentAt: at, at } as const;
        expect(probe.check(outcome, learned), probe.id).toEqual([]);
      });
    }
    close(t);
  });

  it("shares the books among connections and says what has no room", () => {
    const t = open({ session: { connections: 3, marketsPerConnection: 8 } });
    t.session.start();
    t.pass(10);
    t.session.watch(t.openSymbols());
    t.pass(10);
    expect(t.session.health().connections.map(({ symbols, open: isOpen }) => [symbols, isOpen])).toEqual([
      [8, true],
      [8, true],
      [8, true],
    ]);
    expect([t.subscribed.size, t.refused]).toEqual([24, ["feed.shed"]]);
    t.session.watch(t.openSymbols().slice(0, 4));
    t.pass(5);
    expect([t.subscribed.size, t.session.health().connections.length]).toEqual([4, 1]);
    close(t);
  });
});

describe("faults", () => {
  it.each([
    ["disconnect", "feed.unreachable"],
    ["resubscribe_loop", "feed.unreachable"],
    ["refuse_connect", null],
    ["silent", "feed.heartbeat"],
  ] as const)("%s is healed by connecting again", (fault, reason) => {
    const t = started();
    t.market.start();
    t.pass(10);
    t.gate.begin(fault, fault === "silent" ? { durationMicros: null } : {});
    if (fault === "refuse_connect") t.gate.begin("disconnect");
    t.pass(120);
    rest(t);
    t.session.watch(t.openSymbols());
    t.pass(5);
    expect(t.wrong()).toEqual([]);
    expect(t.session.health().reconnects).toBeGreaterThan(0);
    if (reason !== null) expect(t.refused).toContain(reason);
    expect(t.status).toContain("degraded");
    expect([t.status.at(-1), t.subscribed.size]).toEqual(["up", t.openSymbols().length]);
    close(t);
  });

  it.each(["malformed", "duplicate", "reorder", "burst", "double_some"] as const)(
    "%s frames cost at most a moment: the next update makes the book whole",
    (fault) => {
      const t = started({ eventsPerSecond: 60 });
      t.market.start();
      t.pass(5);
      t.gate.begin(fault, { host: "ws" });
      t.pass(30);
      expect(Object.keys(t.gate.injected())).toEqual([fault]);
      t.pass(60);
      rest(t);
      t.session.resync(t.openSymbols());
      t.pass(10);
      expect(t.wrong()).toEqual([]);
      close(t);
    },
  );

  it.each(["gap", "frozen"] as const)("after %s a resync makes the books whole again", (fault) => {
    const t = started();
    t.market.start();
    t.pass(5);
    t.gate.begin(fault, { host: "ws", durationMicros: 20 * SECOND });
    t.pass(30);
    t.gate.begin("gap", { host: "ws" });
    rest(t);
    t.session.resync(t.openSymbols());
    t.pass(10);
    const [one] = t.openSymbols();
    t.session.resync([one!]);
    t.pass(5);
    expect(t.wrong()).toEqual([]);
    expect(t.seen.polled).toBe(1);
    close(t);
  });

  it.each([
    ["rate_limited", "feed.rate_limited"],
    ["rate_limited_retry_after", "feed.rate_limited"],
    ["cloudflare_html", "feed.rate_limited"],
    ["restarting", "feed.html"],
    ["forbidden", "feed.auth"],
    ["unavailable", "feed.maintenance"],
    ["timeout_lost", "feed.timeout"],
    ["refuse_connect", "feed.unreachable"],
  ] as const)("%s of a poll is %s, and later polls work", (fault, reason) => {
    const t = started();
    const outcomes: PollOutcome[] = [];
    const poll = () => t.session.poll([t.openSymbols()[0]!], "poll", (outcome) => outcomes.push(outcome));
    t.gate.begin(fault, { host: "rest", count: 1 });
    poll();
    t.pass(60);
    poll();
    t.pass(60);
    const [failed, ok] = outcomes;
    expect([failed, ok]).toMatchObject([
      { ok: false, reason },
      { ok: true, books: 1 },
    ]);
    if (fault === "rate_limited_retry_after") expect(failed).toMatchObject({ retryAfterMicros: 2 * SECOND });
    close(t);
  });

  it("discovery survives a bad minute, and names what stopped it when it does not", () => {
    const t = open();
    t.gate.begin("unavailable", { host: "rest", count: 3 });
    t.session.start();
    t.pass(120);
    expect([t.seen.discovered, t.failed]).toEqual([1, []]);
    close(t);
    const dead = open();
    dead.gate.begin("forbidden", { host: "rest", durationMicros: null });
    dead.session.start();
    dead.pass(300);
    expect(dead.failed).toEqual(["discovery: active markets, page 1: HTTP 403: Forbidden resource"]);
    close(dead);
  });
});

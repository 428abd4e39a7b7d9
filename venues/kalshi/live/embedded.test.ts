import { describe, expect, it } from "vitest";
import {
  type EmbeddedServer,
  type GovernedHttp,
  type Instrument,
  type Lots,
  type Micros,
  type Order,
  POLL_CONNECTION,
  type SessionEnv,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { SimNet } from "../../../src/sim/net/sim-net.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { newAccount } from "../embedded/account.ts";
import { kalshiEmbedded } from "../embedded/module.ts";
import { DEGREES, question, SECOND, START, sha256 } from "../embedded/testing/scene.ts";
import { KalshiMapper } from "../mapper.ts";
import { KALSHI_SCALES } from "../scales.ts";
import { configure, HOSTS } from "./configure.ts";
import { PROBES } from "./probes.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { FakeVenue } from "./testing/fake-venue.ts";

const ANN = newAccount("ann");
const LATENCY = { minMicros: 1_000, typicalMicros: 2_000, maxMicros: 5_000 };

/** A session whose network leads to an embedded venue, in simulated time. */
function open({ keyed = true, options = {} }: { readonly keyed?: boolean; readonly options?: unknown } = {}) {
  const clock = new StepClock(START);
  const rng = new SeededRng("kalshi session");
  const exchange = new MatchingExchange("kalshi", clock);
  exchange.deposit("ann", "1000");
  exchange.deposit("bob", "1000");
  const events = [
    question(1),
    question(2, { kind: "bucket", outcomes: DEGREES, title: "High temperature?" }),
  ].map((spec) => kalshiEmbedded.list(spec, "kalshi", sha256));
  for (const event of events) exchange.list(event);
  const server: EmbeddedServer = kalshiEmbedded.open({
    venue: "kalshi",
    exchange,
    clock,
    rng: rng.fork("server"),
    sha256,
    accounts: new Map([["ann", ANN]]),
    rateLimits: true,
  });
  const net = new SimNet({ clock, rng: rng.fork("net"), up: LATENCY, down: LATENCY });
  const hosts = net.serve("kalshi", HOSTS, server);
  const mapper = memoryEnv("kalshi", KALSHI_SCALES);
  const kept = new FakeVenue(new FakeClock(), rng, mapper, keyed ? ANN : {}, new KalshiMapper(mapper));
  const http: GovernedHttp = {
    send: (request, done) =>
      net.request({ ...request, headers: { ...request.headers, ...request.authorise?.() } }, done),
  };
  const env: SessionEnv = {
    ...kept.env,
    hosts,
    clock,
    rng: rng.fork("session"),
    http,
    connect: (url, headers, handlers) => net.connect(url, headers, handlers),
  };
  const session = configure(options)(env, keyed ? "on" : "off");
  const pass = (micros: number) => clock.advanceTo((clock.now() + micros) as Micros);
  const rest = (side: 0 | 1, ticks: number, lots: number, symbol = events[0]!.markets[0]!.symbol) =>
    exchange.submit({
      account: "bob",
      clientId: null,
      symbol,
      side,
      ticks: ticks as Ticks,
      lots: lots as Lots,
      timeInForce: "gtc",
      postOnly: false,
      expiresAt: null,
    });
  const symbols = events.flatMap(({ markets }) => markets.map(({ symbol }) => symbol));
  return { clock, net, server, exchange, events, symbols, mapper, kept, session, pass, rest };
}

type Opened = ReturnType<typeof open>;

function instrumentOf({ mapper }: Opened, symbol: string): Instrument {
  return mapper.symbols.instruments.find((each) => each.symbol === symbol)!;
}

function order(opened: Opened, changes: Partial<Order>): [Order, Instrument] {
  const instrument = instrumentOf(opened, opened.symbols[0]!);
  const base = { id: "o-1", opportunity: "op", leg: 0, attempt: 0, book: instrument.book } as const;
  const rest = { action: "buy_yes", lots: 500, limitTicks: 5_000, role: "taker", purpose: "entry" } as const;
  return [{ ...base, ...rest, ...changes } as Order, instrument];
}

function close({ session, net, clock, server, pass }: Opened): void {
  let closed = false;
  session.close(() => {
    closed = true;
  });
  pass(SECOND);
  server.close();
  pass(SECOND);
  expect([closed, net.open(), clock.pending]).toEqual([true, { requests: 0, sockets: 0 }, 0]);
}

describe("a session against the embedded venue", () => {
  it("reads the whole catalogue with fees and ticks, streams every book, and closes clean", () => {
    const opened = open();
    const { kept, session, symbols, pass, rest, mapper } = opened;
    rest(0, 4_000, 1_000);
    rest(1, 4_500, 700);
    session.start();
    pass(5 * SECOND);
    expect([kept.failed, kept.refused]).toEqual([[], []]);
    expect([...kept.listed.keys()].sort()).toEqual([...symbols].sort());
    for (const symbol of symbols) {
      const { status, tickRanges, fees } = instrumentOf(opened, symbol);
      expect([status, tickRanges.length > 0, fees.at(-1)?.spec.type]).toEqual(["open", true, "kalshi"]);
    }
    session.watch(symbols);
    pass(5 * SECOND);
    expect([...kept.subscribed].sort()).toEqual([...symbols].sort());
    rest(0, 4_100, 300);
    pass(SECOND);
    const levels = mapper.sink.records.filter(
      ({ kind }) => kind === "SNAPSHOT_LEVEL" || kind === "LEVEL_CHANGE",
    );
    expect(levels.map(({ side, priceTicks, lots }) => [side, priceTicks, lots])).toEqual([
      [0, 4_000, 1_000],
      [1, 4_500, 700],
      [0, 4_100, 300],
    ]);
    expect(mapper.sink.records.filter(({ kind }) => kind === "REJECT")).toEqual([]);
    session.resync(symbols);
    pass(SECOND);
    expect(mapper.sink.records.filter(({ kind }) => kind === "SNAPSHOT_END")).toHaveLength(
      2 * symbols.length,
    );
    pass(120 * SECOND);
    expect([session.health().reconnects, kept.refused]).toEqual([0, []]);
    close(opened);
  });

  it("keyless it polls all books in one request; observing feeds nothing", () => {
    const opened = open({ keyed: false });
    const { kept, session, symbols, pass, rest } = opened;
    rest(0, 4_000, 1_000);
    session.start();
    pass(5 * SECOND);
    const outcomes: unknown[] = [];
    session.poll(symbols, "poll", (outcome) => outcomes.push(outcome));
    session.observe(symbols.slice(0, 1), (books) => outcomes.push(books));
    pass(SECOND);
    expect(outcomes).toContainEqual({ ok: true, books: symbols.length });
    expect(outcomes).toContainEqual([
      { symbol: symbols[0], bids: [{ ticks: 4_000, lots: 1_000 }], asks: [] },
    ]);
    expect(kept.frames.map(({ connection }) => connection)).toEqual([POLL_CONNECTION]);
    expect(kept.refused).toEqual([]);
    close(opened);
  });

  it("orders fill with the exact fees the venue charged, in full, in part and not at all", () => {
    const opened = open();
    const { exchange, kept, session, pass, rest } = opened;
    rest(1, 4_500, 300);
    rest(0, 4_000, 1_000);
    session.start();
    pass(5 * SECOND);
    const gateway = session.gateway!;
    gateway.prepare(...order(opened, { id: "yes", lots: 500 as Lots }));
    gateway.submit(...order(opened, { id: "yes", lots: 500 as Lots }));
    pass(SECOND);
    gateway.submit(
      ...order(opened, { id: "no", action: "buy_no", lots: 200 as Lots, limitTicks: 6_000 as Ticks }),
    );
    gateway.submit(...order(opened, { id: "none", limitTicks: 1_000 as Ticks }));
    gateway.submit(...order(opened, { id: "tick", limitTicks: 1_005 as Ticks }));
    pass(5 * SECOND);
    const last = (id: string) => kept.orders.filter(({ orderId }) => orderId === id).at(-1);
    expect(["yes", "no", "none", "tick"].map((id) => [last(id)?.state, last(id)?.reason])).toEqual([
      ["cancelled", "order.partial"],
      ["filled", null],
      ["cancelled", "order.no_liquidity"],
      ["rejected", "order.tick"],
    ]);
    const fills = kept.orders.flatMap((update) => update.fills);
    expect(fills.map(({ orderId, lots, priceTicks }) => [orderId, lots, priceTicks])).toEqual([
      ["yes", 300, 4_500],
      ["no", 200, 6_000],
    ]);
    const charged = exchange.fills("ann").map(({ fee }) => Number(fee));
    expect(fills.map(({ fee }) => Number(fee) / 1e12)).toEqual(charged);
    close(opened);
  });

  it("one id reaches the venue once, also after another session sent it", () => {
    const opened = open();
    const { exchange, kept, session, pass, rest } = opened;
    rest(1, 4_500, 300);
    session.start();
    pass(5 * SECOND);
    exchange.submit({
      account: "ann",
      clientId: "o-1",
      symbol: opened.symbols[0]!,
      side: 0,
      ticks: 4_500 as Ticks,
      lots: 100 as Lots,
      timeInForce: "ioc",
      postOnly: false,
      expiresAt: null,
    });
    session.gateway!.submit(...order(opened, { lots: 100 as Lots }));
    pass(10 * SECOND);
    expect(kept.orders.map(({ state }) => state)).toContain("filled");
    expect(exchange.orders("ann")).toHaveLength(1);
    expect(kept.orders.flatMap((update) => update.fills)).toHaveLength(1);
    close(opened);
  });

  it("cancel-all is confirmed by the venue", () => {
    const opened = open();
    const { exchange, session, pass } = opened;
    session.start();
    pass(5 * SECOND);
    exchange.submit({
      account: "ann",
      clientId: "resting",
      symbol: opened.symbols[0]!,
      side: 0,
      ticks: 4_500 as Ticks,
      lots: 100 as Lots,
      timeInForce: "gtc",
      postOnly: false,
      expiresAt: null,
    });
    const outcomes: unknown[] = [];
    session.gateway!.cancelAll((outcome) => outcomes.push(outcome));
    pass(SECOND);
    expect(outcomes).toMatchObject([{ ok: true }]);
    expect(exchange.orders("ann").map(({ status }) => status)).toEqual(["cancelled"]);
    close(opened);
  });

  it("a market listed later is found by its life-cycle message", () => {
    const opened = open();
    const { exchange, kept, session, pass } = opened;
    session.start();
    pass(5 * SECOND);
    const event = kalshiEmbedded.list(question(9, { topic: "later" }), "kalshi", sha256);
    exchange.list(event);
    pass(30 * SECOND);
    expect(kept.listed.get(event.markets[0]!.symbol)).toMatchObject({ open: true });
    expect(kept.failed).toEqual([]);
    close(opened);
  });

  it("every probe finds the shapes it expects", () => {
    const { clock, server } = open({ keyed: false });
    const learned = new Map<string, string>();
    for (const probe of PROBES) {
      const request = probe.request(learned);
      expect(request, probe.id).not.toBeNull();
      const asked = { method: request!.method, path: `/trade-api/v2${request!.path}`, headers: {}, body: "" };
      server.request("rest", asked, ({ status, headers, body }) => {
        const at = clock.now();
        const bytes = new TextEncoder().encode(body);
        const drift = probe.check({ kind: "answer", status, headers, body: bytes, sentAt: at, at }, learned);
        expect(
          drift.filter(({ breaks }) => breaks),
          probe.id,
        ).toEqual([]);
      });
    }
  });
});

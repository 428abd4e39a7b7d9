import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  type CancelAllOutcome,
  type EmbeddedEvent,
  type EventSpec,
  type Fill,
  type Instrument,
  type LegAction,
  type ListedBook,
  type Lots,
  type Micros,
  type ObservedBook,
  type Order,
  type OrderUpdate,
  type PollOutcome,
  type SessionEnv,
  type Side,
  type Ticks,
  type VenueSession,
} from "../../../src/contracts/index.ts";
import { GovernedClient } from "../../../src/feed/pacing/governed-client.ts";
import { FaultGate } from "../../../src/sim/embedded/faults/fault-gate.ts";
import { randomFaults } from "../../../src/sim/embedded/faults/random-faults.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { SimNet } from "../../../src/sim/net/sim-net.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { type MemoryEnv, memoryEnv } from "../../../tests/memory-sink.ts";
import { polymarketEmbedded } from "../embedded/module.ts";
import { PolymarketServer } from "../embedded/server.ts";
import { PolymarketMapper } from "../mapper.ts";
import { PolymarketReferenceFold } from "../reference-fold.ts";
import { SCALES } from "../scales.ts";
import { polymarketLive } from "./live.ts";

const SECOND = 1_000_000;
const VENUE = "polymarket";
const START = 1_790_000_000_000_000 as Micros;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function event(slot: number, extra: Partial<EventSpec> = {}): EmbeddedEvent {
  const spec: EventSpec = {
    topic: `topic ${slot}`,
    slot,
    generation: 0,
    kind: "binary",
    title: `Question ${slot}`,
    outcomes: ["Yes"],
    rules: "",
    opensAt: (START - 3_600 * SECOND) as Micros,
    closesAt: (START + 86_400 * SECOND) as Micros,
    variety: 3,
    volume: 1_000 - slot,
    ...extra,
  };
  return polymarketEmbedded.list(spec, VENUE, sha256);
}

const BINARY = event(1);
const SET = event(2, { kind: "bucket", outcomes: ["a", "b", "c"] });
/** A game: marketable orders wait. */
const GAME = event(3, { variety: 4 });
const YES = BINARY.markets[0]!.symbol;
const RISKY = SET.markets[1]!.symbol;
const PLAYED = GAME.markets[0]!.symbol;

let clock: StepClock;
let exchange: MatchingExchange;
let server: PolymarketServer;
let gate: FaultGate;
let net: SimNet;
let client: GovernedClient;
let mapperEnv: MemoryEnv;
let fold: PolymarketReferenceFold;
let session: VenueSession;
let updates: OrderUpdate[];
let refusals: string[];
let failures: string[];
let listed: Map<string, ListedBook>;
let subscribed: Set<string>;
let discovered: number;

function open(orders: "off" | "on" = "on", rateLimits = false, options: object = {}): void {
  clock = new StepClock(START);
  const rng = new SeededRng("live");
  exchange = new MatchingExchange(VENUE, clock);
  for (const each of [BINARY, SET, GAME]) exchange.list(each);
  exchange.deposit("emp", "10000");
  exchange.deposit("maker", "100000");
  const secrets = polymarketEmbedded.account("emp");
  server = new PolymarketServer({
    venue: VENUE,
    exchange,
    clock,
    rng: rng.fork("server"),
    sha256,
    accounts: new Map([["emp", secrets]]),
    rateLimits,
  });
  gate = new FaultGate(server, { clock, rng: rng.fork("faults") });
  const latency = { minMicros: 2_000, typicalMicros: 5_000, maxMicros: 20_000 };
  net = new SimNet({ clock, rng: rng.fork("net"), up: latency, down: latency });
  const { rates, stress } = polymarketLive;
  client = new GovernedClient({ net, clock, rng: rng.fork("pacing"), rates, stress });
  mapperEnv = memoryEnv(VENUE, SCALES);
  const mapper = new PolymarketMapper(mapperEnv);
  fold = new PolymarketReferenceFold();
  const decoder = new TextDecoder();
  [updates, refusals, failures, listed, subscribed, discovered] = [[], [], [], new Map(), new Set(), 0];
  const env: SessionEnv = {
    venue: VENUE,
    hosts: net.serve(VENUE, polymarketLive.hosts, gate),
    clock,
    rng: rng.fork("session"),
    http: client,
    connect: (url, headers, handlers) => net.connect(url, headers, handlers),
    feed: {
      frame: (connection, at, bytes, start, end) => {
        mapper.frame(connection, at, bytes, start, end);
        const text = decoder.decode(bytes.subarray(start, end));
        if (text !== "PONG") fold.frame(text);
      },
      connection: (connection, state, at) => mapper.connection(connection, state, at),
      describe: (run) => run(mapperEnv),
    },
    report: {
      progress: () => {},
      failed: (stage, detail) => failures.push(`${stage}: ${detail}`),
      listed: (books) => {
        for (const book of books) listed.set(book.symbol, book);
      },
      discovered: () => {
        discovered++;
      },
      status: () => {},
      refused: (reason, detail) => refusals.push(`${reason} ${detail}`),
      subscribed: (symbols, on) => {
        for (const symbol of symbols) {
          if (on) subscribed.add(symbol);
          else subscribed.delete(symbol);
        }
      },
      order: (update) => updates.push(update),
    },
    cache: { read: () => null, write: () => {} },
    secrets,
    userAgent: "emp-test/1",
    maxFrameBytes: 4 * 1024 * 1024,
  };
  session = polymarketLive.configure(options)(env, orders);
  session.start();
  run(5);
}

const run = (seconds: number): void => clock.advanceTo((clock.now() + seconds * SECOND) as Micros);

beforeEach(() => open());

afterEach(() => {
  let closed = false;
  session.close(() => {
    closed = true;
  });
  run(5);
  client.close();
  gate.close();
  expect([closed, net.open().sockets, clock.pending]).toEqual([true, 0, 0]);
});

const quote = (side: Side, ticks: number, shares: number, symbol = YES): void =>
  exchange.quote(exchange.book(symbol)!, side, ticks, shares * 1e6);

function watch(...symbols: readonly string[]): void {
  session.watch(symbols);
  run(2);
}

let serial = 0;
function submit(action: LegAction, limitTicks: number, shares: number, symbol = YES): string {
  const instrument: Instrument = mapperEnv.symbols.instruments.find((each) => each.symbol === symbol)!;
  const order: Order = {
    id: `o${serial++}`,
    opportunity: "op",
    leg: 0,
    attempt: 0,
    book: instrument.book,
    action,
    lots: (shares * 1e6) as Lots,
    limitTicks: limitTicks as Ticks,
    role: "taker",
    purpose: "entry",
  };
  session.gateway!.prepare(order, instrument);
  session.gateway!.submit(order, instrument);
  return order.id;
}

const story = (id: string): string[] =>
  updates
    .filter(({ orderId }) => orderId === id)
    .map(({ state, reason }) => `${state} ${reason ?? ""}`.trim());
const filled = (id: string): string[] =>
  updates
    .filter(({ orderId }) => orderId === id)
    .flatMap((update) => update.fills)
    .map((fill: Fill) => `${fill.lots / 1e6}@${fill.priceTicks}`);

/** The replayed best prices of a book are those of the exchange. */
function expectTop(symbol: string): void {
  const top = (side: Side): number => exchange.levels(symbol, side)[0]?.ticks ?? -1;
  expect([symbol, fold.top(symbol)]).toEqual([symbol, { bid: top(BID), ask: top(ASK) }]);
}

describe("against the embedded venue", () => {
  it("the catalogue is read, families and fees with it", () => {
    expect([failures, discovered]).toEqual([[], 1]);
    expect(listed.size).toBe(5);
    expect(mapperEnv.sink.objects.filter(({ kind }) => kind === "market.families")).toHaveLength(1);
    expect(mapperEnv.symbols.instruments.every(({ status }) => status === "open")).toBe(true);
  });

  it("books come on the stream, follow it, and are the same over REST", () => {
    quote(BID, 4_000, 50);
    quote(ASK, 4_200, 30);
    watch(YES, RISKY);
    expect([...subscribed].sort()).toEqual([YES, RISKY].sort());
    for (let i = 0; i < 20; i++)
      quote(i % 2 === 0 ? BID : ASK, i % 2 === 0 ? 4_000 - i * 10 : 4_200 + i * 10, 5);
    quote(BID, 1_000, 7, RISKY);
    run(1);
    for (const symbol of [YES, RISKY]) expectTop(symbol);
    const seen: (readonly ObservedBook[] | null)[] = [];
    session.observe([YES, RISKY, "1"], (books) => seen.push(books));
    run(1);
    const book = seen[0]!.find(({ symbol }) => symbol === YES)!;
    expect(book.bids).toEqual(exchange.levels(YES, BID));
    expect(book.asks).toEqual(exchange.levels(YES, ASK));
    const kinds = new Set(mapperEnv.sink.records.map(({ kind }) => kind));
    expect(kinds.has("INVALID")).toBe(false);
    expect(refusals).toEqual([]);
  });

  it("polls are mapped with their checksum verified", () => {
    quote(BID, 4_000, 50);
    mapperEnv.sink.clear();
    const outcomes: PollOutcome[] = [];
    session.poll([YES, PLAYED, "1"], "poll", (outcome) => outcomes.push(outcome));
    run(1);
    expect(outcomes).toEqual([{ ok: true, books: 2 }]);
    const ends = mapperEnv.sink.records.filter(({ kind }) => kind === "SNAPSHOT_END");
    expect(ends.map(({ flags }) => flags & 6)).toEqual([6, 6]);
  });

  it("a resync brings the book anew, and so does a change of tick", () => {
    quote(BID, 4_000, 50);
    watch(YES);
    session.resync([YES]);
    expect(subscribed.size).toBe(0);
    run(1);
    expect(subscribed.has(YES)).toBe(true);
    exchange.setStep(exchange.book(YES)!, 10);
    quote(BID, 4_010, 5);
    run(3);
    expectTop(YES);
    const instrument = mapperEnv.symbols.instruments.find(({ symbol }) => symbol === YES)!;
    expect(instrument.tickRanges[0]?.stepTicks).toBe(10);
    expect(refusals).toEqual([]);
  });

  it("a connection lasts while it beats", () => {
    quote(BID, 4_000, 50);
    watch(YES, RISKY, PLAYED);
    for (const [symbol] of listed) quote(ASK, 9_000, 5, symbol);
    run(70);
    expect(session.health().connections[0]).toMatchObject({ open: true, symbols: 3 });
    expect(session.health().reconnects).toBe(0);
    expect(Math.abs(session.health().clockSkewMicros!)).toBeLessThan(SECOND);
    expect(refusals).toEqual([]);
  });

  it("a market that settles is no longer watched, and how it settled is told", () => {
    watch(YES);
    exchange.resolve(exchange.book(YES)!, "1");
    run(2);
    expect(listed.get(YES)?.open).toBe(false);
    expect(mapperEnv.sink.objects).toContainEqual(
      expect.objectContaining({ kind: "market.resolved", yesPayout: "1" }),
    );
  });

  it("an even split is told by the catalogue alone", () => {
    watch(YES);
    exchange.resolve(exchange.book(YES)!, "0.5");
    run(400);
    session.rediscover();
    run(10);
    expect(listed.get(YES)?.open).toBe(false);
    expect(mapperEnv.sink.objects).toContainEqual(
      expect.objectContaining({ kind: "market.resolved", yesPayout: "0.5" }),
    );
  });

  it("a new event is learnt from the stream and read from the catalogue", () => {
    watch(YES);
    const fresh = event(9);
    exchange.list(fresh);
    run(1);
    const { symbol } = fresh.markets[0]!;
    expect(listed.get(symbol)?.open).toBe(false);
    run(70);
    expect(listed.get(symbol)?.open).toBe(true);
    watch(YES, symbol);
    expect(subscribed.has(symbol)).toBe(true);
  });

  it("orders are signed so that the venue takes them, and end as it says", () => {
    quote(ASK, 4_200, 30);
    quote(BID, 4_000, 20);
    watch(YES);
    const whole = submit("buy_yes", 4_200, 10);
    run(2);
    const part = submit("buy_yes", 4_200, 50);
    run(2);
    expect([story(whole).at(-1), filled(whole)]).toEqual(["filled", ["10@4200"]]);
    expect([story(part).at(-1), filled(part)]).toEqual(["cancelled order.partial", ["20@4200"]]);
    const none = submit("buy_yes", 4_100, 10);
    const no = submit("buy_no", 6_000, 5);
    run(2);
    expect(story(none)).toEqual(["rejected order.no_liquidity"]);
    expect([story(no).at(-1), filled(no)]).toEqual(["filled", ["5@6000"]]);
    const sale = submit("sell_yes", 4_000, 8);
    run(2);
    expect([story(sale).at(-1), filled(sale)]).toEqual(["filled", ["8@4000"]]);
    expect(exchange.orders("emp").filter(({ status }) => status === "resting")).toEqual([]);
    expect(failures).toEqual([]);
  });

  it("orders of a negative-risk market are signed for its own exchange", () => {
    quote(ASK, 2_000, 30, RISKY);
    const id = submit("buy_yes", 2_000, 10, RISKY);
    run(2);
    expect([story(id).at(-1), filled(id)]).toEqual(["filled", ["10@2000"]]);
  });

  it("a sweep over levels is filled at their prices, money exact", () => {
    quote(ASK, 4_000, 10);
    quote(ASK, 4_100, 10);
    quote(ASK, 4_200, 10);
    const id = submit("buy_yes", 4_200, 30);
    run(2);
    const fills = updates.flatMap((update) => update.fills);
    const money = fills.reduce((sum, { lots, priceTicks }) => sum + lots * priceTicks, 0);
    expect(story(id).at(-1)).toBe("filled");
    expect(money).toBe((4_000 + 4_100 + 4_200) * 10_000_000);
  });

  it("a marketable order of a game is delayed, then matched", () => {
    quote(ASK, 5_000, 30, PLAYED);
    const id = submit("buy_yes", 5_000, 10, PLAYED);
    run(1);
    expect(story(id)).toEqual(["acked"]);
    run(15);
    expect(story(id).at(-1)).toBe("filled");
    expect(filled(id)).toEqual(["10@5000"]);
  });

  it("a new order version is met by signing again; one order, one fill", () => {
    quote(ASK, 4_200, 30);
    server.setOrderVersion(3);
    const id = submit("buy_yes", 4_200, 10);
    run(3);
    expect([story(id).at(-1), filled(id)]).toEqual(["filled", ["10@4200"]]);
    expect(exchange.fills("emp")).toHaveLength(1);
    expect(refusals.some((line) => line.startsWith("order.version"))).toBe(true);
  });

  it("a restart refuses orders for a while, and everything goes on after", () => {
    quote(ASK, 4_200, 30);
    server.restart(10 * SECOND);
    const during = submit("buy_yes", 4_200, 10);
    run(5);
    expect(story(during)).toEqual(["rejected order.maintenance"]);
    run(200);
    const after = submit("buy_yes", 4_200, 10);
    run(5);
    expect(story(after).at(-1)).toBe("filled");
  });

  it("cancel-all is confirmed, and `gtc` orders do not stay", () => {
    const outcomes: CancelAllOutcome[] = [];
    session.gateway!.cancelAll((outcome) => outcomes.push(outcome));
    run(2);
    expect(outcomes).toMatchObject([{ ok: true, cancelled: 0 }]);
  });

  it("beats keep the account alive", () => {
    run(60);
    expect(refusals).toEqual([]);
  });
});

describe("with other options", () => {
  it("`gtc` fills no more than asked and leaves nothing at the venue", () => {
    session.close(() => {});
    run(5);
    client.close();
    gate.close();
    open("on", false, { takerOrders: "gtc" });
    quote(ASK, 4_000, 4);
    const id = submit("buy_yes", 4_200, 10);
    run(5);
    expect([story(id), filled(id)]).toEqual([["partial", "cancelled order.partial"], ["4@4000"]]);
    expect(exchange.orders("emp").filter(({ status }) => status === "resting")).toEqual([]);
  });

  it("the published limits are kept: nothing is refused for its rate", () => {
    session.close(() => {});
    run(5);
    client.close();
    gate.close();
    open("on", true);
    quote(ASK, 4_200, 3_000);
    watch(YES, RISKY);
    const ids = Array.from({ length: 100 }, () => submit("buy_yes", 4_200, 5));
    run(20);
    expect(ids.map((id) => story(id).at(-1))).toEqual(ids.map(() => "filled"));
    expect(refusals.filter((line) => line.includes("rate"))).toEqual([]);
  });

  it("without orders nothing is signed and market data is the same", () => {
    session.close(() => {});
    run(5);
    client.close();
    gate.close();
    open("off");
    quote(BID, 4_000, 50);
    watch(YES);
    expect([session.gateway, subscribed.has(YES)]).toEqual([null, true]);
    expectTop(YES);
  });
});

describe("through faults", () => {
  it.each([1, 2, 3])(
    "of every kind, schedule %i: every order ends, nothing is sent twice, books come back",
    (seed) => {
      const rng = new SeededRng(`storm ${seed}`);
      const symbols = [YES, RISKY, PLAYED];
      watch(...symbols);
      const spanMicros = 1_800 * SECOND;
      gate.run(randomFaults(rng, { spanMicros, meanGapMicros: 20 * SECOND, quietMicros: 240 * SECOND }));
      const ids: string[] = [];
      for (let second = 0; second < 1_800; second += 2) {
        for (const symbol of symbols) {
          const side = rng.next() < 0.5 ? BID : ASK;
          const ticks = (side === BID ? 3_900 : 4_100) + 10 * rng.int(10);
          quote(side, ticks - (ticks % 100), 5 + rng.int(20), symbol);
        }
        const symbol = symbols[rng.int(symbols.length)]!;
        const action = rng.next() < 0.5 ? "buy_yes" : "buy_no";
        if (second < 1_500 && second % 10 === 0)
          ids.push(submit(action, action === "buy_yes" ? 4_200 : 6_200, 5 + rng.int(10), symbol));
        run(2);
      }
      run(600);
      const over = new Set(["filled", "cancelled", "rejected"]);
      expect(ids.filter((id) => !over.has(story(id).at(-1)!.split(" ")[0]!))).toEqual([]);
      const sum = (fills: readonly { lots: number }[]): number =>
        fills.reduce((total, { lots }) => total + lots, 0);
      expect(sum(updates.flatMap((update) => update.fills))).toBe(sum(exchange.fills("emp")));
      expect(exchange.orders("emp").length).toBeLessThanOrEqual(ids.length);
      expect(exchange.orders("emp").filter(({ status }) => status === "resting")).toEqual([]);
      expect([...subscribed].sort()).toEqual(symbols.toSorted());
      for (const symbol of symbols) expectTop(symbol);
      expect(ids.some((id) => story(id).includes("filled"))).toBe(true);
      expect(failures).toEqual([]);
    },
  );
});

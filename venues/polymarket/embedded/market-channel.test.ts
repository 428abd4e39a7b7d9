import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  type EmbeddedEvent,
  type Level,
  type Micros,
  reasonNumber,
  type Side,
} from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { type MemoryEnv, memoryEnv } from "../../../tests/memory-sink.ts";
import { catalogueOf } from "../catalogue.ts";
import type { HashRecipe } from "../hash.ts";
import { PolymarketMapper } from "../mapper.ts";
import { SCALES } from "../scales.ts";
import { list, type Peer, START, VENUE, World } from "./testing/world.ts";

const ONE = list({ slot: 1, variety: 1 });
const TWO = list({ slot: 2, kind: "bucket", outcomes: ["a", "b"] });
const YES = ONE.markets[0]!.symbol;
const NO = ONE.markets[0]!.mirrorSymbol!;

let clock: StepClock;
let exchange: MatchingExchange;
let world: World;

function open(recipe: HashRecipe = "v2026"): void {
  clock = new StepClock(START);
  exchange = new MatchingExchange(VENUE, clock);
  exchange.list(ONE);
  exchange.list(TWO);
  world = new World(exchange, clock, new SeededRng("market"), false, { hashRecipe: recipe, orderVersion: 2 });
}

beforeEach(() => open());

const quote = (side: Side, ticks: number, shares: number, symbol = YES): void =>
  exchange.quote(exchange.book(symbol)!, side, ticks, shares * 1_000_000);
const wait = (seconds: number): void => clock.advanceTo((clock.now() + seconds * 1_000_000) as Micros);
/** Lets what was put off until the exchange rests come. */
const settle = (): void => clock.advanceTo(clock.now());
const kinds = (peer: Peer): unknown[] =>
  peer
    .take()
    .map(({ event_type, asset_id }) =>
      asset_id === undefined
        ? event_type
        : `${String(event_type)} ${asset_id === YES ? "yes" : asset_id === NO ? "no" : "other"}`,
    );

function subscribed(tokens: readonly string[], extra: object = {}): Peer {
  const peer = world.connect("/ws/market");
  peer.say({ assets_ids: tokens, type: "market", ...extra });
  return peer;
}

describe("subscriptions", () => {
  it("begin with the books in an array", () => {
    quote(BID, 4_000, 7);
    const peer = subscribed([YES, NO, "99"]);
    expect(peer.frames).toHaveLength(1);
    expect(peer.frames[0]).toMatch(/^\[\{"event_type":"book"/);
    const [yes, no] = peer.take();
    expect(yes).toMatchObject({ asset_id: YES, bids: [{ price: "0.4", size: "7" }], asks: [] });
    expect(no).toMatchObject({ asset_id: NO, bids: [], asks: [{ price: "0.6", size: "7" }] });
    expect(yes).toMatchObject(world.clob(`/book?token_id=${YES}`).json as object);
    expect(kinds(subscribed([YES], { initial_dump: false }))).toEqual([]);
  });

  it("grow and shrink; what is known brings nothing", () => {
    const peer = subscribed([YES]);
    peer.take();
    peer.say({ assets_ids: [YES], operation: "subscribe" });
    expect(peer.frames).toEqual([]);
    peer.say({ assets_ids: [YES, NO], operation: "subscribe" });
    expect(kinds(peer)).toEqual(["book no"]);
    peer.say({ assets_ids: [YES], operation: "unsubscribe" });
    quote(BID, 4_000, 7);
    expect(kinds(peer)).toEqual(["price_change"]);
    peer.say({ assets_ids: [NO, "1"], operation: "unsubscribe" });
    quote(BID, 4_000, 7);
    for (const nonsense of ["x", "{}", '{"operation":"sing"}']) peer.say(nonsense);
    expect(peer.frames).toEqual([]);
    expect(peer.closedWith).toBeNull();
  });

  it("hold 500 tokens at most", () => {
    const events = Array.from({ length: 510 }, (_, i) => list({ slot: 100 + i }));
    for (const event of events) exchange.list(event);
    const peer = subscribed(events.map(({ markets }) => markets[0]!.symbol));
    expect(peer.take()).toHaveLength(500);
  });

  it("need a first frame of the channel", () => {
    const peer = world.connect("/ws/market");
    peer.say({ type: "user" });
    expect(peer.closedWith).toBe(1002);
    const refused = world.server.socket(
      "ws",
      { method: "GET", path: "/ws/none", headers: {}, body: "" },
      peer,
    );
    expect(refused).toMatchObject({ status: 404 });
    expect(
      world.server.socket("clob", { method: "GET", path: "/ws/market", headers: {}, body: "" }, peer),
    ).toMatchObject({ status: 404 });
  });

  it("live while the client beats", () => {
    const lively = subscribed([YES]);
    const silent = subscribed([YES]);
    lively.take();
    for (let i = 0; i < 12; i++) {
      wait(10);
      lively.say("PING");
    }
    expect(lively.frames).toEqual(Array(12).fill("PONG"));
    expect(lively.closedWith).toBeNull();
    expect(silent.closedWith).toBe(1001);
    silent.frames.length = 0;
    quote(BID, 4_000, 7);
    expect(silent.frames).toEqual([]);
    lively.socket?.closed();
    expect(clock.pending).toBeLessThanOrEqual(1);
    wait(20);
    expect(clock.pending).toBe(0);
  });
});

describe("events", () => {
  it("a level changes: both tokens in one frame, one frame for all who hear", () => {
    const peers = [subscribed([YES]), subscribed([NO]), subscribed([YES, NO])];
    for (const peer of peers) peer.take();
    quote(BID, 4_000, 7);
    const frames = peers.map((peer) => peer.frames);
    expect(new Set(frames.flat()).size).toBe(1);
    expect(frames.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(JSON.parse(frames[0]![0]!)).toMatchObject({
      event_type: "price_change",
      market: ONE.markets[0]!.id,
      price_changes: [
        { asset_id: YES, price: "0.4", size: "7", side: "BUY", best_bid: "0.4", best_ask: "1" },
        { asset_id: NO, price: "0.6", size: "7", side: "SELL", best_bid: "0", best_ask: "0.6" },
      ],
    });
  });

  it("a trade is followed by the whole book", () => {
    quote(BID, 4_000, 7);
    const peer = subscribed([YES]);
    peer.take();
    quote(ASK, 4_000, 2);
    settle();
    const [change, trade, book] = peer.take();
    expect(change).toMatchObject({ event_type: "price_change" });
    expect(trade).toMatchObject({
      event_type: "last_trade_price",
      asset_id: YES,
      price: "0.4",
      size: "2",
      side: "SELL",
    });
    expect(book).toMatchObject({
      event_type: "book",
      bids: [{ price: "0.4", size: "5" }],
      last_trade_price: "0.4",
    });
  });

  it("a new tick is followed by a new book", () => {
    const peer = subscribed([YES, NO]);
    peer.take();
    exchange.setStep(exchange.book(YES)!, 100);
    settle();
    const [yes, no, book] = peer.take();
    expect(yes).toMatchObject({
      event_type: "tick_size_change",
      asset_id: YES,
      old_tick_size: "0.001",
      new_tick_size: "0.01",
    });
    expect(no).toMatchObject({ event_type: "tick_size_change", asset_id: NO });
    expect(book).toMatchObject({ event_type: "book", tick_size: "0.01" });
  });

  it("what is asked for beyond that: best prices, new markets, resolutions", () => {
    const plain = subscribed([YES]);
    const rich = subscribed([YES], { custom_feature_enabled: true });
    plain.take();
    rich.take();
    quote(BID, 4_000, 7);
    quote(ASK, 4_200, 7);
    quote(ASK, 4_300, 7);
    const tops = rich.take().filter(({ event_type }) => event_type === "best_bid_ask");
    expect(tops).toMatchObject([
      { asset_id: YES, best_bid: "0.4", best_ask: "", spread: "" },
      { asset_id: YES, best_bid: "0.4", best_ask: "0.42", spread: "0.02" },
    ]);
    expect(kinds(plain)).toEqual(Array(3).fill("price_change"));
    const event = list({ slot: 7, variety: 1 });
    exchange.list(event);
    exchange.resolve(exchange.book(YES)!, "0");
    settle();
    const said = rich.take();
    expect(said.find(({ event_type }) => event_type === "new_market")).toMatchObject({
      assets_ids: [event.markets[0]!.symbol, event.markets[0]!.mirrorSymbol],
      fee_schedule: { rate: "0.07" },
    });
    expect(said.find(({ event_type }) => event_type === "market_resolved")).toMatchObject({
      winning_asset_id: NO,
      winning_outcome: "Down",
    });
    const last = plain.take();
    expect(last.some(({ event_type }) => event_type === "market_resolved")).toBe(false);
    expect(last.at(-1)).toMatchObject({ event_type: "book", bids: [], asks: [] });
  });

  it("an even split names no winner", () => {
    const rich = subscribed([YES], { custom_feature_enabled: true });
    rich.take();
    exchange.resolve(exchange.book(YES)!, "0.5");
    settle();
    expect(kinds(rich)).toEqual(["book yes"]);
  });
});

const EVENTS: readonly EmbeddedEvent[] = [ONE, TWO];
const MARKETS = EVENTS.flatMap(({ markets }) => markets);

/** The mapper reads the connection; its facts are folded into ladders. */
class Reader {
  readonly env: MemoryEnv = memoryEnv(VENUE, SCALES);
  readonly books = new Map<
    number,
    { readonly sides: readonly [Map<number, number>, Map<number, number>]; valid: boolean }
  >();
  readonly #mapper = new PolymarketMapper(this.env);
  readonly #bytes = new TextEncoder();

  constructor() {
    const catalogue = catalogueOf(this.env.symbols);
    for (const { listing } of MARKETS)
      this.books.set(catalogue.describe(listing, START), { sides: [new Map(), new Map()], valid: false });
    this.#mapper.connection(0, "opened", START);
  }

  read(peer: Peer, at: Micros): void {
    for (const text of peer.frames.splice(0)) {
      const bytes = this.#bytes.encode(text);
      this.env.sink.clear();
      this.#mapper.frame(0, at, bytes, 0, bytes.length);
      for (const record of this.env.sink.records) this.#fold(record.kind, record);
    }
  }

  #fold(
    kind: string,
    { book: index, side, priceTicks, lots }: { book: number; side: number; priceTicks: number; lots: number },
  ): void {
    if (kind === "REJECT" && priceTicks !== MIRROR) throw new Error(`refused a frame: ${priceTicks}`);
    const book = this.books.get(index);
    if (book === undefined) return;
    const levels = book.sides[side === ASK ? 1 : 0];
    if (kind === "SNAPSHOT_BEGIN") {
      book.sides[0].clear();
      book.sides[1].clear();
    } else if (kind === "SNAPSHOT_END") book.valid = true;
    else if (kind === "INVALID") book.valid = false;
    else if (kind === "TOP_WITNESS") {
      const prices = [...levels.keys()];
      const best = prices.length === 0 ? -1 : side === BID ? Math.max(...prices) : Math.min(...prices);
      if (book.valid && best !== priceTicks) throw new Error(`stated best ${priceTicks}, folded ${best}`);
    } else if (kind === "SNAPSHOT_LEVEL" || kind === "LEVEL_SET") {
      if (lots === 0) levels.delete(priceTicks);
      else levels.set(priceTicks, lots);
    }
  }
}

/** Number of the reason with which the second token of a market is counted and passed over. */
const MIRROR = reasonNumber("wire.mirror");

type Step =
  | {
      readonly do: "quote" | "withdraw" | "hit";
      readonly market: number;
      readonly side: Side;
      readonly step: number;
      readonly shares: number;
    }
  | { readonly do: "wait"; readonly millis: number }
  | { readonly do: "tick"; readonly market: number; readonly fine: boolean }
  | { readonly do: "pause" | "reopen"; readonly market: number };

const market = fc.nat({ max: MARKETS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom("quote" as const, "withdraw" as const, "hit" as const),
      market,
      side: fc.constantFrom<Side>(BID, ASK),
      step: fc.integer({ min: 1, max: 99 }),
      shares: fc.integer({ min: 1, max: 500 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), millis: fc.nat({ max: 50 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tick" as const), market, fine: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("pause" as const, "reopen" as const), market }) },
);

function act(one: Step): void {
  const book = exchange.book(MARKETS[one.do === "wait" ? 0 : one.market]!.symbol)!;
  switch (one.do) {
    case "wait":
      clock.advanceTo((clock.now() + one.millis * 1_000) as Micros);
      break;
    case "quote":
      exchange.quote(book, one.side, one.step * 100, one.shares * 1_000_000);
      break;
    case "withdraw":
      exchange.withdraw(book, one.side, one.step * 100, one.shares * 1_000_000);
      break;
    case "hit":
      exchange.hit(book, one.side, one.step * 100, one.shares * 1_000_000);
      break;
    case "tick":
      exchange.setStep(book, one.fine ? 10 : 100);
      break;
    case "pause":
      exchange.setStatus(book, "paused");
      break;
    case "reopen":
      exchange.setStatus(book, "open");
  }
}

const ladder = (levels: readonly Level[]): [number, number][] =>
  levels.map(({ ticks, lots }): [number, number] => [ticks, lots]).sort((a, b) => a[0] - b[0]);

describe("the stream", () => {
  it.each(["v2026", "v2024"] as const)(
    "is read to exactly the exchange's books, every checksum right: %s",
    (recipe) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, custom) => {
          open(recipe);
          const tokens = MARKETS.flatMap(({ symbol, mirrorSymbol }) => [symbol, mirrorSymbol!]);
          const reader = new Reader();
          const peer = subscribed(tokens, { custom_feature_enabled: custom });
          for (const one of steps) {
            act(one);
            reader.read(peer, clock.now());
          }
          settle();
          reader.read(peer, clock.now());
          for (const [index, { symbol }] of MARKETS.entries()) {
            const { sides, valid } = reader.books.get(index)!;
            expect(valid).toBe(true);
            expect([...sides[0]].sort((a, b) => a[0] - b[0])).toEqual(ladder(exchange.levels(symbol, BID)));
            expect([...sides[1]].sort((a, b) => a[0] - b[0])).toEqual(ladder(exchange.levels(symbol, ASK)));
          }
        }),
        { numRuns: 80 },
      );
    },
  );
});

import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { ASK, BID, type Micros } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { parseClobMarket } from "../clob-markets.ts";
import { type HashFields, type HashRecipe, judgeHash } from "../hash.ts";
import { HashState } from "../wire-frame.ts";
import { list, START, VENUE, World } from "./testing/world.ts";

const OPEN = list({ slot: 1, variety: 1 });
const SET = list({ slot: 2, variety: 3, kind: "bucket", outcomes: ["a", "b"] });
const { symbol: YES, mirrorSymbol, id: CONDITION } = OPEN.markets[0]!;
const NO = mirrorSymbol!;
const UNKNOWN = "1234567890";

let clock: StepClock;
let exchange: MatchingExchange;
let world: World;

function open(recipe: HashRecipe = "v2026"): void {
  clock = new StepClock(START);
  exchange = new MatchingExchange(VENUE, clock);
  exchange.list(OPEN);
  exchange.list(SET);
  world = new World(exchange, clock, new SeededRng("clob"), false, { hashRecipe: recipe, orderVersion: 2 });
}

beforeEach(() => open());

const quote = (side: 0 | 1, ticks: number, shares: number): void =>
  exchange.quote(exchange.book(YES)!, side, ticks, shares * 1_000_000);

interface BookBody {
  readonly market: string;
  readonly asset_id: string;
  readonly timestamp: string;
  readonly hash: string;
  readonly bids: readonly { readonly price: string; readonly size: string }[];
  readonly asks: readonly { readonly price: string; readonly size: string }[];
  readonly min_order_size?: string;
  readonly tick_size?: string;
  readonly neg_risk?: boolean;
  readonly last_trade_price?: string;
}
const book = (token: string): BookBody => world.clob(`/book?token_id=${token}`).json as BookBody;

function hashFields(body: BookBody): HashFields {
  const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
  return {
    market: JSON.stringify(body.market),
    assetId: JSON.stringify(body.asset_id),
    timestamp: JSON.stringify(body.timestamp),
    bids: JSON.stringify(body.bids),
    asks: JSON.stringify(body.asks),
    minOrderSize: text(body.min_order_size),
    tickSize: text(body.tick_size),
    negRisk: text(body.neg_risk),
    lastTradePrice: text(body.last_trade_price),
  };
}

const cell = fc.record({
  side: fc.constantFrom<0 | 1>(BID, ASK),
  step: fc.integer({ min: 1, max: 999 }),
  shares: fc.integer({ min: 1, max: 5_000 }),
});

describe("books", () => {
  it("bids ascend, asks descend, and the mirror is exact, whatever happened", () => {
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 40 }), (cells) => {
        open();
        for (const { side, step, shares } of cells) quote(side, step * 10, shares);
        const yes = book(YES);
        const no = book(NO);
        const prices = (levels: BookBody["bids"]): number[] => levels.map(({ price }) => Number(price));
        expect(prices(yes.bids)).toEqual(prices(yes.bids).toSorted((a, b) => a - b));
        expect(prices(yes.asks)).toEqual(prices(yes.asks).toSorted((a, b) => b - a));
        const turned = (levels: BookBody["bids"]): (number | string)[][] =>
          levels.map(({ price, size }) => [Math.round((1 - Number(price)) * 1e4), size]);
        const plain = (levels: BookBody["bids"]): (number | string)[][] =>
          levels.map(({ price, size }) => [Math.round(Number(price) * 1e4), size]);
        expect(plain(no.bids)).toEqual(turned(yes.asks));
        expect(plain(no.asks)).toEqual(turned(yes.bids));
        for (const body of [yes, no]) expect(judgeHash(body.hash, hashFields(body))).toBe(HashState.OK);
      }),
      { numRuns: 60 },
    );
  });

  it("carry the old checksum and no terms where the old recipe is in force", () => {
    open("v2024");
    quote(BID, 4_000, 7);
    const body = book(YES);
    expect(Object.keys(body)).toEqual(["market", "asset_id", "timestamp", "hash", "bids", "asks"]);
    expect(judgeHash(body.hash, hashFields(body))).toBe(HashState.OK);
  });

  it("state their last change, terms and last price; a risk set says so", () => {
    expect(book(SET.markets[1]!.symbol)).toMatchObject({ neg_risk: true, tick_size: "0.001" });
    clock.advanceTo((START + 5_000_000) as Micros);
    quote(BID, 4_000, 7);
    quote(ASK, 4_000, 2);
    clock.advanceTo((START + 9_000_000) as Micros);
    const at = String((START + 5_000_000) / 1000);
    expect(book(YES)).toMatchObject({
      timestamp: at,
      last_trade_price: "0.4",
      neg_risk: false,
      min_order_size: "5",
    });
    expect(book(NO)).toMatchObject({
      timestamp: at,
      last_trade_price: "0.4",
      asks: [{ price: "0.6", size: "5" }],
    });
  });

  it("are unknown without a market, and once the outcome is proposed", () => {
    const gone = { status: 404, json: { error: "No orderbook exists for the requested token id" } };
    expect(world.clob(`/book?token_id=${UNKNOWN}`)).toMatchObject(gone);
    expect(world.clob("/book?token_id=abc")).toMatchObject({
      status: 400,
      json: { error: "Invalid token id" },
    });
    exchange.setStatus(exchange.book(YES)!, "closed");
    expect(world.clob(`/book?token_id=${YES}`)).toMatchObject(gone);
    expect(world.post("/books", [{ token_id: YES }]).json).toEqual([]);
  });

  it("come in batches of 500, unknown ones left out", () => {
    const answer = world.post("/books", [
      { token_id: UNKNOWN },
      { token_id: NO },
      { token_id: YES },
      { token_id: YES },
    ]);
    const found = answer.json as BookBody[];
    expect(found.map(({ asset_id }) => asset_id).sort()).toEqual([NO, YES].sort());
    const many = Array.from({ length: 501 }, () => ({ token_id: YES }));
    expect(world.post("/books", many)).toMatchObject({
      status: 400,
      json: { error: "Payload exceeds the limit" },
    });
    expect(world.post("/books", many.slice(1)).status).toBe(200);
    for (const wrong of [{}, [{}], ["1"], [{ token_id: "x" }], [null]])
      expect(world.post("/books", wrong)).toMatchObject({ status: 400, json: { error: "Invalid payload" } });
    expect(world.call("clob", "POST", "/books", "{").status).toBe(400);
  });
});

describe("prices and terms", () => {
  beforeEach(() => {
    quote(BID, 4_000, 7);
    quote(ASK, 4_100, 3);
  });

  it.each([
    [`/price?token_id=${YES}&side=BUY`, { price: "0.4" }],
    [`/price?token_id=${YES}&side=SELL`, { price: "0.41" }],
    [`/price?token_id=${NO}&side=BUY`, { price: "0.59" }],
    [`/midpoint?token_id=${YES}`, { mid: "0.405" }],
    [`/midpoint?token_id=${NO}`, { mid: "0.595" }],
    [`/spread?token_id=${YES}`, { spread: "0.01" }],
    [`/last-trade-price?token_id=${YES}`, { price: "0", side: "BUY" }],
    [`/tick-size?token_id=${NO}`, { minimum_tick_size: 0.001 }],
    [`/neg-risk?token_id=${YES}`, { neg_risk: false }],
    [`/fee-rate?token_id=${YES}`, { base_fee: 1000 }],
    [`/fee-rate?token_id=${SET.markets[0]!.symbol}`, { base_fee: 0 }],
    ["/version", { version: 2 }],
    ["/time", START / 1_000_000],
    [`/markets-by-token/${NO}`, { condition_id: CONDITION, primary_token_id: YES, secondary_token_id: NO }],
    [`/prices-history?market=${YES}&interval=1h`, { history: [{ t: START / 1_000_000, p: 0.405 }] }],
  ])("%s", (path, expected) => {
    expect(world.clob(path)).toMatchObject({ status: 200, json: expected });
  });

  it.each([
    [`/price?token_id=${YES}`, 400, "Invalid side"],
    ["/price?side=BUY", 400, "Invalid token id"],
    [`/midpoint?token_id=${UNKNOWN}`, 404, "No orderbook exists for the requested token id"],
    [`/tick-size?token_id=${UNKNOWN}`, 404, "market not found"],
    ["/markets/0x12", 400, "Invalid market"],
    [`/clob-markets/0x${"0".repeat(64)}`, 404, "market not found"],
    ["/markets-by-token/1", 404, "market not found"],
    ["/markets?next_cursor=%%%", 400, "invalid next_cursor"],
    ["/nothing", 404, "not found"],
    ["/markets/a/b", 404, "not found"],
  ])("refuses %s", (path, status, error) => {
    expect(world.clob(path)).toMatchObject({ status, json: { error } });
  });

  it("in batches by token", () => {
    expect(world.clob("/ok").text).toBe("OK");
    const asked = [YES, NO, UNKNOWN].map((token_id) => ({ token_id }));
    expect(world.post("/midpoints", asked).json).toEqual({ [YES]: "0.405", [NO]: "0.595" });
    expect(world.post("/spreads", asked).json).toEqual({ [YES]: "0.01", [NO]: "0.01" });
    const sides = ["BUY", "SELL"].map((side) => ({ token_id: YES, side }));
    expect(world.post("/prices", sides).json).toEqual({ [YES]: { BUY: "0.4", SELL: "0.41" } });
    expect(world.post("/prices", asked)).toMatchObject({ status: 400, json: { error: "Invalid side" } });
    expect(world.post("/nothing", asked).status).toBe(404);
  });

  it("an empty side has no price", () => {
    const [other] = SET.markets;
    expect(world.clob(`/price?token_id=${other!.symbol}&side=SELL`).json).toEqual({ price: "0" });
    expect(world.clob(`/midpoint?token_id=${other!.symbol}`).json).toEqual({ mid: "" });
  });

  it("market objects that the venue's own reading understands", () => {
    const own = OPEN.markets[0]!.listing;
    const long = parseClobMarket(world.clob(`/markets/${CONDITION}`).json, VENUE);
    expect(long?.listing).toMatchObject({ symbol: own.symbol, tickRanges: own.tickRanges, status: "open" });
    const compact = parseClobMarket(world.clob(`/clob-markets/${CONDITION}`).json, VENUE);
    expect(compact?.listing).toMatchObject({ symbol: own.symbol, minLots: own.minLots });
    expect(compact?.listing?.fees[0]?.spec).toEqual(own.fees[0]!.spec);
  });

  it("pages of markets, from one cursor to the next", () => {
    for (let slot = 10; slot < 1_110; slot++) exchange.list(list({ slot }));
    const first = world.clob("/markets?next_cursor=MA==").json as { data: unknown[]; next_cursor: string };
    const last = world.clob(`/markets?next_cursor=${first.next_cursor}`).json as {
      count: number;
      next_cursor: string;
    };
    expect([first.data.length, last.count, last.next_cursor]).toEqual([1_000, 103, "LTE="]);
    expect(world.clob("/sampling-simplified-markets").json).toMatchObject({ limit: 1_000, count: 1_000 });
  });
});

it("time stamps follow the server's own clock, not the exchange's", () => {
  const skewed = new StepClock((START + 30_000_000) as Micros);
  const other = new World(exchange, skewed, new SeededRng("skew"));
  quote(BID, 4_000, 7);
  const body = other.clob(`/book?token_id=${YES}`).json as BookBody;
  expect(Number(body.timestamp)).toBe((START + 30_000_000) / 1000);
  expect(other.clob("/time").text).toBe(String((START + 30_000_000) / 1_000_000));
});

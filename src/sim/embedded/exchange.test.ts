import { describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  type ExchangeChange,
  type FeeSpec,
  type Lots,
  type Micros,
  type OrderRequest,
  type Ticks,
} from "../../contracts/index.ts";
import { type FakeTerms, KALSHI_LIKE, POLYMARKET_LIKE, TAPERED_RANGES } from "./testing/fake-module.ts";
import { order, question, SECOND, START, scene } from "./testing/scene.ts";

const free = (terms: FakeTerms): FakeTerms => ({ ...terms, fees: [{ type: "none" }] });
const FREE = free(KALSHI_LIKE);
const kinds = (changes: readonly ExchangeChange[]) =>
  changes.map((change) => (change.kind === "order" ? `order ${change.why}` : change.kind));

describe("order entry", () => {
  const refusals: readonly (readonly [string, string, Partial<OrderRequest>])[] = [
    ["an unknown symbol", "no_market", { symbol: "other" }],
    ["the mirror's symbol", "no_market", { symbol: "no-v-0-0-0" }],
    ["a price off the grid", "tick", { ticks: 4_950 as Ticks }],
    ["a price of nothing", "tick", { ticks: 0 as Ticks }],
    ["a price of the whole payout", "tick", { ticks: 10_000 as Ticks }],
    ["less than the least size", "min_size", { lots: 99 as Lots }],
    ["no whole lots", "min_size", { lots: 100.5 as Lots }],
    ["a negative size", "min_size", { lots: -100 as Lots }],
    ["no money", "funds", { account: "stranger" }],
    ["too little money", "funds", { lots: 1_000_000 as Lots }],
    ["a good-till-date without a date", "expiry", { timeInForce: "gtd" }],
    ["a date that has passed", "expiry", { timeInForce: "gtd", expiresAt: START }],
    [
      "a fill-or-kill that finds too little",
      "no_fill",
      { timeInForce: "fok", ticks: 6_000 as Ticks, lots: 600 as Lots },
    ],
    ["a post-only that would trade", "post_only", { postOnly: true, ticks: 6_000 as Ticks }],
  ];
  it.each(refusals)("refuses %s", (_, why, change) => {
    const { exchange, books, changes } = scene();
    exchange.quote(books[0]!, ASK, 6_000, 500);
    changes.length = 0;
    expect(exchange.submit({ ...order(books[0]!, "ann", BID, 50, 5), ...change })).toEqual({
      ok: false,
      why,
    });
    expect(changes).toEqual([]);
    expect(exchange.cash("ann")).toBe("1000");
  });

  it("refuses while paused and after the close", () => {
    const { exchange, books } = scene();
    exchange.setStatus(books[0]!, "paused");
    expect(exchange.submit(order(books[0]!, "ann", BID, 50, 5))).toEqual({ ok: false, why: "paused" });
    exchange.setStatus(books[0]!, "closed");
    expect(exchange.submit(order(books[0]!, "ann", BID, 50, 5))).toEqual({ ok: false, why: "closed" });
    exchange.resolve(books[0]!, "1");
    expect(exchange.submit(order(books[0]!, "ann", BID, 50, 5))).toEqual({ ok: false, why: "closed" });
    exchange.setStatus(books[0]!, "open");
    expect(exchange.market(books[0]!.symbol)).toMatchObject({ status: "resolved", yesPayout: "1" });
  });

  it("refuses a client id twice, but not one of a refused order", () => {
    const { exchange, books } = scene();
    const named = order(books[0]!, "ann", BID, 50, 5, { clientId: "a" });
    expect(exchange.submit({ ...named, timeInForce: "fok" })).toEqual({ ok: false, why: "no_fill" });
    expect(exchange.submit(named).ok).toBe(true);
    expect(exchange.submit(named)).toEqual({ ok: false, why: "duplicate" });
    expect(exchange.submit({ ...named, account: "bob" }).ok).toBe(true);
  });

  it("takes what an immediate-or-cancel finds, better prices first, and cancels the rest", () => {
    const { exchange, books, changes } = scene(1, FREE);
    exchange.quote(books[0]!, ASK, 5_100, 300);
    exchange.quote(books[0]!, ASK, 5_000, 200);
    exchange.quote(books[0]!, ASK, 5_300, 900);
    changes.length = 0;
    const answer = exchange.submit(order(books[0]!, "ann", BID, 52, 10, { timeInForce: "ioc" }));
    if (!answer.ok) throw new Error(answer.why);
    expect(answer.order).toMatchObject({ status: "cancelled", filledLots: 500 });
    expect(answer.fills.map(({ ticks, lots, role }) => [ticks, lots, role])).toEqual([
      [5_000, 200, "taker"],
      [5_100, 300, "taker"],
    ]);
    expect(exchange.cash("ann")).toBe("997.47");
    expect(kinds(changes)).toEqual(["level", "trade", "fill", "level", "trade", "fill", "order cancelled"]);
  });

  it("accepts an immediate-or-cancel that finds nothing, with nothing filled", () => {
    const { exchange, books } = scene();
    const answer = exchange.submit(order(books[0]!, "ann", BID, 52, 10, { timeInForce: "ioc" }));
    expect(answer).toMatchObject({ ok: true, order: { status: "cancelled", filledLots: 0 }, fills: [] });
    expect(exchange.cash("ann")).toBe("1000");
  });

  it("fills a fill-or-kill whole over several levels", () => {
    const { exchange, books } = scene(1, FREE);
    exchange.quote(books[0]!, BID, 5_000, 300);
    exchange.quote(books[0]!, BID, 4_900, 300);
    const answer = exchange.submit(order(books[0]!, "ann", ASK, 49, 6, { timeInForce: "fok" }));
    expect(answer).toMatchObject({ ok: true, order: { status: "filled", filledLots: 600 } });
    expect(exchange.positions("ann").get(books[0]!.symbol)).toBe(-600);
    expect(exchange.cash("ann")).toBe("996.97");
  });

  it("rests what is left of a good-till-cancelled and keeps its money", () => {
    const { exchange, books, changes } = scene(1, FREE);
    exchange.quote(books[0]!, ASK, 5_000, 300);
    changes.length = 0;
    const answer = exchange.submit(order(books[0]!, "ann", BID, 50, 10, { clientId: "mine" }));
    expect(answer).toMatchObject({ ok: true, order: { status: "resting", filledLots: 300 } });
    expect(exchange.cash("ann")).toBe("995");
    expect(kinds(changes)).toEqual(["level", "trade", "fill", "level", "order placed"]);
    expect(changes[3]).toMatchObject({
      account: "ann",
      clientId: "mine",
      lots: 700,
      bestBid: 5_000,
      bestAsk: -1,
    });
    const [resting] = exchange.orders("ann");
    expect(exchange.cancel("bob", resting!.id)).toBeNull();
    expect(exchange.cancel("ann", resting!.id)).toMatchObject({ status: "cancelled", filledLots: 300 });
    expect(exchange.cancel("ann", resting!.id)).toBeNull();
    expect(exchange.cash("ann")).toBe("998.5");
  });

  it("ends a good-till-date at its date and not before", () => {
    const { exchange, books, changes, clock } = scene();
    const expiresAt = (START + 60 * SECOND) as Micros;
    exchange.submit(order(books[0]!, "ann", BID, 50, 10, { timeInForce: "gtd", expiresAt }));
    clock.advanceTo((expiresAt - 1) as Micros);
    expect(exchange.levels(books[0]!.symbol, BID)).toHaveLength(1);
    clock.advanceTo(expiresAt);
    expect(exchange.levels(books[0]!.symbol, BID)).toHaveLength(0);
    expect(changes.at(-1)).toMatchObject({ kind: "order", why: "expired", at: expiresAt });
    expect(exchange.cash("ann")).toBe("1000");
  });

  it("leaves no alarm behind once closed or cancelled", () => {
    const { exchange, books, clock } = scene();
    const dated = { timeInForce: "gtd", expiresAt: (START + SECOND) as Micros } as const;
    exchange.submit(order(books[0]!, "ann", BID, 50, 10, dated));
    exchange.submit(order(books[0]!, "bob", BID, 49, 10, dated));
    exchange.cancelAll("ann", null);
    expect(clock.pending).toBe(1);
    exchange.close();
    expect(clock.pending).toBe(0);
  });

  it("never trades an account with itself: the resting order goes", () => {
    const { exchange, books, changes } = scene(1, FREE);
    exchange.submit(order(books[0]!, "ann", ASK, 50, 5));
    exchange.submit(order(books[0]!, "bob", ASK, 50, 5));
    changes.length = 0;
    const answer = exchange.submit(order(books[0]!, "ann", BID, 50, 5));
    expect(answer).toMatchObject({ ok: true, order: { status: "filled" } });
    expect(changes.filter((change) => change.kind === "order")).toMatchObject([
      { why: "cancelled", order: { account: "ann" } },
      { why: "filled", order: { account: "bob" } },
      { why: "filled", order: { account: "ann" } },
    ]);
  });

  it("cancels everything of an account, or only in one market", () => {
    const { exchange, books } = scene(2);
    for (const book of books) exchange.submit(order(book, "ann", BID, 20, 5));
    exchange.submit(order(books[0]!, "bob", BID, 20, 5));
    expect(exchange.cancelAll("ann", books[0]!.symbol).map(({ symbol }) => symbol)).toEqual([
      books[0]!.symbol,
    ]);
    expect(exchange.cancelAll("ann", null).map(({ symbol }) => symbol)).toEqual([books[1]!.symbol]);
    expect(exchange.cancelAll("ann", null)).toEqual([]);
    expect(exchange.levels(books[0]!.symbol, BID)).toEqual([{ ticks: 2_000, lots: 500 }]);
  });
});

describe("fees", () => {
  const cases: readonly (readonly [FeeSpec, string, string])[] = [
    // 10 x 0.07 x 0.5 x 0.5 = 0.175, cash down by 5.175 rounded up to the cent; maker 0.0175: 0.04375.
    [KALSHI_LIKE.fees[0]!, "0.18", "0.05"],
    [
      {
        type: "kalshi",
        takerRate: "0.07",
        makerRate: "0",
        balancePrecision: "0.0001",
        tradeFeePrecision: "0.000001",
      },
      "0.175",
      "0",
    ],
    [POLYMARKET_LIKE.fees[0]!, "0.1", "0"],
    [
      { type: "quadratic", rate: "0.04", exponent: 1, decimals: 5, rounding: "up", takerOnly: false },
      "0.1",
      "0.1",
    ],
    [{ type: "per_contract", amount: "0.01" }, "0.1", "0.1"],
    [{ type: "none" }, "0", "0"],
  ];
  it.each(cases)("charges %o exactly", (spec, taker, maker) => {
    const { exchange, books } = scene(1, { ...KALSHI_LIKE, fees: [spec] });
    exchange.submit(order(books[0]!, "bob", ASK, 50, 10));
    exchange.submit(order(books[0]!, "ann", BID, 50, 10));
    expect(exchange.fills("ann")).toMatchObject([{ role: "taker", fee: taker }]);
    expect(exchange.fills("bob")).toMatchObject([{ role: "maker", fee: maker }]);
    expect(Number(exchange.cash("ann"))).toBeCloseTo(995 - Number(taker), 12);
    expect(Number(exchange.cash("bob"))).toBeCloseTo(995 - Number(maker), 12);
  });

  it("withholds bought contracts where the fee is in shares", () => {
    const { exchange, books } = scene(1, { ...KALSHI_LIKE, fees: [{ type: "in_shares", bps: "200" }] });
    exchange.quote(books[0]!, ASK, 5_000, 1_000);
    exchange.submit(order(books[0]!, "ann", BID, 50, 10));
    expect(exchange.positions("ann").get(books[0]!.symbol)).toBe(980);
    expect(exchange.cash("ann")).toBe("995");
  });

  it("takes a share of the winner's profit at settlement", () => {
    const { exchange, books } = scene(1, { ...KALSHI_LIKE, fees: [{ type: "payout_profit", bps: "1000" }] });
    exchange.quote(books[0]!, ASK, 4_000, 1_000);
    exchange.submit(order(books[0]!, "ann", BID, 40, 10));
    exchange.resolve(books[0]!, "1");
    expect(exchange.cash("ann")).toBe("1005.4");
  });

  it("lists no market whose fee is unknown", () => {
    expect(() => scene(1, { ...KALSHI_LIKE, fees: [{ type: "unknown", why: "not stated" }] })).toThrow(
      RangeError,
    );
  });
});

describe("money and claims", () => {
  it("sells what is held of the other claim before it buys", () => {
    const { exchange, books } = scene(1, FREE);
    exchange.quote(books[0]!, ASK, 4_000, 1_000);
    exchange.submit(order(books[0]!, "ann", BID, 40, 10));
    exchange.quote(books[0]!, BID, 6_000, 2_000);
    exchange.submit(order(books[0]!, "ann", ASK, 60, 15));
    // Bought 10 at 0.40, sold them at 0.60, bought 5 NO at 0.40.
    expect(exchange.cash("ann")).toBe("1000");
    expect(exchange.positions("ann").get(books[0]!.symbol)).toBe(-500);
  });

  it("needs no money for selling what is held, and promises nothing twice", () => {
    const { exchange, books } = scene(1, FREE);
    exchange.quote(books[0]!, ASK, 9_900, 101_000);
    expect(exchange.submit(order(books[0]!, "ann", BID, 99, 1_010)).ok).toBe(true);
    expect(exchange.cash("ann")).toBe("0.1");
    expect(exchange.submit(order(books[0]!, "ann", ASK, 99, 1_000)).ok).toBe(true);
    expect(exchange.submit(order(books[0]!, "ann", ASK, 90, 20))).toEqual({ ok: false, why: "funds" });
    expect(exchange.submit(order(books[0]!, "ann", ASK, 90, 10)).ok).toBe(true);
    expect(exchange.merge("ann", books[0]!.symbol, 100 as Lots)).toBe(false);
  });

  it("splits and merges complete sets at one unit each", () => {
    const { exchange, books } = scene(1, FREE);
    const { symbol } = books[0]!;
    expect(exchange.split("ann", symbol, 200_000 as Lots)).toBe(false);
    expect(exchange.split("ann", symbol, 1_000 as Lots)).toBe(true);
    expect(exchange.cash("ann")).toBe("990");
    exchange.quote(books[0]!, BID, 3_000, 400);
    exchange.submit(order(books[0]!, "ann", ASK, 30, 4));
    expect([exchange.cash("ann"), exchange.positions("ann").get(symbol)]).toEqual(["991.2", -400]);
    expect(exchange.merge("ann", symbol, 700 as Lots)).toBe(false);
    expect(exchange.merge("ann", symbol, 600 as Lots)).toBe(true);
    expect(exchange.cash("ann")).toBe("997.2");
    exchange.resolve(books[0]!, "0");
    expect(exchange.cash("ann")).toBe("1001.2");
    expect(exchange.split("ann", symbol, 100 as Lots)).toBe(false);
  });

  it("converts NO of several questions into money and YES of the others", () => {
    const { exchange, books } = scene(4, FREE);
    const symbols = books.slice(0, 3).map((book) => book.symbol);
    for (const book of books.slice(0, 3)) {
      exchange.quote(book, BID, 3_000, 1_000);
      exchange.submit(order(book, "ann", ASK, 30, 10));
    }
    expect(exchange.cash("ann")).toBe("979");
    expect(exchange.convert("ann", books[0]!.event.id, [...symbols, "other"], 1_000 as Lots)).toBe(false);
    expect(exchange.convert("ann", books[0]!.event.id, symbols, 1_001 as Lots)).toBe(false);
    expect(exchange.convert("ann", books[0]!.event.id, symbols, 1_000 as Lots)).toBe(true);
    expect(exchange.cash("ann")).toBe("999");
    expect([...exchange.positions("ann")]).toEqual([[books[3]!.symbol, 1_000]]);
  });

  it("converts only questions of which one at most is true", () => {
    const { exchange, books } = scene(1, FREE, question(1));
    exchange.quote(books[0]!, BID, 3_000, 1_000);
    exchange.submit(order(books[0]!, "ann", ASK, 30, 10));
    expect(exchange.convert("ann", books[0]!.event.id, [books[0]!.symbol], 100 as Lots)).toBe(false);
  });

  it.each([
    ["1", "1006", "994"],
    ["0", "996", "1004"],
    ["0.5", "1001", "999"],
  ] as const)("settles at %s", (payout, ann, bob) => {
    const { exchange, books, changes } = scene(1, FREE);
    exchange.submit(order(books[0]!, "bob", ASK, 40, 10));
    exchange.submit(order(books[0]!, "ann", BID, 40, 10));
    exchange.resolve(books[0]!, payout);
    expect([exchange.cash("ann"), exchange.cash("bob")]).toEqual([ann, bob]);
    expect(exchange.positions("ann").size).toBe(0);
    expect(changes.at(-1)).toMatchObject({ kind: "resolved", yesPayout: payout });
  });
});

describe("what happens to a market", () => {
  it("ends every resting order with a pause, and opens empty again", () => {
    const { exchange, books, changes } = scene();
    exchange.quote(books[0]!, BID, 4_000, 500);
    exchange.submit(order(books[0]!, "ann", BID, 40, 5));
    changes.length = 0;
    exchange.setStatus(books[0]!, "paused");
    expect(kinds(changes)).toEqual(["status", "level", "order halted", "level"]);
    expect(exchange.levels(books[0]!.symbol, BID)).toEqual([]);
    exchange.quote(books[0]!, BID, 4_000, 500);
    expect(exchange.levels(books[0]!.symbol, BID)).toEqual([]);
    exchange.setStatus(books[0]!, "open");
    expect(exchange.submit(order(books[0]!, "ann", BID, 40, 5)).ok).toBe(true);
  });

  it("cancels what rests off a coarser tick, then announces it", () => {
    const { exchange, books, changes } = scene();
    exchange.setStep(books[0]!, 10);
    exchange.submit(order(books[0]!, "ann", BID, 40.5, 5));
    exchange.submit(order(books[0]!, "ann", BID, 40, 5));
    exchange.quote(books[0]!, BID, 4_050, 500);
    changes.length = 0;
    exchange.setStep(books[0]!, 100);
    expect(kinds(changes)).toEqual(["level", "order cancelled", "level", "tick_size"]);
    expect(changes.at(-1)).toMatchObject({ oldStepTicks: 10, newStepTicks: 100 });
    expect(exchange.levels(books[0]!.symbol, BID)).toEqual([{ ticks: 4_000, lots: 500 }]);
    expect(exchange.market(books[0]!.symbol)?.stepTicks).toBe(100);
  });

  it("knows finer ticks at both ends of a tapered market", () => {
    const { exchange, books } = scene(1, { ...KALSHI_LIKE, ticks: [TAPERED_RANGES] });
    const tried = [0.1, 0.15, 9.9, 10, 10.1, 50, 50.5, 90, 90.1, 99.9].filter(
      (cents) => exchange.submit(order(books[0]!, "ann", BID, cents, 1)).ok,
    );
    expect(tried).toEqual([0.1, 9.9, 10, 50, 90, 90.1, 99.9]);
  });

  it("finds markets by symbol and by mirror, books by symbol only", () => {
    const { exchange, books } = scene(1, POLYMARKET_LIKE);
    exchange.quote(books[0]!, BID, 400_000, 5_000_000);
    const { symbol } = books[0]!;
    expect(exchange.market(`no-${symbol}`)?.market.symbol).toBe(symbol);
    expect(exchange.levels(symbol, BID)).toHaveLength(1);
    expect(exchange.levels(`no-${symbol}`, BID)).toEqual([]);
  });

  it("lists nothing twice, forgets only what is wholly resolved", () => {
    const { exchange, books } = scene(2);
    const { event } = books[0]!;
    expect(() => exchange.list(event)).toThrow(/listed already/);
    exchange.resolve(books[0]!, "1");
    exchange.forget(event.id);
    expect(exchange.events()).toEqual([event]);
    exchange.resolve(books[1]!, "0");
    exchange.forget(event.id);
    expect([exchange.events(), exchange.event(event.id), exchange.market(books[0]!.symbol)]).toEqual([
      [],
      undefined,
      undefined,
    ]);
  });

  it("remembers only so many finished orders and fills", () => {
    const { exchange, books } = scene(1, FREE);
    const request = order(books[0]!, "ann", BID, 10, 1);
    for (let i = 0; i < 6_000; i++) {
      exchange.quote(books[0]!, ASK, 1_000, 100);
      exchange.submit({ ...request, clientId: `${i}` });
      exchange.hit(books[0]!, ASK, 1_000, 1_000);
      exchange.deposit("ann", "1");
    }
    expect(exchange.orders("ann")).toHaveLength(2_000);
    expect(exchange.fills("ann")).toHaveLength(5_000);
    expect(exchange.submit({ ...request, clientId: "5999" })).toEqual({ ok: false, why: "duplicate" });
    expect(exchange.submit({ ...request, clientId: "0" }).ok).toBe(true);
  });

  it("stops telling a listener that left", () => {
    const { exchange, books, changes } = scene();
    const heard: ExchangeChange[] = [];
    const leave = exchange.listen((change) => heard.push(change));
    exchange.quote(books[0]!, BID, 4_000, 500);
    leave();
    leave();
    exchange.quote(books[0]!, BID, 4_000, 500);
    expect([heard.length, changes.length]).toEqual([1, 2]);
  });
});

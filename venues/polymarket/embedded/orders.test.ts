import { beforeEach, describe, expect, it } from "vitest";
import { ASK, BID, type Micros, type Side } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { type Answer, list, type Peer, START, VENUE, World } from "./testing/world.ts";

const BINARY = list({ slot: 1, variety: 3 });
const SET = list({ slot: 2, variety: 3, kind: "bucket", outcomes: ["a", "b"] });
/** A game: marketable orders wait three seconds. */
const GAME = list({ slot: 3, variety: 4 });
const YES = BINARY.markets[0]!.symbol;
const NO = BINARY.markets[0]!.mirrorSymbol!;
const RISKY = SET.markets[0]!.symbol;
const PLAYED = GAME.markets[0]!.symbol;
const NOW_SECONDS = START / 1_000_000;

let clock: StepClock;
let exchange: MatchingExchange;
let world: World;
let user: Peer;

async function open(rateLimits = false): Promise<void> {
  clock = new StepClock(START);
  exchange = new MatchingExchange(VENUE, clock);
  for (const event of [BINARY, SET, GAME]) exchange.list(event);
  exchange.deposit("tester", "100");
  world = new World(exchange, clock, new SeededRng("orders"), rateLimits);
  user = world.connect("/ws/user");
  user.say({ auth: await world.credentials(), type: "user" });
}

beforeEach(() => open());

const quote = (side: Side, ticks: number, shares: number, symbol = YES): void =>
  exchange.quote(exchange.book(symbol)!, side, ticks, shares * 1_000_000);
/** Time passes while the client of the user channel beats. */
function wait(seconds: number): void {
  const end = clock.now() + seconds * 1_000_000;
  while (clock.now() < end) {
    user.say("PING");
    clock.advanceTo(Math.min(end, clock.now() + 10_000_000) as Micros);
  }
}

type Terms = Parameters<World["order"]>[0];
const place = async (terms: Partial<Terms> = {}): Promise<Answer> =>
  world.signed(
    "POST",
    "/order",
    await world.order({ token: YES, side: "BUY", price: 0.4, size: 10, ...terms }),
  );
const idOf = (answer: Answer): string => (answer.json as { orderID: string }).orderID;
const story = (): unknown[] =>
  user
    .take()
    .map(
      ({ event_type, type, status }) =>
        `${event_type === "trade" ? "trade" : String(type)} ${String(status)}`,
    );

describe("an order's life", () => {
  it("rests, is listed, is cancelled", async () => {
    const placed = await place();
    expect(placed).toMatchObject({
      status: 200,
      json: { success: true, errorMsg: "", status: "live", takingAmount: "", makingAmount: "" },
    });
    const id = idOf(placed);
    const expected = {
      id,
      status: "LIVE",
      asset_id: YES,
      market: BINARY.markets[0]!.id,
      side: "BUY",
      price: "0.4",
      original_size: "10",
      size_matched: "0",
      outcome: "Yes",
      order_type: "GTC",
      maker_address: world.wallet.address,
    };
    expect((await world.signed("GET", `/data/order/${id}`)).json).toMatchObject(expected);
    expect((await world.signed("GET", `/data/orders?asset_id=${YES}`)).json).toMatchObject({
      data: [expected],
      next_cursor: "LTE=",
    });
    expect((await world.signed("GET", `/data/orders?asset_id=${NO}`)).json).toMatchObject({ data: [] });
    const cancelled = await world.signed("DELETE", "/order", { orderID: id });
    expect(cancelled.json).toEqual({ canceled: [id], not_canceled: {} });
    expect((await world.signed("DELETE", "/order", { orderID: id })).json).toEqual({
      canceled: [],
      not_canceled: { [id]: "already canceled or matched" },
    });
    expect(story()).toEqual(["PLACEMENT LIVE", "CANCELLATION CANCELED"]);
  });

  it("is matched at better prices, and its trades settle", async () => {
    quote(ASK, 3_800, 4);
    quote(ASK, 3_900, 4);
    const placed = await place();
    expect(placed.json).toMatchObject({ status: "matched", takingAmount: "8", makingAmount: "3.08" });
    expect(story()).toEqual(["trade MATCHED", "trade MATCHED", "PLACEMENT LIVE"]);
    expect(exchange.levels(YES, BID)).toMatchObject([{ ticks: 4_000, lots: 2_000_000 }]);
    wait(3);
    expect((await world.signed("GET", "/data/trades")).json).toMatchObject({
      data: [
        { price: "0.39", status: "MINED" },
        { price: "0.38", trader_side: "TAKER", side: "BUY" },
      ],
    });
    wait(3);
    expect(story()).toEqual(["trade MINED", "trade MINED", "trade CONFIRMED", "trade CONFIRMED"]);
    quote(ASK, 4_000, 2);
    const [made] = user.take().filter(({ event_type }) => event_type === "trade");
    expect(made).toMatchObject({
      trader_side: "MAKER",
      side: "SELL",
      maker_orders: [{ order_id: idOf(placed), matched_amount: "2", side: "BUY" }],
    });
    expect((await world.signed("GET", `/data/order/${idOf(placed)}`)).json).toMatchObject({
      status: "MATCHED",
      size_matched: "10",
    });
  });

  it("of the second token is the mirror on the book", async () => {
    const placed = await place({ token: NO, price: 0.7 });
    expect(exchange.levels(YES, ASK)).toMatchObject([{ ticks: 3_000 }]);
    expect((await world.signed("GET", `/data/order/${idOf(placed)}`)).json).toMatchObject({
      outcome: "No",
      price: "0.7",
      asset_id: NO,
    });
    quote(BID, 3_000, 10);
    expect(await place({ token: NO, side: "SELL", price: 0.6, size: 6, type: "FAK" })).toMatchObject({
      status: 400,
    });
    quote(ASK, 3_500, 6);
    const sold = await place({ token: NO, side: "SELL", price: 0.6, size: 6, type: "FAK" });
    expect(sold.json).toMatchObject({ status: "matched", makingAmount: "6", takingAmount: "3.9" });
    expect(
      (await world.signed("GET", `/balance-allowance?asset_type=CONDITIONAL&token_id=${NO}`)).json,
    ).toMatchObject({ balance: "4000000" });
  });

  it("of a risk set is signed for its own contract", async () => {
    expect(await place({ token: RISKY })).toMatchObject({
      status: 400,
      json: { error: "invalid signature" },
    });
    expect(await place({ token: RISKY, negRisk: true })).toMatchObject({ status: 200 });
    expect(await place({ negRisk: true })).toMatchObject({
      status: 400,
      json: { error: "invalid signature" },
    });
  });

  it("of a game waits before it is matched", async () => {
    quote(ASK, 4_000, 10, PLAYED);
    const placed = await place({ token: PLAYED });
    expect(placed.json).toMatchObject({ status: "delayed", takingAmount: "", success: true });
    expect(story()).toEqual(["PLACEMENT DELAYED"]);
    expect((await world.signed("GET", `/data/order/${idOf(placed)}`)).json).toMatchObject({
      status: "DELAYED",
    });
    wait(3);
    expect(story()).toEqual(["trade MATCHED", "UPDATE MATCHED"]);
    quote(ASK, 4_000, 10, PLAYED);
    const killed = await place({ token: PLAYED, type: "FOK" });
    exchange.withdraw(exchange.book(PLAYED)!, ASK, 4_000, 10_000_000);
    user.take();
    wait(3);
    expect(user.take().filter(({ id }) => id === idOf(killed))).toMatchObject([
      { type: "CANCELLATION", status: expect.stringMatching(/^CANCELED_order couldn't be fully/) },
    ]);
    quote(ASK, 4_000, 10, PLAYED);
    const taken = await place({ token: PLAYED });
    expect((await world.signed("DELETE", "/cancel-all")).json).toMatchObject({ canceled: [idOf(taken)] });
    wait(3);
    expect(exchange.positions("tester").get(PLAYED)).toBe(10_000_000);
    expect((await place({ token: PLAYED, price: 0.3 })).json).toMatchObject({ status: "live" });
  });

  it("ends a minute before its date", async () => {
    await place({ type: "GTD", expiration: NOW_SECONDS + 200 });
    wait(139);
    expect(exchange.levels(YES, BID)).toHaveLength(1);
    wait(1);
    expect(exchange.levels(YES, BID)).toHaveLength(0);
    expect(story()).toEqual(["PLACEMENT LIVE", "CANCELLATION CANCELED"]);
  });

  it("is called invalid when the market halts", async () => {
    await place();
    exchange.setStatus(exchange.book(YES)!, "paused");
    expect(story()).toEqual(["PLACEMENT LIVE", "CANCELLATION INVALID"]);
  });
});

describe("refusals", () => {
  const refused: readonly [string, Partial<Terms>, number, string | RegExp][] = [
    [
      "off the tick",
      { price: 0.4005 },
      400,
      /^order 0x[0-9a-f]{64} is invalid\. Price \(0\.4005\) breaks minimum tick size rule: 0\.001$/,
    ],
    ["beyond the scale", { price: 1 }, 400, /Price \(1\) breaks/],
    [
      "too small",
      { size: 1 },
      400,
      /^order 0x[0-9a-f]{64} is invalid\. Size \(1\) lower than the minimum: 5$/,
    ],
    ["no money", { size: 1_000 }, 400, "not enough balance / allowance"],
    ["nothing to sell", { side: "SELL" }, 400, "not enough balance / allowance"],
    ["no such token", { token: "12345" }, 400, "Invalid token id"],
    [
      "fill or kill",
      { type: "FOK" },
      400,
      "order couldn't be fully filled. FOK orders are fully filled or killed.",
    ],
    [
      "fill and kill",
      { type: "FAK" },
      400,
      "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.",
    ],
    [
      "below a dollar",
      { price: 0.1, size: 5, type: "FAK" },
      400,
      "invalid amount for a marketable BUY order ($0.5), min size: $1",
    ],
    [
      "post-only that crosses",
      { price: 0.6, postOnly: true },
      400,
      "invalid post-only order: order crosses book",
    ],
    ["post-only that kills", { postOnly: true, type: "FAK" }, 400, "Invalid order payload"],
    ["too short a life", { type: "GTD", expiration: NOW_SECONDS + 179 }, 400, "invalid expiration"],
    ["a date without need", { expiration: NOW_SECONDS + 900 }, 400, "invalid expiration"],
    ["another version", { version: 3 }, 400, "order_version_mismatch"],
    ["a changed amount", { extra: { takerAmount: "20000000" } }, 400, "invalid signature"],
    ["a text as salt", { extra: { salt: "1" } }, 400, "Invalid order payload"],
    ["an old order", { extra: { salt: "1", feeRateBps: "0", nonce: "0" } }, 400, "order_version_mismatch"],
    [
      "another's signer",
      { extra: { signer: `0x${"1".repeat(40)}` } },
      400,
      "the order signer address has to be the address of the API KEY",
    ],
    [
      "another's money",
      { extra: { maker: `0x${"1".repeat(40)}` } },
      400,
      "the order owner has to be the owner of the API KEY",
    ],
  ];
  it.each(refused)("%s", async (_, terms, status, error) => {
    quote(ASK, 5_500, 3);
    const answer = await place(terms);
    expect(answer.status).toBe(status);
    expect((answer.json as { error: string }).error).toMatch(error);
    expect(exchange.orders("tester").filter((order) => order.status === "resting")).toEqual([]);
  });

  it("the same order twice", async () => {
    const payload = await world.order({ token: YES, side: "BUY", price: 0.4, size: 10 });
    const first = await world.signed("POST", "/order", payload);
    const second = await world.signed("POST", "/order", payload);
    expect(second).toMatchObject({
      status: 400,
      json: { error: `order ${idOf(first)} is invalid. Duplicated.` },
    });
    expect(exchange.orders("tester")).toHaveLength(1);
  });

  it("another's API key as owner, and what is no order", async () => {
    const payload = await world.order({ token: YES, side: "BUY", price: 0.4, size: 10 });
    expect(await world.signed("POST", "/order", { ...payload, owner: "x" })).toMatchObject({
      json: { error: "the order owner has to be the owner of the API KEY" },
    });
    for (const wrong of [{}, [], { order: 1 }, { order: {} }])
      expect(await world.signed("POST", "/order", wrong)).toMatchObject({
        status: 400,
        json: { error: "Invalid order payload" },
      });
  });

  it("selling more than is held and not yet for sale", async () => {
    quote(ASK, 4_000, 10);
    await place();
    expect((await place({ side: "SELL", price: 0.6, size: 7 })).status).toBe(200);
    expect(await place({ side: "SELL", price: 0.7, size: 5 })).toMatchObject({
      json: { error: "not enough balance / allowance" },
    });
  });

  it("a market that is paused, or trades no more", async () => {
    exchange.setStatus(exchange.book(YES)!, "paused");
    expect(await place()).toMatchObject({
      status: 400,
      json: { error: "the market is not yet ready to process new orders" },
    });
    exchange.setStatus(exchange.book(YES)!, "closed");
    expect(await place()).toMatchObject({ status: 404 });
  });

  it("a market order whose shares are rounded keeps its price", async () => {
    quote(ASK, 4_300, 50);
    const answer = await place({ price: 0.43, size: 23.2558, type: "FAK" });
    expect(answer.json).toMatchObject({ status: "matched", takingAmount: "23.25" });
  });
});

describe("batches", () => {
  it("a leg that is refused says why, the others stand", async () => {
    const legs = await Promise.all([
      world.order({ token: YES, side: "BUY", price: 0.4, size: 10 }),
      world.order({ token: YES, side: "BUY", price: 0.4, size: 1 }),
      world.order({ token: YES, side: "BUY", price: 0.3, size: 10 }),
    ]);
    const answer = await world.signed("POST", "/orders", legs);
    expect(answer.json).toMatchObject([
      { success: true, status: "live", errorMsg: "" },
      { success: true, orderID: "", errorMsg: expect.stringContaining("lower than the minimum") },
      { success: true, status: "live" },
    ]);
    const tooMany = await world.signed(
      "POST",
      "/orders",
      Array.from({ length: 16 }, () => legs[0]),
    );
    expect(tooMany).toMatchObject({
      status: 400,
      json: { error: "Too many orders in payload: 16, max allowed: 15" },
    });
    expect((await world.signed("POST", "/orders", {})).status).toBe(400);
  });

  it("cancels by id, by market, by token, all", async () => {
    const ids = [
      idOf(await place()),
      idOf(await place({ token: NO })),
      idOf(await place({ token: RISKY, negRisk: true })),
    ];
    const unknown = `0x${"ab".repeat(32)}`;
    expect((await world.signed("DELETE", "/orders", [ids[0], unknown])).json).toEqual({
      canceled: [ids[0]],
      not_canceled: { [unknown]: "already canceled or matched" },
    });
    const byMarket = { market: SET.markets[0]!.id, asset_id: "" };
    expect((await world.signed("DELETE", "/cancel-market-orders", byMarket)).json).toMatchObject({
      canceled: [ids[2]],
    });
    expect((await world.signed("DELETE", "/cancel-market-orders", { asset_id: YES })).json).toMatchObject({
      canceled: [],
    });
    expect((await world.signed("DELETE", "/cancel-all")).json).toEqual({
      canceled: [ids[1]],
      not_canceled: {},
    });
    expect((await world.signed("GET", "/data/orders")).json).toMatchObject({ data: [] });
  });

  it.each([
    ["/order", {}, "Invalid order payload"],
    ["/order", { orderID: "1" }, "Invalid orderID"],
    ["/orders", [], "Invalid order payload"],
    ["/orders", ["1"], "Invalid orderID"],
    ["/orders", Array.from({ length: 3_001 }, () => "1"), "Too many orders in payload, max allowed: 3000"],
    ["/cancel-market-orders", {}, "Invalid order payload"],
  ])("refuses to cancel at %s", async (path, body, error) => {
    expect(await world.signed("DELETE", path, body)).toMatchObject({ status: 400, json: { error } });
  });
});

describe("the account", () => {
  it("has money and claims in millionths", async () => {
    expect(
      (await world.signed("GET", "/balance-allowance?asset_type=COLLATERAL&signature_type=0")).json,
    ).toMatchObject({ balance: "100000000", allowances: {} });
    expect(
      (await world.signed("GET", `/balance-allowance?asset_type=CONDITIONAL&token_id=${YES}`)).json,
    ).toMatchObject({ balance: "0" });
    expect(await world.signed("GET", "/balance-allowance?asset_type=GOLD")).toMatchObject({
      status: 400,
      json: { error: "Invalid asset type" },
    });
    expect((await world.signed("GET", "/balance-allowance?asset_type=CONDITIONAL&token_id=1")).status).toBe(
      400,
    );
  });

  it("does not know what is not its own", async () => {
    expect((await world.signed("GET", "/data/order/1")).json).toEqual({ error: "Invalid orderID" });
    expect((await world.signed("GET", `/data/order/0x${"12".repeat(32)}`)).status).toBe(404);
    expect((await world.signed("GET", "/data/orders?next_cursor=%%")).status).toBe(400);
    expect((await world.signed("GET", "/data/nothing")).status).toBe(404);
    expect(world.clob("/data/orders").status).toBe(401);
  });

  it("that began to beat loses its orders when it stops", async () => {
    await place();
    const beat = async (heartbeat_id: string | null) =>
      world.signed("POST", "/v1/heartbeats", { heartbeat_id });
    const first = (await beat(null)).json as { heartbeat_id: string };
    wait(10);
    const second = (await beat(first.heartbeat_id)).json as { heartbeat_id: string };
    expect(await beat(first.heartbeat_id)).toMatchObject({
      status: 400,
      json: { error: "Invalid Heartbeat ID", heartbeat_id: second.heartbeat_id },
    });
    wait(14.9);
    expect(exchange.levels(YES, BID)).toHaveLength(1);
    wait(0.1);
    expect(exchange.levels(YES, BID)).toHaveLength(0);
    expect((await world.signed("POST", "/v1/heartbeats", [])).status).toBe(400);
  });

  it("hears only of what it asked for, with its own key", async () => {
    const other = world.connect("/ws/user");
    other.say({ auth: { apiKey: "a", secret: "b", passphrase: "c" }, type: "user" });
    expect(other.closedWith).toBe(1008);
    const narrow = world.connect("/ws/user");
    narrow.say({ auth: await world.credentials(), type: "USER", markets: [SET.markets[0]!.id] });
    await place();
    expect(narrow.frames).toEqual([]);
    narrow.say({ operation: "subscribe", markets: [BINARY.markets[0]!.id] });
    await place({ price: 0.3 });
    expect(narrow.take()).toHaveLength(1);
    narrow.say("PING");
    narrow.say("?");
    expect(narrow.frames).toEqual(["PONG"]);
    narrow.socket?.closed();
    narrow.frames.length = 0;
    await place({ price: 0.2 });
    expect(narrow.frames).toEqual([]);
  });
});

describe("maintenance and limits", () => {
  it("a restart: 425, then two minutes of resting orders only", async () => {
    const id = idOf(await place());
    world.server.restart(60_000_000);
    expect((await place()).status).toBe(425);
    expect((await world.signed("DELETE", "/order", { orderID: id })).status).toBe(425);
    expect(world.clob(`/book?token_id=${YES}`).status).toBe(200);
    wait(60);
    const refused = await place();
    expect(refused).toMatchObject({
      status: 503,
      headers: { "retry-after": "120" },
      json: { code: "post_only_mode", retry_after_seconds: 120 },
    });
    expect(
      (
        await world.signed("POST", "/orders", [
          await world.order({ token: YES, side: "BUY", price: 0.2, size: 10 }),
        ])
      ).status,
    ).toBe(503);
    expect((await place({ postOnly: true })).status).toBe(200);
    expect((await world.signed("DELETE", "/order", { orderID: id })).json).toMatchObject({ canceled: [id] });
    wait(120);
    expect((await place({ price: 0.1 })).status).toBe(200);
  });

  it("a new order version: what was signed for the old one is mismatched", async () => {
    world.server.setOrderVersion(3);
    expect(world.clob("/version").json).toEqual({ version: 3 });
    expect(await place()).toMatchObject({ json: { error: "order_version_mismatch" } });
    expect((await place({ version: 3 })).status).toBe(200);
  });

  it("words faults as the venue and its edge would", async () => {
    const worded = (fault: Parameters<typeof world.server.faultAnswer>[0]) => world.server.faultAnswer(fault);
    expect(worded("rate_limited")).toMatchObject({ status: 429, body: '{"error":"Too Many Requests"}' });
    expect(worded("rate_limited").headers["retry-after"]).toBeUndefined();
    expect(Number(worded("rate_limited_retry_after").headers["retry-after"])).toBeGreaterThan(0);
    expect(worded("cloudflare_html")).toMatchObject({
      status: 429,
      headers: { "content-type": "text/html; charset=UTF-8" },
      body: expect.stringContaining("1015"),
    });
    expect(worded("forbidden")).toMatchObject({
      status: 403,
      body: expect.stringContaining("Trading restricted in your region"),
    });
    expect(worded("unavailable")).toMatchObject({ status: 503 });
    expect((await place()).status).toBe(200);
    expect(worded("restarting")).toMatchObject({ status: 425, body: "" });
    expect((await place()).status).toBe(503);
  });

  it("each signer has buckets of its own", async () => {
    await open(true);
    const statuses: number[] = [];
    for (let i = 0; i < 61; i++) statuses.push((await place({ size: 1 })).status);
    expect(statuses.filter((status) => status === 429)).toEqual([429]);
    const refused = await place();
    expect(refused).toMatchObject({
      status: 429,
      json: { error: "Too Many Requests" },
      headers: {
        "poly-ratelimit-remaining": "0",
        "poly-ratelimit-tier": "Standard",
        "poly-ratelimit-warning": "true",
        "retry-after": "1",
      },
    });
    expect((await world.signed("DELETE", "/cancel-all")).status).toBe(200);
    wait(1);
    const passed = await place();
    expect(passed).toMatchObject({ status: 200, headers: { "poly-ratelimit-remaining": "39" } });
    const ids = Array.from({ length: 121 }, (_, i) => `0x${i.toString(16).padStart(64, "0")}`);
    expect((await world.signed("DELETE", "/orders", ids)).status).toBe(429);
    expect((await world.signed("DELETE", "/orders", ids.slice(0, 100))).status).toBe(200);
  });

  it("the edge holds back what is too much, and blocks what would wait too long", async () => {
    await open(true);
    const answers: number[] = [];
    const ask = (): void => {
      const request = { method: "GET", path: "/ok", headers: {}, body: "" };
      world.server.request("clob", request, ({ status }) => answers.push(status));
    };
    for (let i = 0; i < 250; i++) ask();
    expect(answers).toHaveLength(100);
    wait(10);
    expect(answers).toHaveLength(200);
    for (let i = 0; i < 300; i++) ask();
    expect(answers.filter((status) => status === 429)).toHaveLength(50);
    wait(40);
    expect(answers).toHaveLength(550);
  });

  it("leaves nothing behind when it is closed", async () => {
    await open(true);
    quote(ASK, 4_000, 10, PLAYED);
    await place({ token: PLAYED });
    await world.signed("POST", "/v1/heartbeats", { heartbeat_id: null });
    world.server.close();
    expect(user.closedWith).toBe(1001);
    expect(clock.pending).toBe(0);
    quote(BID, 3_000, 1);
    expect(clock.pending).toBe(0);
  });
});

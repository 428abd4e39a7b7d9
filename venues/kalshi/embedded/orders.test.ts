import { describe, expect, it } from "vitest";
import { ASK, BID, type Lots } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { ORDERS, question, Scene, SECOND, START } from "./testing/scene.ts";

const open = () => {
  const clock = new StepClock(START);
  const exchange = new MatchingExchange("kalshi", clock);
  const scene = new Scene({
    clock,
    exchange,
    rng: new SeededRng("orders"),
    specs: [question(1), question(2)],
  });
  return { scene, exchange, book: exchange.book(scene.symbol)! };
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
const IOC = { time_in_force: "immediate_or_cancel" };

describe("an order's life", () => {
  it("rests, is shown, and is cancelled once", () => {
    const { scene, exchange } = open();
    const placed = scene.order({ client_order_id: "mine-1" });
    expect(placed).toMatchObject({ status: 201 });
    expect(placed.json).toEqual({
      client_order_id: "mine-1",
      fill_count: "0.00",
      order_id: expect.stringMatching(UUID),
      remaining_count: "10.00",
      ts_ms: START / 1_000,
    });
    const id: string = placed.json.order_id;
    expect(exchange.levels(scene.symbol, BID)).toEqual([{ ticks: 4_000, lots: 1_000 }]);
    const shown = () => scene.signed("ann", "GET", `/portfolio/orders/${id}`).json.order;
    expect(shown()).toMatchObject({
      status: "resting",
      remaining_count_fp: "10.00",
      client_order_id: "mine-1",
    });
    const cancelled = scene.signed("ann", "DELETE", `${ORDERS}/${id}`);
    expect(cancelled.json).toMatchObject({ order_id: id, reduced_by: "10.00", client_order_id: "mine-1" });
    expect(shown()).toMatchObject({ status: "canceled", remaining_count_fp: "0.00", fill_count_fp: "0.00" });
    for (const path of [id, "00000000-0000-0000-0000-000000000000"]) {
      const again = scene.signed("ann", "DELETE", `${ORDERS}/${path}`);
      expect([again.status, again.json.error.code]).toEqual([404, "not_found"]);
    }
  });

  it("fills at the resting price, with its average and fees", () => {
    const { scene } = open();
    scene.rest(ASK, 5_000, 300);
    scene.rest(ASK, 5_200, 500);
    const { json } = scene.order({ price: "0.55", count: "4", ...IOC });
    expect(json).toMatchObject({
      fill_count: "4.00",
      remaining_count: "0.00",
      average_fill_price: "0.5050",
      average_fee_paid: "0.0175",
    });
    const { order } = scene.signed("ann", "GET", `/portfolio/orders/${json.order_id}`).json;
    expect(order).toMatchObject({
      status: "executed",
      yes_price_dollars: "0.5500",
      taker_fill_cost_dollars: "2.020000",
      taker_fees_dollars: "0.070000",
      maker_fill_cost_dollars: "0.000000",
    });
  });

  it("NO is bought by an ask at the YES price", () => {
    const { scene } = open();
    scene.rest(BID, 6_000, 1_000);
    const { json } = scene.order({ side: "ask", price: "0.6", ...IOC });
    expect(json).toMatchObject({ fill_count: "10.00", average_fill_price: "0.6000" });
    const { fills } = scene.signed("ann", "GET", "/portfolio/fills").json;
    expect(fills[0]).toMatchObject({
      outcome_side: "no",
      book_side: "ask",
      is_taker: true,
      count_fp: "10.00",
      yes_price_dollars: "0.6000",
      no_price_dollars: "0.4000",
      order_id: json.order_id,
    });
    const { market_positions } = scene.signed("ann", "GET", "/portfolio/positions").json;
    expect(market_positions[0]).toMatchObject({ position_fp: "-10.00", market_exposure_dollars: "4.000000" });
  });

  it("an immediate one is cancelled for what it does not fill", () => {
    const { scene } = open();
    scene.rest(ASK, 5_000, 300);
    const { json } = scene.order({ price: "0.50", ...IOC });
    expect(json).toMatchObject({ fill_count: "3.00", remaining_count: "0.00" });
    const { order } = scene.signed("ann", "GET", `/portfolio/orders/${json.order_id}`).json;
    expect(order).toMatchObject({ status: "canceled", fill_count_fp: "3.00", remaining_count_fp: "0.00" });
  });

  it("one with an expiry ends by itself", () => {
    const { scene } = open();
    const { json } = scene.order({ expiration_time: START / SECOND + 60 });
    scene.pass(61 * SECOND);
    const { order } = scene.signed("ann", "GET", `/portfolio/orders/${json.order_id}`).json;
    expect(order.status).toBe("canceled");
  });
});

describe("refusals", () => {
  const code = (answer: {
    readonly status: number;
    readonly json: { error: { code: string; details?: string } };
  }) => [answer.status, answer.json.error.code];

  it.each([
    [{ ticker: "KXNONE" }, 404, "market_not_found"],
    [{ price: "0.4005" }, 400, "invalid_price"],
    [{ price: "1.0000" }, 400, "invalid_price"],
    [{ price: "40" }, 400, "invalid_price"],
    [{ price: "0.40001" }, 400, "invalid_price"],
    [{ count: "0.00" }, 400, "invalid_parameters"],
    [{ count: "1.005" }, 400, "invalid_parameters"],
    [{ count: "-1" }, 400, "invalid_parameters"],
    [{ count: "100000.00" }, 400, "insufficient_balance"],
    [{ side: "buy" }, 400, "invalid_parameters"],
    [{ time_in_force: "forever" }, 400, "invalid_parameters"],
    [{ self_trade_prevention_type: "none" }, 400, "invalid_parameters"],
    [{ expiration_time: START / SECOND - 1 }, 400, "invalid_order"],
    [{ ...IOC, expiration_time: START / SECOND + 1 }, 400, "invalid_parameters"],
    [{ time_in_force: "fill_or_kill" }, 400, "fill_or_kill_insufficient_resting_volume"],
    [{ ticker: undefined }, 400, "missing_parameters"],
    [{ self_trade_prevention_type: undefined }, 400, "missing_parameters"],
  ])("of %j", (fields, status, expected) => {
    const { scene } = open();
    expect(code(scene.order(fields))).toEqual([status, expected]);
    expect(scene.signed("ann", "GET", "/portfolio/orders").json.orders).toEqual([]);
  });

  it("of bodies that do not decode are flat", () => {
    const { scene } = open();
    const numeric = scene.order({ count: 10 });
    expect([numeric.status, numeric.json]).toEqual([
      400,
      {
        code: "bad_request",
        message: "bad request",
        details: expect.stringContaining("CreateOrderV2Request.count"),
      },
    ]);
    const headers = scene.headers("ann", "POST", `/trade-api/v2${ORDERS}`);
    expect(scene.raw("POST", ORDERS, headers, "{").json.code).toBe("bad_request");
    expect(scene.raw("POST", ORDERS, headers, "[]").json.code).toBe("bad_request");
  });

  it("of a client id that was used before, even by a cancelled order", () => {
    const { scene } = open();
    const { json } = scene.order({ client_order_id: "once" });
    const duplicate = { code: "order_already_exists", message: "order already exists", service: "exchange" };
    expect(scene.order({ client_order_id: "once" })).toMatchObject({
      status: 409,
      json: { error: duplicate },
    });
    scene.signed("ann", "DELETE", `${ORDERS}/${json.order_id}`);
    expect(scene.order({ client_order_id: "once" }).status).toBe(409);
    expect(scene.order({ client_order_id: "once" }, "bob").status).toBe(201);
  });

  it("of a post-only order that would cross", () => {
    const { scene } = open();
    scene.rest(ASK, 4_000, 100);
    expect(scene.order({ post_only: true }).json.error).toEqual({
      code: "invalid_order",
      message: "invalid order",
      details: "post only cross",
    });
  });

  it("of everything after the close, cancels too; in a pause cancels are taken", () => {
    const { scene, exchange, book } = open();
    const first = scene.order().json.order_id;
    exchange.setStatus(book, "paused");
    expect(code(scene.order())).toEqual([400, "trading_is_paused"]);
    exchange.setStatus(book, "open");
    const second = scene.order().json.order_id;
    exchange.setStatus(book, "closed");
    for (const id of [first, second])
      expect(code(scene.signed("ann", "DELETE", `${ORDERS}/${id}`))).toEqual([400, "MARKET_INACTIVE"]);
    expect(code(scene.order())).toEqual([400, "MARKET_INACTIVE"]);
  });

  it("of another account's order", () => {
    const { scene } = open();
    const id = scene.order().json.order_id;
    expect(scene.signed("bob", "DELETE", `${ORDERS}/${id}`).status).toBe(404);
    expect(scene.signed("bob", "GET", `/portfolio/orders/${id}`).status).toBe(404);
  });
});

describe("one's own orders on the other side", () => {
  it("stop a taker before they are met", () => {
    const { scene } = open();
    scene.rest(ASK, 4_000, 100);
    scene.order({ side: "ask", price: "0.4500", count: "5" });
    scene.rest(ASK, 4_600, 100);
    const crossing = { price: "0.5000", count: "8", self_trade_prevention_type: "taker_at_cross" };
    expect(scene.order(crossing).json).toMatchObject({ fill_count: "1.00", remaining_count: "0.00" });
    expect(scene.order(crossing).json).toMatchObject({ fill_count: "0.00", remaining_count: "0.00" });
    const own = scene.signed("ann", "GET", "/portfolio/orders?status=resting").json.orders;
    expect(own).toHaveLength(1);
  });

  it("or are cancelled, where the maker is to give way", () => {
    const { scene } = open();
    scene.order({ side: "ask", price: "0.4500", count: "5" });
    scene.rest(ASK, 4_600, 100);
    const answer = scene.order({ price: "0.5000", count: "1", self_trade_prevention_type: "maker" });
    expect(answer.json).toMatchObject({ fill_count: "1.00", average_fill_price: "0.4600" });
    expect(scene.signed("ann", "GET", "/portfolio/orders?status=resting").json.orders).toEqual([]);
  });

  it("reduce-only takes no more than the position", () => {
    const { scene } = open();
    scene.rest(ASK, 5_000, 300);
    scene.order({ price: "0.50", count: "3", ...IOC });
    scene.rest(BID, 4_000, 900);
    const reduce = { side: "ask", price: "0.40", count: "9", reduce_only: true, ...IOC };
    expect(scene.order(reduce).json.fill_count).toBe("3.00");
    expect(scene.order(reduce).json).toMatchObject({ fill_count: "0.00", remaining_count: "0.00" });
  });
});

describe("changes", () => {
  it("an amended order keeps its id and what it filled", () => {
    const { scene } = open();
    scene.rest(ASK, 4_000, 200);
    const id: string = scene.order({ client_order_id: "a" }).json.order_id;
    const amend = (fields: object) =>
      scene.signed("ann", "POST", `${ORDERS}/${id}/amend`, {
        ticker: scene.symbol,
        side: "bid",
        price: "0.3900",
        count: "12.00",
        ...fields,
      });
    expect(amend({ updated_client_order_id: "b" }).json).toMatchObject({
      order_id: id,
      client_order_id: "b",
      fill_count: "2.00",
      remaining_count: "10.00",
    });
    const { orders } = scene.signed("ann", "GET", "/portfolio/orders").json;
    expect(orders).toHaveLength(1);
    expect(orders[0]).toMatchObject({ order_id: id, initial_count_fp: "12.00", yes_price_dollars: "0.3900" });
    expect(amend({ price: "0.3905" }).json.error.code).toBe("invalid_price");
    expect(scene.signed("ann", "GET", `/portfolio/orders/${id}`).json.order).toMatchObject({
      status: "resting",
      remaining_count_fp: "10.00",
    });
    expect(amend({ side: "ask" }).status).toBe(400);
    expect(amend({ count: "2.00" }).json).toMatchObject({ order_id: id, reduced_by: "10.00" });
    expect(amend({}).status).toBe(404);
  });

  it("a decrease takes one of both", () => {
    const { scene, exchange } = open();
    const id: string = scene.order().json.order_id;
    const decrease = (body: object) => scene.signed("ann", "POST", `${ORDERS}/${id}/decrease`, body);
    expect(decrease({ reduce_by: "4" }).json).toMatchObject({ order_id: id, remaining_count: "6.00" });
    expect(decrease({ reduce_to: "1.50" }).json).toMatchObject({ remaining_count: "1.50" });
    expect(exchange.levels(scene.symbol, BID)).toEqual([{ ticks: 4_000, lots: 150 }]);
    expect(decrease({}).status).toBe(400);
    expect(decrease({ reduce_by: "1", reduce_to: "1" }).status).toBe(400);
    expect(decrease({ reduce_to: "9" }).status).toBe(400);
    expect(decrease({ reduce_to: "0" }).json).toMatchObject({ reduced_by: "1.50" });
  });

  it("all are cancelled at once, with an empty answer", () => {
    const { scene, exchange } = open();
    for (const price of ["0.10", "0.20", "0.30"]) scene.order({ price });
    scene.order({ price: "0.05" }, "bob");
    expect(scene.signed("ann", "DELETE", ORDERS)).toMatchObject({ status: 204, body: "" });
    expect(exchange.levels(scene.symbol, BID)).toEqual([{ ticks: 500, lots: 1_000 }]);
  });

  it("batches answer leg by leg", () => {
    const { scene } = open();
    const leg = {
      ticker: scene.symbol,
      side: "bid",
      count: "1",
      price: "0.10",
      time_in_force: "good_till_canceled",
      self_trade_prevention_type: "maker",
    };
    const created = scene.signed("ann", "POST", `${ORDERS}/batched`, {
      orders: [
        { ...leg, client_order_id: "x" },
        { ...leg, client_order_id: "x" },
        { ...leg, count: 1 },
      ],
    });
    expect(created.status).toBe(201);
    const [good, duplicate, bad] = created.json.orders;
    expect(good).toMatchObject({ client_order_id: "x", remaining_count: "1.00" });
    expect(duplicate).toMatchObject({ client_order_id: "x", error: { code: "order_already_exists" } });
    expect(bad.error.code).toBe("bad_request");
    const cancelled = scene.signed("ann", "DELETE", `${ORDERS}/batched`, {
      orders: [{ order_id: good.order_id }, { order_id: "nothing" }],
    });
    expect(cancelled.json.orders).toMatchObject([
      { order_id: good.order_id, reduced_by: "1.00" },
      { order_id: "nothing", reduced_by: "0.00", error: { code: "not_found" } },
    ]);
    expect(scene.signed("ann", "POST", `${ORDERS}/batched`, {}).status).toBe(400);
  });

  it.each([
    ["PUT", ORDERS],
    ["GET", `${ORDERS}/x`],
    ["POST", `${ORDERS}/x/praise`],
    ["POST", "/portfolio/orders"],
    ["GET", "/portfolio/nothing"],
  ])("%s %s is unknown", (method, path) => {
    expect(open().scene.signed("ann", method, path).status).toBe(404);
  });
});

describe("the portfolio", () => {
  it("lists orders and fills newest first, by filter and page", () => {
    const { scene } = open();
    const other = scene.events[1]!.markets[0]!.symbol;
    for (let i = 1; i <= 5; i++) {
      scene.order({ price: `0.${i}0`, ticker: i % 2 === 0 ? other : scene.symbol, client_order_id: `c${i}` });
      scene.pass(SECOND);
    }
    const ids = (path: string): string[] =>
      scene
        .signed("ann", "GET", path)
        .json.orders.map((order: { client_order_id: string }) => order.client_order_id);
    expect(ids("/portfolio/orders")).toEqual(["c5", "c4", "c3", "c2", "c1"]);
    expect(ids(`/portfolio/orders?ticker=${other}`)).toEqual(["c4", "c2"]);
    expect(ids(`/portfolio/orders?event_ticker=${scene.events[1]!.id}`)).toEqual(["c4", "c2"]);
    expect(ids("/portfolio/orders?status=executed")).toEqual([]);
    expect(ids(`/portfolio/orders?min_ts=${START / SECOND + 3}`)).toEqual(["c5", "c4"]);
    const first = scene.signed("ann", "GET", "/portfolio/orders?limit=2").json;
    scene.order({ price: "0.01" });
    expect(ids(`/portfolio/orders?limit=2&cursor=${first.cursor}`)).toEqual(["c3", "c2"]);
  });

  it("a fill names the public trade it belongs to", () => {
    const { scene } = open();
    scene.rest(ASK, 5_000, 300);
    const { order_id } = scene.order({ price: "0.50", ...IOC }).json;
    const [trade] = scene.get("/markets/trades").json.trades;
    const [fill] = scene.signed("ann", "GET", `/portfolio/fills?order_id=${order_id}`).json.fills;
    expect([fill.trade_id, fill.count_fp, fill.fee_cost]).toEqual([trade.trade_id, "3.00", "0.060000"]);
    expect(scene.signed("ann", "GET", "/portfolio/fills?order_id=none").json.fills).toEqual([]);
    const [maker] = scene.signed("bob", "GET", "/portfolio/fills").json.fills;
    expect([maker.trade_id, maker.is_taker, maker.book_side]).toEqual([trade.trade_id, false, "ask"]);
  });

  it("is paid at the end, and says so", () => {
    const { scene, exchange, book } = open();
    scene.rest(ASK, 4_000, 1_000);
    scene.order({ price: "0.40", ...IOC });
    exchange.resolve(book, "1");
    const settled = scene.signed("ann", "GET", "/portfolio/settlements").json.settlements;
    expect(settled).toEqual([
      {
        event_ticker: scene.events[0]!.id,
        exchange_index: 0,
        fee_cost: "0.170000",
        market_result: "yes",
        no_count_fp: "0.00",
        no_total_cost_dollars: "0.000000",
        revenue: 1_000,
        settled_time: "2027-01-15T08:00:00Z",
        ticker: scene.symbol,
        value: 100,
        yes_count_fp: "10.00",
        yes_total_cost_dollars: "4.000000",
      },
    ]);
    expect(scene.signed("ann", "GET", "/portfolio/balance").json.balance_dollars).toBe("1005.8300");
    expect(scene.signed("bob", "GET", "/portfolio/settlements").json.settlements[0]).toMatchObject({
      revenue: 0,
      no_count_fp: "10.00",
    });
  });

  it("counts closed pairs as gains and the rest as exposure", () => {
    const { scene } = open();
    scene.rest(ASK, 4_000, 1_000);
    scene.order({ price: "0.40", ...IOC });
    scene.rest(BID, 5_000, 400);
    scene.order({ side: "ask", price: "0.50", count: "4", ...IOC });
    const { market_positions, event_positions } = scene.signed("ann", "GET", "/portfolio/positions").json;
    expect(market_positions[0]).toMatchObject({
      position_fp: "6.00",
      realized_pnl_dollars: "0.400000",
      market_exposure_dollars: "2.400000",
      total_traded_dollars: "6.000000",
    });
    expect(event_positions[0]).toMatchObject({
      event_ticker: scene.events[0]!.id,
      total_cost_shares_fp: "6.00",
    });
    expect(scene.exchange.positions("ann").get(scene.symbol)).toBe(600 as Lots);
  });
});

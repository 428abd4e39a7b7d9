import { constants, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  BookId,
  CancelAllOutcome,
  Instrument,
  LegAction,
  Lots,
  Order,
  Ticks,
} from "../../../src/contracts/index.ts";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { KALSHI_SCALES } from "../scales.ts";
import type { FakeRequest } from "./testing/fake-venue.ts";
import { fixture, keepAlive, obedient, PUBLIC_KEY, series, standing } from "./testing/fixture.ts";

const SECOND = 1_000_000;
const ORDERS = "/portfolio/events/orders";
const INSTRUMENT = { symbol: "KXA-26-X", book: 3 } as unknown as Instrument;

function order(changes: Partial<Order> = {}): Order {
  return {
    id: "o-1",
    opportunity: "op",
    leg: 0,
    attempt: 0,
    book: 3 as BookId,
    action: "buy_yes",
    lots: 1_000 as Lots,
    limitTicks: 5_600 as Ticks,
    role: "taker",
    purpose: "entry",
    ...changes,
  };
}

/** @param told the private channel is carried from the start. */
function open({ told = true }: { readonly told?: boolean } = {}) {
  const opened = fixture(memoryEnv("kalshi", KALSHI_SCALES), {
    keyed: true,
    orders: "on",
    session: { trades: false },
  });
  const { venue, clock, session } = opened;
  venue.responder = (request) => {
    if (!standing(request, series("KXA")) && request.path.startsWith("/events?"))
      request.answer(200, { events: [] });
  };
  venue.onSocket = (socket) => {
    if (!told && socket === venue.sockets[1]) return;
    obedient(socket);
    keepAlive(socket, clock);
    socket.open();
  };
  session.start();
  clock.pass(1_000);
  const gateway = session.gateway!;
  const states = () => venue.orders.map(({ state }) => state);
  const lines = () => venue.orders.map(({ state, reason, fills }) => [state, reason, fills.length]);
  const say = (type: string, msg: unknown) => venue.sockets[1]!.frame({ type, sid: 1, msg });
  const create = () => venue.one(ORDERS);
  return { ...opened, gateway, states, lines, say, create };
}

const created = (fill: string, remaining: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  order_id: "v-1",
  client_order_id: "o-1",
  fill_count: fill,
  remaining_count: remaining,
  ts_ms: 1_787_000_000_123,
  ...changes,
});
const fill = (trade: string, count: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  trade_id: trade,
  order_id: "v-1",
  market_ticker: "KXA-26-X",
  yes_price_dollars: "0.5600",
  count_fp: count,
  fee_cost: "0.012300",
  is_taker: true,
  ts_ms: 1_787_000_000_200,
  ...changes,
});
const record = (status: string, filled: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  order_id: "v-1",
  client_order_id: "o-1",
  ticker: "KXA-26-X",
  status,
  fill_count_fp: filled,
  remaining_count_fp: "0.00",
  ...changes,
});

describe("submitting", () => {
  it.each<[LegAction, "bid" | "ask", string]>([
    ["buy_yes", "bid", "0.5600"],
    ["sell_yes", "ask", "0.5600"],
    ["buy_no", "ask", "0.4400"],
    ["sell_no", "bid", "0.4400"],
  ])("%s is a %s at %s on the YES scale", (action, side, price) => {
    const { gateway, create } = open();
    gateway.submit(order({ action }), INSTRUMENT);
    const { request } = create();
    expect(JSON.parse(request.body!)).toEqual({
      ticker: "KXA-26-X",
      client_order_id: "o-1",
      side,
      count: "10.00",
      price,
      time_in_force: "immediate_or_cancel",
      self_trade_prevention_type: "taker_at_cross",
    });
    expect(request).toMatchObject({
      method: "POST",
      purpose: "order",
      rateClass: "write.basic",
      cost: 10,
      headers: { "content-type": "application/json" },
    });
  });

  it("an order prepared ahead leaves with the same words and a valid signature made before", () => {
    const { clock, gateway, create } = open();
    const before = clock.now();
    gateway.prepare(order({ lots: 7 as Lots }), INSTRUMENT);
    clock.pass(400_000);
    gateway.submit(order({ lots: 7 as Lots }), INSTRUMENT);
    create().leave();
    const { headers, request } = create();
    expect(JSON.parse(request.body!)).toMatchObject({ count: "0.07", price: "0.5600" });
    expect(headers["kalshi-access-timestamp"]).toBe(String(Math.floor(before / 1_000)));
    const signed = Buffer.from(
      `${headers["kalshi-access-timestamp"]}POST/trade-api/v2/portfolio/events/orders`,
    );
    const key = { key: PUBLIC_KEY, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    expect(verify("sha256", signed, key, Buffer.from(headers["kalshi-access-signature"]!, "base64"))).toBe(
      true,
    );
  });

  it("the same id is sent once", () => {
    const { venue, gateway } = open();
    gateway.submit(order(), INSTRUMENT);
    gateway.submit(order(), INSTRUMENT);
    expect(venue.waiting(ORDERS)).toHaveLength(1);
    expect(venue.refused).toEqual([{ reason: "order.duplicate", detail: "order o-1" }]);
  });

  it("is filled when the answer and the private channel agree, in either order", () => {
    for (const first of ["answer", "fill"] as const) {
      const { gateway, create, say, venue } = open();
      gateway.submit(order(), INSTRUMENT);
      if (first === "fill") say("fill", fill("t-1", "10.00"));
      create().answer(201, created("10.00", "0.00"));
      if (first === "answer") say("fill", fill("t-1", "10.00"));
      expect(venue.orders).toEqual([
        {
          orderId: "o-1",
          state: "filled",
          reason: null,
          at: 1_787_000_000_200_000,
          fills: [
            {
              orderId: "o-1",
              execId: "o-1#t-1",
              book: 3,
              action: "buy_yes",
              lots: 1_000,
              priceTicks: 5_600,
              fee: "12300000000",
              at: 1_787_000_000_200_000,
            },
          ],
        },
      ]);
    }
  });

  it("fills of a NO order are told on the NO scale", () => {
    const { gateway, create, say, venue } = open();
    gateway.submit(order({ action: "buy_no", limitTicks: 4_500 as Ticks }), INSTRUMENT);
    create().answer(201, created("10.00", "0.00"));
    say("fill", fill("t-1", "10.00"));
    expect(venue.orders[0]!.fills[0]!.priceTicks).toBe(4_400);
  });

  it("nothing there to take: cancelled at once, without asking", () => {
    const { gateway, create, lines, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().answer(201, created("0.00", "0.00"));
    expect(lines()).toEqual([["cancelled", "order.no_liquidity", 0]]);
    expect(venue.waiting("/portfolio")).toHaveLength(0);
  });

  it("a part: each fill as it comes, the end with the last one", () => {
    const { gateway, create, lines, say } = open();
    gateway.submit(order(), INSTRUMENT);
    create().answer(201, created("3.00", "0.00"));
    say("fill", fill("t-1", "1.00"));
    say("fill", fill("t-1", "1.00"));
    say("fill", fill("t-2", "2.00"));
    expect(lines()).toEqual([
      ["partial", null, 1],
      ["cancelled", "order.partial", 1],
    ]);
  });

  it("fills that the private channel does not tell are fetched, page by page, and counted once", () => {
    const { clock, gateway, create, lines, say, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().answer(201, created("10.00", "0.00"));
    say("fill", fill("t-1", "4.00"));
    clock.pass(SECOND);
    venue.one("/portfolio/fills?order_id=v-1&limit=200").answer(200, {
      fills: [fill("t-1", "4.00", { ts_ms: undefined, created_time: "2026-08-17T12:00:00Z" })],
      cursor: "p2",
    });
    venue
      .one("/portfolio/fills?order_id=v-1&limit=200&cursor=p2")
      .answer(200, { fills: [fill("t-2", "6.00")], cursor: "" });
    say("fill", fill("t-2", "6.00"));
    expect(lines()).toEqual([
      ["partial", null, 1],
      ["filled", null, 1],
    ]);
  });

  it("without the private channel fills are fetched at once", () => {
    const { clock, gateway, create, states, venue } = open({ told: false });
    gateway.submit(order(), INSTRUMENT);
    create().answer(201, created("10.00", "0.00"));
    clock.settle();
    venue.one("/portfolio/fills").answer(200, { fills: [fill("t-1", "10.00")] });
    expect(states()).toEqual(["filled"]);
  });

  it("the answer about another order is not believed", () => {
    const { clock, gateway, create, states, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().answer(201, created("10.00", "0.00", { client_order_id: "someone-else" }));
    expect(states()).toEqual(["unknown"]);
    clock.pass(SECOND);
    venue.one("/portfolio/orders?ticker=KXA-26-X").answer(200, { orders: [record("canceled", "0.00")] });
    expect(states()).toEqual(["unknown", "cancelled"]);
  });
});

describe("refusals", () => {
  it.each([
    ["funds, nested", 400, { error: { code: "insufficient_balance", message: "x" } }, "order.funds"],
    ["price off the grid, flat", 400, { code: "invalid_price", message: "invalid price" }, "order.tick"],
    ["post only", 400, { error: { code: "invalid_order", details: "post only cross" } }, "order.post_only"],
    ["closed", 400, { error: { code: "MARKET_INACTIVE" } }, "order.market_closed"],
    ["paused", 400, { error: { code: "trading_is_paused" } }, "order.maintenance"],
    ["too small", 400, { error: { code: "invalid_count" } }, "order.min_size"],
    ["bad parameters", 400, { msg: "Parameter validation failed" }, "order.venue_reject"],
    ["rate", 429, { error: "too many requests" }, "order.rate_limited"],
    ["signature", 401, { error: { code: "authentication_error" } }, "order.auth"],
    ["forbidden", 403, { error: { code: "permission_denied" } }, "order.auth"],
    ["region", 403, { error: { code: "x", message: "not available in your country" } }, "order.geo"],
    ["blocked by a proxy", 403, "<html>blocked</html>", "order.maintenance"],
    ["unknown market", 404, { error: { code: "not_found" } }, "order.venue_reject"],
  ])("%s is a rejected order", (_name, status, body, reason) => {
    const { gateway, create, lines, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().answer(status, body);
    expect(lines()).toEqual([["rejected", reason, 0]]);
    expect(venue.waiting("/portfolio")).toHaveLength(0);
  });

  it.each([
    ["queue_full", "feed.queue_full"],
    ["unreachable", "feed.unreachable"],
    ["cancelled", "feed.shed"],
  ] as const)("%s before it left is a rejected order", (why, reason) => {
    const { gateway, create, lines } = open();
    gateway.submit(order(), INSTRUMENT);
    create().none(why, false);
    expect(lines()).toEqual([["rejected", reason, 0]]);
  });
});

describe("an order of unknown state", () => {
  const unknowns: readonly (readonly [string, (request: FakeRequest) => void])[] = [
    ["a time-out", (request) => request.none("timeout")],
    ["a reset connection", (request) => request.none("reset")],
    ["503", (request) => request.answer(503, "")],
    ["a page with status 502", (request) => request.answer(502, "<html>")],
    ["a duplicate id", (request) => request.answer(409, { error: { code: "order_already_exists" } })],
    ["an unreadable answer", (request) => request.answer(201, { ok: true })],
  ];

  it.each(unknowns)("%s: asked by our id until the venue knows", (_name, answer) => {
    const { clock, gateway, create, lines, venue } = open({ told: false });
    gateway.submit(order(), INSTRUMENT);
    answer(create());
    expect(lines()).toEqual([["unknown", "order.unknown_state", 0]]);
    clock.pass(SECOND);
    venue.one("/portfolio/orders?").none("timeout");
    clock.pass(SECOND);
    venue
      .one("/portfolio/orders?")
      .answer(200, { orders: [record("executed", "9.00", { client_order_id: "o-0" })], cursor: "next" });
    venue
      .one("/portfolio/orders?ticker=KXA-26-X&limit=200&cursor=next")
      .answer(200, { orders: [record("executed", "10.00")] });
    clock.pass(SECOND);
    venue.one("/portfolio/fills").answer(200, { fills: [fill("t-1", "10.00")] });
    expect(lines().slice(1)).toEqual([["filled", null, 1]]);
    clock.pass(60 * SECOND);
    expect(venue.waiting("/portfolio")).toHaveLength(0);
  });

  it("the private channel may tell first", () => {
    const { gateway, create, lines, say } = open();
    gateway.submit(order(), INSTRUMENT);
    create().none("timeout");
    say("fill", fill("t-1", "4.00", { client_order_id: "o-1" }));
    say("user_order", record("canceled", "4.00"));
    expect(lines()).toEqual([
      ["unknown", "order.unknown_state", 0],
      ["partial", null, 1],
      ["cancelled", "order.partial", 0],
    ]);
  });

  it("one the venue does not know, several times and long enough, never arrived", () => {
    const { clock, venue, gateway, create, lines } = open();
    gateway.submit(order(), INSTRUMENT);
    create().none("timeout");
    const answers = venue.responder!;
    venue.responder = (request) => {
      if (request.path.startsWith("/portfolio/orders?")) request.answer(200, { orders: [] });
      else answers(request);
    };
    clock.pass(10 * SECOND);
    expect(lines()).toHaveLength(1);
    clock.pass(60 * SECOND);
    expect(lines().slice(1)).toEqual([["rejected", "order.timeout", 0]]);
    const asked = venue.requests.length;
    clock.pass(600 * SECOND);
    expect(venue.requests.slice(asked).filter(({ path }) => path.startsWith("/portfolio"))).toEqual([]);
  });

  it("asking thins out but never ends while nobody knows", () => {
    const { clock, venue, gateway, create, lines } = open();
    gateway.submit(order(), INSTRUMENT);
    create().none("timeout");
    const answers = venue.responder!;
    venue.responder = (request) => {
      if (request.path.startsWith("/portfolio/orders?")) request.answer(200, { orders: "?" });
      else answers(request);
    };
    clock.pass(600 * SECOND);
    const questions = venue.requests.filter(({ path }) => path.startsWith("/portfolio/orders?")).length;
    expect(questions).toBeGreaterThan(70);
    expect(questions).toBeLessThan(400);
    expect(lines()).toHaveLength(1);
  });

  it("after the private channel was away, what is open is asked for at once", () => {
    const { clock, venue, gateway, create } = open();
    gateway.submit(order(), INSTRUMENT);
    create().leave();
    venue.sockets[1]!.end({ code: 1006 });
    clock.pass(SECOND);
    expect(venue.waiting("/portfolio/orders?")).toHaveLength(1);
  });
});

describe("cancelling", () => {
  it("an order that has not left is taken back", () => {
    const { clock, gateway, create, lines } = open();
    gateway.submit(order(), INSTRUMENT);
    gateway.cancel("o-1");
    clock.settle();
    expect(lines()).toEqual([["cancelled", "order.timeout", 0]]);
    expect(() => create()).toThrow();
  });

  it("one on its way is asked about; one that rests is cancelled on its shard", () => {
    const { clock, gateway, create, lines, say, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().leave();
    gateway.cancel("o-1");
    say("user_order", record("resting", "2.00"));
    const cancel = venue.one(`${ORDERS}/v-1`);
    expect(cancel.path).toBe(`${ORDERS}/v-1?market_ticker=KXA-26-X`);
    expect(cancel.request).toMatchObject({ method: "DELETE", purpose: "cancel", cost: 2 });
    cancel.answer(200, { order_id: "v-1", client_order_id: "o-1", reduced_by: "8.00", ts_ms: 1 });
    clock.pass(SECOND);
    venue.one("/portfolio/fills").answer(200, { fills: [fill("t-1", "2.00")] });
    expect(lines()).toEqual([
      ["acked", null, 0],
      ["cancelled", "order.partial", 1],
    ]);
  });

  it("a cancel that fails is repeated, one about another order is checked", () => {
    const { clock, gateway, create, states, say, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().leave();
    say("user_order", record("resting", "0.00"));
    venue.one(`${ORDERS}/v-1`).answer(429, { error: "too many requests" });
    clock.pass(SECOND);
    venue.one(`${ORDERS}/v-1`).none("timeout");
    clock.pass(SECOND);
    venue.one(`${ORDERS}/v-1`).answer(200, { order_id: "v-9", reduced_by: "1.00" });
    clock.settle();
    venue.one("/portfolio/orders/v-1").answer(200, { order: record("canceled", "0.00") });
    expect(states()).toEqual(["acked", "cancelled"]);
  });

  it("MARKET_INACTIVE is final: the exchange took the order off at the close", () => {
    const { clock, gateway, create, lines, say, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().leave();
    say("user_order", record("resting", "0.00"));
    venue
      .one(`${ORDERS}/v-1`)
      .answer(400, { error: { code: "MARKET_INACTIVE", message: "market inactive" } });
    clock.settle();
    venue.one("/portfolio/orders/v-1").answer(200, { order: record("resting", "0.00") });
    expect(lines()).toEqual([
      ["acked", null, 0],
      ["cancelled", "order.market_closed", 0],
    ]);
  });

  it("one the venue does not know any more is looked up", () => {
    const { clock, gateway, create, lines, say, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().leave();
    say("user_order", record("resting", "0.00"));
    venue.one(`${ORDERS}/v-1`).answer(404, { error: { code: "not_found" } });
    clock.settle();
    venue.one("/portfolio/orders/v-1").answer(200, { order: record("executed", "10.00") });
    say("fill", fill("t-1", "10.00"));
    expect(lines().at(-1)).toEqual(["filled", null, 1]);
    gateway.cancel("o-1");
    gateway.query("o-1");
    clock.pass(SECOND);
    expect(venue.waiting().map(({ path }) => path)).toEqual([ORDERS]);
  });

  it("orders that were never sent are said", () => {
    const { gateway, venue } = open();
    gateway.cancel("?");
    gateway.query("?");
    expect(venue.reasons()).toEqual(["feed.not_found", "feed.not_found"]);
  });

  it("a question can be asked at any time", () => {
    const { clock, gateway, create, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    gateway.query("o-1");
    clock.settle();
    expect(venue.waiting("/portfolio/orders?")).toHaveLength(0);
    create().leave();
    gateway.query("o-1");
    clock.settle();
    expect(venue.waiting("/portfolio/orders?")).toHaveLength(1);
  });
});

describe("cancelling all", () => {
  function killed() {
    const opened = open();
    const outcomes: CancelAllOutcome[] = [];
    opened.gateway.submit(order(), INSTRUMENT);
    opened.create().leave();
    opened.say("user_order", record("resting", "0.00"));
    opened.venue.one(`${ORDERS}/v-1`).none("timeout");
    opened.gateway.submit(order({ id: "o-2" }), INSTRUMENT);
    opened.gateway.cancelAll((outcome) => outcomes.push(outcome));
    return { ...opened, outcomes };
  }

  it("takes back what has not left and has the venue confirm the rest", () => {
    const { clock, venue, outcomes, lines } = killed();
    expect(lines().at(-1)).toEqual(["cancelled", "order.killed", 0]);
    const [all] = venue.waiting(ORDERS).filter(({ request }) => request.method === "DELETE");
    expect(all!.path).toBe(ORDERS);
    expect(all!.request).toMatchObject({ purpose: "cancel" });
    all!.answer(200, {});
    expect(outcomes).toMatchObject([{ ok: true, cancelled: 1 }]);
    clock.settle();
    venue.one("/portfolio/orders/v-1").answer(200, { order: record("canceled", "0.00") });
    expect(lines().at(-1)).toEqual(["cancelled", "order.no_liquidity", 0]);
  });

  it.each([
    ["orders", { orders: [{}, {}] }, 2],
    ["a number", { cancelled_count: 3 }, 3],
    ["no body", "", 1],
  ])("the count may come as %s", (_name, body, cancelled) => {
    const { venue, outcomes } = killed();
    venue
      .waiting(ORDERS)
      .find(({ request }) => request.method === "DELETE" && request.body === null)!
      .answer(200, body);
    expect(outcomes).toMatchObject([{ ok: true, cancelled }]);
  });

  it("unconfirmed it says so, and each order is cancelled by itself", () => {
    const { clock, venue, outcomes } = killed();
    venue
      .waiting(ORDERS)
      .find(({ path, request }) => path === ORDERS && request.method === "DELETE")!
      .none("timeout");
    expect(outcomes).toMatchObject([{ ok: false, reason: "feed.timeout" }]);
    clock.pass(SECOND);
    expect(venue.waiting(`${ORDERS}/v-1`)).toHaveLength(1);
  });

  it("of a closed session is answered too", () => {
    const { clock, session, gateway, outcomes, venue } = killed();
    session.close(() => undefined);
    gateway.cancelAll((outcome) => outcomes.push(outcome));
    gateway.submit(order({ id: "o-3" }), INSTRUMENT);
    clock.settle();
    expect(outcomes).toMatchObject(Array(2).fill({ ok: false, reason: "feed.shed" }));
    expect(venue.orders.at(-1)).toMatchObject({ orderId: "o-3", state: "rejected" });
  });
});

describe("whatever order the venue's words come in", () => {
  it("each fill is told once and the end once, with all of them", () => {
    const fills = [fill("t-1", "1.00"), fill("t-2", "2.00"), fill("t-3", "3.00")];
    type Word = "answer" | "order" | number;
    const words: readonly Word[] = ["answer", "order", 0, 1, 2, 0, 1, 2];
    fc.assert(
      fc.property(fc.shuffledSubarray([...words], { minLength: words.length }), (script) => {
        const { clock, gateway, create, say, venue } = open();
        gateway.submit(order(), INSTRUMENT);
        create().leave();
        for (const word of script)
          if (word === "answer") create().answer(201, created("6.00", "0.00"));
          else if (word === "order") say("user_order", record("canceled", "6.00"));
          else say("fill", fills[word]);
        clock.pass(10_000);
        const told = venue.orders.flatMap((update) => update.fills.map(({ execId }) => execId));
        expect(told.sort()).toEqual(["o-1#t-1", "o-1#t-2", "o-1#t-3"]);
        const ends = venue.orders.filter(({ state }) => state === "cancelled" || state === "filled");
        expect(ends).toMatchObject([{ state: "cancelled", reason: "order.partial" }]);
        expect(venue.orders.at(-1)).toBe(ends[0]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("unreadable words on the private channel", () => {
  it("are said and change nothing", () => {
    const { gateway, create, states, say, venue } = open();
    gateway.submit(order(), INSTRUMENT);
    create().leave();
    say("fill", fill("t-1", "ten"));
    say("fill", fill("t-1", "1.00", { yes_price_dollars: "1.5000" }));
    say("fill", fill("t-1", "1.00", { ts_ms: undefined }));
    say("user_order", record("lost", "0.00"));
    say("market_position", {});
    expect(venue.reasons()).toEqual(Array(4).fill("feed.shape"));
    expect(states()).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { BID, type FaultAnswer, type Micros } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { callOf } from "./rate-limits.ts";
import { ORDERS, REST, Scene, SECOND, START } from "./testing/scene.ts";
import { TokenBucket } from "./token-bucket.ts";

const open = (rateLimits = false): Scene => {
  const clock = new StepClock(START);
  return new Scene({
    clock,
    exchange: new MatchingExchange("kalshi", clock),
    rng: new SeededRng("a"),
    rateLimits,
  });
};
const BALANCE = `${REST}/portfolio/balance`;
const error = (answer: { readonly status: number; readonly json: { error: object } }) => [
  answer.status,
  answer.json.error,
];

describe("signatures", () => {
  it("open an account's own paths", () => {
    expect(open().signed("ann", "GET", "/portfolio/balance").json).toMatchObject({
      balance: 100_000,
      balance_dollars: "1000.0000",
      balance_breakdown: [{ balance: "1000.0000", exchange_index: 0 }],
    });
  });

  it("leave the query out", () => {
    const scene = open();
    const headers = scene.headers("ann", "GET", `${REST}/portfolio/fills`);
    expect(scene.raw("GET", "/portfolio/fills?limit=5", headers).status).toBe(200);
  });

  it.each([
    ["kalshi-access-signature", "signature_is_missing_from_headers"],
    ["kalshi-access-key", "key_is_missing_from_headers"],
    ["kalshi-access-timestamp", "timestamp_is_missing_from_headers"],
  ])("without %s are refused", (name, code) => {
    const scene = open();
    const { [name]: _, ...headers } = scene.headers("ann", "GET", BALANCE);
    expect(error(scene.raw("GET", "/portfolio/balance", headers))).toEqual([
      401,
      expect.objectContaining({ code }),
    ]);
  });

  it("of another key, path, method or text are refused", () => {
    const scene = open();
    const good = scene.headers("ann", "GET", BALANCE);
    const wrong = { code: "authentication_error", message: "authentication_error" };
    const refusal = (headers: Readonly<Record<string, string>>) =>
      error(scene.raw("GET", "/portfolio/balance", headers));
    const signature = { ...wrong, details: "INCORRECT_API_KEY_SIGNATURE" };
    const bob = scene.headers("bob", "GET", BALANCE)["kalshi-access-key"]!;
    expect(refusal({ ...good, "kalshi-access-key": bob })).toEqual([401, signature]);
    expect(refusal({ ...good, "kalshi-access-signature": "AAAA" })).toEqual([401, signature]);
    expect(refusal(scene.headers("ann", "POST", BALANCE))).toEqual([401, signature]);
    expect(refusal(scene.headers("ann", "GET", "/portfolio/balance"))).toEqual([401, signature]);
    expect(refusal({ ...good, "kalshi-access-key": "nobody" })).toEqual([
      401,
      { ...wrong, details: "NOT_FOUND" },
    ]);
  });

  it.each([
    [-30, 401],
    [-10, 200],
    [0, 200],
    [25, 200],
    [60, 401],
  ])("%i seconds off get %i", (skew, status) => {
    const scene = open();
    const headers = scene.headers("ann", "GET", BALANCE, skew * SECOND);
    const answer = scene.raw("GET", "/portfolio/balance", headers);
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.json.error.code).toBe("header_timestamp_expired");
  });

  it("that are wrong are refused on public paths too, and none are needed there", () => {
    const scene = open();
    expect(scene.get("/exchange/status").status).toBe(200);
    const headers = {
      ...scene.headers("ann", "GET", `${REST}/exchange/status`),
      "kalshi-access-signature": "AAAA",
    };
    expect(scene.raw("GET", "/exchange/status", headers).status).toBe(401);
  });

  it("are needed for every private path", () => {
    const scene = open();
    for (const path of ["/portfolio/orders", "/portfolio/balance", "/account/limits"])
      expect(scene.get(path).status).toBe(401);
    expect(scene.raw("POST", ORDERS, {}, "{}").status).toBe(401);
    expect(scene.raw("DELETE", ORDERS).status).toBe(401);
  });

  it("open the socket, or the upgrade is refused", () => {
    const scene = open();
    expect(() => scene.connect()).not.toThrow();
    expect(() => scene.connect("ann", "/trade-api/ws/v3")).toThrow("404");
    const peer = { send: () => {}, ping: () => {}, close: () => {} };
    const request = { method: "GET", path: "/trade-api/ws/v2", headers: {}, body: "" };
    expect(scene.server.socket("ws", request, peer)).toMatchObject({ status: 401 });
    const headers = scene.headers("ann", "GET", "/trade-api/ws/v2", -60 * SECOND);
    expect(scene.server.socket("ws", { ...request, headers }, peer)).toMatchObject({ status: 401 });
  });
});

describe("rate limits", () => {
  it("a bucket refills continuously and takes a request only whole", () => {
    const bucket = new TokenBucket(100, 100);
    expect([bucket.take(100, START), bucket.take(1, START)]).toEqual([true, false]);
    expect([bucket.take(10, START + 99_000), bucket.take(10, START + 100_000)]).toEqual([false, true]);
    expect([bucket.take(101, START + 3_600 * SECOND), bucket.take(100, START + 3_600 * SECOND)]).toEqual([
      false,
      true,
    ]);
  });

  it("forty reads in a burst, then twenty a second, with the bare body", () => {
    const scene = open(true);
    const reads = (count: number) =>
      Array.from({ length: count }, () => scene.signed("ann", "GET", "/portfolio/balance")).filter(
        ({ status }) => status === 200,
      ).length;
    expect(reads(60)).toBe(40);
    const refused = scene.signed("ann", "GET", "/portfolio/balance");
    expect([refused.status, refused.json]).toEqual([429, { error: "too many requests" }]);
    expect(Object.keys(refused.headers).sort()).toEqual(["content-type", "date"]);
    scene.pass(SECOND);
    expect(reads(60)).toBe(20);
    expect(scene.signed("bob", "GET", "/portfolio/balance").status).toBe(200);
  });

  it("orders cost 10, cancels 2, batches the sum of their legs, refused whole", () => {
    const scene = open(true);
    const legs = (count: number) => ({ orders: Array.from({ length: count }, () => ({ order_id: "x" })) });
    expect(scene.signed("ann", "POST", `${ORDERS}/batched`, legs(11)).status).toBe(429);
    expect(scene.signed("ann", "POST", `${ORDERS}/batched`, legs(10)).status).toBe(201);
    expect(scene.order().status).toBe(429);
    scene.pass(SECOND);
    expect(scene.signed("ann", "DELETE", `${ORDERS}/batched`, legs(50)).status).toBe(200);
    expect(scene.signed("ann", "DELETE", `${ORDERS}/x`).status).toBe(429);
    expect(callOf("DELETE", `${REST}${ORDERS}/x`, 0)).toEqual({ write: true, cost: 2 });
    expect(callOf("DELETE", `${REST}${ORDERS}`, 0)).toEqual({ write: true, cost: 10 });
    expect(callOf("POST", `${REST}${ORDERS}/x/amend`, 0)).toEqual({ write: true, cost: 10 });
    expect(callOf("GET", `${REST}/portfolio/orders`, 0)).toEqual({ write: false, cost: 10 });
  });

  it("do not count where they are not enforced, nor for callers without a key", () => {
    const free = open();
    for (let i = 0; i < 100; i++) expect(free.signed("ann", "GET", "/portfolio/balance").status).toBe(200);
    const scene = open(true);
    for (let i = 0; i < 100; i++) expect(scene.get(`/exchange/status?n=${i}`).status).toBe(200);
  });

  it("are stated", () => {
    expect(open().signed("ann", "GET", "/account/limits").json).toMatchObject({
      usage_tier: "basic",
      read: { refill_rate: 200 },
      write: { refill_rate: 100, bucket_capacity: 100 },
    });
  });
});

describe("the edge cache", () => {
  it("keeps answers without a key for 15 seconds; a key sees the venue itself", () => {
    const scene = open();
    const path = `/markets/${scene.symbol}/orderbook`;
    const bids = (answer: { json: { orderbook_fp: { yes_dollars: unknown[] } } }) =>
      answer.json.orderbook_fp.yes_dollars.length;
    const first = scene.get(path);
    expect(first.headers).toMatchObject({
      "cache-control": "public, max-age=15",
      "x-kalshi-cache-hits": "0",
    });
    scene.rest(BID, 4_000, 100);
    scene.pass(14 * SECOND);
    const second = scene.get(path);
    expect([bids(second), second.headers["x-kalshi-cache-hits"], second.headers["age"]]).toEqual([
      0,
      "1",
      "14",
    ]);
    const signed = scene.signed("ann", "GET", path);
    expect([bids(signed), signed.headers["cache-control"]]).toEqual([1, undefined]);
    scene.pass(SECOND);
    expect(bids(scene.get(path))).toBe(1);
    expect(bids(scene.get(`${path}?depth=0`))).toBe(1);
  });

  it("keeps no errors, and every answer states the date", () => {
    const scene = open();
    const [market] = scene.list({ ...scene.events[0]!.spec, slot: 7 }).markets;
    expect(scene.get(`/markets/${market!.id}`).status).toBe(404);
    scene.pass(SECOND);
    expect(scene.get(`/markets/${market!.id}`).status).toBe(200);
    expect(scene.get("/nothing").headers["date"]).toBe("Fri, 15 Jan 2027 08:00:01 GMT");
  });

  it("stays within its bounds", () => {
    const scene = open();
    for (let i = 0; i < 5_000; i++) scene.get(`/exchange/status?n=${i}`);
    expect(scene.get("/exchange/status?n=0").headers["x-kalshi-cache-hits"]).toBe("0");
    expect(scene.get("/exchange/status?n=4999").headers["x-kalshi-cache-hits"]).toBe("1");
  });
});

describe("faults", () => {
  it.each<[FaultAnswer, number, RegExp, boolean]>([
    ["rate_limited", 429, /^\{"error":"too many requests"\}$/, false],
    ["rate_limited_retry_after", 429, /too many requests/, true],
    ["cloudflare_html", 429, /^<!DOCTYPE/, false],
    ["restarting", 502, /^<!DOCTYPE/, false],
    ["forbidden", 403, /"code":"forbidden"/, false],
    ["unavailable", 503, /"service_unavailable"/, false],
  ])("%s is %i", (fault, status, body, retryAfter) => {
    const answer = open().server.faultAnswer(fault);
    expect([answer.status, "retry-after" in answer.headers]).toEqual([status, retryAfter]);
    expect(answer.body).toMatch(body);
    expect(answer.headers["content-type"]).toBe(
      answer.body.startsWith("<") ? "text/html" : "application/json",
    );
    expect(answer.headers["date"]).toBeDefined();
  });

  it("nothing runs on after close", () => {
    const clock = new StepClock(START);
    const exchange = new MatchingExchange("kalshi", clock);
    const scene = new Scene({ clock, exchange, rng: new SeededRng("a") });
    const client = scene.connect();
    client.subscribe(["orderbook_delta"], [scene.symbol]);
    clock.advanceTo((START + SECOND) as Micros);
    exchange.resolve(exchange.book(scene.symbol)!, "1");
    scene.server.close();
    const { length } = client.texts;
    clock.advanceTo((START + 3_600 * SECOND) as Micros);
    expect([client.closedWith, client.texts.length, client.pings.length, clock.pending]).toEqual([
      1001,
      length,
      0,
      0,
    ]);
  });
});

import { TypedDataEncoder, verifyTypedData } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";
import type {
  CancelAllOutcome,
  Fill,
  Instrument,
  LegAction,
  Lots,
  Order,
  OrderGateway,
  Ticks,
  VenueSession,
} from "../../../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv } from "../../../../tests/memory-sink.ts";
import { SCALES } from "../../scales.ts";
import { polymarketLive } from "../live.ts";
import { hmacSignature } from "../signing/clob-auth.ts";
import { exchangeOf } from "../signing/contracts.ts";
import { condition, gammaEvent, gammaMarket, token } from "../testing/payloads.ts";
import {
  type Scripted,
  type ScriptedSocket,
  ScriptedVenue,
  type SentRequest,
} from "../testing/scripted-venue.ts";
import { TEST_ADDRESS, TEST_KEY } from "../testing/vectors.ts";

const SECOND = 1_000_000;
const KEY = { apiKey: "key-1", secret: Buffer.from("secret").toString("base64url"), passphrase: "pass" };

interface Posted {
  readonly order: Record<string, string | number> & { readonly signature: string };
  readonly owner: string;
  readonly orderType: string;
}

let venue: ScriptedVenue;
let mapperEnv: MemoryEnv;
/** Answers to `POST /order` in turn; then matched in full. */
let posts: Scripted[];
/** What the venue knows of orders and trades. */
let orders: (id: string) => Scripted;
let trades: () => object[];
let other: (request: SentRequest) => Scripted | undefined;
let version: number;

const ok = (body: unknown): Scripted => ({ status: 200, body });
const refuse = (status: number, error: string): Scripted => ({ status, body: { error } });
const UNKNOWN = refuse(404, "order not found");

beforeEach(() => {
  venue = new ScriptedVenue();
  venue.secrets["POLYMARKET_PRIVATE_KEY"] = TEST_KEY;
  mapperEnv = memoryEnv("polymarket", SCALES);
  posts = [];
  orders = () => UNKNOWN;
  trades = () => [];
  other = () => undefined;
  version = 2;
  venue.answer = (request) => other(request) ?? usual(request);
});

function usual({ method, path, body }: SentRequest): Scripted {
  const markets = [gammaMarket(1), gammaMarket(2, { negRisk: true }), gammaMarket(3, { version: "v2" })];
  if (path.startsWith("/events/keyset")) return ok({ events: [gammaEvent(1, markets)] });
  if (path === "/auth/derive-api-key") return ok(KEY);
  if (path === "/auth/ban-status/closed-only") return ok({ closed_only: false });
  if (path === "/version") return ok({ version });
  if (path === "/v1/heartbeats") return ok({ heartbeat_id: "beat" });
  if (path === "/api/geoblock") return ok({ blocked: false, ip: "203.0.113.1", country: "IE", region: "L" });
  if (path === "/order" && method === "POST") return posts.shift() ?? ok(matched(body as Posted));
  if (path === "/order") return ok({ canceled: [(body as { orderID: string }).orderID], not_canceled: {} });
  if (path === "/cancel-all") return ok({ canceled: ["0x1", "0x2"], not_canceled: {} });
  if (path.startsWith("/data/order/")) return orders(path.slice("/data/order/".length));
  if (path.startsWith("/data/trades")) return ok({ data: trades(), next_cursor: "LTE=" });
  return ok({ markets: [] });
}

const amount = (millionths: string | number | undefined): string => String(Number(millionths) / 1e6);

function matched({ order }: Posted): object {
  return {
    success: true,
    errorMsg: "",
    orderID: idOf(order),
    status: "matched",
    takingAmount: amount(order["takerAmount"]),
    makingAmount: amount(order["makerAmount"]),
    transactionsHashes: [],
    tradeIDs: ["t1"],
  };
}

const TYPES = {
  Order: Object.entries({
    salt: "uint256",
    maker: "address",
    signer: "address",
    tokenId: "uint256",
    makerAmount: "uint256",
    takerAmount: "uint256",
    side: "uint8",
    signatureType: "uint8",
    timestamp: "uint256",
    metadata: "bytes32",
    builder: "bytes32",
  }).map(([name, type]) => ({ name, type })),
};

const domain = (signedVersion: 2 | 3, negRisk: boolean) => ({
  name: "Polymarket CTF Exchange",
  version: String(signedVersion),
  chainId: 137,
  verifyingContract: exchangeOf(137, signedVersion, negRisk),
});

const message = (order: Posted["order"]) => ({ ...order, side: order["side"] === "BUY" ? 0 : 1 });

/** The id the venue gives an order: by whichever domain its signature fits. */
function idOf(order: Posted["order"]): string {
  for (const signedVersion of [2, 3] as const)
    for (const negRisk of [false, true])
      if (signedBy(order, signedVersion, negRisk))
        return TypedDataEncoder.hash(domain(signedVersion, negRisk), TYPES, message(order));
  throw new Error("signed for nothing");
}

function signedBy(order: Posted["order"], signedVersion: 2 | 3, negRisk: boolean): boolean {
  return (
    verifyTypedData(domain(signedVersion, negRisk), TYPES, message(order), order.signature) === TEST_ADDRESS
  );
}

function start(options: object = {}): VenueSession & { readonly gateway: OrderGateway } {
  const session = polymarketLive.configure({ heartbeatMs: 0, ...options })(venue.env(mapperEnv), "on");
  session.start();
  venue.run(2 * SECOND);
  return session as VenueSession & { readonly gateway: OrderGateway };
}

function close(session: VenueSession): void {
  session.close(() => {});
  venue.run(10 * SECOND);
  expect(venue.clock.pending).toBe(0);
}

const instrument = (market: number): Instrument =>
  mapperEnv.symbols.instruments.find(({ symbol }) => symbol === token(market))!;

let serial = 0;
function order(action: LegAction = "buy_yes", limitTicks = 5_000, shares = 100, market = 1): Order {
  return {
    id: `o${serial++}`,
    opportunity: "op",
    leg: 0,
    attempt: 0,
    book: instrument(market).book,
    action,
    lots: (shares * 1e6) as Lots,
    limitTicks: limitTicks as Ticks,
    role: "taker",
    purpose: "entry",
  };
}

function submit(session: { readonly gateway: OrderGateway }, given: Order, market = 1): void {
  session.gateway.submit(given, instrument(market));
}

const posted = (): Posted[] =>
  venue.sent
    .filter(({ method, path }) => method === "POST" && path === "/order")
    .map(({ body }) => body as Posted);
const states = (id: string): string[] =>
  venue.orders
    .filter(({ orderId }) => orderId === id)
    .map(({ state, reason }) => `${state} ${reason ?? ""}`.trim());
const fills = (id: string): Fill[] =>
  venue.orders.filter(({ orderId }) => orderId === id).flatMap((update) => update.fills);
const brief = (id: string): string[] =>
  fills(id).map(({ lots, priceTicks, fee }) => `${lots / 1e6}@${priceTicks} ${Number(fee) / 1e12}`);
const user = (): ScriptedSocket => venue.sockets.findLast(({ url }) => url.endsWith("/user"))!;

function trade(venueId: string, shares: string, price: string, extra: object = {}): object {
  return {
    event_type: "trade",
    type: "TRADE",
    id: "t1",
    taker_order_id: venueId,
    market: condition(1),
    asset_id: token(1),
    side: "BUY",
    size: shares,
    price,
    status: "MATCHED",
    maker_orders: [],
    ...extra,
  };
}

const record = (id: string, status: string, matchedShares: string): object => ({
  id,
  status,
  size_matched: matchedShares,
  asset_id: token(1),
});

describe("the account", () => {
  it("derives its key from the wallet, tries it, and signs calls with it", () => {
    const session = start();
    const [derive] = venue.to("/auth/derive-api-key");
    expect(derive?.headers).toMatchObject({ poly_address: TEST_ADDRESS, poly_nonce: "0" });
    const [tried] = venue.to("/auth/ban-status");
    const seconds = Number(tried?.headers["poly_timestamp"]);
    expect(tried?.headers).toMatchObject({
      poly_address: TEST_ADDRESS,
      poly_api_key: KEY.apiKey,
      poly_passphrase: KEY.passphrase,
      poly_signature: hmacSignature(KEY.secret, seconds, "GET", "/auth/ban-status/closed-only", ""),
    });
    expect(venue.progress).toContain("auth 1/1");
    expect(user().messages).toEqual([{ auth: KEY, type: "user" }]);
    close(session);
  });

  it("makes a key on the first use of a wallet, and takes one that is configured", () => {
    other = ({ method, path }) => {
      if (path === "/auth/derive-api-key") return refuse(400, "Could not derive api key!");
      return method === "POST" && path === "/auth/api-key" ? ok(KEY) : undefined;
    };
    close(start());
    expect(venue.progress).toContain("auth 1/1");
    Object.assign(venue.secrets, {
      POLYMARKET_API_KEY: "other",
      POLYMARKET_API_SECRET: KEY.secret,
      POLYMARKET_API_PASSPHRASE: "p",
    });
    venue.sent.length = 0;
    close(start());
    expect(venue.to("/auth/derive-api-key")).toEqual([]);
    expect(venue.to("/auth/ban-status")[0]?.headers["poly_api_key"]).toBe("other");
  });

  it.each([
    [{ POLYMARKET_PRIVATE_KEY: "" }, {}, "auth: POLYMARKET_PRIVATE_KEY is not set"],
    [{ POLYMARKET_PRIVATE_KEY: "abc" }, {}, "auth: POLYMARKET_PRIVATE_KEY is no private key"],
    [{}, { signatureType: 1 }, "auth: POLYMARKET_FUNDER is not set: signature type 1"],
    [{ POLYMARKET_FUNDER: "0x1" }, { signatureType: 2 }, "auth: POLYMARKET_FUNDER is no address"],
    [{ POLYMARKET_API_KEY: "k" }, {}, "auth: POLYMARKET_API_SECRET is not set, the rest of the API key is"],
  ])("ends start-up for secrets that cannot be used, case %#", (secrets, options, line) => {
    Object.assign(venue.secrets, secrets);
    const session = polymarketLive.configure(options)(venue.env(mapperEnv), "on");
    session.start();
    venue.run(SECOND);
    expect(venue.failures[0]).toContain(line);
    expect(session.gateway).toBeNull();
    expect(JSON.stringify([venue.failures, venue.refusals])).not.toContain(TEST_KEY);
    close(session);
  });

  it("ends start-up for a key that the venue refuses, and sends no order with it", () => {
    other = ({ path }) =>
      path.startsWith("/auth/ban") ? refuse(401, "Unauthorized/Invalid api key") : undefined;
    const session = start();
    expect(venue.failures).toEqual([
      "auth: HTTP 401: Unauthorized/Invalid api key; check the key, and that it belongs to the wallet",
    ]);
    const given = order();
    submit(session, given);
    expect(states(given.id)).toEqual(["rejected order.auth"]);
    expect(posted()).toEqual([]);
    close(session);
  });

  it("has no gateway and sends nothing signed while orders are off", () => {
    const session = polymarketLive.configure({})(venue.env(mapperEnv), "off");
    session.start();
    venue.run(5 * SECOND);
    expect(session.gateway).toBeNull();
    expect(venue.sent.filter(({ headers }) => "poly_address" in headers)).toEqual([]);
    expect(venue.sockets).toEqual([]);
    close(session);
  });
});

describe("orders", () => {
  it("are signed for their exchange, sent once and filled by the answer", () => {
    const session = start();
    const given = order();
    session.gateway.prepare(given, instrument(1));
    submit(session, given);
    submit(session, given);
    venue.run(SECOND);
    const [sent] = posted();
    expect(posted()).toHaveLength(1);
    expect(sent).toMatchObject({
      deferExec: false,
      postOnly: false,
      owner: KEY.apiKey,
      orderType: "FAK",
      order: {
        maker: TEST_ADDRESS,
        signer: TEST_ADDRESS,
        taker: `0x${"0".repeat(40)}`,
        tokenId: token(1),
        makerAmount: "50000000",
        takerAmount: "100000000",
        side: "BUY",
        signatureType: 0,
        expiration: "0",
      },
    });
    expect(Number.isSafeInteger(sent!.order["salt"])).toBe(true);
    expect(sent!.order["timestamp"]).toMatch(/^\d{13}$/);
    expect(signedBy(sent!.order, 2, false)).toBe(true);
    const request = venue.sent.find(({ path, method }) => method === "POST" && path === "/order")!;
    const seconds = Number(request.headers["poly_timestamp"]);
    expect(request.headers["poly_signature"]).toBe(
      hmacSignature(KEY.secret, seconds, "POST", "/order", request.request.body!),
    );
    expect(states(given.id)).toEqual(["filled"]);
    expect(brief(given.id)).toEqual(["100@5000 1.25"]);
    expect(venue.reasons()).toEqual(["order.duplicate"]);
    close(session);
  });

  it.each([
    ["buy_yes", 0, "BUY"],
    ["buy_no", 1, "BUY"],
    ["sell_yes", 0, "SELL"],
    ["sell_no", 1, "SELL"],
  ] as const)("%s goes to token %d as %s at the limit of its own scale", (action, outcome, side) => {
    const session = start();
    const given = order(action, 3_000);
    submit(session, given);
    venue.run(SECOND);
    const { order: sent } = posted()[0]!;
    expect([sent["tokenId"], sent["side"]]).toEqual([token(1, outcome), side]);
    expect(side === "BUY" ? sent["makerAmount"] : sent["takerAmount"]).toBe("30000000");
    expect(fills(given.id)[0]).toMatchObject({ action, priceTicks: 3_000, lots: 100_000_000 });
    close(session);
  });

  it("of negative-risk markets and of the second protocol are signed for other contracts", () => {
    const session = start();
    submit(session, order("buy_yes", 5_000, 10, 2), 2);
    submit(session, order("buy_yes", 5_000, 10, 3), 3);
    venue.run(SECOND);
    const [risk, second] = posted();
    expect([signedBy(risk!.order, 2, true), signedBy(risk!.order, 2, false)]).toEqual([true, false]);
    expect([signedBy(second!.order, 3, false), signedBy(second!.order, 2, false)]).toEqual([true, false]);
    close(session);
  });

  it("trade for the funder with signature types 1 and 2", () => {
    const funder = "0x1111111111111111111111111111111111111111";
    venue.secrets["POLYMARKET_FUNDER"] = funder;
    const session = start({ signatureType: 2 });
    submit(session, order());
    venue.run(SECOND);
    expect(posted()[0]!.order).toMatchObject({ maker: funder, signer: TEST_ADDRESS, signatureType: 2 });
    expect(signedBy(posted()[0]!.order, 2, false)).toBe(true);
    close(session);
  });

  it("off the grid, of unknown markets, or too small are not sent", () => {
    const session = start();
    const cases: readonly [Order, number, string][] = [
      [order("buy_yes", 5_050), 1, "order.tick"],
      [order("buy_no", 10_000), 1, "order.tick"],
      [order("buy_yes", 100, 0.001), 1, "order.min_size"],
    ];
    for (const [given, market, reason] of cases) {
      submit(session, given, market);
      expect(states(given.id)).toEqual([`rejected ${reason}`]);
    }
    const stranger = order();
    session.gateway.submit(stranger, { ...instrument(1), symbol: "99" });
    expect(states(stranger.id)).toEqual(["rejected order.venue_reject"]);
    venue.run(SECOND);
    expect(posted()).toEqual([]);
    close(session);
  });

  it("that a changed version makes stale are written anew although they were prepared", () => {
    const session = start();
    const given = order();
    session.gateway.prepare({ ...given, limitTicks: 4_000 as Ticks }, instrument(1));
    submit(session, given);
    venue.run(SECOND);
    expect(posted()[0]!.order["makerAmount"]).toBe("50000000");
    close(session);
  });
});

describe("answers", () => {
  it("of an average price become fills of exact money", () => {
    const session = start();
    const given = order();
    submit(session, given);
    posts = [
      ok({
        success: true,
        errorMsg: "",
        orderID: "0xabc",
        status: "matched",
        takingAmount: "7",
        makingAmount: "3.000001",
      }),
    ];
    venue.run(SECOND);
    expect(states(given.id)).toEqual(["cancelled order.partial"]);
    const money = fills(given.id).reduce(
      (sum, { lots, priceTicks }) => sum + BigInt(lots) * BigInt(priceTicks),
      0n,
    );
    expect(money).toBe(30_000_010_000n);
    expect(fills(given.id).reduce((sum, { lots }) => sum + lots, 0)).toBe(7_000_000);
    close(session);
  });

  it("and trades of the user channel are counted once, in either order", () => {
    const session = start();
    for (const tradeFirst of [true, false]) {
      const given = order();
      submit(session, given);
      const id = idOf((venue.sent.at(-1)!.body as Posted).order);
      const say = () => {
        user().say(trade(id, "40", "0.5", { id: `a${tradeFirst}` }));
        user().say(trade(id, "60", "0.49", { id: `b${tradeFirst}` }));
        user().say(trade(id, "60", "0.49", { id: `b${tradeFirst}`, status: "MINED" }));
      };
      posts = [ok({ ...(matched(venue.sent.at(-1)!.body as Posted) as object), makingAmount: "49.4" })];
      if (tradeFirst) say();
      venue.run(SECOND);
      if (!tradeFirst) say();
      expect(fills(given.id).reduce((sum, { lots }) => sum + lots, 0)).toBe(100_000_000);
      const money = fills(given.id).reduce((sum, { lots, priceTicks }) => sum + lots * priceTicks, 0);
      expect(money).toBe(494_000_000_000);
      expect(new Set(fills(given.id).map(({ execId }) => execId)).size).toBe(fills(given.id).length);
      expect(states(given.id).at(-1)).toBe("filled");
    }
    close(session);
  });

  it("`delayed` is no fill: the user channel, or a question, tells", () => {
    const session = start();
    const [told, asked] = [order(), order()];
    posts = [
      ok({
        success: true,
        errorMsg: "",
        orderID: "0xd1",
        status: "delayed",
        takingAmount: "",
        makingAmount: "",
      }),
      ok({
        success: true,
        errorMsg: "",
        orderID: "0xd2",
        status: "delayed",
        takingAmount: "",
        makingAmount: "",
      }),
    ];
    orders = () => ok(record("x", "DELAYED", "0"));
    submit(session, told);
    submit(session, asked);
    venue.run(SECOND);
    expect([states(told.id), states(asked.id)]).toEqual([["acked"], ["acked"]]);
    user().say(trade("0xd1", "100", "0.5"));
    user().say({ event_type: "order", type: "UPDATE", ...record("0xd1", "MATCHED", "100") });
    expect(states(told.id)).toEqual(["acked", "partial", "filled"]);
    const id = idOf(posted()[1]!.order);
    orders = () => ok(record(id, "CANCELED", "30"));
    trades = () => [trade(id, "30", "0.5", { id: "t9" })];
    venue.run(20 * SECOND);
    expect(states(asked.id)).toEqual(["acked", "cancelled order.partial"]);
    expect(brief(asked.id)).toEqual(["30@5000 0.375"]);
    close(session);
  });

  it("an order that rests although it should not is cancelled", () => {
    const session = start();
    const given = order();
    posts = [
      ok({ success: true, errorMsg: "", orderID: "0x1", status: "live", takingAmount: "", makingAmount: "" }),
    ];
    submit(session, given);
    venue.run(20_000);
    const id = idOf(posted()[0]!.order);
    orders = () => ok(record(id, "CANCELED", "0"));
    venue.run(SECOND);
    expect(venue.sent.filter(({ method }) => method === "DELETE").map(({ body }) => body)).toEqual([
      { orderID: id },
    ]);
    expect(states(given.id)).toEqual(["acked", "cancelled order.no_liquidity"]);
    close(session);
  });

  it("with `gtc` what is not matched at once is cancelled, and shares are exact", () => {
    const session = start({ takerOrders: "gtc" });
    const given = order("buy_yes", 3_300, 10.01);
    submit(session, given);
    const sent = venue.sent.at(-1)!.body as Posted;
    expect([sent.orderType, sent.order["makerAmount"], sent.order["takerAmount"]]).toEqual([
      "GTC",
      "3303300",
      "10010000",
    ]);
    posts = [ok({ ...(matched(sent) as object), takingAmount: "4", makingAmount: "1.32" })];
    const id = idOf(sent.order);
    orders = () => ok(record(id, "CANCELED", "4"));
    venue.run(SECOND);
    expect(states(given.id)).toEqual(["partial", "cancelled order.partial"]);
    expect(brief(given.id)).toEqual(["4@3300 0.04422"]);
    close(session);
  });
});

describe("refusals", () => {
  it.each([
    [400, "not enough balance / allowance", "order.funds"],
    [400, "order 0xabc is invalid. Price (0.123) breaks minimum tick size rule: 0.01", "order.tick"],
    [400, "order 0xabc is invalid. Size (1) lower than the minimum: 5", "order.min_size"],
    [400, "invalid amount for a marketable BUY order ($0.5), min size: $1", "order.min_size"],
    [400, "invalid post-only order: order crosses book", "order.post_only"],
    [400, "order couldn't be fully filled. FOK orders are fully filled or killed.", "order.no_liquidity"],
    [400, "no orders found to match with FAK order", "order.no_liquidity"],
    [400, "the market is not yet ready to process new orders", "order.maintenance"],
    [400, "invalid expiration", "order.venue_reject"],
    [400, "Invalid order payload", "order.venue_reject"],
    [401, "Unauthorized/Invalid api key", "order.auth"],
    [400, "the order owner has to be the owner of the API KEY", "order.auth"],
    [403, "address banned", "order.auth"],
    [400, "address in closed only mode", "order.auth"],
    [404, "No orderbook exists for the requested token id", "order.market_closed"],
    [425, "", "order.maintenance"],
    [429, "Too Many Requests", "order.rate_limited"],
    [503, "post-only mode: only post-only orders and cancels are allowed", "order.maintenance"],
    [503, "Trading is currently disabled. Check polymarket.com for updates", "order.maintenance"],
  ] as const)("%d %s is %s, told once", (status, error, reason) => {
    posts = [refuse(status, error)];
    const session = start();
    const given = order();
    submit(session, given);
    venue.run(30 * SECOND);
    expect(states(given.id)).toEqual([`rejected ${reason}`]);
    expect(posted()).toHaveLength(1);
    close(session);
  });

  it("of a leg that says success, has no id and says why", () => {
    posts = [ok({ success: true, errorMsg: "not enough balance / allowance", orderID: "", status: "" })];
    const session = start();
    const given = order();
    submit(session, given);
    venue.run(SECOND);
    expect(states(given.id)).toEqual(["rejected order.funds"]);
    close(session);
  });

  it("of the region end trading, not market data, until the query says otherwise", () => {
    posts = [refuse(403, "Trading restricted in your region, please refer to available regions")];
    const session = start();
    const [first, second] = [order(), order()];
    submit(session, first);
    venue.run(SECOND);
    submit(session, second);
    expect([states(first.id), states(second.id)]).toEqual([["rejected order.geo"], ["rejected order.geo"]]);
    expect(posted()).toHaveLength(1);
    expect(venue.statuses).toEqual(["degraded feed.geo: orders are refused"]);
    venue.run(61 * SECOND);
    const third = order();
    submit(session, third);
    venue.run(SECOND);
    expect(states(third.id)).toEqual(["filled"]);
    expect(venue.statuses.at(-1)).toBe("up market data");
    close(session);
  });

  it("come before the venue's own where a region or an account may only close", () => {
    other = ({ path }) =>
      path === "/api/geoblock"
        ? ok({ blocked: false, country: "PL", region: "", closeOnly: true })
        : undefined;
    const session = start();
    const [buy, sell] = [order("buy_no"), order("sell_yes")];
    submit(session, buy);
    submit(session, sell);
    venue.run(SECOND);
    expect([states(buy.id), states(sell.id)]).toEqual([["rejected order.geo"], ["filled"]]);
    close(session);
    other = ({ path }) => (path.startsWith("/auth/ban") ? ok({ closed_only: true }) : undefined);
    const again = start();
    const third = order();
    submit(again, third);
    expect(states(third.id)).toEqual(["rejected order.auth"]);
    close(again);
  });

  it("of a tick have it read anew", () => {
    posts = [refuse(400, "order 0xabc is invalid. Price (0.5) breaks minimum tick size rule: 0.1")];
    other = ({ path }) => (path.startsWith("/tick-size") ? ok({ minimum_tick_size: 0.1 }) : undefined);
    const session = start();
    submit(session, order());
    venue.run(SECOND);
    expect(instrument(1).tickRanges).toEqual([{ fromTicks: 1_000, toTicks: 9_000, stepTicks: 1_000 }]);
    close(session);
  });
});

describe("order versions", () => {
  it("that changed are read anew and the order is signed again, once", () => {
    const session = start();
    const given = order();
    posts = [refuse(400, "order_version_mismatch")];
    submit(session, given);
    version = 3;
    venue.run(SECOND);
    expect(posted()).toHaveLength(2);
    expect([signedBy(posted()[0]!.order, 2, false), signedBy(posted()[1]!.order, 3, false)]).toEqual([
      true,
      true,
    ]);
    expect(states(given.id)).toEqual(["filled"]);
    close(session);
  });

  it("that mismatch although they are in force end the order", () => {
    const session = start();
    const [same, twice] = [order(), order()];
    posts = [refuse(400, "order_version_mismatch")];
    submit(session, same);
    venue.run(SECOND);
    expect(states(same.id)).toEqual(["rejected order.version"]);
    posts = [refuse(400, "order_version_mismatch"), refuse(400, "order_version_mismatch")];
    submit(session, twice);
    version = 3;
    venue.run(SECOND);
    expect(states(twice.id)).toEqual(["rejected order.version"]);
    expect(posted()).toHaveLength(3);
    close(session);
  });

  it("that nobody here signs end start-up", () => {
    version = 4;
    const session = start();
    expect(venue.failures).toEqual(["auth: the venue's order version is not one that is signed here"]);
    const given = order();
    submit(session, given);
    expect(states(given.id)).toEqual(["rejected order.version"]);
    close(session);
  });
});

describe("orders without an answer", () => {
  it.each([
    ["a time-out", { none: "timeout", sent: true }],
    ["a reset", { none: "reset", sent: true }],
    ["words of doubt", refuse(500, "order timed out")],
    ["a gateway's page", { status: 502, body: "<html>", headers: { "content-type": "text/html" } }],
    ["the venue knowing it already", refuse(400, "order 0xabc is invalid. Duplicated.")],
    ["an answer of another shape", ok([1])],
  ] as [string, Scripted][])("after %s are asked for, never sent again", (_, scripted) => {
    const session = start();
    const given = order();
    posts = [scripted];
    submit(session, given);
    venue.run(30_000);
    const id = idOf(posted()[0]!.order);
    expect(states(given.id)).toEqual(["unknown order.unknown_state"]);
    orders = (asked) => (asked === id ? ok(record(id, "ORDER_STATUS_MATCHED", "100")) : UNKNOWN);
    trades = () => [trade(id, "100", "0.48", { status: "TRADE_STATUS_MATCHED" })];
    venue.run(10 * SECOND);
    expect(states(given.id)).toEqual(["unknown order.unknown_state", "filled"]);
    expect(brief(given.id)).toEqual(["100@4800 1.248"]);
    expect(posted()).toHaveLength(1);
    close(session);
  });

  it("that the venue never knew are given up after a while", () => {
    const session = start();
    const given = order();
    posts = [{ none: "timeout", sent: true }];
    submit(session, given);
    venue.run(10 * SECOND);
    expect(states(given.id)).toEqual(["unknown order.unknown_state"]);
    venue.run(60 * SECOND);
    expect(states(given.id)).toEqual(["unknown order.unknown_state", "rejected order.timeout"]);
    const asked = venue.to("/data").length;
    venue.run(600 * SECOND);
    expect(venue.to("/data")).toHaveLength(asked);
    close(session);
  });

  it("that never left are rejected at once", () => {
    const session = start();
    const [full, network] = [order(), order()];
    posts = [
      { none: "queue_full", sent: false },
      { none: "unreachable", sent: false },
    ];
    submit(session, full);
    submit(session, network);
    venue.run(SECOND);
    expect([states(full.id), states(network.id)]).toEqual([
      ["rejected order.rate_limited"],
      ["rejected feed.unreachable"],
    ]);
    close(session);
  });

  it("whose trades cannot be found are booked at the limit in the end, and it is said", () => {
    const session = start();
    const given = order();
    posts = [{ none: "timeout", sent: true }];
    submit(session, given);
    const id = idOf((venue.sent.at(-1)!.body as Posted).order);
    orders = () => ok(record(id, "MATCHED", "100"));
    venue.run(120 * SECOND);
    expect(brief(given.id)).toEqual(["100@5000 1.25"]);
    expect(states(given.id).at(-1)).toBe("filled");
    expect(venue.reasons()).toContain("order.unknown_state");
    close(session);
  });

  it("are asked for when the user channel comes back, and on demand", () => {
    const session = start();
    const given = order();
    posts = [ok({ success: true, orderID: "0x1", status: "delayed" })];
    submit(session, given);
    venue.run(20_000);
    const before = venue.to("/data/order").length;
    session.gateway.query(given.id);
    session.gateway.query(given.id);
    venue.run(15_000);
    expect(venue.to("/data/order")).toHaveLength(before + 1);
    user().end();
    venue.run(5 * SECOND);
    expect(venue.sockets.filter(({ url }) => url.endsWith("/user"))).toHaveLength(2);
    expect(venue.to("/data/order").length).toBeGreaterThan(before + 1);
    session.gateway.query("nobody");
    session.gateway.cancel("nobody");
    expect(venue.reasons().filter((reason) => reason === "feed.not_found")).toHaveLength(2);
    close(session);
  });
});

describe("cancels", () => {
  it("ask what was matched before the order went", () => {
    const session = start();
    const given = order();
    posts = [ok({ success: true, orderID: "0x1", status: "delayed" })];
    submit(session, given);
    venue.run(20_000);
    const id = idOf(posted()[0]!.order);
    orders = () => ok(record(id, "CANCELED", "25"));
    trades = () => [trade(id, "25", "0.5")];
    let failures = 2;
    other = ({ method }) => (method === "DELETE" && failures-- > 0 ? refuse(503, "cancel") : undefined);
    session.gateway.cancel(given.id);
    venue.run(5 * SECOND);
    expect(states(given.id)).toEqual(["acked", "cancelled order.partial"]);
    expect(brief(given.id)).toEqual(["25@5000 0.3125"]);
    close(session);
  });

  it("of everything are confirmed by the venue, or not", () => {
    const session = start();
    const outcomes: CancelAllOutcome[] = [];
    const all = (): void => {
      session.gateway.cancelAll((outcome) => outcomes.push(outcome));
      venue.run(3 * SECOND);
    };
    all();
    other = ({ path }) =>
      path === "/cancel-all"
        ? ok({ canceled: [], not_canceled: { "0x1": "already canceled or matched" } })
        : undefined;
    all();
    other = ({ path }) =>
      path === "/cancel-all"
        ? ok({ canceled: [], not_canceled: { "0x1": "matching engine is busy" } })
        : undefined;
    all();
    other = ({ path }) => (path === "/cancel-all" ? { none: "timeout", sent: true } : undefined);
    all();
    expect(outcomes).toMatchObject([
      { ok: true, cancelled: 2 },
      { ok: true, cancelled: 0 },
      { ok: false, reason: "order.unknown_state", detail: "1 not cancelled: matching engine is busy" },
      { ok: false, reason: "feed.timeout" },
    ]);
    other = () => undefined;
    session.gateway.cancelAll((outcome) => outcomes.push(outcome));
    close(session);
    expect(outcomes.at(-1)).toMatchObject({ ok: false, reason: "feed.shed" });
    session.gateway.cancelAll((outcome) => outcomes.push(outcome));
    expect(outcomes).toHaveLength(6);
  });

  it("of everything reach every order that is open", () => {
    const session = start();
    const given = order();
    posts = [ok({ success: true, orderID: "0x1", status: "delayed" })];
    submit(session, given);
    venue.run(20_000);
    const id = idOf(posted()[0]!.order);
    orders = () => ok(record(id, "CANCELED", "0"));
    session.gateway.cancelAll(() => {});
    venue.run(3 * SECOND);
    expect(states(given.id)).toEqual(["acked", "cancelled order.killed"]);
    close(session);
  });
});

describe("the user channel", () => {
  it("goes to no feed, and tells of cancellations in the venue's words", () => {
    const session = start();
    const given = order();
    posts = [ok({ success: true, orderID: "0x1", status: "delayed" })];
    submit(session, given);
    venue.run(20_000);
    const why = "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.";
    user().say([{ event_type: "order", type: "CANCELLATION", ...record("0x1", why, "") }]);
    expect(states(given.id)).toEqual(["acked", "cancelled order.no_liquidity"]);
    user().say("PONG");
    user().say({ event_type: "trade", id: 1 });
    user().say({ nothing: "known" });
    expect(venue.reasons()).toEqual(["feed.shape", "feed.shape"]);
    expect(venue.frames).toEqual([]);
    close(session);
  });

  it("says that a trade failed on the chain after it was told", () => {
    const session = start();
    const given = order();
    submit(session, given);
    const id = idOf((venue.sent.at(-1)!.body as Posted).order);
    user().say(trade(id, "40", "0.5", { id: "a" }));
    user().say(trade(id, "9", "0.5", { id: "b", status: "FAILED" }));
    user().say(trade(id, "40", "0.5", { id: "a", status: "RETRYING" }));
    user().say(trade(id, "40", "0.5", { id: "a", status: "FAILED" }));
    user().say(trade(id, "40", "0.5", { id: "a", status: "FAILED" }));
    expect(venue.refusals).toEqual([
      `order.unknown_state trade b of order ${given.id} failed on the chain`,
      `order.unknown_state trade a of order ${given.id} failed on the chain after it was told as filled`,
    ]);
    expect(fills(given.id)).toHaveLength(1);
    close(session);
  });

  it("prices a match against the other token, and our part as maker", () => {
    const session = start({ takerOrders: "gtc" });
    const [taker, maker] = [order(), order()];
    posts = [
      ok({ success: true, orderID: "0xaa", status: "delayed" }),
      ok({ success: true, orderID: "0xbb", status: "delayed" }),
    ];
    submit(session, taker);
    submit(session, maker);
    venue.run(20_000);
    const part = (id: string, asset: string, price: string, size: string) => ({
      order_id: id,
      asset_id: asset,
      price,
      matched_amount: size,
    });
    user().say(
      trade("0xaa", "15", "0.5", {
        maker_orders: [part("0x9", token(1, 1), "0.52", "10"), part("0xBB", token(1), "0.5", "5")],
      }),
    );
    expect(brief(taker.id)).toEqual([
      expect.stringMatching(/^\d+(\.\d+)?@4866 /),
      expect.stringMatching(/@4867 /),
    ]);
    const money = fills(taker.id).reduce((sum, { lots, priceTicks }) => sum + lots * priceTicks, 0);
    expect(money).toBe(4_800 * 10_000_000 + 5_000 * 5_000_000);
    expect(brief(maker.id)[0]).toMatch(/^5@5000 /);
    close(session);
  });

  it("whose key is refused ends trading", () => {
    const session = start();
    user().end({ code: 1008, detail: "invalid auth" });
    venue.run(60 * SECOND);
    expect(venue.sockets.filter(({ url }) => url.endsWith("/user"))).toHaveLength(1);
    expect(venue.failures[0]).toContain("user channel: 1008 invalid auth");
    const given = order();
    submit(session, given);
    expect(states(given.id)).toEqual(["rejected order.auth"]);
    close(session);
  });
});

describe("heartbeats", () => {
  it("name the id that is due, also after a refusal, and end with the session", () => {
    let beats = 0;
    other = ({ path }) => {
      if (path !== "/v1/heartbeats") return undefined;
      beats++;
      if (beats === 3) return { status: 400, body: { error: "Invalid Heartbeat ID", heartbeat_id: "right" } };
      return beats > 4 ? refuse(500, "no") : ok({ heartbeat_id: `b${beats}` });
    };
    const session = start({ heartbeatMs: 5_000 });
    venue.run(40 * SECOND);
    const ids = venue.to("/v1/heartbeats").map(({ body }) => (body as { heartbeat_id: string }).heartbeat_id);
    expect(ids.slice(0, 5)).toEqual(["", "b1", "b2", "right", "b4"]);
    expect(venue.refusals).toEqual(["feed.maintenance heartbeats: HTTP 500: no"]);
    close(session);
    const sent = venue.to("/v1/heartbeats").length;
    venue.run(60 * SECOND);
    expect(venue.to("/v1/heartbeats")).toHaveLength(sent);
  });
});

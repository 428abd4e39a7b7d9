import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { ASK, BID } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { sharedDir } from "../../../tests/shared.ts";
import { list, type Peer, START, VENUE, World } from "./testing/world.ts";

const shared = sharedDir();
const folder = join(shared ?? "", "data", "samples", "polymarket");
const present = shared !== null && existsSync(folder);
const sample = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), "utf8")) as unknown;

type Fields = Record<string, unknown>;
/** The first object of a recording, whatever it is wrapped in. */
function first(path: string): Fields {
  const value = sample(path);
  if (Array.isArray(value)) return value[0] as Fields;
  const { data } = value as { data?: unknown };
  return Array.isArray(data) ? (data[0] as Fields) : (value as Fields);
}

/** Members seen in any of the recordings, with the types they were seen with. */
function seen(...objects: readonly Fields[]): Map<string, Set<string>> {
  const members = new Map<string, Set<string>>();
  for (const object of objects)
    for (const [name, value] of Object.entries(object)) {
      const types = members.get(name) ?? new Set();
      members.set(name, types.add(kindOf(value)));
    }
  return members;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Members of `served` that no recording has, or has with other types; nothing for `later` ones, which are newer. */
function strange(
  served: Fields,
  recorded: Map<string, Set<string>>,
  later: readonly string[] = [],
): string[] {
  return Object.entries(served).flatMap(([name, value]) => {
    const types = recorded.get(name);
    if (types === undefined) return later.includes(name) ? [] : [`${name}: not recorded`];
    const kind = kindOf(value);
    return types.has(kind) || kind === "null" || [...types].every((type) => type === "null")
      ? []
      : [`${name}: ${kind}, recorded as ${[...types].join("/")}`];
  });
}

/** Members of every recording that are not served. */
function missing(served: Fields, recording: Fields, leftOut: readonly string[] = []): string[] {
  return Object.keys(recording).filter((name) => !(name in served) && !leftOut.includes(name));
}

const EVENT = list({ slot: 1, variety: 1 });
const SET = list({ slot: 2, variety: 0, kind: "bucket", outcomes: ["a", "b"] });
const GAME = list({ slot: 3, variety: 4 });
const YES = EVENT.markets[0]!.symbol;

let exchange: MatchingExchange;
let world: World;

beforeEach(() => {
  const clock = new StepClock(START);
  exchange = new MatchingExchange(VENUE, clock);
  for (const event of [EVENT, SET, GAME]) exchange.list(event);
  exchange.deposit("tester", "100");
  world = new World(exchange, clock, new SeededRng("samples"));
});

const DISPLAY = ["image", "icon", "competitive", "commentCount", "series", "tags", "seriesSlug", "sortBy"];

describe.skipIf(!present)("field sets of the recordings (data/samples/polymarket)", () => {
  const recordedMarkets = (): Fields[] => [
    first("nautilus_crates/gamma_market.json"),
    ...(sample("hugompt/gamma_markets.json") as Fields[]),
    first("nautilus_crates/gamma_market_sports_market_money_line.json"),
    first("nautilus_crates/gamma_market_sports_market_map_handicap.json"),
    first("nautilus_crates/gamma_market_closed_binary_accepting_false.json"),
    ...((first("nautilus_crates/gamma_event.json") as { markets: Fields[] }).markets ?? []),
    ...((first("hugompt/gamma_event_crypto_updown.json") as { markets: Fields[] }).markets ?? []),
  ];

  it("markets of the catalogue", () => {
    const recorded = seen(...recordedMarkets());
    exchange.resolve(exchange.book(YES)!, "1");
    const pages = ["/markets/keyset", "/markets/keyset?closed=true"];
    const served = pages.flatMap((path) => (world.gamma(path).json as { markets: Fields[] }).markets);
    expect(served).toHaveLength(4);
    for (const market of served) expect(strange(market, recorded)).toEqual([]);
    const rewards = ["automaticallyResolved", "volume1wkClob", "volume1moClob", "volume1yrClob"];
    const plain = first("nautilus_crates/gamma_market.json");
    const leftOut = [
      ...DISPLAY,
      ...rewards,
      "makerRebatesFeeShareBps",
      "eventStartTime",
      "showGmpSeries",
      "showGmpOutcome",
    ];
    expect(missing({ ...served[0]!, ...served.at(-1)! }, plain, leftOut)).toEqual([]);
  });

  it("events of the catalogue", () => {
    const recorded = seen(
      first("nautilus_crates/gamma_event.json"),
      first("hugompt/gamma_event_crypto_updown.json"),
      first("nautilus_py_http/event.json"),
    );
    for (const { id } of [EVENT, SET])
      expect(strange(world.gamma(`/events/${id}`).json as Fields, recorded, ["negRiskFeeBips"])).toEqual([]);
  });

  it("books", () => {
    exchange.quote(exchange.book(YES)!, BID, 4_000, 7_000_000);
    const recording = first("hugompt/clob_book.json");
    const served = world.clob(`/book?token_id=${YES}`).json as Fields;
    expect(Object.keys(served)).toEqual(Object.keys(recording));
    expect(strange(served, seen(recording))).toEqual([]);
  });

  it("markets of the CLOB", () => {
    const recording = first("old_clob_markets_page_3.json");
    const served = (world.clob("/markets").json as { data: Fields[] }).data[0]!;
    expect(Object.keys(served).sort()).toEqual(Object.keys(recording).sort());
    const newer = first("nautilus_crates/clob_market_closed_binary_accepting_false.json");
    expect(strange(served, seen(recording, newer))).toEqual([]);
  });

  it("events of the market channel", () => {
    exchange.quote(exchange.book(YES)!, BID, 4_000, 7_000_000);
    const peer: Peer = world.connect("/ws/market");
    peer.say({ assets_ids: [YES], type: "market", custom_feature_enabled: true });
    exchange.quote(exchange.book(YES)!, ASK, 4_000, 2_000_000);
    exchange.setStep(exchange.book(YES)!, 100);
    exchange.list(list({ slot: 9, variety: 1 }));
    exchange.resolve(exchange.book(YES)!, "1");
    const files: Readonly<Record<string, readonly string[]>> = {
      book: ["doc_ws/book.json", "nautilus_crates/ws_market_book_msg.json", "hugompt/clob_book.json"],
      price_change: ["doc_ws/price_change.json"],
      last_trade_price: ["doc_ws/last_trade_price.json"],
      tick_size_change: ["doc_ws/tick_size_change.json"],
      best_bid_ask: ["doc_ws/best_bid_ask.json"],
      new_market: ["nautilus_crates/ws_market_new_market_msg.json"],
      market_resolved: ["nautilus_crates/ws_market_resolved_msg.json"],
    };
    const messages = peer.take();
    expect(new Set(messages.map(({ event_type }) => event_type))).toEqual(new Set(Object.keys(files)));
    for (const message of messages) {
      const recordings = files[String(message["event_type"])]!.map(first);
      const later = ["taker_base_fee", "fees_enabled", "fee_schedule"];
      expect(strange(message, seen(...recordings), later)).toEqual([]);
      expect(missing(message, recordings[0]!)).toEqual([]);
    }
  });

  it("orders and trades, asked for and told", async () => {
    const peer = world.connect("/ws/user");
    peer.say({ auth: await world.credentials(), type: "user" });
    exchange.quote(exchange.book(YES)!, ASK, 4_000, 2_000_000);
    await world.signed(
      "POST",
      "/order",
      await world.order({ token: YES, side: "BUY", price: 0.4, size: 10 }),
    );
    const told = peer.take();
    const orders = ["ws_user_order_msg.json", "ws_user_order_update.json", "ws_user_order_venue_cancel.json"];
    const order = told.find(({ event_type }) => event_type === "order")!;
    expect(strange(order, seen(...orders.map((name) => first(`nautilus_crates/${name}`))))).toEqual([]);
    expect(missing(order, first("nautilus_crates/ws_user_order_msg.json"))).toEqual([]);
    const trade = told.find(({ event_type }) => event_type === "trade")!;
    const trades = [
      first("nautilus_crates/ws_user_trade_msg.json"),
      first("nautilus_crates/http_trade_report.json"),
    ];
    expect(strange(trade, seen(...trades))).toEqual([]);
    expect(missing(trade, trades[0]!)).toEqual([]);
    const open = (await world.signed("GET", "/data/orders")).json as { data: Fields[] };
    expect(Object.keys(open.data[0]!).sort()).toEqual(
      Object.keys(first("nautilus_crates/http_open_order.json")).sort(),
    );
    const listed = (await world.signed("GET", "/data/trades")).json as { data: Fields[] };
    const recorded = first("nautilus_crates/http_trade_report.json");
    expect(Object.keys(listed.data[0]!).sort()).toEqual(Object.keys(recorded).sort());
    const maker = (trade["maker_orders"] as Fields[])[0]!;
    expect(Object.keys(maker).sort()).toEqual(Object.keys((recorded["maker_orders"] as Fields[])[0]!).sort());
  });

  it("error bodies", () => {
    const error = (name: string): unknown => (sample(`errors/${name}.json`) as { body: unknown }).body;
    expect(world.clob("/book?token_id=1").json).toEqual(error("404_no_orderbook"));
    const many = Array.from({ length: 501 }, () => ({ token_id: YES }));
    expect(world.post("/books", many).json).toEqual(error("400_payload_limit"));
    expect(world.clob("/data/orders").json).toEqual(error("401_api_key"));
    expect(JSON.parse(world.server.faultAnswer("rate_limited").body)).toEqual(error("429"));
    expect(world.server.faultAnswer("forbidden").body).toContain(
      (error("403_geoblock") as { error: string }).error,
    );
    const geo = first("geoblock_blocked.json");
    expect(Object.keys(world.call("geo", "GET", "/api/geoblock").json as Fields)).toEqual(Object.keys(geo));
  });

  it("a delayed 503 as recorded", async () => {
    world.server.faultAnswer("restarting");
    const order = await world.order({ token: YES, side: "BUY", price: 0.4, size: 10 });
    const answer = await world.signed("POST", "/order", order);
    const recording = sample("errors/503_post_only_mode.json") as { body: Fields };
    expect(answer.json).toEqual({ ...recording.body, retry_after_seconds: 120 });
  });
});

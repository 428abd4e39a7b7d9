import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ASK, BID } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { sharedDir } from "../../../tests/shared.ts";
import { DEGREES, question, Scene, SECOND, START } from "./testing/scene.ts";

const shared = sharedDir();
const load = (path: string): ReturnType<typeof JSON.parse> => {
  const bytes = readFileSync(join(shared!, "data", path));
  return JSON.parse((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
};
const sample = (path: string) => load(join("samples", "kalshi", path));
const capture = (name: string) => load(join("kalshi", "rest_ws_captures_2026-08", `${name}.json.gz`));

/** Kind of a value: what a reader may rely on. */
const kindOf = (value: unknown): string => {
  if (typeof value !== "string") return Array.isArray(value) ? "list" : typeof value;
  if (/^-?\d+\.\d{4}$/.test(value)) return "decimal 4";
  if (/^-?\d+\.\d{6}$/.test(value)) return "decimal 6";
  if (/^-?\d+\.\d\d$/.test(value)) return "decimal 2";
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(value)) return "instant";
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return "uuid";
  return "text";
};
/** What of `recorded` the served object lacks, or says in another form; fields in `open` may differ. */
const differences = (served: object, recorded: object, open: readonly string[] = []): string[] =>
  Object.entries(recorded).flatMap(([key, value]) => {
    if (open.includes(key)) return [];
    const own = (served as Record<string, unknown>)[key];
    if (own === undefined) return [`${key} is missing`];
    const [a, b] = [kindOf(own), kindOf(value)];
    return a === b || value === "" || own === "" || value === null ? [] : [`${key} is ${a}, recorded ${b}`];
  });
/** Fields served that were never recorded. */
const extras = (served: object, recorded: readonly object[]): string[] => {
  const known = new Set(recorded.flatMap((object) => Object.keys(object)));
  return Object.keys(served).filter((key) => !known.has(key));
};

const open = () => {
  const clock = new StepClock(START);
  const exchange = new MatchingExchange("kalshi", clock);
  const specs = [question(1), question(2, { kind: "bucket", outcomes: DEGREES })];
  const scene = new Scene({ clock, exchange, rng: new SeededRng("samples"), specs });
  const client = scene.connect();
  client.subscribe(["orderbook_delta", "trade", "ticker", "fill", "user_orders"], [scene.symbol]);
  client.subscribe(["market_lifecycle_v2"]);
  scene.pass(SECOND);
  scene.rest(ASK, 5_000, 300);
  const ioc = { price: "0.5000", client_order_id: "c", time_in_force: "immediate_or_cancel" };
  return { scene, exchange, client, created: scene.order(ioc).json };
};

describe.skipIf(shared === null)("served objects and recordings (skipped without ../shared)", () => {
  it("events and their markets", () => {
    const { scene } = open();
    const recorded = capture("events_sports_nested");
    const events = scene.get("/events?with_nested_markets=true").json.events;
    for (const event of events) {
      expect(differences(event, recorded[0])).toEqual([]);
      expect(extras(event, recorded)).toEqual([]);
      for (const market of event.markets) {
        expect(differences(market, recorded[0].markets[0], ["custom_strike", "subtitle"])).toEqual([]);
        const markets = [
          ...recorded.flatMap((each: { markets: object[] }) => each.markets),
          sample("rest/market_KXXRPD.json").market,
        ];
        expect(extras(market, [...markets, { cap_strike: 0 }])).toEqual([]);
      }
    }
  });

  it("a settled market", () => {
    const { scene, exchange } = open();
    exchange.resolve(exchange.book(scene.symbol)!, "1");
    scene.pass(100 * SECOND);
    const [recorded] = capture("markets_settled").markets;
    const { market } = scene.get(`/markets/${scene.symbol}`).json;
    expect(differences(market, recorded, ["custom_strike"])).toEqual([]);
    expect([market.status, market.result, market.settlement_value_dollars]).toEqual([
      "finalized",
      "yes",
      "1.0000",
    ]);
  });

  it("series", () => {
    const { scene } = open();
    const recorded = Object.values(capture("series_fee_fields").payloads).map(
      (each) => (each as { series: object }).series,
    );
    const [series] = scene.get("/series").json.series;
    expect(differences(series, recorded[0]!)).toEqual([]);
    expect(extras(series, recorded)).toEqual([]);
  });

  it("combinations", () => {
    const { scene } = open();
    const recorded = capture("combo_priced_markets").combos;
    const combos = scene.get("/markets?mve_filter=only").json.markets;
    expect(differences(combos[0], recorded[0])).toEqual([]);
    expect(extras(combos[0], recorded)).toEqual([]);
  });

  it("books and trades", () => {
    const { scene } = open();
    scene.rest(BID, 4_000, 100);
    const book = scene.get(`/markets/${scene.symbol}/orderbook`).json;
    expect(Object.keys(book.orderbook_fp).sort()).toEqual(
      Object.keys(sample("rest/orderbook_KXFED.json").orderbook_fp).sort(),
    );
    const [trade] = scene.get("/markets/trades").json.trades;
    const [recorded] = sample("rest/trades.json").trades;
    expect([differences(trade, recorded), extras(trade, [recorded])]).toEqual([[], []]);
    const many = scene.get(`/markets/orderbooks?tickers=${scene.symbol}`).json.orderbooks[0];
    expect(Object.keys(many).sort()).toEqual(Object.keys(sample("cockpit_combo_orderbooks.json")[0]).sort());
  });

  it("orders, fills and settlements", () => {
    const { scene, exchange, created } = open();
    const recorded = sample("rest/create_order_response_201.json");
    expect(differences(created, recorded, ["client_order_id", "order_id"])).toEqual([]);
    const { fills } = capture("portfolio_fills_redacted").payload;
    const [fill] = scene.signed("ann", "GET", "/portfolio/fills").json.fills;
    expect(differences(fill, fills[0])).toEqual([]);
    expect(extras(fill, fills)).toEqual(["exchange_index"]);
    exchange.resolve(exchange.book(scene.symbol)!, "1");
    const { settlements } = capture("portfolio_settlements_redacted").payload;
    const [settlement] = scene.signed("ann", "GET", "/portfolio/settlements").json.settlements;
    expect(differences(settlement, settlements[0])).toEqual([]);
    expect(extras(settlement, settlements)).toEqual(["exchange_index"]);
  });

  it("errors", () => {
    const { scene } = open();
    const { server } = scene;
    const limited = sample("rest/error_429.json");
    const answer = server.faultAnswer("rate_limited");
    expect([answer.status, JSON.parse(answer.body)]).toEqual([limited.status, limited.body]);
    const duplicate = sample("rest/error_409_duplicate_client_order_id.json");
    const again = scene.order({ client_order_id: "c" });
    expect([again.status, again.json]).toMatchObject([duplicate.status, duplicate.body]);
  });

  it.each([
    ["orderbook_snapshot", ["no_dollars_fp", "yes_dollars_fp"]],
    ["orderbook_delta", []],
    ["trade", []],
    ["ticker", []],
    ["fill", ["order_id", "client_order_id"]],
    ["user_order", ["order_group_id", "expiration_time", "expiration_ts_ms", "client_order_id"]],
  ])("frames of %s", (type, varying) => {
    const { client } = open();
    const recorded = sample(`ws/${type}.json`);
    const [frame] = client.of(type);
    expect(Object.keys(frame)).toEqual(Object.keys(recorded));
    expect(differences(frame.msg, recorded.msg, varying)).toEqual([]);
    const fresh = type === "user_order" ? ["last_updated_ts_ms", "last_update_reason"] : [];
    expect(extras(frame.msg, [recorded.msg]).filter((key) => !fresh.includes(key))).toEqual([]);
  });

  it("frames of the life cycle and of commands", () => {
    const { scene, exchange, client } = open();
    client.texts.length = 0;
    scene.list(question(9, { kind: "bucket", outcomes: DEGREES, variety: 4 }));
    exchange.setStep(exchange.book(scene.symbol)!, 100);
    const lifecycle = (event: string) =>
      client.of("market_lifecycle_v2").find(({ msg }) => msg.event_type === event);
    const created = sample("ws/market_lifecycle_created.json");
    expect(differences(lifecycle("created").msg, created.msg)).toEqual([]);
    expect(
      differences(lifecycle("created").msg.additional_metadata, created.msg.additional_metadata, [
        "floor_strike",
      ]),
    ).toEqual([]);
    const ticks = sample("ws/market_lifecycle_price_level_updated.json");
    expect(differences(lifecycle("price_level_structure_updated").msg, ticks.msg)).toEqual([]);
    for (const name of ["event_lifecycle", "event_fee_update"]) {
      const recorded = sample(
        name === "event_lifecycle" ? "ws/event_lifecycle.json" : "ws/event_fee_update_set.json",
      );
      const [frame] = client.of(name);
      expect(Object.keys(frame)).toEqual(Object.keys(recorded));
      expect(Object.keys(frame.msg).sort()).toEqual(Object.keys(recorded.msg).sort());
    }
    for (const [command, reply] of [
      ["cmd_subscribe_orderbook", "res_subscribed"],
      ["cmd_update_add_markets", "res_error_unknown_sid"],
      ["cmd_list_subscriptions", "res_list_subscriptions"],
    ]) {
      const fresh = scene.connect();
      fresh.say(JSON.stringify(sample(`ws/${command}.json`)));
      scene.pass(SECOND);
      const [frame] = fresh.frames;
      expect(Object.keys(frame).sort()).toEqual(Object.keys(sample(`ws/${reply}.json`)).sort());
    }
  });
});

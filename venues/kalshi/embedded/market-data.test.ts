import { describe, expect, it } from "vitest";
import { ASK, BID, type EventSpec, type Micros } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { DEGREES, HOUR, question, Scene, SECOND, START } from "./testing/scene.ts";

const open = (specs?: readonly EventSpec[]) => {
  const clock = new StepClock(START);
  const exchange = new MatchingExchange("kalshi", clock);
  const rng = new SeededRng("rest");
  return { scene: new Scene({ clock, exchange, rng, ...(specs === undefined ? {} : { specs }) }), exchange };
};
const many = (count: number) => Array.from({ length: count }, (_, i) => question(i));
const tickers = (rows: readonly { readonly ticker?: string; readonly event_ticker: string }[]) =>
  rows.map((row) => row.ticker ?? row.event_ticker);
/** Walks all pages of a listing. */
const walk = (scene: Scene, path: string, key: string): unknown[] => {
  const rows: unknown[] = [];
  let cursor = "";
  do {
    const { json } = scene.get(`${path}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    rows.push(...json[key]);
    cursor = json.cursor;
  } while (cursor !== "");
  return rows;
};

describe("events", () => {
  it("come in pages, each once, in order of listing", () => {
    const { scene } = open(many(25));
    const rows = walk(scene, "/events?limit=10", "events") as never[];
    expect(tickers(rows)).toEqual(scene.events.map(({ id }) => id));
    expect(rows.some((row) => "markets" in row)).toBe(false);
  });

  it("keep their pages while events come and go", () => {
    const { scene, exchange } = open(many(6));
    const first = scene.get("/events?limit=3").json;
    for (const { symbol } of scene.events.slice(0, 2).flatMap(({ markets }) => markets))
      exchange.resolve(exchange.book(symbol)!, "1");
    for (const { id } of scene.events.slice(0, 2)) exchange.forget(id);
    scene.list(question(99));
    const second = scene.get(`/events?limit=10&cursor=${first.cursor}`).json;
    expect(second.events.map((row: { title: string }) => row.title)).toEqual([
      ...[3, 4, 5, 99].map((slot) => `Question ${slot}?`),
    ]);
  });

  it("a cursor of garbage begins anew, without complaint", () => {
    const { scene } = open(many(3));
    expect(scene.get("/events?cursor=%20garbage").json.events).toHaveLength(3);
  });

  it("carry their markets inside, beside or not at all", () => {
    const { scene } = open([question(1, { kind: "bucket", outcomes: DEGREES })]);
    const { id } = scene.events[0]!;
    expect(scene.get("/events?with_nested_markets=true").json.events[0].markets).toHaveLength(4);
    expect(scene.get(`/events/${id}?with_nested_markets=true`).json.event.markets).toHaveLength(4);
    const beside = scene.get(`/events/${id}`).json;
    expect([beside.markets.length, "markets" in beside.event]).toEqual([4, false]);
  });

  it("match a status if any of their markets does", () => {
    const { scene, exchange } = open([question(1, { kind: "bucket", outcomes: DEGREES }), question(2)]);
    const [first] = scene.events[0]!.markets;
    exchange.resolve(exchange.book(first!.symbol)!, "0");
    scene.pass(60 * SECOND);
    const matching = (status: string) => tickers(scene.get(`/events?status=${status}`).json.events);
    expect(matching("settled")).toEqual([scene.events[0]!.id]);
    expect(matching("open")).toEqual(scene.events.map(({ id }) => id));
    expect(matching("unopened")).toEqual([]);
    expect(scene.get("/events?status=sleeping").status).toBe(400);
  });

  it("are narrowed by series, tickers, closes and updates", () => {
    const { scene, exchange } = open([question(1), question(2, { closesAt: (START + 9 * HOUR) as Micros })]);
    const [a, b] = scene.events.map(({ id }) => id) as [string, string];
    const matching = (query: string) => tickers(scene.get(`/events?${query}`).json.events);
    expect(matching(`series_ticker=${a.split("-")[0]}`)).toEqual([a]);
    expect(matching(`tickers=${b},KXNONE`)).toEqual([b]);
    expect(matching(`min_close_ts=${(START + 5 * HOUR) / SECOND}`)).toEqual([b]);
    scene.pass(10 * SECOND);
    exchange.setStep(exchange.book(scene.events[1]!.markets[0]!.symbol)!, 100);
    expect(matching(`min_updated_ts=${START / SECOND + 5}`)).toEqual([b]);
  });

  it.each(["0", "201", "ten"])("limit=%s is refused, not cut", (limit) => {
    const { status, json } = open().scene.get(`/events?limit=${limit}`);
    expect([status, json.msg]).toEqual([400, expect.stringContaining("GetEventsParams.Limit")]);
  });
});

describe("markets", () => {
  it("stand among generated combinations unless those are excluded", () => {
    const { scene } = open(many(7));
    const real = scene.events.flatMap(({ markets }) => markets.map(({ id }) => id));
    const all = tickers(walk(scene, "/markets?limit=5", "markets") as never[]);
    expect(all.filter((ticker) => !ticker.startsWith("KXMVE"))).toEqual(real);
    expect(all).toHaveLength(28);
    expect(new Set(all).size).toBe(28);
    expect(tickers(walk(scene, "/markets?limit=5&mve_filter=exclude", "markets") as never[])).toEqual(real);
    expect(tickers(walk(scene, "/markets?limit=5&mve_filter=only", "markets") as never[])).toHaveLength(21);
  });

  it("are narrowed by event, series, tickers, status and close", () => {
    const { scene } = open([question(1, { kind: "bucket", outcomes: DEGREES }), question(2)]);
    const { id, markets } = scene.events[0]!;
    const count = (query: string) => scene.get(`/markets?${query}`).json.markets.length;
    expect(count(`event_ticker=${id}`)).toBe(4);
    expect(count(`tickers=${markets[0]!.id},${markets[2]!.id}`)).toBe(2);
    expect(count(`series_ticker=${id.split("-")[0]}`)).toBe(4);
    expect(count("status=closed")).toBe(0);
    expect(count(`max_close_ts=${(START - HOUR) / SECOND}&mve_filter=exclude`)).toBe(0);
    expect(scene.get("/markets?limit=1001").json.msg).toContain("'lte'");
  });

  it("show top of book, and an empty side by its size", () => {
    const { scene } = open();
    const shown = () => scene.signed("ann", "GET", `/markets/${scene.symbol}`).json.market;
    expect(shown()).toMatchObject({
      yes_bid_dollars: "0.0000",
      yes_bid_size_fp: "0.00",
      yes_ask_dollars: "1.0000",
      yes_ask_size_fp: "0.00",
      no_bid_dollars: "0.0000",
      no_ask_dollars: "1.0000",
    });
    scene.rest(BID, 4_000, 1_250);
    scene.rest(ASK, 4_450, 75);
    expect(shown()).toMatchObject({
      yes_bid_dollars: "0.4000",
      yes_bid_size_fp: "12.50",
      yes_ask_dollars: "0.4450",
      yes_ask_size_fp: "0.75",
      no_bid_dollars: "0.5550",
      no_ask_dollars: "0.6000",
      status: "active",
    });
  });

  it("cannot be queried by themselves right after they were created", () => {
    const { scene } = open();
    const [market] = scene.list(question(9)).markets;
    const status = () => scene.signed("ann", "GET", `/markets/${market!.id}`).status;
    expect(status()).toBe(404);
    scene.pass(SECOND);
    expect(status()).toBe(200);
  });

  it("pass through the statuses of their life", () => {
    const { scene, exchange } = open();
    const book = exchange.book(scene.symbol)!;
    const shown = () => scene.signed("ann", "GET", `/markets/${scene.symbol}`).json.market;
    exchange.setStatus(book, "paused");
    expect(shown().status).toBe("inactive");
    exchange.setStatus(book, "open");
    exchange.setStatus(book, "closed");
    expect([shown().status, shown().close_time]).toEqual(["closed", "2027-01-15T08:00:00Z"]);
    exchange.resolve(book, "0.5");
    expect(shown()).toMatchObject({
      status: "determined",
      result: "scalar",
      settlement_value_dollars: "0.5000",
    });
    scene.pass(60 * SECOND);
    expect(shown()).toMatchObject({ status: "finalized", settlement_ts: "2027-01-15T08:00:05Z" });
  });

  it("state a changed tick", () => {
    const { scene, exchange } = open();
    exchange.setStep(exchange.book(scene.symbol)!, 100);
    expect(scene.signed("ann", "GET", `/markets/${scene.symbol}`).json.market).toMatchObject({
      price_level_structure: "linear_cent",
      price_ranges: [{ start: "0.0000", end: "1.0000", step: "0.0100" }],
    });
  });
});

describe("books", () => {
  const quoted = () => {
    const { scene } = open(many(3));
    for (const [ticks, lots] of [
      [3_900, 100],
      [4_000, 5],
      [3_800, 31_54],
    ] as const)
      scene.rest(BID, ticks, lots);
    for (const [ticks, lots] of [
      [4_200, 7],
      [4_500, 100],
    ] as const)
      scene.rest(ASK, ticks, lots);
    return scene;
  };

  it("are bids of both legs in ascending price", () => {
    const scene = quoted();
    expect(scene.get(`/markets/${scene.symbol}/orderbook`).json).toEqual({
      orderbook_fp: {
        yes_dollars: [
          ["0.3800", "31.54"],
          ["0.3900", "1.00"],
          ["0.4000", "0.05"],
        ],
        no_dollars: [
          ["0.5500", "1.00"],
          ["0.5800", "0.07"],
        ],
      },
    });
  });

  it("are cut to the best levels", () => {
    const scene = quoted();
    expect(scene.get(`/markets/${scene.symbol}/orderbook?depth=1`).json.orderbook_fp).toEqual({
      yes_dollars: [["0.4000", "0.05"]],
      no_dollars: [["0.5800", "0.07"]],
    });
    expect(scene.get(`/markets/${scene.symbol}/orderbook?depth=101`).status).toBe(400);
    expect(scene.get("/markets/KXNONE/orderbook").status).toBe(404);
  });

  it("come up to a hundred at once, unknown ones left out", () => {
    const scene = quoted();
    const symbols = scene.events.flatMap(({ markets }) => markets.map(({ symbol }) => symbol));
    for (const query of [symbols.join(","), `${symbols.join("&tickers=")}&tickers=KXNONE`]) {
      const { orderbooks } = scene.get(`/markets/orderbooks?tickers=${query}`).json;
      expect(tickers(orderbooks)).toEqual(symbols);
      expect(orderbooks[2].orderbook_fp).toEqual({ yes_dollars: [], no_dollars: [] });
    }
    const tooMany = Array.from({ length: 101 }, (_, i) => `KX${i}`).join(",");
    expect(scene.get(`/markets/orderbooks?tickers=${tooMany}`).status).toBe(400);
    expect(scene.get("/markets/orderbooks").status).toBe(400);
  });
});

describe("trades", () => {
  it("are newest first, by market, instant and page", () => {
    const { scene } = open(many(2));
    const [a, b] = scene.events.map(({ markets }) => markets[0]!.symbol) as [string, string];
    for (let i = 0; i < 6; i++) {
      const symbol = i % 3 === 0 ? b : a;
      scene.rest(ASK, 5_000, 100, { symbol });
      scene.rest(BID, 5_000, 10 * (i + 1), { symbol, account: "ann" });
      scene.pass(SECOND);
    }
    const counts = (rows: { count_fp: string }[]) => rows.map(({ count_fp }) => count_fp);
    const all = walk(scene, "/markets/trades?limit=4", "trades") as { count_fp: string }[];
    expect(counts(all)).toEqual(["0.60", "0.50", "0.40", "0.30", "0.20", "0.10"]);
    expect(counts(scene.get(`/markets/trades?ticker=${b}`).json.trades)).toEqual(["0.40", "0.10"]);
    const late = scene.get(`/markets/trades?min_ts=${START / SECOND + 4}`).json.trades;
    expect(counts(late)).toEqual(["0.60", "0.50"]);
    expect(late[0]).toMatchObject({ taker_side: "yes", taker_book_side: "bid", is_block_trade: false });
  });
});

describe("the rest", () => {
  it("series, status, schedule, fee changes and costs", () => {
    const { scene } = open(many(3));
    const [event] = scene.events;
    const series = event!.id.split("-")[0]!;
    expect(scene.get("/series").json.series).toHaveLength(3);
    expect(scene.get(`/series/${series}`).json.series.ticker).toBe(series);
    expect(scene.get("/series/KXNONE").status).toBe(404);
    expect(scene.get("/series?category=Nothing").json.series).toEqual([]);
    expect(scene.get("/exchange/status").json).toEqual({ exchange_active: true, trading_active: true });
    expect(scene.get("/exchange/schedule").json.schedule.standard_hours).toHaveLength(1);
    expect(scene.get("/series/fee_changes").json).toEqual({ series_fee_change_arr: [] });
    expect(scene.get("/events/fee_changes").json).toEqual({ cursor: "", event_fee_changes: [] });
    expect(scene.get("/account/endpoint_costs").json.default_cost).toBe(10);
  });

  it.each(["/nothing", "/markets/A/B/C", "/markets/A/nothing", "/exchange/holidays"])(
    "%s is unknown",
    (path) => {
      expect(open().scene.get(path).status).toBe(404);
    },
  );

  it("ten thousand markets are listed page by page", () => {
    const { scene } = open(
      Array.from({ length: 2_500 }, (_, i) => question(i, { kind: "bucket", outcomes: DEGREES })),
    );
    const rows = walk(scene, "/events?with_nested_markets=true&status=open", "events") as {
      markets: unknown[];
    }[];
    expect(rows.flatMap(({ markets }) => markets)).toHaveLength(10_000);
  });
});

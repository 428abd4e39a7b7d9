import { describe, expect, it } from "vitest";
import { ASK, BID, type EventSpec, type Micros } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { DEGREES, HOUR, question, Scene, SECOND, START } from "./testing/scene.ts";

const open = (specs: readonly EventSpec[] = [question(1), question(2), question(3)], seed = "socket") => {
  const clock = new StepClock(START);
  const exchange = new MatchingExchange("kalshi", clock);
  const scene = new Scene({ clock, exchange, rng: new SeededRng(seed), specs });
  const symbols = scene.events.flatMap(({ markets }) => markets.map(({ symbol }) => symbol));
  return { scene, exchange, symbols, client: scene.connect(), book: exchange.book(symbols[0]!)! };
};
/** Long enough for commands to be worked on, too short for anything else. */
const MOMENT = 1_000;
const seqs = (frames: { seq: number }[]) => frames.map(({ seq }) => seq);

describe("subscribing", () => {
  it("is confirmed without a number and begins with a snapshot", () => {
    const { scene, client, symbols } = open();
    scene.rest(BID, 4_000, 100);
    const id = client.subscribe(["orderbook_delta"], [symbols[0]!]);
    scene.pass(MOMENT);
    expect(client.frames).toEqual([
      { type: "subscribed", id, msg: { channel: "orderbook_delta", sid: 1 } },
      {
        type: "orderbook_snapshot",
        sid: 1,
        seq: 1,
        msg: {
          market_ticker: symbols[0],
          market_id: expect.any(String),
          yes_dollars_fp: [["0.4000", "1.00"]],
        },
      },
    ]);
  });

  it("again to the same channel joins the first, by an `ok` that takes a number, in any order", () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const { scene, client, symbols } = open(undefined, `mix ${seed}`);
      for (const symbol of symbols) client.subscribe(["orderbook_delta"], [symbol]);
      scene.pass(MOMENT);
      const [first, ...rest] = client.frames;
      expect([first.type, client.of("subscribed").length]).toEqual(["subscribed", 1]);
      expect(rest.map(({ type }) => type).join(" ")).toBe(
        "orderbook_snapshot ok orderbook_snapshot ok orderbook_snapshot",
      );
      expect(seqs(rest)).toEqual([1, 2, 3, 4, 5]);
      expect(rest.at(-2).msg.market_tickers).toEqual([...symbols].sort());
      orders.add(client.frames.flatMap((frame) => frame.id ?? []).join());
    }
    expect(orders.size).toBeGreaterThan(1);
  });

  it("to several channels gives each its own sid and its own numbers", () => {
    const { scene, client, symbols } = open();
    client.subscribe(["orderbook_delta", "trade", "ticker"], symbols);
    scene.pass(MOMENT);
    scene.rest(ASK, 5_000, 100);
    scene.rest(BID, 5_000, 40, { account: "ann" });
    expect(client.of("subscribed").map(({ msg }) => [msg.channel, msg.sid])).toEqual([
      ["orderbook_delta", 1],
      ["trade", 2],
      ["ticker", 3],
    ]);
    expect(
      client.of("orderbook_delta").map(({ sid, seq, msg }) => [sid, seq, msg.delta_fp, msg.side]),
    ).toEqual([
      [1, 4, "1.00", "no"],
      [1, 5, "-0.40", "no"],
    ]);
    expect(client.of("trade")).toMatchObject([
      { sid: 2, seq: 1, msg: { count_fp: "0.40", taker_side: "yes" } },
    ]);
    const ticker = client.of("ticker").at(-1);
    expect([ticker.sid, ticker.seq, ticker.msg.yes_ask_size_fp]).toEqual([3, undefined, "0.60"]);
  });

  it("passes over markets the venue does not have", () => {
    const { scene, client, symbols } = open();
    client.subscribe(["orderbook_delta"], ["KXNONE", symbols[1]!]);
    scene.pass(MOMENT);
    expect(client.of("orderbook_snapshot").map(({ msg }) => msg.market_ticker)).toEqual([symbols[1]]);
  });

  it("states NO prices on the scale that was asked for", () => {
    const { scene, client, symbols } = open();
    scene.rest(ASK, 4_200, 100);
    client.subscribe(["orderbook_delta"], [symbols[0]!], { use_yes_price: true });
    const other = scene.connect("bob");
    other.subscribe(["orderbook_delta"], [symbols[0]!]);
    scene.pass(MOMENT);
    scene.rest(ASK, 4_300, 100);
    const prices = (frames: ReturnType<typeof client.of>) => frames.at(-1).msg;
    expect(prices(client.of("orderbook_snapshot")).no_dollars_fp).toEqual([["0.4200", "1.00"]]);
    expect(prices(other.of("orderbook_snapshot")).no_dollars_fp).toEqual([["0.5800", "1.00"]]);
    expect(prices(client.of("orderbook_delta")).price_dollars).toBe("0.4300");
    expect(prices(other.of("orderbook_delta")).price_dollars).toBe("0.5700");
  });

  it("to a ticker may begin with its state", () => {
    const { scene, client, symbols } = open();
    client.subscribe(["ticker"], symbols, { send_initial_snapshot: true });
    scene.pass(MOMENT);
    expect(client.of("ticker")).toHaveLength(3);
  });
});

describe("changing a subscription", () => {
  const subscribed = () => {
    const parts = open();
    parts.client.subscribe(["orderbook_delta"], [parts.symbols[0]!]);
    parts.scene.pass(MOMENT);
    const update = (action: string, tickers: readonly string[], rest: object = { sids: [1] }) => {
      parts.client.texts.length = 0;
      const id = parts.client.command("update_subscription", { action, market_tickers: tickers, ...rest });
      parts.scene.pass(MOMENT);
      return id;
    };
    return { ...parts, update };
  };

  it("adds markets: `ok` with the full list, then a snapshot of each new one", () => {
    const { client, symbols, update } = subscribed();
    const id = update("add_markets", symbols, { sid: 1 });
    const [ok, ...snapshots] = client.frames;
    expect(ok).toEqual({ id, sid: 1, seq: 2, type: "ok", msg: { market_tickers: [...symbols].sort() } });
    expect(snapshots.map(({ seq, msg }) => [seq, msg.market_ticker])).toEqual([
      [3, symbols[1]],
      [4, symbols[2]],
    ]);
  });

  it("removes markets: nothing more of them is sent", () => {
    const { scene, client, symbols, update } = subscribed();
    const id = update("delete_markets", [symbols[0]!]);
    expect(client.frames).toEqual([{ id, sid: 1, seq: 2, type: "ok", msg: { market_tickers: [] } }]);
    scene.rest(BID, 4_000, 100);
    expect(client.of("orderbook_delta")).toEqual([]);
  });

  it("gets a snapshot without an `ok`, naming the command", () => {
    const { client, symbols, update } = subscribed();
    const id = update("get_snapshot", [symbols[0]!]);
    expect(client.frames).toMatchObject([{ type: "orderbook_snapshot", id, sid: 1, seq: 2 }]);
  });

  it("ends with a number", () => {
    const { scene, client } = subscribed();
    client.texts.length = 0;
    const id = client.command("unsubscribe", { sids: [1, 7] });
    expect(client.frames).toEqual([
      { id, sid: 1, seq: 2, type: "unsubscribed" },
      { id, type: "error", msg: { code: 7, msg: "Unknown subscription ID" } },
    ]);
    scene.rest(BID, 4_000, 100);
    expect(client.of("orderbook_delta")).toEqual([]);
  });

  it("is listed", () => {
    const { client } = subscribed();
    client.subscribe(["market_lifecycle_v2", "fill"]);
    client.texts.length = 0;
    const id = client.command("list_subscriptions");
    expect(client.frames.at(-1)).toEqual({
      id,
      type: "ok",
      msg: [
        { channel: "orderbook_delta", sid: 1 },
        { channel: "market_lifecycle_v2", sid: 2 },
        { channel: "fill", sid: 3 },
      ],
    });
  });
});

describe("errors", () => {
  it.each([
    ["not json", 1],
    ["[]", 1],
    ['{"id":5,"cmd":"praise"}', 5],
    ['{"id":5,"cmd":"subscribe"}', 2],
    ['{"id":5,"cmd":"subscribe","params":{}}', 3],
    ['{"id":5,"cmd":"subscribe","params":{"channels":["nothing"]}}', 8],
    ['{"id":5,"cmd":"subscribe","params":{"channels":["orderbook_delta"]}}', 14],
    ['{"id":5,"cmd":"subscribe","params":{"channels":["trade"],"market_tickers":"A"}}', 11],
    [
      '{"id":5,"cmd":"subscribe","params":{"channels":["trade"],"market_ticker":"A","market_tickers":["A"]}}',
      11,
    ],
    ['{"id":5,"cmd":"unsubscribe","params":{}}', 4],
    ['{"id":5,"cmd":"unsubscribe","params":{"sids":[3]}}', 7],
    ['{"id":5,"cmd":"update_subscription","params":{"market_tickers":["A"],"action":"add_markets"}}', 12],
    [
      '{"id":5,"cmd":"update_subscription","params":{"sids":[1,2],"market_tickers":["A"],"action":"add_markets"}}',
      12,
    ],
    ['{"id":5,"cmd":"update_subscription","params":{"sid":1,"market_tickers":["A"]}}', 15],
    ['{"id":5,"cmd":"update_subscription","params":{"sid":1,"market_tickers":["A"],"action":"praise"}}', 13],
    ['{"id":5,"cmd":"update_subscription","params":{"sid":1,"action":"add_markets"}}', 14],
    [
      '{"id":5,"cmd":"update_subscription","params":{"sid":9,"market_tickers":["A"],"action":"get_snapshot"}}',
      7,
    ],
  ])("%s is %i", (text, code) => {
    const { scene, client } = open();
    client.say(text);
    scene.pass(MOMENT);
    const [error] = client.frames;
    expect([error.type, error.msg.code, error.id]).toEqual(["error", code, code === 1 ? undefined : 5]);
  });

  it("ten thousand commands a second are taken", () => {
    const { scene, client } = open();
    for (let i = 0; i < 10_001; i++) client.command("list_subscriptions");
    expect(client.of("ok")).toHaveLength(10_000);
    expect(client.of("error")).toMatchObject([{ msg: { code: 27 } }]);
    scene.pass(SECOND);
    client.command("list_subscriptions");
    expect(client.of("error")).toHaveLength(1);
  });
});

describe("a connection", () => {
  it("is pinged every ten seconds, until it is gone", () => {
    const { scene, client } = open();
    scene.pass(35 * SECOND);
    expect(client.pings).toEqual(["heartbeat", "heartbeat", "heartbeat"]);
    client.leave();
    client.subscribe(["trade"]);
    scene.pass(35 * SECOND);
    expect([client.pings.length, client.texts.length]).toEqual([3, 0]);
  });

  it("numbers its subscriptions apart from other connections", () => {
    const { scene, client, symbols } = open();
    const other = scene.connect("bob");
    client.subscribe(["orderbook_delta"], symbols);
    other.subscribe(["orderbook_delta"], [symbols[0]!]);
    scene.pass(MOMENT);
    scene.rest(BID, 4_000, 100);
    expect([client.of("orderbook_delta")[0].seq, other.of("orderbook_delta")[0].seq]).toEqual([4, 2]);
  });
});

describe("one's own channels", () => {
  const IOC = { time_in_force: "immediate_or_cancel" };

  it("tell fills and orders, to their owner only", () => {
    const { scene, client } = open();
    const bob = scene.connect("bob");
    for (const each of [client, bob]) each.subscribe(["fill", "user_orders"]);
    scene.pass(MOMENT);
    scene.rest(ASK, 5_000, 300);
    const { order_id } = scene.order({ price: "0.5000", client_order_id: "mine", ...IOC }).json;
    expect(client.of("fill")).toMatchObject([
      {
        sid: 1,
        msg: {
          order_id,
          client_order_id: "mine",
          market_ticker: scene.symbol,
          is_taker: true,
          count_fp: "3.00",
          yes_price_dollars: "0.5000",
          fee_cost: "0.060000",
          post_position_fp: "3.00",
          book_side: "bid",
        },
      },
    ]);
    expect(client.of("user_order").map(({ sid, msg }) => [sid, msg.status, msg.fill_count_fp])).toEqual([
      [2, "canceled", "3.00"],
    ]);
    expect(client.of("user_order")[0].msg).toMatchObject({
      taker_fees_dollars: "0.060000",
      client_order_id: "mine",
    });
    expect(bob.of("fill")[0].msg).toMatchObject({ is_taker: false, post_position_fp: "-3.00", side: "no" });
    expect(bob.of("user_order").map(({ msg }) => [msg.status, msg.last_update_reason])).toEqual([
      ["resting", undefined],
      ["executed", "Trade"],
    ]);
  });

  it("an order's own deltas name it", () => {
    const { scene, client, symbols } = open();
    const bob = scene.connect("bob");
    for (const each of [client, bob]) each.subscribe(["orderbook_delta"], symbols);
    scene.pass(MOMENT);
    scene.order({ client_order_id: "mine" });
    expect(client.of("orderbook_delta")[0].msg.client_order_id).toBe("mine");
    expect("client_order_id" in bob.of("orderbook_delta")[0].msg).toBe(false);
  });

  it("say why orders end that nobody cancelled", () => {
    const { scene, exchange, client, book } = open();
    client.subscribe(["user_orders"]);
    scene.pass(MOMENT);
    scene.order({ expiration_time: START / SECOND + 5 });
    scene.pass(6 * SECOND);
    scene.order();
    exchange.setStatus(book, "paused");
    exchange.setStatus(book, "open");
    scene.order();
    exchange.setStatus(book, "closed");
    const ends = client.of("user_order").filter(({ msg }) => msg.status === "canceled");
    expect(ends.map(({ msg }) => msg.last_update_reason)).toEqual([
      "ExpiryCancel",
      "HaltCancel",
      "CloseCancel",
    ]);
  });
});

describe("the life of markets", () => {
  const watching = (specs?: readonly EventSpec[]) => {
    const parts = open(specs);
    parts.client.subscribe(["market_lifecycle_v2"]);
    parts.scene.pass(MOMENT);
    parts.client.subscribe(["orderbook_delta"], parts.symbols);
    parts.scene.pass(MOMENT);
    parts.client.texts.length = 0;
    const events = () => parts.client.of("market_lifecycle_v2").map(({ msg }) => msg.event_type);
    return { ...parts, events };
  };

  it("opening and closing by the clock are silent; the book is emptied and later shown empty", () => {
    const { scene, exchange, client, book, events } = watching();
    scene.rest(BID, 4_000, 100);
    scene.pass(HOUR - SECOND);
    scene.clock.advanceTo((START + HOUR) as Micros);
    client.texts.length = 0;
    exchange.setStatus(book, "closed");
    expect(client.of("orderbook_delta").map(({ msg }) => msg.delta_fp)).toEqual(["-1.00"]);
    expect(client.of("orderbook_snapshot")).toEqual([]);
    scene.pass(2 * SECOND);
    const [snapshot] = client.of("orderbook_snapshot");
    expect(Object.keys(snapshot.msg)).toEqual(["market_ticker", "market_id"]);
    expect(events()).toEqual([]);
  });

  it("a pause and its end are told; an early close moves the date; a reopening too", () => {
    const { scene, exchange, client, book, events } = watching();
    exchange.setStatus(book, "paused");
    exchange.setStatus(book, "open");
    exchange.setStatus(book, "closed");
    scene.pass(SECOND);
    exchange.setStatus(book, "open");
    expect(events()).toEqual([
      "deactivated",
      "activated",
      "close_date_updated",
      "close_date_updated",
      "activated",
    ]);
    const dates = client.of("market_lifecycle_v2").flatMap(({ msg }) => msg.close_ts ?? []);
    expect(dates).toEqual([START / SECOND, (START + HOUR) / SECOND]);
    expect(seqs(client.of("market_lifecycle_v2"))).toEqual([1, 2, 3, 4, 5]);
  });

  it("a new event is told with its markets and its fees", () => {
    const { scene, client } = watching();
    scene.list(question(8, { kind: "bucket", outcomes: DEGREES, variety: 4 }));
    expect(client.frames.map(({ type, seq }) => [type, seq])).toEqual([
      ["event_lifecycle", 1],
      ["market_lifecycle_v2", 2],
      ["market_lifecycle_v2", 3],
      ["market_lifecycle_v2", 4],
      ["market_lifecycle_v2", 5],
      ["event_fee_update", 6],
    ]);
    expect(client.of("market_lifecycle_v2")[1].msg).toMatchObject({
      event_type: "created",
      price_level_structure: "deci_cent",
      additional_metadata: {
        yes_sub_title: "42 to 43",
        strike_type: "between",
        floor_strike: 42,
        cap_strike: 43,
      },
    });
    expect(client.of("event_fee_update")[0].msg).toMatchObject({ fee_multiplier_override: 0.5 });
  });

  it("a tick change is told with its grid", () => {
    const { exchange, client, book } = watching();
    exchange.setStep(book, 100);
    expect(client.of("market_lifecycle_v2")[0].msg).toMatchObject({
      event_type: "price_level_structure_updated",
      price_level_structure: "linear_cent",
      price_ranges: [{ start: "0.0000", end: "1.0000", step: "0.0100" }],
    });
  });

  it("a result is determined, then settled; now and then it is disputed and amended first", () => {
    const ways = new Set<string>();
    const specs = Array.from({ length: 40 }, (_, i) => question(i));
    const { scene, exchange, client, symbols } = watching(specs);
    for (const symbol of symbols) exchange.resolve(exchange.book(symbol)!, "1");
    scene.pass(200 * SECOND);
    for (const symbol of symbols) {
      const told = client.of("market_lifecycle_v2").filter(({ msg }) => msg.market_ticker === symbol);
      const results = told.filter(({ msg }) => msg.event_type === "determined").map(({ msg }) => msg.result);
      expect([results.at(-1), told.at(-1).msg.event_type]).toEqual(["yes", "settled"]);
      ways.add(results.join(" "));
      const { market } = scene.get(`/markets/${symbol}`).json;
      expect([market.status, market.result]).toEqual(["finalized", "yes"]);
    }
    expect([...ways].sort()).toEqual(["no yes", "yes"]);
  });

  it("one half is a scalar result", () => {
    const { scene, exchange, client, book } = watching();
    exchange.resolve(book, "0.5");
    scene.pass(60 * SECOND);
    expect(client.of("market_lifecycle_v2").map(({ msg }) => [msg.event_type, msg.settlement_value])).toEqual(
      [
        ["close_date_updated", undefined],
        ["determined", "0.5000"],
        ["settled", undefined],
      ],
    );
  });

  it("what is over leaves the subscriptions", () => {
    const { scene, exchange, client, symbols, book } = watching();
    exchange.resolve(book, "1");
    scene.pass(60 * SECOND);
    client.texts.length = 0;
    client.command("update_subscription", {
      sids: [2],
      action: "add_markets",
      market_tickers: [symbols[1]!],
    });
    scene.pass(MOMENT);
    expect(client.of("ok")[0].msg.market_tickers).toEqual(symbols.slice(1).sort());
  });
});

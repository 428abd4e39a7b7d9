import { describe, expect, it } from "vitest";
import type { LegAction, Order, OrderUpdate } from "../../contracts/index.ts";
import { at, INSTRUMENT, order, setup, trade } from "./fixture.ts";

const levels = (update: OrderUpdate) => update.fills.map(({ priceTicks, lots }) => [priceTicks, lots]);

describe("paper exchange", () => {
  it("walks the book level by level to the limit, one fill per level, with the fee of each", () => {
    const update = trade(setup(), order("a", "buy_yes", 700, 41));
    expect(update.state).toBe("filled");
    expect(update.reason).toBeNull();
    expect(levels(update)).toEqual([
      [40, 500],
      [41, 200],
    ]);
    expect(update.fills.map(({ fee, execId }) => [fee, execId])).toEqual([
      ["500", "a#0"],
      ["200", "a#1"],
    ]);
    expect(update.fills[0]?.at).toBe(at(100));
    expect(update.at).toBe(at(150));
  });

  it.each<[LegAction, number, number[][]]>([
    ["buy_no", 62, [[62, 400]]],
    [
      "buy_no",
      64,
      [
        [62, 400],
        [64, 600],
      ],
    ],
    ["sell_yes", 37, [[38, 400]]],
    [
      "sell_no",
      59,
      [
        [60, 500],
        [59, 300],
      ],
    ],
  ])("takes the right side for %s at %i, priced on the claim's scale", (action, limit, expected) => {
    expect(levels(trade(setup(), order("a", action, 1000, limit)))).toEqual(expected);
  });

  it("fills against the book as it is when the order arrives, not when it was sent", () => {
    const { exchange, view } = setup();
    exchange.submit(order("a", "buy_yes", 500, 40), at(0), "v");
    expect(exchange.nextAt()).toBe(at(100));
    expect(exchange.advance(at(99), view)).toEqual([]);
    view.asks = [[40, 200]];
    expect(exchange.advance(at(149), view)).toEqual([]);
    view.asks = [];
    const [update] = exchange.advance(at(150), view);
    expect(levels(update!)).toEqual([[40, 200]]);
    expect([update?.state, update?.reason]).toEqual(["cancelled", "order.partial"]);
    expect(exchange.nextAt()).toBeNull();
  });

  it("keeps a level depleted until the tape changes its size", () => {
    const world = setup();
    expect(levels(trade(world, order("a", "buy_yes", 300, 40)))).toEqual([[40, 300]]);
    expect(levels(trade(world, order("b", "buy_yes", 500, 40), 2_000))).toEqual([[40, 200]]);
    expect(trade(world, order("c", "buy_yes", 500, 40), 4_000).reason).toBe("order.no_liquidity");
    world.view.asks = [[40, 600]];
    expect(levels(trade(world, order("d", "buy_yes", 500, 40), 6_000))).toEqual([[40, 500]]);
  });

  it("restores a level that the tape changed and changed back, when told of it", () => {
    const world = setup();
    trade(world, order("a", "buy_yes", 500, 40));
    world.exchange.tapeChanged(0, 1, 40);
    expect(levels(trade(world, order("b", "buy_yes", 500, 40), 2_000))).toEqual([[40, 500]]);
  });

  it("refuses when too many levels are depleted, until a book of them is over", () => {
    const world = setup({ maxDepleted: 1 });
    trade(world, order("a", "buy_yes", 500, 40));
    expect(trade(world, order("b", "sell_yes", 100, 38), 2_000).reason).toBe("order.venue_reject");
    world.exchange.bookClosed(0);
    expect(trade(world, order("c", "sell_yes", 100, 38), 4_000).state).toBe("filled");
  });

  it("draws latency between the quantiles it was given", () => {
    const world = setup({ defaultLatency: { orderMicros: [100, 200, 900], answerMicros: [] } });
    const arrivals = Array.from({ length: 300 }, (_, n) => {
      const sentAt = n * 10_000;
      return trade(world, order(`l${n}`, "buy_yes", 100, 1), sentAt).at - at(sentAt);
    });
    expect(Math.min(...arrivals)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...arrivals)).toBeLessThan(900);
    const below = arrivals.filter((delay) => delay < 200).length;
    expect(Math.abs(below - 150)).toBeLessThan(45);
  });

  it("shares one depletion between a YES buyer and a NO seller of a unified book", () => {
    const world = setup();
    trade(world, order("a", "buy_yes", 500, 40));
    expect(trade(world, order("b", "sell_no", 500, 60), 2_000).reason).toBe("order.no_liquidity");
  });

  it("takes whole lot steps only", () => {
    const world = setup();
    world.view.asks = [[40, 250]];
    expect(levels(trade(world, order("a", "buy_yes", 500, 40)))).toEqual([[40, 200]]);
  });

  it.each<[string, string, string, (world: ReturnType<typeof setup>) => Order]>([
    ["nothing at the limit", "cancelled", "order.no_liquidity", () => order("a", "buy_yes", 100, 39)],
    [
      "a barred quote",
      "rejected",
      "order.quote_barred",
      ({ view }) => {
        view.reason = 153;
        return order("a", "buy_yes", 100, 40);
      },
    ],
    [
      "a closed market",
      "rejected",
      "order.market_closed",
      ({ view }) => {
        view.terms = { ...INSTRUMENT, status: "closed" };
        return order("a", "buy_yes", 100, 40);
      },
    ],
    [
      "a market that closes while the order travels",
      "rejected",
      "order.market_closed",
      ({ view }) => {
        view.terms = { ...INSTRUMENT, closesAt: at(100) };
        return order("a", "buy_yes", 100, 40);
      },
    ],
    [
      "a paused market",
      "rejected",
      "order.venue_reject",
      ({ view }) => {
        view.terms = { ...INSTRUMENT, status: "paused" };
        return order("a", "buy_yes", 100, 40);
      },
    ],
    [
      "an unknown book",
      "rejected",
      "order.venue_reject",
      ({ view }) => {
        view.terms = undefined;
        return order("a", "buy_yes", 100, 40);
      },
    ],
    ["too few lots", "rejected", "order.venue_reject", () => order("a", "buy_yes", 50, 40)],
    ["lots off the step", "rejected", "order.venue_reject", () => order("a", "buy_yes", 150, 40)],
    ["a price off the grid", "rejected", "order.venue_reject", () => order("a", "buy_yes", 100, 100)],
  ])("refuses %s", (_name, state, reason, prepare) => {
    const world = setup();
    const update = trade(world, prepare(world));
    expect([update.state, update.reason, update.fills]).toEqual([state, reason, []]);
  });

  it("refuses when the fee is unknown, and then takes nothing from the book", () => {
    const world = setup({}, () => null);
    expect(trade(world, order("a", "buy_yes", 500, 40)).reason).toBe("risk.unknown_fee");
    const short = setup({}, () => []);
    expect(trade(short, order("a", "buy_yes", 500, 40)).reason).toBe("risk.unknown_fee");
  });

  it("refuses by chance at the stated rate", () => {
    const world = setup({ rejectPpm: 250_000 });
    world.view.asks = [[40, 1_000_000]];
    let refused = 0;
    for (let n = 0; n < 2_000; n++) {
      if (trade(world, order(`o${n}`, "buy_yes", 100, 40), n * 2_000).state === "rejected") refused++;
    }
    expect(refused).toBeGreaterThan(400);
    expect(refused).toBeLessThan(600);
  });

  it("ignores an order id that it has seen", () => {
    const { exchange, view } = setup();
    expect(exchange.submit(order("a", "buy_yes", 100, 40), at(0), "v")).toBe(true);
    expect(exchange.submit(order("a", "buy_yes", 100, 40), at(0), "v")).toBe(false);
    expect(exchange.advance(at(1_000), view)).toHaveLength(1);
    expect(exchange.submit(order("a", "buy_yes", 100, 40), at(2_000), "v")).toBe(false);
  });

  it("cancels an order that is still on its way, and nothing else", () => {
    const late = setup({ latency: { slow: { orderMicros: [1_000], answerMicros: [0] } } });
    late.exchange.submit(order("a", "buy_yes", 100, 40), at(0), "slow");
    late.exchange.cancel("a", at(10), "v");
    late.exchange.cancel("unknown", at(10), "v");
    const [update] = late.exchange.advance(at(5_000), late.view);
    expect([update?.state, update?.fills]).toEqual(["cancelled", []]);
    const early = setup();
    early.exchange.submit(order("b", "buy_yes", 100, 40), at(0), "v");
    early.exchange.cancel("b", at(10), "v");
    expect(early.exchange.advance(at(5_000), early.view)[0]?.state).toBe("filled");
  });

  it("refuses beyond its bound of orders in flight", () => {
    const { exchange, view } = setup({ maxPending: 1 });
    exchange.submit(order("a", "buy_yes", 100, 40), at(0), "v");
    exchange.submit(order("b", "buy_yes", 100, 40), at(0), "v");
    const states = exchange.advance(at(1_000), view).map(({ orderId, state }) => [orderId, state]);
    expect(states).toEqual([
      ["a", "filled"],
      ["b", "rejected"],
    ]);
  });
});

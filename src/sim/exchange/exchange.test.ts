import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BID,
  type BookId,
  type Instrument,
  type LegAction,
  type Level,
  type Lots,
  type Micros,
  type Order,
  type OrderUpdate,
  type Pico,
  type Rng,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";
import { PaperExchange } from "./exchange.ts";
import type { ExchangeView, OrderFees } from "./match.ts";
import { DEFAULT_PAPER_OPTIONS, type PaperOptions } from "./options.ts";

const T0 = 1_700_000_000_000_000;
const at = (offset: number) => (T0 + offset) as Micros;

const INSTRUMENT: Instrument = {
  book: 0 as BookId,
  key: "v:b",
  venue: "v",
  symbol: "b",
  market: "v:m",
  side: "unified",
  title: "t",
  priceScale: 100,
  sizeScale: 100,
  tickRanges: [{ fromTicks: 1 as Ticks, toTicks: 99 as Ticks, stepTicks: 1 as Ticks }],
  minLots: 100 as Lots,
  lotStep: 100 as Lots,
  fees: [],
  currency: "USD",
  status: "open",
  opensAt: null,
  closesAt: null,
};

type Row = readonly [ticks: number, lots: number];

class View implements ExchangeView {
  bids: readonly Row[] = [];
  asks: readonly Row[] = [];
  reason = 0;
  terms: Instrument | undefined = INSTRUMENT;

  instrument(): Instrument | undefined {
    return this.terms;
  }

  barred(): number {
    return this.reason;
  }

  ladder(_book: BookId, side: Side, maxLevels: number): readonly Level[] {
    const rows = side === BID ? this.bids : this.asks;
    return rows.slice(0, maxLevels).map(([ticks, lots]) => ({ ticks: ticks as Ticks, lots: lots as Lots }));
  }
}

/** A seeded generator good enough for tests: equal seeds, equal numbers; forks depend on the label only. */
function testRng(seed: number): Rng {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    next,
    int: (bound) => Math.floor(next() * bound),
    fork: (label) => {
      let hash = seed >>> 0;
      for (const letter of label) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
      return testRng(hash);
    },
  };
}

const cent: OrderFees = (_instrument, _action, fills) => fills.map(({ lots }) => BigInt(lots) as Pico);
const EXACT: PaperOptions = {
  ...DEFAULT_PAPER_OPTIONS,
  defaultLatency: { orderMicros: [100], answerMicros: [50] },
  rejectPpm: 0,
};

function order(id: string, action: LegAction, lots: number, limitTicks: number): Order {
  return {
    id,
    opportunity: "o",
    leg: 0,
    attempt: 0,
    book: 0 as BookId,
    action,
    lots: lots as Lots,
    limitTicks: limitTicks as Ticks,
    role: "taker",
    purpose: "entry",
  };
}

function setup(options: Partial<PaperOptions> = {}, fees: OrderFees = cent) {
  const view = new View();
  view.asks = [
    [40, 500],
    [41, 300],
    [43, 1000],
  ];
  view.bids = [
    [38, 400],
    [36, 600],
  ];
  return { view, exchange: new PaperExchange({ ...EXACT, ...options }, testRng(7), fees) };
}

/** Sends one order and waits for its answer. */
function trade(world: ReturnType<typeof setup>, sent: Order, from = 0): OrderUpdate {
  world.exchange.submit(sent, at(from), "v");
  const [update] = world.exchange.advance(at(from + 1_000), world.view);
  if (update === undefined) throw new RangeError("no answer");
  return update;
}

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

interface Sent {
  readonly action: LegAction;
  readonly lots: number;
  readonly limit: number;
  readonly wait: number;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  action: fc.constantFrom<LegAction>("buy_yes", "buy_no", "sell_yes", "sell_no"),
  lots: fc.integer({ min: 1, max: 20 }).map((n) => n * 100),
  limit: fc.integer({ min: 1, max: 99 }),
  wait: fc.integer({ min: 0, max: 300_000 }),
});

function play(orders: readonly Sent[], seed: number): OrderUpdate[] {
  const world = setup();
  const exchange = new PaperExchange(DEFAULT_PAPER_OPTIONS, testRng(seed), cent);
  const updates: OrderUpdate[] = [];
  let now = 0;
  orders.forEach(({ action, lots, limit, wait }, index) => {
    now += wait;
    updates.push(...exchange.advance(at(now), world.view));
    exchange.submit(order(`o${index}`, action, lots, limit), at(now), "v");
  });
  updates.push(...exchange.advance(at(now + 10_000_000), world.view));
  return updates;
}

describe("paper exchange laws", () => {
  it("never fills more than the tape shows, never past a limit, in order of time, the same twice", () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 25 }), fc.integer({ min: 0, max: 1000 }), (orders, seed) => {
        const updates = play(orders, seed);
        expect(play(orders, seed)).toEqual(updates);
        expect(updates).toHaveLength(orders.length);
        const taken = new Map<string, number>();
        for (const { orderId, fills } of updates) {
          const { action, lots, limit } = orders[Number(orderId.slice(1))]!;
          let sum = 0;
          for (const fill of fills) {
            const buy = action.startsWith("buy");
            expect(buy ? fill.priceTicks <= limit : fill.priceTicks >= limit).toBe(true);
            const yes = action.endsWith("yes");
            const key = `${buy === yes ? "ask" : "bid"} ${yes ? fill.priceTicks : 100 - fill.priceTicks}`;
            taken.set(key, (taken.get(key) ?? 0) + fill.lots);
            sum += fill.lots;
          }
          expect(sum).toBeLessThanOrEqual(lots);
        }
        const { view } = setup();
        for (const [ticks, lots] of view.asks)
          expect(taken.get(`ask ${ticks}`) ?? 0).toBeLessThanOrEqual(lots);
        for (const [ticks, lots] of view.bids)
          expect(taken.get(`bid ${ticks}`) ?? 0).toBeLessThanOrEqual(lots);
        expect(taken.size).toBeLessThanOrEqual(5);
        const instants = updates.map((update) => update.at);
        expect(instants).toEqual([...instants].sort((a, b) => a - b));
      }),
      { numRuns: 150 },
    );
  });

  it("draws each order's luck from its own fork: one more order shifts no other's latency", () => {
    const alone = play([{ action: "buy_yes", lots: 100, limit: 1, wait: 0 }], 3)[0]!;
    const more = play(
      [
        { action: "buy_yes", lots: 100, limit: 1, wait: 0 },
        { action: "buy_no", lots: 100, limit: 1, wait: 0 },
      ],
      3,
    ).find(({ orderId }) => orderId === "o0");
    expect(more).toEqual(alone);
  });
});

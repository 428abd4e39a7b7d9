import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LegAction, OrderUpdate } from "../../contracts/index.ts";
import { PaperExchange } from "./exchange.ts";
import { at, cent, order, setup, testRng } from "./fixture.ts";
import { DEFAULT_PAPER_OPTIONS } from "./options.ts";

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

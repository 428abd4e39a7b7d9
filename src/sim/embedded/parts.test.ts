import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASK, BID, type Micros, type TickRange } from "../../contracts/index.ts";
import { StepClock } from "../net/step-clock.ts";
import { SeededRng } from "../rng.ts";
import { BookSide } from "./book-side.ts";
import { createEmbeddedMarket } from "./market.ts";
import { Pulse } from "./pulse.ts";
import { Schedule } from "./schedule.ts";
import { CENT_RANGES, fakeModule, KALSHI_LIKE, TAPERED_RANGES } from "./testing/fake-module.ts";
import { SECOND, START, sha256 } from "./testing/scene.ts";
import { TickGrid } from "./tick-grid.ts";
import { drawTruth, PARTS } from "./topic.ts";
import { slotsOf, specOf } from "./universe.ts";

const grids = [
  new TickGrid(CENT_RANGES, 10_000),
  new TickGrid(TAPERED_RANGES, 10_000),
  TickGrid.uniform(10, 10_000),
  new TickGrid([{ fromTicks: 2_000, toTicks: 3_000, stepTicks: 500 } as TickRange], 10_000),
];

describe("TickGrid", () => {
  it("finds the nearest allowed price outward, and steps away, as counting does", () => {
    void fc.assert(
      fc.property(
        fc.constantFrom(...grids),
        fc.integer({ min: -50, max: 10_050 }),
        fc.nat(4),
        (grid, ticks, steps) => {
          const allowed = Array.from({ length: 10_001 }, (_, i) => i).filter((i) => grid.allows(i));
          const below = allowed.filter((each) => each <= ticks).reverse();
          const above = allowed.filter((each) => each >= ticks);
          expect(grid.outward(BID, ticks)).toBe(below[0] ?? -1);
          expect(grid.outward(ASK, ticks)).toBe(above[0] ?? -1);
          if (below.length > 0) expect(grid.away(BID, below[0]!, steps)).toBe(below[steps] ?? -1);
          if (above.length > 0) expect(grid.away(ASK, above[0]!, steps)).toBe(above[steps] ?? -1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("refuses ranges without a price", () => {
    const bad = (fromTicks: number, toTicks: number, stepTicks: number) => () =>
      new TickGrid([{ fromTicks, toTicks, stepTicks } as TickRange], 10_000);
    expect(() => new TickGrid([], 10_000)).toThrow(RangeError);
    expect(bad(0, 100, 0)).toThrow(RangeError);
    expect(bad(100, 0, 10)).toThrow(RangeError);
    expect(bad(0, 105, 10)).toThrow(RangeError);
  });
});

describe("BookSide", () => {
  it("withdraws the latest anonymous lots first, and keeps orders where they are", () => {
    const side = new BookSide(BID);
    const order = { ticks: 5 } as never;
    side.join(5, 10, null);
    side.join(5, 20, order);
    side.join(5, 30, null);
    side.withdraw(5, 35);
    expect(side.at(5)?.queue).toEqual([
      { lots: 5, order: null },
      { lots: 20, order },
    ]);
    side.withdraw(5, 99);
    expect([side.lots(5), side.anonymousLots(5)]).toEqual([20, 0]);
    expect(side.remove(order)).toBe(true);
    expect([side.best(), side.depth, side.remove(order)]).toEqual([-1, 0, false]);
  });
});

describe("Schedule", () => {
  it("runs tasks in order of their instants on one alarm, and none after the stop", () => {
    const clock = new StepClock(START);
    const schedule = new Schedule(clock);
    const ran: string[] = [];
    const add = (name: string, delay: number) =>
      schedule.after(delay, () => ran.push(`${name} ${clock.now() - START}`));
    add("late", 300);
    add("early", 100);
    clock.advanceTo((START + 500) as Micros);
    expect(ran).toEqual([]);
    schedule.start();
    expect(clock.pending).toBe(1);
    schedule.after(50, () => add("nested", 10));
    clock.advanceTo((START + 1_000) as Micros);
    expect(ran).toEqual(["early 500", "late 500", "nested 560"]);
    add("never", 100);
    schedule.stop();
    expect(clock.pending).toBe(0);
    clock.advanceTo((START + 5_000) as Micros);
    expect(ran).toHaveLength(3);
  });
});

describe("Pulse", () => {
  const count = (perSecond: number, seconds: number, during: (pulse: Pulse) => void = () => {}) => {
    const clock = new StepClock(START);
    const schedule = new Schedule(clock);
    const pulse = new Pulse(new SeededRng("pulse"), schedule, perSecond);
    let turns = 0;
    pulse.begin(() => turns++);
    during(pulse);
    schedule.start();
    clock.advanceTo((START + seconds * SECOND) as Micros);
    return turns;
  };

  it.each([0.5, 7, 300, 20_000])("keeps a rate of %d a second", (rate) => {
    const seconds = Math.max(20, 200 / rate);
    expect(count(rate, seconds) / (rate * seconds)).toBeGreaterThan(0.9);
    expect(count(rate, seconds) / (rate * seconds)).toBeLessThan(1.1);
  });

  it("does nothing at a rate of nothing, and more in a burst", () => {
    expect(count(0, 10)).toBe(0);
    const burst = count(100, 10, (pulse) => pulse.burst(50, (START + SECOND) as Micros));
    expect(burst).toBeGreaterThan(5_000);
    expect(burst).toBeLessThan(6_500);
  });

  it("makes up little after a stall of the clock", () => {
    let now = START;
    let alarm: () => void = () => {};
    const after = (_: number, run: () => void) => {
      alarm = run;
      return () => {};
    };
    const stalled = { now: () => now, after };
    const schedule = new Schedule(stalled);
    let turns = 0;
    new Pulse(new SeededRng("stall"), schedule, 1_000).begin(() => turns++);
    schedule.start();
    now = (START + 3_600 * SECOND) as Micros;
    alarm();
    expect(turns).toBe(250);
  });
});

describe("the universe", () => {
  it("gives every venue its markets, alone with others or by itself", () => {
    for (const venues of [1, 2, 3]) {
      const slots = slotsOf(venues, 200, 250);
      expect(slots.map(({ slot }) => slot)).toEqual(slots.map((_, i) => i));
      for (let venue = 0; venue < venues; venue++) {
        const own = slots.filter((slot) => slot.venues.includes(venue));
        const markets = own.reduce((sum, { outcomes }) => sum + outcomes, 0);
        expect(markets).toBeGreaterThanOrEqual(200);
        expect(markets).toBeLessThan(212);
        expect(new Set(own.map(({ kind }) => kind)).size).toBe(3);
        expect(own.some((slot) => slot.venues.length === 2)).toBe(venues > 1);
        expect(own.some(({ longshot }) => longshot)).toBe(true);
      }
    }
  });

  it("asks each question once: no two slots or generations share their words", () => {
    const slots = slotsOf(2, 500, 250);
    const titles = slots.flatMap((slot) =>
      [0, 1, 2].map((generation) => specOf(slot, generation, START, START).title),
    );
    expect(new Set(titles).size).toBe(titles.length);
    for (const slot of slots) expect(specOf(slot, 0, START, START).outcomes).toHaveLength(slot.outcomes);
  });

  it("words a bucket as whole numbers without a gap", () => {
    const bucket = slotsOf(1, 100, 0).find(({ kind }) => kind === "bucket")!;
    const { outcomes } = specOf(bucket, 3, START, START);
    const ends = outcomes.map((title) => title.match(/\d+/g)!.map(Number));
    expect(outcomes[0]).toMatch(/^\d+ or below$/);
    expect(outcomes.at(-1)).toMatch(/^\d+ or above$/);
    for (let i = 1; i < ends.length; i++) expect(ends[i]![0]).toBe(ends[i - 1]!.at(-1)! + 1);
  });

  it("draws probabilities that add up to one", () => {
    for (const slot of slotsOf(2, 500, 250)) {
      const { parts, hidden } = drawTruth(slot, new SeededRng(`truth ${slot.slot}`));
      expect(parts).toHaveLength(slot.outcomes);
      expect(parts.reduce((sum, each) => sum + each, hidden)).toBe(PARTS);
      expect(Math.min(...parts)).toBeGreaterThan(0);
      expect(hidden > 0).toBe(slot.kind !== "bucket");
    }
  });

  it("runs with a single venue too, without coherent topics", () => {
    const clock = new StepClock(START);
    const venues = [{ id: "only", module: fakeModule(KALSHI_LIKE) }];
    const market = createEmbeddedMarket({
      venues,
      clock,
      rng: new SeededRng("one"),
      sha256,
      options: { marketsPerVenue: 30 },
    });
    market.start();
    clock.advanceTo((START + 120 * SECOND) as Micros);
    const styles = new Set(market.labels().map(({ style }) => style));
    expect([...styles].sort()).toEqual(["no_basket", "yes_basket"]);
  });

  it("refuses a module that lists too few markets", () => {
    const { list } = fakeModule(KALSHI_LIKE);
    const module = { list: (...spec: Parameters<typeof list>) => ({ ...list(...spec), markets: [] }) };
    const make = () =>
      createEmbeddedMarket({
        venues: [{ id: "v", module }],
        clock: new StepClock(START),
        rng: new SeededRng(1),
        sha256,
      });
    expect(make).toThrow(RangeError);
  });
});

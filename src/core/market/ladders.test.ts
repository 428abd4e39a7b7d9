import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASK, BID } from "../../contracts/index.ts";
import { B_BEST, B_SCALE, BookTable, D_BEST_LOTS, DOUBLES_SHIFT, LINE_SHIFT } from "./book-table.ts";
import { Ladders, PUT_CLAMPED } from "./ladders.ts";
import { Placement } from "./placement.ts";

const SCALE = 10_000;
const BOOKS = 6;

/** The plainest possible book: a Map a side, best found by looking at every price. */
class NaiveBook {
  readonly sides = [new Map<number, number>(), new Map<number, number>()] as const;

  put(side: number, ticks: number, lots: number, relative: boolean): boolean {
    const wanted = relative ? (this.sides[side]!.get(ticks) ?? 0) + lots : lots;
    if (wanted > 0) this.sides[side]!.set(ticks, wanted);
    else this.sides[side]!.delete(ticks);
    return wanted < 0;
  }

  levels(side: number): { ticks: number; lots: number }[] {
    const levels = [...this.sides[side]!].map(([ticks, lots]) => ({ ticks, lots }));
    return levels.sort((a, b) => (side === BID ? b.ticks - a.ticks : a.ticks - b.ticks));
  }

  cumulative(side: number, limit: number): number {
    return this.levels(side)
      .filter(({ ticks }) => (side === BID ? ticks >= limit : ticks <= limit))
      .reduce((total, { lots }) => total + lots, 0);
  }
}

function store(budgetBytes: number) {
  const table = new BookTable(BOOKS);
  const ladders = new Ladders(table);
  const placement = new Placement(table, ladders, budgetBytes);
  for (let book = 0; book < BOOKS; book++) {
    table.list(book);
    table.words[(book << LINE_SHIFT) + B_SCALE] = SCALE;
  }
  ladders.grow();
  placement.grow();
  return { table, ladders, placement };
}

/** Prices mostly on the cent, sometimes on finer grids, so that windows are rebuilt. */
const ticks = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: 1, max: 99 }).map((cents) => cents * 100) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 999 }).map((tenths) => tenths * 10) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: SCALE - 1 }) },
);
const step = fc.record({
  book: fc.integer({ min: 0, max: BOOKS - 1 }),
  side: fc.constantFrom(BID, ASK),
  ticks,
  lots: fc.integer({ min: -50, max: 60 }),
  relative: fc.boolean(),
  clear: fc.integer({ min: 0, max: 199 }).map((n) => n === 0),
});

describe("ladders equal a naive Map fold", () => {
  it.each([
    ["with no dense window at all", 0],
    ["with room for one window on the cent grid", 2_100],
    ["with room for a few windows", 20_000],
    ["with room for everything", 10_000_000],
  ])("%s", (_, budget) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600, size: "max" }), (steps) => {
        const { table, ladders, placement } = store(budget);
        const naive = Array.from({ length: BOOKS }, () => new NaiveBook());
        for (const { book, side, ticks, lots, relative, clear } of steps) {
          if (clear) {
            ladders.clear(book);
            naive[book] = new NaiveBook();
          }
          const value = relative ? lots : Math.max(0, lots);
          const code = placement.put(book, side, ticks, value, relative);
          expect(code === PUT_CLAMPED).toBe(naive[book]!.put(side, ticks, value, relative));
          expect(placement.denseBytes).toBeLessThanOrEqual(budget);
          const best = naive[book]!.levels(side)[0];
          expect(table.words[(book << LINE_SHIFT) + B_BEST + side]).toBe(best?.ticks ?? -1);
          expect(table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + side]).toBe(best?.lots ?? 0);
        }
        for (let book = 0; book < BOOKS; book++) {
          for (const side of [BID, ASK]) {
            expect(ladders.levels(book, side, 1e9)).toEqual(naive[book]!.levels(side));
            expect(ladders.cumulative(book, side, 5_000)).toBe(naive[book]!.cumulative(side, 5_000));
          }
        }
      }),
      { numRuns: Number(process.env["EMP_FUZZ"] ?? 25) },
    );
  });
});

it("promotes a hot book, refines its grid for an odd price, and demotes what is no longer used", () => {
  const { ladders, placement } = store(20_000);
  for (let i = 0; i < 40; i++) placement.put(0, BID, 100 * (1 + (i % 50)), 5, false);
  expect(placement.promotions).toBe(1);
  placement.put(0, BID, 4_130, 7, false);
  expect(placement.regrids).toBe(1);
  expect(ladders.get(0, BID, 4_130)).toBe(7);
  for (let i = 0; i < 400; i++) placement.put(1 + (i % 5), ASK, 100 * (1 + (i % 90)), 5, false);
  expect(placement.demotions).toBeGreaterThan(0);
  expect(ladders.levels(0, BID, 1)[0]).toEqual({ ticks: 4_130, lots: 7 });
});

it("keeps every level when a full fine-grained window is demoted", () => {
  const { ladders, placement } = store(10_000_000);
  for (let ticks = 1; ticks < SCALE; ticks++) placement.put(0, ASK, ticks, ticks, false);
  placement.reset(1);
  expect(placement.denseBooks).toBe(1);
  const before = ladders.levels(0, ASK, 1e9);
  expect(before.length).toBe(SCALE - 1);
  const mark = ladders.lift(0);
  ladders.leaveDense(0);
  ladders.lower(0, mark);
  expect(ladders.levels(0, ASK, 1e9)).toEqual(before);
});

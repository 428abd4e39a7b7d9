import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import {
  type CapacityChange,
  CapacityController,
  type CapacityReading,
  DEFAULT_CAPACITY,
} from "./capacity.ts";
import { Universe } from "./universe.ts";

const SECOND = 1_000_000;
const CALM: CapacityReading = { cpuShare: 0.2, memoryBytes: 2 ** 28, apiShare: 0.3, loopLagMicros: 1_000 };

function play(readings: readonly CapacityReading[]): {
  changes: CapacityChange[];
  controller: CapacityController;
} {
  const controller = new CapacityController(DEFAULT_CAPACITY);
  const changes = readings.flatMap((reading, i) => controller.observe(reading, (i * 5 * SECOND) as Micros));
  return { changes, controller };
}

function times(count: number, reading: Partial<CapacityReading>): CapacityReading[] {
  return new Array(count).fill({ ...CALM, ...reading });
}

describe("capacity", () => {
  it("is full while all is calm", () => {
    expect(play(times(50, {}))).toMatchObject({ changes: [], controller: { plan: DEFAULT_CAPACITY.full } });
  });

  it.each([
    ["cpu", { cpuShare: 0.9 }, "depth"],
    ["memory", { memoryBytes: 2 ** 31 * 1.1 }, "books"],
    ["api", { apiShare: 1.2 }, "pollShare"],
    ["latency", { loopLagMicros: 22_000 }, "pollShare"],
  ] as const)(
    "overload of %s takes from the right place, says why, and is given back",
    (cause, reading, knob) => {
      const { changes, controller } = play([...times(2, reading), ...times(100, {})]);
      expect(changes).toHaveLength(2);
      expect(changes[0]).toMatchObject({ kind: "shed", cause, knob, reason: "feed.shed" });
      expect(changes[0]!.pressure).toBeGreaterThan(1);
      expect(changes[0]!.to).toBeLessThan(changes[0]!.from);
      expect(changes[1]).toMatchObject({ kind: "restored", cause, knob, to: changes[0]!.from, reason: null });
      expect(controller.plan).toEqual(DEFAULT_CAPACITY.full);
    },
  );

  it("one window of overload does nothing", () => {
    expect(
      play([...times(1, { cpuShare: 2 }), ...times(5, {}), ...times(1, { cpuShare: 2 })]).changes,
    ).toEqual([]);
  });

  it("takes more at once the worse it is, and books last", () => {
    const { changes } = play(times(40, { cpuShare: 1.5 }));
    expect(changes.slice(0, 3).map(({ at }) => at)).toEqual([changes[0]!.at, changes[0]!.at, changes[0]!.at]);
    const knobs = changes.map(({ knob }) => knob);
    expect(knobs.indexOf("depth")).toBeLessThan(knobs.indexOf("pollShare"));
    expect(knobs.indexOf("pollShare")).toBeLessThan(knobs.indexOf("books"));
  });

  it("ends at the least there is, and says that it does not suffice", () => {
    const { changes, controller } = play(times(200, { cpuShare: 5 }));
    expect(controller.plan).toEqual(DEFAULT_CAPACITY.least);
    expect(changes.every(({ from, to }) => to < from)).toBe(true);
    expect(controller.observe({ ...CALM, cpuShare: 5 }, (2_000 * SECOND) as Micros)).toEqual([]);
    expect(controller.observe({ ...CALM, cpuShare: 5 }, (2_005 * SECOND) as Micros)).toEqual([]);
    expect(controller.isExhausted).toBe(true);
  });

  it("waits longer after each restore that brings the overload back", () => {
    const controller = new CapacityController(DEFAULT_CAPACITY);
    const restores: number[] = [];
    for (let i = 0; i < 400; i++) {
      const busy = controller.plan.depth === DEFAULT_CAPACITY.full.depth;
      const reading = { ...CALM, cpuShare: busy ? 0.9 : 0.4 };
      for (const change of controller.observe(reading, (i * 5 * SECOND) as Micros)) {
        if (change.kind === "restored") restores.push(i * 5);
      }
    }
    const waits = restores.slice(1).map((second, i) => second - restores[i]!);
    expect(waits.length).toBeGreaterThanOrEqual(3);
    expect(waits[2]!).toBeGreaterThan(waits[0]!);
  });

  it("never turns round within the dwell, and always leads back to the full plan", () => {
    const loads = fc.array(
      fc.record({
        cpuShare: fc.double({ min: 0, max: 2, noNaN: true }),
        memoryBytes: fc.integer({ min: 0, max: 2 ** 32 }),
        apiShare: fc.double({ min: 0, max: 2, noNaN: true }),
        loopLagMicros: fc.integer({ min: 0, max: 60_000 }),
      }),
      { maxLength: 150 },
    );
    fc.assert(
      fc.property(loads, (readings) => {
        const { changes, controller } = play([...readings, ...times(4_000, {})]);
        for (let i = 1; i < changes.length; i++) {
          if (changes[i]!.kind === changes[i - 1]!.kind) continue;
          expect(changes[i]!.at - changes[i - 1]!.at).toBeGreaterThanOrEqual(DEFAULT_CAPACITY.dwellMicros);
        }
        expect(controller.plan).toEqual(DEFAULT_CAPACITY.full);
      }),
      { numRuns: 40 },
    );
  });

  it("a load that cannot be measured is neither overload nor calm", () => {
    const unknown = times(50, { cpuShare: Number.NaN });
    expect(play(unknown).changes).toEqual([]);
    expect(play([...times(2, { apiShare: 1.2 }), ...unknown]).changes.map(({ kind }) => kind)).toEqual([
      "shed",
    ]);
  });
});

describe("the universe", () => {
  const candidates = (worths: readonly number[], pinned: readonly number[] = []) =>
    worths.map((worth, book) => ({ book, worth, pinned: pinned.includes(book) }));

  it("keeps the worthiest and sheds the lowest first", () => {
    const universe = new Universe(0.25);
    expect(universe.choose(candidates([5, 1, 3, 2, 4]), 5)).toEqual({ added: [0, 4, 2, 3, 1], shed: [] });
    expect(universe.choose(candidates([5, 1, 3, 2, 4]), 2)).toEqual({ added: [], shed: [1, 3, 2] });
    expect([universe.size, universe.has(0), universe.has(2)]).toEqual([2, true, false]);
    expect(universe.choose(candidates([5, 1, 3, 2, 4]), 4).added).toEqual([2, 3]);
  });

  it("never sheds what a position hangs on", () => {
    const universe = new Universe(0.25);
    universe.choose(candidates([5, 1, 3]), 3);
    expect(universe.choose(candidates([5, 1, 3], [1]), 1).shed).toEqual([2, 0]);
    expect(universe.choose(candidates([5, 1, 3], [1]), 0)).toEqual({ added: [], shed: [] });
  });

  it("does not swap equals, and drops what is gone without calling it shed", () => {
    const universe = new Universe(0.25);
    universe.choose(candidates([2, 2, 1]), 2);
    expect(universe.choose(candidates([2, 2, 2.4]), 2)).toEqual({ added: [], shed: [] });
    expect(universe.choose(candidates([2, 2, 2.6]), 2)).toEqual({ added: [2], shed: [1] });
    expect(universe.choose(candidates([2]), 2)).toEqual({ added: [], shed: [] });
    expect(universe.size).toBe(1);
  });

  it("every shed book is worth no more than every kept one, but for the bonus", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { maxLength: 20 }), { maxLength: 6 }),
        fc.nat(20),
        (rounds, limit) => {
          const universe = new Universe(0.25);
          for (const worths of rounds) {
            const { shed } = universe.choose(candidates(worths), limit);
            expect(universe.size).toBe(Math.min(limit, worths.length));
            const kept = worths.filter((_, book) => universe.has(book));
            for (const book of shed) {
              expect(worths[book]!).toBeLessThanOrEqual(Math.min(...kept, Number.POSITIVE_INFINITY) * 1.25);
            }
          }
        },
      ),
    );
  });
});

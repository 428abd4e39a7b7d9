import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRng } from "./rng.ts";

describe("SeededRng", () => {
  it("gives the published xoshiro128** sequence for the state 1, 2, 3, 4", () => {
    const rng = SeededRng.fromState(1, 2, 3, 4);
    const drawn = Array.from({ length: 10 }, () => rng.uint32());
    expect(drawn).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("gives the same known words for a known seed on every platform", () => {
    const rng = new SeededRng("emp");
    expect(Array.from({ length: 4 }, () => rng.uint32())).toEqual([
      4041472313, 1951639450, 3965427111, 3014401764,
    ]);
    expect(new SeededRng(42).uint32()).toBe(132819284);
    expect(new SeededRng("emp").fork("a").uint32()).toBe(1343733661);
  });

  it("forks by seed and label alone, whatever was drawn before", () => {
    void fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(20), (seed, label, draws) => {
        const used = new SeededRng(seed);
        for (let i = 0; i < draws; i++) used.next();
        expect(used.fork(label).uint32()).toBe(new SeededRng(seed).fork(label).uint32());
      }),
    );
  });

  it("gives forks with different labels different streams", () => {
    const parent = new SeededRng(7);
    const first = new Set(Array.from({ length: 200 }, (_, i) => parent.fork(`label-${i}`).uint32()));
    expect(first.size).toBe(200);
  });

  it("keeps next() in [0, 1) and int() in [0, bound)", () => {
    void fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 2 ** 53 }), (seed, bound) => {
        const rng = new SeededRng(seed);
        const uniform = rng.next();
        const integer = rng.int(bound);
        expect(uniform >= 0 && uniform < 1).toBe(true);
        expect(Number.isInteger(integer) && integer >= 0 && integer < bound).toBe(true);
      }),
    );
  });

  it("is uniform: chi-squared over 64 cells stays below the 1-in-10,000 bound", () => {
    const rng = new SeededRng("uniform");
    const cells = new Array<number>(64).fill(0);
    const draws = 64_000;
    for (let i = 0; i < draws; i++) cells[rng.int(64)]! += 1;
    const chi = cells.reduce((sum, n) => sum + (n - draws / 64) ** 2 / (draws / 64), 0);
    // 63 degrees of freedom: the 0.9999 quantile is 112.
    expect(chi).toBeLessThan(112);
  });

  it("refuses a bound that is no positive integer", () => {
    const rng = new SeededRng(1);
    for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 53 + 2])
      expect(() => rng.int(bound)).toThrow(/bound must be an integer/);
  });
});

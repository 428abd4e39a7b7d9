import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRng } from "../../rng.ts";
import { damaged } from "./damage.ts";
import { randomFaults } from "./random-faults.ts";

const MINUTE = 60_000_000;
const DAY = 24 * 60 * MINUTE;

describe("randomFaults", () => {
  it("is in order, within its span and the same for the same seed", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 30 }), (seed, gapMinutes) => {
        const options = { spanMicros: DAY, meanGapMicros: gapMinutes * MINUTE, quietMicros: 2 * MINUTE };
        const plan = randomFaults(new SeededRng(seed), options);
        expect(plan).toEqual(randomFaults(new SeededRng(seed), options));
        let last = options.quietMicros;
        for (const each of plan) {
          expect(each.afterMicros).toBeGreaterThanOrEqual(last);
          expect(each.afterMicros + each.durationMicros!).toBeLessThanOrEqual(DAY - options.quietMicros);
          last = each.afterMicros;
        }
      }),
      { numRuns: 30 },
    );
  });

  it("keeps the mean gap, the weights and the hosts", () => {
    const plan = randomFaults(new SeededRng(1), {
      spanMicros: 100 * DAY,
      meanGapMicros: 10 * MINUTE,
      weights: { forbidden: 0, disconnect: 21 },
      hosts: ["rest", "stream"],
    });
    expect(plan.length / (100 * 144)).toBeCloseTo(1, 1);
    const share = plan.filter((each) => each.fault === "disconnect").length / plan.length;
    expect(share).toBeCloseTo(21 / 40, 1);
    expect(new Set(plan.map((each) => each.fault)).size).toBe(20);
    expect(new Set(plan.map((each) => each.host))).toEqual(new Set(["rest", "stream"]));
  });

  it("is empty when nothing may strike", () => {
    const weights = Object.fromEntries(
      randomFaults(new SeededRng(1), { spanMicros: 100 * DAY, meanGapMicros: MINUTE }).map((each) => [
        each.fault,
        0,
      ]),
    );
    expect(randomFaults(new SeededRng(1), { spanMicros: DAY, meanGapMicros: MINUTE, weights })).toEqual([]);
    expect(randomFaults(new SeededRng(1), { spanMicros: 1, meanGapMicros: MINUTE, quietMicros: 2 })).toEqual(
      [],
    );
  });
});

describe("damaged", () => {
  it("leaves no frame that is JSON", () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), (text, seed) => {
        expect(() => JSON.parse(damaged(text, new SeededRng(seed)))).toThrow(SyntaxError);
      }),
      { numRuns: 1_000 },
    );
  });
});

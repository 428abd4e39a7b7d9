import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "./histogram.ts";

test("quantiles are upper bounds, at most 1/16 too high", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000_000_000 }), { minLength: 1 }), (values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.add(value);
      const sorted = values.toSorted((a, b) => a - b);
      const found = histogram.quantiles();
      expect(found.count).toBe(values.length);
      expect(found.maxMicros).toBe(sorted.at(-1));
      const pairs: [number, number][] = [
        [0.5, found.p50Micros],
        [0.95, found.p95Micros],
        [0.99, found.p99Micros],
      ];
      for (const [share, quantile] of pairs) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
        expect(quantile).toBeGreaterThanOrEqual(exact);
        expect(quantile).toBeLessThanOrEqual(exact * (1 + 1 / 16) + 1);
      }
    }),
  );
});

test("nothing counted is 0, and what is out of range is counted at the edge", () => {
  const histogram = new Histogram();
  expect(histogram.quantiles()).toEqual({ count: 0, p50Micros: 0, p95Micros: 0, p99Micros: 0, maxMicros: 0 });
  histogram.add(-5);
  histogram.add(1e15);
  expect(histogram.quantiles()).toMatchObject({ count: 2, p50Micros: 0, p99Micros: 0xffff_ffff });
});

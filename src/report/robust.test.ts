import fc from "fast-check";
import { expect, it } from "vitest";
import { sumOf } from "./money.ts";
import { leaveOneOut, medianOfMeans, outlierCount, outliersOf, trimmedMean } from "./robust.ts";

const amounts = fc.array(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), { minLength: 1, maxLength: 60 });

it("keeps the trimmed mean and the median of means within the sample", () => {
  fc.assert(
    fc.property(amounts, (values) => {
      const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      for (const mean of [trimmedMean(values)!, medianOfMeans(values, 5)!]) {
        expect(mean >= sorted[0]!).toBe(true);
        expect(mean <= sorted.at(-1)!).toBe(true);
      }
    }),
  );
});

it("drops one percent, rounded up, by magnitude and the earlier of equals", () => {
  expect([0, 1, 100, 101, 1000].map(outlierCount)).toEqual([0, 1, 1, 2, 10]);
  expect(outliersOf([1n, -9n, 9n, 3n])).toEqual([1]);
});

it("gives the range of totals without one cluster", () => {
  fc.assert(
    fc.property(amounts, (values) => {
      const range = leaveOneOut(new Map(values.map((value, index) => [String(index), value])))!;
      const left = values.map((value) => sumOf(values) - value);
      expect(left.every((total) => total >= range.min && total <= range.max)).toBe(true);
      expect(left).toContain(range.min);
      expect(left).toContain(range.max);
    }),
  );
});

it("has no statistic for an empty sample", () => {
  expect([trimmedMean([]), medianOfMeans([], 5), leaveOneOut(new Map())]).toEqual([null, null, null]);
  expect(outliersOf([])).toEqual([]);
});

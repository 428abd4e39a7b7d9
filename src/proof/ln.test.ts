import fc from "fast-check";
import { expect, it } from "vitest";
import { ln } from "./ln.ts";

const ULP = Number.EPSILON;

it("gives the correctly rounded values of printed tables", () => {
  // Reference: 40-digit values, rounded to double.
  expect(ln(2)).toBe(Math.LN2);
  expect(ln(10)).toBe(Math.LN10);
  expect(ln(0.5)).toBe(-Math.LN2);
  expect(ln(3)).toBe(1.0986122886681098);
  expect(ln(1 + ULP)).toBe(2.220446049250313e-16 * (1 - ULP / 2));
  expect(ln(Number.MAX_VALUE)).toBe(709.782712893384);
  expect(ln(Number.MIN_VALUE)).toBe(-744.4400719213812);
});

it("answers the edges as a logarithm must", () => {
  expect(ln(1)).toBe(0);
  expect(ln(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(ln(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(ln(-1)).toBeNaN();
  expect(ln(Number.NaN)).toBeNaN();
});

it("lies within two units of the last place of the platform's logarithm", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      const platform = Math.log(x);
      expect(Math.abs(ln(x) - platform)).toBeLessThanOrEqual(2 * ULP * Math.abs(platform));
    }),
    { numRuns: 300 },
  );
});

it("never falls when its argument rises", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (x) => {
      expect(ln(x * (1 + ULP))).toBeGreaterThanOrEqual(ln(x));
    }),
    { numRuns: 200 },
  );
});

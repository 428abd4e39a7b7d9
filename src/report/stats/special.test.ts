import fc from "fast-check";
import { expect, it } from "vitest";
import { clopperPearson, clopperPearsonLower, sampleSizeFor, wilson } from "./intervals.ts";
import { betaCdf, betaQuantile, lnGamma, normalCdf, normalQuantile } from "./special.ts";

const shape = fc.double({ min: 0.5, max: 500, noNaN: true });
const share = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });

it("knows ln Gamma at integers and at one half", () => {
  expect(lnGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
  expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
});

it("knows the beta distribution where it is a polynomial", () => {
  for (const x of [0.01, 0.2, 0.5, 0.77, 0.99]) {
    expect(betaCdf(x, 3, 1)).toBeCloseTo(x ** 3, 13);
    expect(betaCdf(x, 2, 2)).toBeCloseTo(3 * x * x - 2 * x ** 3, 13);
  }
});

it("inverts the beta and the normal distribution", () => {
  fc.assert(
    fc.property(share, shape, shape, (p, a, b) => {
      const x = betaQuantile(p, a, b);
      if (x > 1e-12 && x < 1 - 1e-12) expect(betaCdf(x, a, b)).toBeCloseTo(p, 9);
      expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
    }),
    { numRuns: 60 },
  );
});

it("knows the usual normal quantile and far tails", () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
  expect(normalCdf(-8) / 6.220960574271785e-16).toBeCloseTo(1, 9);
  expect(normalCdf(-6.0001)).toBeLessThan(normalCdf(-5.9999));
});

it("keeps the exact interval of a proportion around its share, inside [0, 1]", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(), (n, draw) => {
      const hits = draw % (n + 1);
      for (const [low, high] of [wilson(hits, n, 0.95), clopperPearson(hits, n, 0.95)]) {
        expect(low).toBeGreaterThanOrEqual(-1e-15);
        expect(high).toBeLessThanOrEqual(1 + 1e-15);
        expect(low).toBeLessThanOrEqual(hits / n + 1e-12);
        expect(high).toBeGreaterThanOrEqual(hits / n - 1e-12);
      }
    }),
    { numRuns: 40 },
  );
});

it("certifies with the smallest sample that does", () => {
  for (const [target, misses] of [
    [0.9, 0],
    [0.95, 2],
    [0.99, 1],
  ] as const) {
    const n = sampleSizeFor(target, misses, 0.95);
    expect(clopperPearsonLower(n - misses, n, 0.95)).toBeGreaterThanOrEqual(target);
    expect(clopperPearsonLower(n - 1 - misses, n - 1, 0.95)).toBeLessThan(target);
  }
});

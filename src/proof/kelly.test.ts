import fc from "fast-check";
import { expect, it } from "vitest";
import { arbitrageGrowth, arbitrageKelly, binaryKelly, breakEvenSuccess, exclusiveKelly } from "./kelly.ts";

const chance = fc.double({ min: 0.01, max: 0.99, noNaN: true });

it("stakes nothing without an edge", () => {
  expect(binaryKelly(0.5, 0.5)).toEqual({ fraction: 0, growth: 0 });
  expect(binaryKelly(0.4, 0.5)).toEqual({ fraction: 0, growth: 0 });
  expect(arbitrageKelly({ successProbability: 0.9, edge: 0, unwindLoss: 0.3 })).toBe(0);
  expect(arbitrageKelly({ successProbability: 0.9, edge: Number.NaN, unwindLoss: 0.3 })).toBe(0);
});

it("trades an arbitrage only above its break-even probability, and never beyond the cap", () => {
  fc.assert(
    fc.property(chance, chance, chance, (successProbability, edge, unwindLoss) => {
      const fraction = arbitrageKelly({ successProbability, edge, unwindLoss });
      expect(fraction >= 0 && fraction <= 1).toBe(true);
      const breakEven = breakEvenSuccess(edge, unwindLoss);
      if (Math.abs(successProbability - breakEven) > 1e-9)
        expect(fraction > 0).toBe(successProbability > breakEven);
    }),
  );
});

it("stands at the top of the growth curve", () => {
  fc.assert(
    fc.property(chance, chance, chance, (successProbability, edge, unwindLoss) => {
      const bet = { successProbability, edge, unwindLoss };
      const fraction = arbitrageKelly(bet);
      const best = arbitrageGrowth(bet, fraction);
      for (const other of [fraction * 0.99, Math.min(1, fraction * 1.01 + 1e-6)])
        expect(arbitrageGrowth(bet, other)).toBeLessThanOrEqual(best + 1e-12);
    }),
    { numRuns: 50 },
  );
});

it("backs exclusive outcomes while they beat the reserve rate", () => {
  const { fractions, support } = exclusiveKelly([0.4, 0.3, 0.2, 0.1], [0.3, 0.33, 0.25, 0.15]);
  expect(support).toEqual([0, 1]);
  expect(fractions.every((fraction) => fraction >= 0)).toBe(true);
  expect(exclusiveKelly([0.45, 0.3, 0.25], [0.38, 0.33, 0.26]).fractions).toEqual([0.45, 0.3, 0.25]);
});

import { describe, expect, it } from "vitest";
import { type FeeSpec, formatDecimal } from "../../contracts/index.ts";
import { buyCost } from "./cost.ts";

function kalshi(takerRate: string, balancePrecision = "0.01"): FeeSpec {
  return { type: "kalshi", takerRate, makerRate: "0", balancePrecision, tradeFeePrecision: "0.000001" };
}

const polymarket = (rate: string): FeeSpec => ({
  type: "quadratic",
  rate,
  exponent: 1,
  decimals: 5,
  rounding: "up",
  takerOnly: true,
});

/** Fee in whole units: what is paid beyond price x contracts. */
function feeOf(fee: FeeSpec, contracts: number, ticks: number, sizeScale: number): string {
  const lots = Math.round(contracts * sizeScale);
  const paid = buyCost(fee, ticks, lots, sizeScale);
  return formatDecimal(paid - buyCost({ type: "none" }, ticks, lots, sizeScale), 12);
}

describe("buyCost", () => {
  // FEES.md 1.3: the columns for members whose balance has cents, and for direct members.
  it.each([
    [100, 5_000, "0.07", "1.75", "1.75"],
    [100, 2_500, "0.07", "1.32", "1.3125"],
    [1, 100, "0.07", "0.01", "0.0007"],
    [1, 550, "0.07", "0.005", "0.0037"],
    [3, 550, "0.07", "0.015", "0.011"],
    [10, 5_600, "0.07", "0.18", "0.1725"],
    [5.24, 9_500, "0.07", "0.022", "0.0175"],
    [1_000, 3_330, "0.07", "15.55", "15.5478"],
    [100, 5_000, "0", "0", "0"],
  ])("charges %d contracts at %d ticks at %s on Kalshi terms", (contracts, ticks, rate, cents, direct) => {
    expect(feeOf(kalshi(rate), contracts, ticks, 100)).toBe(cents);
    expect(feeOf(kalshi(rate, "0.0001"), contracts, ticks, 100)).toBe(direct);
  });

  // FEES.md 2.2, rounded up at the fifth place.
  it.each([
    [100, 5_000, "0.07", "1.75"],
    [100, 3_000, "0.05", "1.05"],
    [7, 3_300, "0.07", "0.10834"],
    [0.1, 100, "0.07", "0.00007"],
    [12.34, 1_230, "0.05", "0.06656"],
    [333, 4_170, "0.05", "4.0478"],
  ])("charges %d contracts at %d ticks at %s on Polymarket terms", (contracts, ticks, rate, fee) => {
    expect(feeOf(polymarket(rate), contracts, ticks, 1_000_000)).toBe(fee);
  });

  it("refuses a fee rule that the world does not use", () => {
    expect(() => buyCost({ type: "unknown", why: "" }, 5_000, 100, 100)).toThrow("no exact cost");
  });
});

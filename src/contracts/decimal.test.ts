import fc from "fast-check";
import { expect, it } from "vitest";
import { formatDecimal, parseDecimal, parseScaled } from "./decimal.ts";
import { type Lots, notional, payout, type Ticks } from "./units.ts";

it("reads back every decimal it writes", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.integer({ min: 0, max: 18 }),
      (value, digits) => {
        expect(parseDecimal(formatDecimal(value, digits), digits)).toBe(value);
      },
    ),
  );
});

it.each([
  ["12.34", 4, 123_400n],
  ["0.0100", 4, 100n],
  ["-9.90", 2, -990n],
  ["5", 0, 5n],
  ["0.10000", 1, 1n],
])("reads %s at %i digits", (text, digits, want) => {
  expect(parseDecimal(text, digits)).toBe(want);
});

it.each(["", ".5", "5.", "1e3", "NaN", "+1", " 1", "1 ", "0x10", "1.2.3", "--1"])("refuses %j", (text) => {
  expect(parseDecimal(text, 6)).toBeNull();
});

it("never rounds: digits beyond the scale are refused unless they are zeros", () => {
  expect(parseDecimal("0.12345", 4)).toBeNull();
  expect(parseDecimal("0.12340", 4)).toBe(1234n);
});

it("refuses what does not fit a safe integer", () => {
  expect(parseScaled("9007199254740992", 0)).toBeNull();
  expect(parseScaled("9007199254740991", 0)).toBe(9_007_199_254_740_991);
});

it("multiplies price and size without rounding at the finest scales", () => {
  expect(notional(1 as Ticks, 1 as Lots, 1_000_000, 1_000_000)).toBe(1n);
  expect(notional(4500 as Ticks, 10_000 as Lots, 10_000, 100)).toBe(45_000_000_000_000n);
  expect(payout(100 as Lots, 100)).toBe(1_000_000_000_000n);
  expect(() => notional(1 as Ticks, 1 as Lots, 3, 1)).toThrow(RangeError);
});

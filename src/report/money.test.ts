import fc from "fast-check";
import { expect, it } from "vitest";
import { countLabel, divideRounded, meanLabel, money, moneyLabel, moneyText, percentLabel } from "./money.ts";

it("reads back every amount it writes", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (value) => {
      expect(money(moneyText(value))).toBe(value);
    }),
  );
});

it.each([
  ["0", "$0.00"],
  ["1234567.891", "$1,234,567.89"],
  ["-0.005", "-$0.01"],
  ["0.004999999999999999", "<$0.01"],
  ["-0.000001", ">-$0.01"],
  ["999.995", "$1,000.00"],
])("shows %s as %s", (text, want) => {
  expect(moneyLabel(money(text))).toBe(want);
});

it.each([
  [1n, 3n, "33.3 %"],
  [-1n, 8n, "-12.5 %"],
  [1n, 1_000_000n, "<0.1 %"],
  [0n, 5n, "0.0 %"],
  [25n, 2n, "1,250.0 %"],
  [1n, 0n, "n/a"],
])("shows %s of %s as %s", (part, whole, want) => {
  expect(percentLabel(part, whole)).toBe(want);
});

it("refuses text that is no decimal or too fine", () => {
  expect(() => money("1e3")).toThrow(RangeError);
  expect(() => money("0.0000000000000000001")).toThrow(RangeError);
});

it("rounds quotients half away from zero", () => {
  expect([divideRounded(5n, 2n), divideRounded(-5n, 2n), divideRounded(4n, 3n)]).toEqual([3n, -3n, 1n]);
});

it("groups thousands and shows no negative zero", () => {
  expect(countLabel(-1234567)).toBe("-1,234,567");
  expect(meanLabel(-0.00001)).toBe("$0.0000");
});

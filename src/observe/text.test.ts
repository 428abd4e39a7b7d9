import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clockText,
  countText,
  durationText,
  gainText,
  instantText,
  moneyText,
  rateText,
  safeText,
} from "./text.ts";

describe("moneyText", () => {
  it.each([
    ["0", "0.00"],
    ["0.004999999999", "0.00"],
    ["0.005", "0.01"],
    ["-0.005", "-0.01"],
    ["-0.004", "0.00"],
    ["1234567.895", "1,234,567.90"],
    ["-999.995", "-1,000.00"],
    ["no number", "?"],
  ])("writes %s as %s", (decimal, text) => {
    expect(moneyText(decimal)).toBe(text);
  });

  it("is within half a cent of the amount, for amounts far beyond what a float holds", () => {
    void fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (pico) => {
        const decimal = `${pico / 10n ** 12n}.${(pico % 10n ** 12n).toString().padStart(12, "0")}`;
        const cents = BigInt(moneyText(decimal).replace(/[,.]/g, ""));
        const difference = cents * 10n ** 10n - pico;
        expect(difference <= 5n * 10n ** 9n && difference >= -5n * 10n ** 9n).toBe(true);
      }),
    );
  });
});

describe("other texts", () => {
  it("signs a gain and knows none from a loss below half a cent", () => {
    expect(gainText("15002.3274", "15000")).toBe("+2.33");
    expect(gainText("14000", "15000.5")).toBe("-1,000.50");
    expect(gainText("14999.999", "15000")).toBe("+0.00");
  });

  it("chooses units that read well", () => {
    expect([12, 6_200, 41_000, 1_410_000].map(durationText)).toEqual(["12 us", "6.2 ms", "41 ms", "1.4 s"]);
    expect([0, 9_999_999, 12_345_678].map(countText)).toEqual(["0", "9,999,999", "12.3M"]);
    expect([0.44, 9.96, 143.4].map(rateText)).toEqual(["0.4", "10.0", "143"]);
    expect([0, 3_723_000, 90_061_000].map(clockText)).toEqual(["00:00:00", "01:02:03", "1d 01:01:01"]);
    expect(instantText(1_767_571_392_999_999)).toBe("2026-01-05 00:03:12");
  });

  it("replaces everything that is not printable ASCII", () => {
    expect(safeText("a\u001b[31m\nb\u00e9")).toBe("a?[31m?b?");
  });
});

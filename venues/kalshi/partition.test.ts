import { describe, expect, it } from "vitest";
import { provePartition, type StrikeClaim } from "./partition.ts";

const claim = (
  symbol: string,
  strikeType: string,
  floor: string | null,
  cap: string | null,
  subtitle: string,
  roundDigits: number | null = null,
): StrikeClaim => ({ symbol, strikeType, floor, cap, subtitle, roundDigits });

const weather = [
  claim("T30", "less", null, "30", "29° or below"),
  claim("B30.5", "between", "30", "31", "30° to 31°"),
  claim("B32.5", "between", "32", "33", "32° to 33°"),
  claim("T33", "greater", "33", null, "34° or above"),
];

const why = (claims: readonly StrikeClaim[]) => {
  const proof = provePartition(claims);
  return proof.proved ? "proved" : proof.why;
};

describe("a partition of settlement values", () => {
  it("is proved for whole degrees, whatever the order of the list", () => {
    const proof = provePartition([...weather].reverse());
    expect(proof).toMatchObject({ proved: true });
    expect(proof.proved && proof.text).toBe(
      "settlement values are multiples of 1\nT30: [-inf, 29]\nB30.5: [30, 31]\nB32.5: [32, 33]\nT33: [34, inf]",
    );
  });

  it("is proved for tenths where the wording says tenths", () => {
    expect(
      why([
        claim("A", "less", null, "1", "0.9% or below"),
        claim("B", "between", "1", "1.9", "1.0% to 1.9%"),
        claim("C", "greater", "1.9", null, "2.0% or higher"),
      ]),
    ).toBe("proved");
  });

  it("is proved by a stated rounding without any wording of the ends", () => {
    expect(
      why([
        claim("A", "less", null, "4.25", "Below 4.25", 2),
        claim("B", "greater_or_equal", "4.25", null, "4.25+", 2),
      ]),
    ).toBe("proved");
  });

  it("is not proved without a rounding: the value may fall between two buckets", () => {
    const silent = weather.map((each) => (each.strikeType === "between" ? each : { ...each, subtitle: "" }));
    expect(why(silent)).toContain("rounding");
  });

  it("is not proved when two wordings imply different roundings", () => {
    expect(
      why([weather[0]!, ...weather.slice(1, 3), claim("T33", "greater", "33", null, "33.5° or above")]),
    ).toContain("rounding");
  });

  it.each([
    ["a missing bucket", weather.filter(({ symbol }) => symbol !== "B32.5"), "a hole between"],
    ["no lowest bucket", weather.slice(1), "lowest"],
    ["no highest bucket", weather.slice(0, 3), "highest"],
    ["overlapping buckets", [...weather, claim("B31.5", "between", "31", "32", "31° to 32°")], "overlap"],
    ["two open ends on one side", [...weather, claim("T29", "less", null, "29", "28° or below")], "overlap"],
    [
      "a bucket whose wording names other ends",
      [...weather.slice(0, 2), claim("B", "between", "32", "33", "32°+"), weather[3]!],
      "wording",
    ],
    ["a strike that is no number", [...weather, claim("X", "custom", null, null, "Rain")], "wording"],
    ["one outcome", weather.slice(0, 1), "fewer"],
  ])("is not proved with %s", (_name, claims, expected) => {
    expect(why(claims)).toContain(expected);
  });
});

import { expect, it } from "vitest";
import { REASONS, type Reason, reasonNumber, reasonOf } from "./reasons.ts";

const codes = Object.keys(REASONS) as Reason[];

it("gives every reason a number of its own that leads back to it", () => {
  expect(new Set(codes.map(reasonNumber)).size).toBe(codes.length);
  for (const code of codes) expect(reasonOf(reasonNumber(code))).toBe(code);
});

it("names reasons area.cause and says what happened and what comes next", () => {
  for (const code of codes) {
    expect(code).toMatch(/^[a-z]+\.[a-z_]+$/);
    expect(REASONS[code].text.length).toBeGreaterThan(8);
    expect(REASONS[code].next.length).toBeGreaterThan(3);
  }
});

it("has no code for a number from a newer version", () => {
  expect(reasonOf(9999)).toBeUndefined();
});

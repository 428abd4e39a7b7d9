import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedDir } from "../../../tests/shared.ts";
import { runStatsCase } from "./vectors.ts";

const shared = sharedDir();
const cases: { id: string }[] =
  shared === null ? [] : JSON.parse(readFileSync(join(shared, "vectors", "stats.json"), "utf8"));
/** Queue models belong to execution. */
const PENDING = ["S15", "S16"];

describe.skipIf(shared === null)("statistics vectors (skipped without ../shared)", () => {
  it.each(cases.map((entry) => [entry.id, entry] as const))("agrees with %s", (id, entry) => {
    expect(runStatsCase(entry)).toEqual(PENDING.includes(id) ? "pending" : { ok: true, differences: [] });
  });
});

const forecast = {
  id: "x",
  input: { p: [0, 1], y: [0, 1] },
  expected: { brier: 0, reliability: 0, resolution: 0.25, uncertainty: 0.25, ece: 0 },
};

it("passes a case that agrees and names each number that does not", () => {
  expect(runStatsCase(forecast)).toEqual({ ok: true, differences: [] });
  expect(runStatsCase({ ...forecast, expected: { ...forecast.expected, resolution: 0.2 } })).toEqual({
    ok: false,
    differences: ["expected.resolution: expected 0.2, found 0.25"],
  });
});

it("names a value it does not compute and a list of another length", () => {
  const result = runStatsCase({
    id: "x",
    input: { x: [0.5], bet: 1, alpha: 0.05 },
    expected: { wealth: [1.5, 2], rejected: false, extra: 1 },
  });
  expect(result).toEqual({
    ok: false,
    differences: [
      "expected.wealth: expected 2 values, found 1",
      "expected.wealth.1: expected 2, found undefined",
      "expected.extra: expected 1, found undefined",
    ],
  });
});

it("leaves a kind it does not know pending and refuses what is no case", () => {
  expect(runStatsCase({ id: "x", input: { q: 1 }, expected: {} })).toBe("pending");
  expect(runStatsCase({ id: "x", input: {}, expected: { "1,1": 0.5 } })).toBe("pending");
  expect(runStatsCase(null)).toEqual({
    ok: false,
    differences: ["not a case: expected {id, input, expected}"],
  });
});

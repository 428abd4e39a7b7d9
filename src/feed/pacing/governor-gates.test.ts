import { describe, expect, test } from "vitest";
import { governed, oracle, PUBLISHED, play } from "../../../bench/governor-policies.ts";

describe("against a limit of 10, 6, then 15 a second that nobody states", () => {
  test.each([1, 7, 42, 1_000])("seed %i", (seed) => {
    const score = play(governed(), seed);
    expect(score.utilisation).toBeGreaterThanOrEqual(0.9);
    expect(score.refusedShare).toBeLessThanOrEqual(0.005);
    expect(Math.max(...score.reachedSeconds)).toBeLessThanOrEqual(60);
    expect(score.insideRetryAfter).toBe(0);
  });

  test("the same seed plays the same", () => {
    expect(play(governed(), 3)).toEqual(play(governed(), 3));
  });

  test("who knows the limit scores 1", () => {
    const score = play(oracle, 1);
    expect(score.utilisation).toBeGreaterThan(0.999);
    expect(score.refusedShare).toBe(0);
  });
});

test("nothing is refused where the limit is published", () => {
  const score = play(governed(PUBLISHED), 1, [15, 15, 15]);
  expect(score.refusedShare).toBe(0);
  expect(score.utilisation).toBeGreaterThan(0.9);
});

import { expect, it } from "vitest";
import { SeededRng } from "../../sim/rng.ts";
import { clusterBootstrap, signFlipTest, stationaryBootstrap } from "./resample.ts";

const clusters = [3, 5, 4, 6, 2, 5, 4, 3].map((sum) => ({ sum, count: 2 }));

it("gives the same interval for the same seed, around the mean", () => {
  const [low, high] = clusterBootstrap(clusters, new SeededRng(1))!;
  expect(clusterBootstrap(clusters, new SeededRng(1))).toEqual([low, high]);
  expect(low).toBeGreaterThan(1);
  expect(low).toBeLessThan(2);
  expect(high).toBeGreaterThan(2);
  expect(high).toBeLessThan(3);
});

it("is wider when values of a family move together than when each stands alone", () => {
  const values = [10, -8, 9, -7, 11, -9];
  const together = clusterBootstrap(
    values.map((value) => ({ sum: value * 10, count: 10 })),
    new SeededRng(2),
  )!;
  const alone = clusterBootstrap(
    values.flatMap((value) => Array.from({ length: 10 }, () => ({ sum: value, count: 1 }))),
    new SeededRng(2),
  )!;
  expect(together[1] - together[0]).toBeGreaterThan(2 * (alone[1] - alone[0]));
});

it("resamples a series in blocks: a constant series has a point for an interval", () => {
  expect(stationaryBootstrap([2, 2, 2, 2], 2, new SeededRng(3), 200)).toEqual([2, 2]);
  const [low, high] = stationaryBootstrap([1, 2, 3, 4, 5, 6], 2, new SeededRng(3))!;
  expect(low).toBeLessThan(3.5);
  expect(high).toBeGreaterThan(3.5);
});

it("has no interval below two clusters or values", () => {
  expect(clusterBootstrap([{ sum: 1, count: 1 }], new SeededRng(1))).toBeNull();
  expect(stationaryBootstrap([1], 1, new SeededRng(1))).toBeNull();
});

it("tries all sign patterns of a few clusters exactly", () => {
  expect(signFlipTest([1, 1, 1, 1, 1], new SeededRng(1))).toBe(2 / 32);
  expect(signFlipTest([1, -1], new SeededRng(1))).toBe(1);
  expect(signFlipTest([0, 0], new SeededRng(1))).toBe(1);
});

it("finds a one-sided sample of many clusters unlikely and a balanced one likely", () => {
  const same = Array.from({ length: 40 }, () => 1);
  const balanced = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 1 : -1));
  expect(signFlipTest(same, new SeededRng(4), 2000)).toBe(1 / 2001);
  expect(signFlipTest(balanced, new SeededRng(4), 2000)).toBe(1);
});

import { expect, it } from "vitest";
import { LatencyHistogram } from "./latency.ts";

it("keeps quantiles within an eighth of the true value and the maximum exact", () => {
  const histogram = new LatencyHistogram();
  for (let i = 1; i <= 100_000; i++) histogram.record(i);
  const summary = histogram.summary();
  expect(summary.count).toBe(100_000);
  expect(summary.maxMicros).toBe(100_000);
  for (const [got, want] of [
    [summary.p50Micros, 50_000],
    [summary.p95Micros, 95_000],
    [summary.p99Micros, 99_000],
  ] as const) {
    expect(Math.abs(got - want) / want).toBeLessThan(0.125);
  }
});

it("has no quantile without a record", () => {
  expect(new LatencyHistogram().summary()).toEqual({
    count: 0,
    p50Micros: 0,
    p95Micros: 0,
    p99Micros: 0,
    maxMicros: 0,
  });
});

it("keeps quantiles of delays of hours and days as exact as those of seconds", () => {
  const histogram = new LatencyHistogram();
  const hour = 3_600_000_000;
  for (let hours = 1; hours <= 48; hours++) histogram.record(hours * hour);
  const { p50Micros, p99Micros, maxMicros } = histogram.summary();
  expect(Math.abs(p50Micros / (24 * hour) - 1)).toBeLessThan(0.125);
  expect(Math.abs(p99Micros / (48 * hour) - 1)).toBeLessThan(0.125);
  expect(maxMicros).toBe(48 * hour);
});

it("leaves out a venue clock that runs ahead of ours", () => {
  const histogram = new LatencyHistogram();
  histogram.record(-5);
  histogram.record(0);
  expect(histogram.summary()).toMatchObject({ count: 1, maxMicros: 0, p99Micros: 0 });
});

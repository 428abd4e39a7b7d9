import { expect, test } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { LatencyWatch, type Strain } from "./latency-watch.ts";

const T0 = 1_700_000_000_000_000;
const SECOND = 1_000_000;

/** Ten requests and answers in each second; returns what the last window showed. */
function second(watch: LatencyWatch, number: number, latencyMicros: number, requests = 10): Strain | null {
  let shown: Strain | null = null;
  for (let i = 0; i < requests; i++) {
    watch.sent();
    const now = T0 + number * SECOND + Math.ceil(((i + 1) * SECOND) / requests) + 1;
    shown = watch.answered(latencyMicros, now as Micros) ?? shown;
  }
  return shown;
}

test("latency that rises at a flat rate is strain, from the second window on", () => {
  const watch = new LatencyWatch(T0 as Micros);
  for (let n = 0; n < 70; n++) expect(second(watch, n, 80_000)).toBe("none");
  expect(second(watch, 70, 300_000)).toBe("delayed");
  expect(second(watch, 71, 500_000)).toBe("rising");
});

test("a queue that drains is not cut again", () => {
  const watch = new LatencyWatch(T0 as Micros);
  for (let n = 0; n < 70; n++) second(watch, n, 80_000);
  second(watch, 70, 900_000);
  expect(second(watch, 71, 700_000)).toBe("delayed");
  expect(second(watch, 72, 500_000)).toBe("delayed");
  expect(second(watch, 73, 90_000)).toBe("none");
});

test("latency that rises with our own sending is not held against the rate", () => {
  const watch = new LatencyWatch(T0 as Micros);
  for (let n = 0; n < 70; n++) second(watch, n, 80_000);
  for (let n = 70, requests = 13; n < 75; n++, requests = Math.ceil(requests * 1.3)) {
    expect(second(watch, n, 300_000 + n * 1_000, requests)).toBe("delayed");
  }
});

test("a lasting change becomes the new usual", () => {
  const watch = new LatencyWatch(T0 as Micros);
  for (let n = 0; n < 70; n++) second(watch, n, 40_000);
  for (let n = 70; n < 200; n++) second(watch, n, 400_000);
  expect(second(watch, 200, 400_000)).toBe("none");
});

test("the 95th percentile has risen only when newest answers are slower than those before", () => {
  const watch = new LatencyWatch(T0 as Micros);
  const now = (n: number) => (T0 + n * SECOND) as Micros;
  expect(watch.risen(now(0))).toBe(false);
  for (let n = 0; n < 10; n++) second(watch, n, 80_000);
  expect(watch.risen(now(10))).toBe(false);
  for (let n = 10; n < 13; n++) second(watch, n, 200_000);
  expect(watch.risen(now(13))).toBe(true);
  expect(watch.risen(now(60))).toBe(false);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { InFlightLimit } from "./in-flight-limit.ts";

const T0 = 1_700_000_000_000_000;

/** One window per call of the returned function: ten answers of that latency within a second. */
function windows(limit: InFlightLimit): (latencyMicros: number, inFlight?: number) => void {
  let now = T0;
  return (latencyMicros, inFlight = limit.limit) => {
    for (let i = 0; i < 10; i++) {
      now += 101_000;
      limit.sample(latencyMicros, inFlight, now as Micros);
    }
  };
}

test("falls when latency rises, and comes back when it falls", () => {
  const limit = new InFlightLimit(32, T0 as Micros);
  const window = windows(limit);
  for (let i = 0; i < 20; i++) window(100_000);
  expect(limit.limit).toBe(32);
  for (let i = 0; i < 15; i++) window(1_000_000);
  const low = limit.limit;
  expect(low).toBeLessThan(16);
  for (let i = 0; i < 40; i++) window(100_000);
  expect(limit.limit).toBe(32);
});

test("bears latency within the tolerance", () => {
  const limit = new InFlightLimit(20, T0 as Micros);
  const window = windows(limit);
  for (let i = 0; i < 20; i++) window(100_000);
  for (let i = 0; i < 20; i++) window(140_000);
  expect(limit.limit).toBe(20);
});

test("does not move when less than half of it is in use", () => {
  const limit = new InFlightLimit(32, T0 as Micros);
  const window = windows(limit);
  for (let i = 0; i < 20; i++) window(100_000);
  for (let i = 0; i < 20; i++) window(5_000_000, 3);
  expect(limit.limit).toBe(32);
});

test("one slow answer among quick ones changes little", () => {
  const limit = new InFlightLimit(8, T0 as Micros);
  const window = windows(limit);
  for (let i = 0; i < 20; i++) window(50_000);
  window(400_000);
  expect(limit.limit).toBeGreaterThanOrEqual(7);
});

test("is never below 1 nor above its maximum", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 64 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 1, max: 64 })), {
        maxLength: 60,
      }),
      (max, samples) => {
        const limit = new InFlightLimit(max, T0 as Micros);
        const window = windows(limit);
        for (const [latency, inFlight] of samples) {
          window(latency, Math.min(inFlight, max));
          expect(limit.limit).toBeGreaterThanOrEqual(1);
          expect(limit.limit).toBeLessThanOrEqual(max);
        }
      },
    ),
  );
});

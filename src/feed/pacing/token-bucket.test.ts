import fc from "fast-check";
import { expect, test } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { TokenBucket } from "./token-bucket.ts";

const T0 = 1_700_000_000_000_000 as Micros;
const later = (micros: number) => (T0 + micros) as Micros;

test("what leaves in any window is at most capacity plus rate times its length", () => {
  const steps = fc.array(
    fc.record({ wait: fc.integer({ min: 0, max: 400_000 }), cost: fc.integer({ min: 1, max: 12 }) }),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(
      steps,
      fc.double({ min: 0.5, max: 50, noNaN: true }),
      fc.integer({ min: 1, max: 20 }),
      (all, rate, capacity) => {
        const bucket = new TokenBucket(rate, capacity, T0);
        const left: { at: number; cost: number }[] = [];
        let at = 0;
        for (const { wait, cost } of all) {
          at += wait;
          if (bucket.take(cost, later(at))) left.push({ at, cost });
        }
        const most = Math.max(capacity, ...left.map(({ cost }) => cost));
        for (let from = 0; from < left.length; from++) {
          let sum = 0;
          for (let to = from; to < left.length; to++) {
            sum += left[to]!.cost;
            const seconds = (left[to]!.at - left[from]!.at) / 1e6;
            expect(sum).toBeLessThanOrEqual(most + rate * seconds + 1e-3);
          }
        }
      },
    ),
  );
});

test("what is not covered now is covered at the instant that is named, and that is ahead", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 5_000, noNaN: true }),
      fc.integer({ min: 1, max: 500 }),
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 }),
      (rate, capacity, costs) => {
        const bucket = new TokenBucket(rate, capacity, T0);
        let now = T0;
        for (const cost of costs) {
          const at = bucket.readyAt(cost, now);
          if (bucket.covers(cost, now)) expect(at).toBe(now);
          else expect(at).toBeGreaterThan(now);
          now = at;
          expect(bucket.take(cost, now)).toBe(true);
        }
      },
    ),
  );
});

test("held empty, it has saved nothing when it opens", () => {
  const bucket = new TokenBucket(10, 20, T0);
  bucket.emptyUntil(later(3_000_000));
  expect(bucket.covers(1, later(2_999_999))).toBe(false);
  expect(bucket.covers(1, later(3_000_000))).toBe(false);
  expect(bucket.readyAt(1, later(1_000_000))).toBe(later(3_100_000));
  expect(bucket.take(1, later(3_100_000))).toBe(true);
  expect(bucket.covers(1, later(3_100_001))).toBe(false);
});

test("a smaller capacity loses what is above it, and a debt stays", () => {
  const bucket = new TokenBucket(10, 20, T0);
  bucket.resize(10, 5, T0);
  expect(bucket.take(8, T0)).toBe(true);
  expect(bucket.readyAt(1, T0)).toBe(later(400_000));
});

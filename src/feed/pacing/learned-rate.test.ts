import fc from "fast-check";
import { expect, test } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { LearnedRate } from "./learned-rate.ts";

const T0 = 1_700_000_000_000_000;
const SECOND = 1_000_000;
const at = (seconds: number) => (T0 + seconds * SECOND) as Micros;

/** Uses `share` of the rate in each of the seconds from `from` to `to`. */
function useFor(rate: LearnedRate, from: number, to: number, share: number): void {
  for (let second = from; second < to; second++) {
    const used = rate.perSecond * share;
    for (let i = 0; i < 20; i++) rate.use(used / 20);
    rate.advance(at(second + 1));
  }
}

test("grows while it is used, up to the ceiling", () => {
  const rate = new LearnedRate(100, 10, at(0));
  useFor(rate, 0, 5, 1);
  expect(rate.perSecond).toBeGreaterThan(14);
  useFor(rate, 5, 60, 1);
  expect(rate.perSecond).toBe(100);
});

test("does not grow when less than half of it is used, nor while idle", () => {
  const rate = new LearnedRate(100, 10, at(0));
  useFor(rate, 0, 20, 0.49);
  rate.advance(at(1_000));
  expect(rate.perSecond).toBe(10);
});

test("cuts once per congestion epoch", () => {
  const rate = new LearnedRate(100, 40, at(0));
  useFor(rate, 0, 3, 1);
  const before = rate.perSecond;
  expect(rate.cut(at(2.9), at(3))).toBe(true);
  expect(rate.perSecond).toBeCloseTo(0.85 * before, 9);
  for (const sent of [2.8, 2.95, 3]) expect(rate.cut(at(sent), at(3.1))).toBe(false);
  expect(rate.perSecond).toBeCloseTo(0.85 * before, 9);
  expect(rate.cut(at(3.05), at(3.2))).toBe(true);
  expect(rate.cuts).toBe(2);
});

test("is careful around the last refused rate, and quick again when that proves wrong", () => {
  const rate = new LearnedRate(1_000, 100, at(0));
  useFor(rate, 0, 1, 1);
  const refused = rate.perSecond;
  rate.cut(at(1), at(1));
  let second = 1;
  const step = () => {
    const before = rate.perSecond;
    useFor(rate, second, second + 1, 1);
    second++;
    return (rate.perSecond - before) / before;
  };
  while (rate.perSecond < 0.92 * refused) expect(step()).toBeLessThanOrEqual(0.0301);
  expect(second).toBeLessThan(8);
  const plateau = second;
  while (rate.perSecond <= 1.01 * refused) expect(step()).toBeLessThan(0.0025);
  expect(second - plateau).toBeGreaterThan(25);
  expect(second - plateau).toBeLessThan(45);
  for (let i = 0; i < 10; i++) step();
  expect(step()).toBeCloseTo(0.1, 2);
});

test("forgets a refusal after 90 seconds", () => {
  const rate = new LearnedRate(1_000, 100, at(0));
  useFor(rate, 0, 1, 1);
  rate.cut(at(1), at(1));
  useFor(rate, 1, 8, 1);
  const careful = rate.perSecond;
  useFor(rate, 8, 92, 0);
  expect(rate.perSecond).toBe(careful);
  useFor(rate, 92, 93, 1);
  expect(rate.perSecond).toBeGreaterThan(1.02 * careful);
});

test("a refusal of little use cuts to what such use could have earned, and is not remembered", () => {
  const rate = new LearnedRate(100, 100, at(0));
  useFor(rate, 0, 40, 0.05);
  for (let i = 0; i < 5; i++) rate.use(1);
  rate.cut(at(40), at(40.5));
  expect(rate.perSecond).toBeCloseTo(0.85 * 10, 6);
  useFor(rate, 42, 47, 1);
  expect(rate.perSecond).toBeGreaterThan(10.5);
});

test("stays between its floor and its ceiling, whatever happens", () => {
  const event = fc.record({
    wait: fc.integer({ min: 0, max: 5 * SECOND }),
    use: fc.double({ min: 0, max: 300, noNaN: true }),
    cut: fc.boolean(),
    hold: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const rate = new LearnedRate(100, 50, at(0));
      let now = T0;
      for (const { wait, use, cut, hold } of events) {
        now += wait;
        rate.use(use);
        if (hold) rate.hold();
        if (cut) rate.cut((now - 1) as Micros, now as Micros);
        rate.advance(now as Micros);
        expect(rate.perSecond).toBeGreaterThanOrEqual(2);
        expect(rate.perSecond).toBeLessThanOrEqual(100);
        expect(rate.utilisation).toBeGreaterThanOrEqual(0);
        expect(rate.utilisation).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("a class of one request a minute grows by requests, not by seconds", () => {
  const rate = new LearnedRate(1 / 30, 1 / 60, at(0));
  const before = rate.perSecond;
  for (let minute = 0; minute < 10; minute++) {
    rate.use(1);
    rate.advance(at(60 * (minute + 1)));
  }
  expect(rate.perSecond).toBeGreaterThan(before);
  expect(rate.perSecond).toBeLessThanOrEqual(1 / 30);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { Alarm, type AlarmRule } from "./alarm.ts";
import { EventWindow } from "./event-window.ts";
import { LatencyWindow } from "./latency-window.ts";

const SECOND = 1_000_000;
const RULE: AlarmRule = {
  fireAt: 10,
  clearAt: 5,
  fireAfterMicros: 2 * SECOND,
  clearAfterMicros: 3 * SECOND,
  dwellMicros: 4 * SECOND,
};
const at = (seconds: number): Micros => (seconds * SECOND) as Micros;

describe("an alarm", () => {
  it("fires after its proof, holds between the thresholds, and clears after its proof", () => {
    const alarm = new Alarm(RULE);
    const values = [12, 12, 12, 7, 7, 4, 4, 9, 4, 4, 4, 4];
    const changes = values.map((value, second) => alarm.update(value, at(second)));
    expect(changes.map((change, second) => change && `${change} ${second}`).filter(Boolean)).toEqual([
      "fired 2",
      "cleared 11",
    ]);
  });

  it("never changes twice within its dwell, nor without its proof, whatever the values", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 2 }))),
        (steps) => {
          const alarm = new Alarm(RULE);
          let now = 0;
          let changedAt = Number.NEGATIVE_INFINITY;
          let isOn = false;
          for (const [value, wait] of steps) {
            now += wait;
            const change = alarm.update(value, at(now));
            if (change === null) continue;
            expect(change).toBe(isOn ? "cleared" : "fired");
            expect(now - changedAt).toBeGreaterThanOrEqual(4);
            expect(isOn ? value <= RULE.clearAt : value >= RULE.fireAt).toBe(true);
            isOn = !isOn;
            changedAt = now;
          }
          expect(alarm.isOn).toBe(isOn);
        },
      ),
    );
  });

  it("takes a value that is no number for neither good nor bad", () => {
    const alarm = new Alarm({ ...RULE, fireAfterMicros: 0 });
    expect(alarm.update(Number.NaN, at(1))).toBe(null);
    expect(alarm.update(20, at(2))).toBe("fired");
    expect(alarm.update(Number.NaN, at(60))).toBe(null);
  });
});

describe("an event window", () => {
  it("counts what lies within its span, to a bucket", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), (gaps) => {
        const window = new EventWindow(100, 10);
        const events: number[] = [];
        let now = 1_000;
        for (const gap of gaps) {
          now += gap;
          window.add(now, 1);
          events.push(now);
          const total = window.total(now);
          expect(total).toBeGreaterThanOrEqual(events.filter((each) => each > now - 90).length);
          expect(total).toBeLessThanOrEqual(events.filter((each) => each > now - 100).length);
          expect(window.last(now, 30)).toBeLessThanOrEqual(total);
        }
        expect(window.total(now + 200)).toBe(0);
      }),
    );
  });
});

describe("a latency window", () => {
  it("gives quantiles to the width of a bucket and forgets what is past", () => {
    const window = new LatencyWindow(60 * SECOND);
    for (let i = 1; i <= 1_000; i++) window.add(at(1), i * 100);
    expect(window.count(at(1))).toBe(1_000);
    expect(window.quantile(at(1), 0.95)).toBeGreaterThanOrEqual(95_000);
    expect(window.quantile(at(1), 0.95)).toBeLessThanOrEqual(95_000 * 1.2);
    expect(window.quantile(at(1), 1)).toBeGreaterThanOrEqual(100_000);
    expect(window.count(at(70))).toBe(0);
    expect(window.quantile(at(70), 0.5)).toBe(0);
  });

  it("holds any latency without growing", () => {
    const window = new LatencyWindow(60 * SECOND);
    for (const micros of [Number.NaN, -5, 0, 1, 1e18, Number.POSITIVE_INFINITY]) window.add(at(1), micros);
    expect(window.count(at(1))).toBe(6);
    expect(Number.isFinite(window.quantile(at(1), 1))).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { StepClock } from "./step-clock.ts";

const at = (micros: number): Micros => micros as Micros;

describe("StepClock", () => {
  it("rings in order of instant, then of being set, whatever is cancelled", () => {
    const step = fc.record({ delay: fc.integer({ min: 0, max: 20 }), cancels: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.array(fc.nat(30), { maxLength: 8 }),
        (steps, moves) => {
          const clock = new StepClock(at(1_000));
          const rung: { at: number; order: number }[] = [];
          const expected: { at: number; order: number }[] = [];
          const cancels = steps.map((each, order) => {
            if (!each.cancels) expected.push({ at: 1_000 + each.delay, order });
            return clock.after(each.delay, () => rung.push({ at: clock.now(), order }));
          });
          steps.forEach((each, i) => {
            if (each.cancels) cancels[i]!();
          });
          expect(clock.pending).toBe(expected.length);
          for (const move of moves) clock.advanceTo(at(clock.now() + move));
          clock.advanceTo(at(2_000));
          expected.sort((a, b) => a.at - b.at || a.order - b.order);
          expect(rung).toEqual(expected);
          expect([clock.pending, clock.next(), clock.now()]).toEqual([0, null, 2_000]);
        },
      ),
    );
  });

  it("rings alarms set by alarms within the same move, and stops at the instant asked for", () => {
    const clock = new StepClock(at(0));
    const rung: number[] = [];
    const tick = () => {
      rung.push(clock.now());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    clock.advanceTo(at(35));
    expect(rung).toEqual([10, 20, 30]);
    expect([clock.now(), clock.next(), clock.pending]).toEqual([35, 40, 1]);
  });

  it("never goes back, and treats parts and negative delays as said", () => {
    const clock = new StepClock(at(100));
    const rung: number[] = [];
    clock.after(-5, () => rung.push(clock.now()));
    clock.after(0.2, () => rung.push(clock.now()));
    clock.advanceTo(at(50));
    expect([clock.now(), rung.length]).toEqual([100, 0]);
    clock.advanceTo(at(101));
    expect(rung).toEqual([100, 101]);
    expect(() => clock.after(Number.NaN, () => {})).toThrow(RangeError);
  });

  it("cancelling twice, late, or from the alarm itself does nothing", () => {
    const clock = new StepClock(at(0));
    let rung = 0;
    const cancel = clock.after(1, () => {
      rung++;
      cancel();
    });
    const other = clock.after(2, () => rung++);
    clock.advanceTo(at(1));
    cancel();
    other();
    other();
    clock.advanceTo(at(5));
    expect([rung, clock.pending]).toEqual([1, 0]);
  });

  it("refuses to be moved by an alarm, and can be moved again after an alarm threw", () => {
    const clock = new StepClock(at(0));
    clock.after(1, () => clock.advanceTo(at(9)));
    expect(() => clock.advanceTo(at(2))).toThrow("must not move");
    clock.advanceTo(at(3));
    expect(clock.now()).toBe(3);
  });

  it("holds nothing of alarms that are long gone", () => {
    const clock = new StepClock(at(0));
    for (let i = 0; i < 200_000; i++) {
      const cancel = clock.after(1_000_000_000, () => {});
      clock.after(1, () => {});
      clock.advanceTo(at(clock.now() + 1));
      cancel();
    }
    expect(clock.pending).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { Pace } from "./pace.ts";

const SECOND = 1_000_000;

/** A pace by a clock that the test moves. */
function paced(speed: number) {
  const clock = { now: 50 * SECOND };
  return { clock, pace: new Pace(speed, () => clock.now) };
}

describe("Pace", () => {
  it("has no limit at speed 0", () => {
    expect(paced(0).pace.limited).toBe(false);
    expect(paced(2).pace.limited).toBe(true);
  });

  it("starts with the first fact and waits for what lies ahead of the clock", () => {
    const { pace, clock } = paced(1);
    expect(pace.waitMs(1_000 * SECOND)).toBe(0);
    expect(pace.waitMs(1_002 * SECOND)).toBe(2_000);
    clock.now += 1.5 * SECOND;
    expect(pace.waitMs(1_002 * SECOND)).toBe(500);
    clock.now += SECOND;
    expect(pace.waitMs(1_002 * SECOND)).toBe(0);
  });

  it("lets recorded time run faster or slower than the clock", () => {
    const fast = paced(10).pace;
    fast.waitMs(0);
    expect(fast.waitMs(10 * SECOND)).toBe(1_000);
    const slow = paced(0.5).pace;
    slow.waitMs(0);
    expect(slow.waitMs(SECOND)).toBe(2_000);
  });

  it("does not wait for what is only a little ahead", () => {
    const { pace } = paced(1);
    pace.waitMs(0);
    expect(pace.waitMs(20_000)).toBe(0);
    expect(pace.waitMs(20_001)).toBeGreaterThan(0);
  });
});

import { expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { SkewedTimers } from "./skewed-timers.ts";
import { StepClock } from "./step-clock.ts";

it("shows another time, changed at will, and rings at the real distance", () => {
  const real = new StepClock(1_000_000 as Micros);
  const skewed = new SkewedTimers(real, 2_500);
  const rung: number[] = [];
  skewed.after(100, () => rung.push(real.now(), skewed.now()));
  skewed.setSkew(-400);
  real.advanceTo(1_000_200 as Micros);
  expect(rung).toEqual([1_000_100, 999_700]);
  expect(skewed.now()).toBe(999_800);
});

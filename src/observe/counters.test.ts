import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Micros } from "../contracts/index.ts";
import { RateWindow, Tally } from "./counters.ts";

const SECOND = 1_000_000;
const at = (micros: number) => micros as Micros;

describe("RateWindow", () => {
  it("gives the rate of a steady stream, from the first second on", () => {
    const window = new RateWindow(10 * SECOND);
    for (let ms = 0; ms < 30_000; ms += 10) {
      window.add(1, at(ms * 1_000));
      if (ms > 1_000 && ms % 500 === 0) {
        expect(window.perSecond(at(ms * 1_000))).toBeGreaterThan(90);
        expect(window.perSecond(at(ms * 1_000))).toBeLessThan(110);
      }
    }
    expect(window.total).toBe(3_000);
  });

  it("falls to zero when nothing happens for a window", () => {
    const window = new RateWindow(5 * SECOND);
    window.add(1_000, at(SECOND));
    expect(window.perSecond(at(2 * SECOND))).toBeGreaterThan(0);
    expect(window.perSecond(at(7 * SECOND))).toBe(0);
    expect(window.perSecond(at(1_000 * SECOND))).toBe(0);
  });

  it("never counts more than was added, in whatever order instants come", () => {
    void fc.assert(
      fc.property(fc.array(fc.nat(100_000_000), { minLength: 1, maxLength: 50 }), (instants) => {
        const window = new RateWindow(10 * SECOND);
        for (const instant of instants) window.add(1, at(instant));
        const now = Math.max(...instants);
        expect(window.perSecond(at(now)) * 0.5).toBeLessThanOrEqual(instants.length);
        expect(window.total).toBe(instants.length);
      }),
    );
  });

  it("refuses a window without room for its buckets", () => {
    expect(() => new RateWindow(3)).toThrow("window too short");
  });
});

describe("Tally", () => {
  it("ranks by count, then by name, and bounds the number of names", () => {
    const tally = new Tally(2);
    for (const name of ["b", "a", "b", "c", "d", "a"]) tally.add(name);
    expect(tally.ranked()).toEqual([
      { name: "a", count: 2 },
      { name: "b", count: 2 },
      { name: "other", count: 2 },
    ]);
  });
});

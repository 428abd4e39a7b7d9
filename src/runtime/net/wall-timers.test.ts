import { describe, expect, it } from "vitest";
import { WallTimers } from "./wall-timers.ts";

describe("WallTimers", () => {
  it("counts microseconds of the epoch and never goes back, whatever the wall clock does", () => {
    let monotonic = 1_700_000_000_000;
    let ahead = 0;
    const clock = new WallTimers({ monotonic: () => monotonic, wall: () => monotonic + ahead });
    expect(clock.now()).toBe(1_700_000_000_000_000);
    monotonic += 0.25;
    expect(clock.now()).toBe(1_700_000_000_000_250);
    ahead = -60_000;
    monotonic += 5_000;
    expect(clock.now()).toBe(1_700_000_005_000_250);
    ahead = 3_600_000;
    monotonic += 5_000;
    expect(clock.now()).toBe(1_700_003_610_000_250);
    ahead = 0;
    monotonic += 5_000;
    expect(clock.now()).toBe(1_700_003_615_000_250);
  });

  it("is near the system's clock", () => {
    expect(Math.abs(new WallTimers().now() / 1_000 - Date.now())).toBeLessThan(1_000);
  });

  it("rings in order of delay, not within the call, and counts what is set", async () => {
    const clock = new WallTimers();
    const rung: string[] = [];
    await new Promise<void>((resolve) => {
      clock.after(20_000, () => {
        rung.push("late");
        resolve();
      });
      clock.after(100, () => rung.push("early"));
      clock.after(0, () => rung.push("now"));
      const cancel = clock.after(50, () => rung.push("cancelled"));
      expect([clock.pending, rung.length]).toEqual([4, 0]);
      cancel();
      cancel();
      expect(clock.pending).toBe(3);
    });
    expect(rung).toEqual(["now", "early", "late"]);
    expect(clock.pending).toBe(0);
  });

  it("takes every alarm back at its end and sets no more", () => {
    const clock = new WallTimers();
    for (let i = 0; i < 100; i++) clock.after(i * 1_000, () => expect.unreachable());
    clock.close();
    clock.after(0, () => expect.unreachable());
    expect(clock.pending).toBe(0);
  });
});

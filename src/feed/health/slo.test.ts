import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { DEFAULT_SLO, type SloChange, type SloMetric, type SloOptions, SloWatch } from "./slo.ts";

const SECOND = 1_000_000;
const at = (seconds: number): Micros => (seconds * SECOND) as Micros;

class Run {
  readonly watch: SloWatch;
  readonly changes: string[] = [];
  now = 0;

  constructor(options: Partial<SloOptions> = {}) {
    this.watch = new SloWatch({ ...DEFAULT_SLO, ...options });
  }

  /** Five samples a second; none while the scope is left out. */
  go(seconds: number, micros: number, metric: SloMetric = "execution"): SloChange[] {
    const all: SloChange[] = [];
    for (let i = 0; i < seconds; i++) {
      this.now++;
      for (let k = 0; k < 5 && this.watch.level("kalshi") !== "skip"; k++)
        this.watch.observe("kalshi", metric, micros, at(this.now));
      for (const change of this.watch.tick(at(this.now))) {
        this.changes.push(`${this.now} ${change.metric} ${change.level} ${change.reason}`);
        all.push(change);
      }
    }
    return all;
  }
}

describe("latency objectives", () => {
  it("planted slowness throttles, then skips, is tried again, and recovers", () => {
    const run = new Run();
    run.go(60, SECOND);
    expect(run.changes).toEqual([]);
    const [throttled] = run.go(30, 9 * SECOND);
    expect(throttled).toMatchObject({ level: "throttle", reason: "feed.slow", limitMicros: 5 * SECOND });
    expect(throttled!.observedMicros).toBeGreaterThanOrEqual(9 * SECOND);
    run.go(30, 9 * SECOND);
    expect(run.watch.level("kalshi")).toBe("skip");
    run.go(120, SECOND);
    expect(run.watch.level("kalshi")).toBe("ok");
    expect(run.changes.map((change) => change.split(" ")[2])).toEqual(["throttle", "skip", "throttle", "ok"]);
  });

  it("a short breach does nothing", () => {
    const run = new Run({ spanMicros: 6 * SECOND });
    run.go(60, SECOND);
    run.go(3, 9 * SECOND);
    run.go(60, SECOND);
    expect(run.changes).toEqual([]);
  });

  it("keeps skipping longer while it stays slow", () => {
    const run = new Run();
    run.go(1_200, 9 * SECOND);
    const skips = run.changes
      .filter((change) => change.includes("skip"))
      .map((change) => Number(change.split(" ")[0]));
    const pauses = skips.slice(1).map((second, i) => second - skips[i]!);
    expect(pauses.length).toBeGreaterThanOrEqual(2);
    for (let i = 1; i < pauses.length; i++) expect(pauses[i]!).toBeGreaterThan(pauses[i - 1]!);
  });

  it("does not recover just below the limit, nor on few samples", () => {
    const run = new Run();
    run.go(30, 9 * SECOND);
    expect(run.watch.level("kalshi")).toBe("throttle");
    run.watch.forget("kalshi");
    expect(run.watch.level("kalshi")).toBe("ok");
    const slow = new Run({ skipAfterMicros: 1e12 });
    slow.go(30, 9 * SECOND);
    slow.go(200, 4.5 * SECOND);
    expect(slow.watch.level("kalshi")).toBe("throttle");
    slow.go(200, SECOND);
    expect(slow.watch.level("kalshi")).toBe("ok");
  });

  it("takes the worst of the metrics, and each on its own limit", () => {
    const run = new Run();
    run.go(30, 200_000, "decision");
    expect(run.watch.level("kalshi")).toBe("throttle");
    run.go(5, 200_000, "execution");
    expect(run.watch.level("kalshi")).toBe("throttle");
    expect(run.watch.level("polymarket")).toBe("ok");
  });

  it("says nothing on too few samples and bounds its scopes", () => {
    const watch = new SloWatch({ ...DEFAULT_SLO, maxScopes: 2 });
    for (const scope of ["a", "b", "c"]) watch.observe(scope, "decision", 1e9, at(0));
    for (let second = 0; second < 60; second++) expect(watch.tick(at(second))).toEqual([]);
    for (let i = 0; i < 100; i++) watch.observe("c", "decision", 1e9, at(60 + i));
    for (let second = 60; second < 200; second++) expect(watch.tick(at(second))).toEqual([]);
  });
});

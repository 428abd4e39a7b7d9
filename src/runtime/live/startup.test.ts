import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { Startup } from "./startup.ts";

const at = (ms: number) => (ms * 1000) as Micros;

describe("startup", () => {
  it("tells each stage as it ends, with its time, and is complete at the first quotes", () => {
    const startup = new Startup(["a", "b"], 60_000_000, at(0));
    startup.progress("a", "discovery", 3, null, at(5));
    startup.end("a", "discovery", at(10));
    startup.progress("a", "connect", 2, 2, at(12));
    expect(startup.takeEnded().map(({ stage, endedMs }) => [stage, endedMs])).toEqual([
      ["discovery", 10],
      ["connect", 12],
    ]);
    expect(startup.takeEnded()).toEqual([]);
    startup.end("a", "quote", at(20));
    expect(startup.complete).toBe(false);
    startup.end("b", "quote", at(30));
    expect(startup.complete).toBe(true);
    expect(startup.board().map(({ venue, stage }) => `${venue}.${stage}`)).toEqual([
      "a.discovery",
      "a.connect",
      "a.quote",
      "b.quote",
    ]);
  });

  it("ends with venue and stage when a venue hangs, however far it came", () => {
    const startup = new Startup(["a", "b"], 1_000_000, at(0));
    startup.end("a", "quote", at(1));
    startup.progress("b", "discovery", 2, 9, at(500));
    startup.progress("b", "discovery", 2, 9, at(900));
    expect(() => startup.check(at(1_499))).not.toThrow();
    expect(() => startup.check(at(1_500))).toThrow("run: b: discovery: no progress for 1 s (2 of 9)");
  });

  it("ends at once when a stage fails, but not after the first quote", () => {
    const startup = new Startup(["a"], 1_000_000, at(0));
    startup.fail("a", "auth", "the venue refused the key");
    startup.fail("a", "connect", "later");
    expect(() => startup.check(at(1))).toThrow("run: a: auth: the venue refused the key");
    startup.end("a", "quote", at(2));
    expect(() => startup.check(at(3))).not.toThrow();
  });
});

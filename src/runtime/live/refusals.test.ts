import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { Refusals } from "./refusals.ts";

describe("refusals", () => {
  it("counts all, and notes each reason of a venue at most once a second", () => {
    const refusals = new Refusals();
    const add = (ms: number, reason: "feed.timeout" | "feed.html" = "feed.timeout") =>
      refusals.add("acme", reason, "poll of 3 books", (ms * 1000) as Micros);
    expect(add(0)).toBe("poll of 3 books");
    expect(add(10)).toBeNull();
    expect(add(20, "feed.html")).toBe("poll of 3 books");
    expect(add(999)).toBeNull();
    expect(add(1_000)).toBe("poll of 3 books (and 2 more since the last note)");
    expect(refusals.counts()).toEqual({ acme: { "feed.timeout": 4, "feed.html": 1 } });
  });

  it("cuts long details", () => {
    expect(new Refusals().add("a", "feed.html", "x".repeat(500), 0 as Micros)).toHaveLength(200);
  });
});

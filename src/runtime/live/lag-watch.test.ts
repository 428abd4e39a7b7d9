import { describe, expect, it } from "vitest";
import { LagWatch } from "./lag-watch.ts";

describe("the lag watch", () => {
  it("is behind at the first late round and caught up after twenty good ones in a row", () => {
    const watch = new LagWatch(500);
    expect(watch.observe(500)).toBeNull();
    expect(watch.observe(501)).toBe(true);
    for (let i = 0; i < 19; i++) expect(watch.observe(0)).toBeNull();
    expect(watch.observe(900)).toBeNull();
    for (let i = 0; i < 19; i++) expect(watch.observe(0)).toBeNull();
    expect(watch.observe(0)).toBe(false);
    expect(watch.behind).toBe(false);
  });
});

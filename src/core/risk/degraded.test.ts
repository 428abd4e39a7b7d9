import { describe, expect, it } from "vitest";
import { DegradedScopes } from "./degraded.ts";

describe("degraded scopes", () => {
  it("names the reason of the venue, or of everything, until it is sound again", () => {
    const scopes = new DegradedScopes();
    expect(scopes.of("kalshi")).toBeNull();
    scopes.set("kalshi", true, "feed.frozen");
    expect(scopes.of("kalshi")).toBe("feed.frozen");
    expect(scopes.of("polymarket")).toBeNull();
    scopes.set("all", true, "feed.overflow");
    expect(scopes.of("polymarket")).toBe("feed.overflow");
    scopes.set("all", false, "");
    scopes.set("kalshi", false, "");
    expect(scopes.of("kalshi")).toBeNull();
  });

  it("remembers a bounded number of scopes", () => {
    const scopes = new DegradedScopes();
    for (let i = 0; i < 2000; i++) scopes.set(`v${i}`, true, "r");
    expect(scopes.of("v0")).toBe("r");
    expect(scopes.of("v1999")).toBeNull();
  });
});

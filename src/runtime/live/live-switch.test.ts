import { describe, expect, it } from "vitest";
import type { Profile } from "../profile/schema.ts";
import { LIVE_VARIABLE, LIVE_WORDS, liveOrdersAllowed } from "./live-switch.ts";

const profile = (mode: "paper" | "live") => ({ mode }) as Profile;
const SAID = { [LIVE_VARIABLE]: LIVE_WORDS };

describe("the live switches", () => {
  it("are off unless all three say so", () => {
    expect(liveOrdersAllowed(profile("paper"), false, {})).toBe(false);
    expect(liveOrdersAllowed(profile("paper"), false, SAID)).toBe(false);
    expect(liveOrdersAllowed(profile("live"), true, SAID)).toBe(true);
  });

  it.each([
    [profile("live"), false, {}, /--live on the command line, EMP_LIVE_TRADING/],
    [profile("live"), true, {}, /missing: EMP_LIVE_TRADING/],
    [profile("live"), true, { [LIVE_VARIABLE]: "yes" }, /missing: EMP_LIVE_TRADING/],
    [profile("live"), false, SAID, /missing: --live/],
    [profile("paper"), true, SAID, /missing: mode: live/],
  ])("a part of them is an error that names the rest", (which, flag, env, expected) => {
    expect(() => liveOrdersAllowed(which, flag, env)).toThrow(expected);
  });
});

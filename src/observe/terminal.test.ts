import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Micros } from "../contracts/index.ts";
import type { ScreenState } from "./screen-state.ts";
import { openTerminal, wantsColour } from "./terminal.ts";

const STATE: ScreenState = {
  profile: "demo",
  profileHash: "00",
  mode: "paper",
  journal: "none",
  uptimeMs: 0,
  marketAt: 0 as Micros,
  speed: null,
  books: { listed: 0, valid: 0, quarantined: 0, reasons: [] },
  rates: { framesPerSecond: 0, factsPerSecond: 0, frames: 0, facts: 0 },
  venues: [],
  lanes: [],
  funnel: { detected: 0, refused: 0, approved: 0, filled: 0, partial: 0, missed: 0 },
  opportunities: [],
  money: {
    currency: "USD",
    startCash: "1",
    cash: "1",
    reserved: "0",
    openAtWorst: "0",
    fees: "0",
    equity: "1",
    openPositions: 0,
  },
  decision: null,
  health: { level: "ok", text: "well" },
};

function fakeStream(isTTY: boolean) {
  const written: string[] = [];
  const stream = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        done();
      },
    }),
    { isTTY, columns: 100, rows: 30 },
  );
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => written.join("") };
}

describe("openTerminal", () => {
  it("writes plain summary lines where the output is no terminal", () => {
    const { stream, text } = fakeStream(false);
    const view = openTerminal({ stream, env: {}, snapshot: () => STATE });
    view.refresh();
    view.close();
    view.close();
    view.refresh();
    expect(text().split("\n")).toHaveLength(3);
    expect(text()).not.toContain("\u001b");
  });

  it("redraws one screen on a terminal and leaves the last one there", () => {
    const { stream, text } = fakeStream(true);
    const view = openTerminal({ stream, env: {}, snapshot: () => STATE });
    view.refresh();
    view.close();
    expect(text()).toContain("\u001b[");
    expect(text()).toContain("EMP ");
    expect(text()).toContain("health");
  });

  it("writes plain lines on a dumb terminal", () => {
    const { stream, text } = fakeStream(true);
    openTerminal({ stream, env: { TERM: "dumb" }, snapshot: () => STATE }).close();
    expect(text()).not.toContain("\u001b");
  });
});

describe("wantsColour", () => {
  it("is true on a terminal only, and not under NO_COLOR", () => {
    expect(wantsColour({ isTTY: true }, {})).toBe(true);
    expect(wantsColour({ isTTY: false }, {})).toBe(false);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: "" })).toBe(true);
    expect(wantsColour({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  });
});

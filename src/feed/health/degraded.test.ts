import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { DEFAULT_DEGRADED, DegradedMode, type VenueReading } from "./degraded.ts";

const SECOND = 1_000_000;
const WELL: VenueReading = {
  queueShare: 0.1,
  suspectShare: 0,
  missingShare: 0.02,
  gapRate: false,
  reconnectRate: false,
};

/** Plays one reading per second; returns the changes as `second on|off reason`. */
function play(readings: readonly Partial<VenueReading>[]): string[] {
  const mode = new DegradedMode(DEFAULT_DEGRADED);
  return readings.flatMap((reading, second) => {
    const change = mode.observe({ ...WELL, ...reading }, (second * SECOND) as Micros);
    return change === null ? [] : [`${second} ${change.on ? "on" : "off"} ${change.reason}`];
  });
}

function times<T>(count: number, value: T): T[] {
  return new Array(count).fill(value);
}

describe("degraded mode", () => {
  it("stays off while all is well", () => {
    expect(play(times(100, {}))).toEqual([]);
  });

  it("goes on at once with a full queue, and off when it was read for a while", () => {
    expect(play([{}, ...times(5, { queueShare: 0.95 }), ...times(10, { queueShare: 0.4 })])).toEqual([
      "1 on feed.overflow",
      "8 off feed.overflow",
    ]);
  });

  it("does not flap with a queue that swings between the thresholds", () => {
    const swing = Array.from({ length: 60 }, (_, i) => ({ queueShare: i % 2 === 0 ? 0.95 : 0.6 }));
    expect(play(swing)).toEqual(["0 on feed.overflow"]);
  });

  it("waits for lost coverage to last", () => {
    expect(play([...times(20, { missingShare: 0.8 }), ...times(30, {})])).toEqual([]);
    expect(play([...times(40, { missingShare: 0.8 }), ...times(30, {})])).toEqual([
      "30 on feed.coverage",
      "50 off feed.coverage",
    ]);
  });

  it("goes on with half of the streams suspect", () => {
    expect(
      play([...times(10, { suspectShare: 0.4 }), ...times(10, { suspectShare: 0.5 }), ...times(20, {})]),
    ).toEqual(["10 on feed.frozen", "25 off feed.frozen"]);
  });

  it("stays on until the last condition is gone", () => {
    const readings = [
      ...times(5, { gapRate: true }),
      ...times(5, { gapRate: true, reconnectRate: true }),
      ...times(5, { reconnectRate: true }),
      ...times(5, {}),
    ];
    expect(play(readings)).toEqual(["0 on feed.gap_rate", "15 off feed.reconnect_rate"]);
  });

  it("names all conditions that hold", () => {
    const mode = new DegradedMode(DEFAULT_DEGRADED);
    mode.observe({ ...WELL, queueShare: 1, gapRate: true }, 0 as Micros);
    expect(mode.isOn).toBe(true);
    expect(mode.reasons).toEqual(["feed.overflow", "feed.gap_rate"]);
  });
});

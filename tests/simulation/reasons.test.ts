import { describe, expect, it } from "vitest";
import { demoProfile, simulate } from "./simulate.ts";

/** Faults come fast here, so that each kind is met in little time. */
const SECONDS = 240;

/** What the world can make happen, by the fault that does it. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  malformed: ["wire.unreadable", "wire.too_deep", "book.unreadable"],
  torn_snapshot: ["wire.unreadable"],
  drop: ["book.gap", "book.witness_mismatch"],
  reorder: ["seq.reordered"],
  duplicate: ["seq.duplicate"],
  connection_lost: ["book.reconnect"],
  stall: ["quote.stale"],
  crossed: ["quote.crossed"],
  jump: ["quote.jump"],
  negative_level: ["book.negative_level"],
  tick_size: ["book.tick_change"],
  "the start of every book": ["book.never_seen", "quote.invalid_book"],
  "longshots and micro-price traps": ["quote.micro_price"],
  "two tokens of one market": ["wire.mirror"],
  "the end of a market": ["quote.one_sided", "book.venue_close"],
  "one opportunity found twice": ["dedupe.cooldown"],
};
/** Tried in turn until everything was met. */
const SEEDS = ["faults-1", "faults-2", "faults-3", "faults-4"];

describe("reasons", () => {
  it("every reason that the world's faults can cause occurs and is counted by venue", () => {
    const seen = new Set<string>();
    const wanted = [...new Set(Object.values(EXPECTED).flat())].sort();
    for (const seed of SEEDS) {
      const demo = demoProfile(seed);
      const world = { ...demo.world!, hazardEveryMs: 600, decoyEveryMs: 6_000, eventLifeMs: 120_000 };
      const { session, ear } = simulate(
        { ...demo, world, firewall: { ...demo.firewall, requireTwoSides: true } },
        SECONDS,
      );
      for (const reasons of Object.values(session.engine.replica.counters().reasons)) {
        for (const reason of Object.keys(reasons)) seen.add(reason);
      }
      for (const reason of ear.quoteReasons.keys()) seen.add(reason);
      if (wanted.every((reason) => seen.has(reason))) break;
    }
    expect(wanted.filter((reason) => !seen.has(reason))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import type { Reason } from "../../src/contracts/index.ts";
import type { Fault, FaultOptions } from "../../src/sim/embedded/faults/fault.ts";
import { heapBytes } from "./memory.ts";
import { endsWell, order, othersAreWell, runs, told } from "./scene.ts";
import { FAULT_VENUES, type FaultVenue } from "./venues.ts";

/** Mean silence of the busy market here is far below the five seconds from which on a stream may count as frozen. */
const BUSY = { eventsPerSecond: 60 };

const by = <T>(each: (venue: FaultVenue) => readonly T[]): readonly T[] => FAULT_VENUES.flatMap(each);

describe("connections", { retry: 2 }, () => {
  const start = runs();

  it.each(FAULT_VENUES)("$id: a lost connection is made again", async ({ id }) => {
    const run = await start({ speed: 4 });
    run.gate(id).begin("disconnect");
    const detected = await run.until("it is counted", () => run.count(id, "book.reconnect") > 0);
    order(run, FAULT_VENUES.find((other) => other.id !== id)?.id ?? id);
    othersAreWell(run, id);
    const healed = await run.until(`${id} is whole again`, () => run.isWhole(id));
    expect(run.reconnects(id)).toBeGreaterThan(0);
    order(run, id);
    await endsWell(run, id, ["feed.unreachable", "book.reconnect"]);
    told(`${id} disconnect: feed.unreachable, book.reconnect after ${detected} ms, healed in ${healed} ms`);
  });

  it.each(FAULT_VENUES)(
    "$id: a frozen stream that stays connected is found by its expected rate",
    async ({ id, stream }) => {
      const run = await start({ speed: 20, embedded: BUSY, feed: { reconcileEveryMs: 0 } });
      await run.pass(75_000);
      expect(run.count(id, "feed.frozen")).toBe(0);
      run.gate(id).begin("frozen", { durationMicros: null, match: stream });
      const detected = await run.until("it is counted", () => run.count(id, "feed.frozen") > 0);
      expect(run.count(id, "feed.heartbeat")).toBe(0);
      othersAreWell(run, id);
      const healed = await run.until(`${id} is whole again`, () => run.reconnects(id) > 0 && run.isWhole(id));
      order(run, id);
      const { facts } = await endsWell(run, id, ["feed.frozen"]);
      expect(facts).toContainEqual({
        kind: "degraded.mode",
        on: true,
        scope: id,
        reason: expect.stringMatching(/^feed\.(frozen|slow|coverage)$/),
      });
      told(`${id} frozen: feed.frozen after ${detected} ms, healed in ${healed} ms`);
    },
  );

  it.each(FAULT_VENUES)(
    "$id: a frozen stream is found by comparison, before any rate is learned",
    async ({ id, stream }) => {
      const run = await start({ speed: 4, embedded: BUSY, feed: { reconcileEveryMs: 200 } });
      run.gate(id).begin("frozen", { durationMicros: null, match: stream });
      const detected = await run.until("it is counted", () => run.count(id, "feed.divergence") > 0);
      othersAreWell(run, id);
      const healed = await run.until(`${id} is whole again`, () => run.reconnects(id) > 0 && run.isWhole(id));
      order(run, id);
      await endsWell(run, id, ["feed.divergence"]);
      told(`${id} frozen (compared): feed.divergence after ${detected} ms, healed in ${healed} ms`);
    },
  );

  it.each(FAULT_VENUES)("$id: a connection that says nothing at all is given up", async ({ id }) => {
    const run = await start({ speed: 20 });
    run.gate(id).begin("silent", { durationMicros: null });
    const detected = await run.until("it is counted", () => run.count(id, "feed.heartbeat") > 0);
    othersAreWell(run, id);
    const healed = await run.until(`${id} is whole again`, () => run.reconnects(id) > 0 && run.isWhole(id));
    order(run, id);
    await endsWell(run, id, ["feed.heartbeat"]);
    told(`${id} silent: feed.heartbeat after ${detected} ms, healed in ${healed} ms`);
  });

  it.each(FAULT_VENUES)(
    "$id: a connection that ends after each first frame is not tried in a storm",
    async ({ id, stream }) => {
      const run = await start({ speed: 20 });
      const seconds = 60;
      const end = run.gate(id).begin("resubscribe_loop", { durationMicros: null, match: stream });
      const detected = await run.until("it is counted", () => run.count(id, "feed.reconnect_rate") > 0);
      expect(run.link(id).watchdogs.isDegraded).toBe(true);
      await run.pass(seconds * 1_000);
      // Full jitter from a quarter of a second up to thirty: a minute has room for about a dozen attempts.
      expect(run.gate(id).injected()["resubscribe_loop"]).toBeLessThan(30);
      othersAreWell(run, id);
      end();
      const healed = await run.until("every book is usable", () => {
        const { wanted, usable } = run.coverage(id);
        return usable === wanted;
      });
      order(run, id);
      const { facts } = await endsWell(run, id, ["feed.reconnect_rate"]);
      expect(facts).toContainEqual({
        kind: "degraded.mode",
        on: true,
        scope: id,
        reason: expect.stringMatching(/^feed\.(reconnect_rate|coverage|frozen)$/),
      });
      told(`${id} resubscribe_loop: feed.reconnect_rate after ${detected} ms, healed in ${healed} ms`);
    },
  );
});

/** Frames that are lost, doubled, swapped or damaged; how each venue's books show it. */
const FRAMES: readonly [Fault, FaultOptions, Readonly<Record<string, readonly Reason[]>>][] = [
  ["gap", { count: 1 }, { kalshi: ["book.gap"], polymarket: ["book.witness_mismatch", "feed.divergence"] }],
  [
    "drop_some",
    { chance: 0.3 },
    { kalshi: ["book.gap"], polymarket: ["book.witness_mismatch", "feed.divergence"] },
  ],
  ["duplicate", { count: 5 }, { kalshi: ["seq.duplicate"], polymarket: [] }],
  ["double_some", { chance: 0.3 }, { kalshi: ["seq.duplicate"], polymarket: [] }],
  ["reorder", { count: 3 }, { kalshi: ["seq.reordered"], polymarket: [] }],
  ["malformed", { count: 3 }, { kalshi: ["wire.unreadable"], polymarket: ["wire.unreadable"] }],
];

describe("frames", { retry: 2 }, () => {
  const start = runs();

  it.each(
    by((venue) =>
      FRAMES.map(
        ([fault, options, reasons]) => [venue.id, fault, options, reasons[venue.id]!, venue] as const,
      ),
    ),
  )("%s: %s", async (id, fault, options, reasons, { stream }) => {
    const run = await start({ speed: 2, embedded: BUSY, feed: { reconcileEveryMs: 200 } });
    const gate = run.gate(id);
    const strike = () => gate.begin(fault, { durationMicros: null, match: stream, ...options });
    let end = strike();
    await run.until("it struck", () => (gate.injected()[fault] ?? 0) >= (options.count ?? 20));
    // One lost frame may have said nothing that a later one did not say again.
    const detected = await run.until("it is counted", () => {
      if (gate.active().length === 0 && reasons.length > 0) end = strike();
      return reasons.length === 0 || reasons.some((reason) => run.count(id, reason) > 0);
    });
    end();
    othersAreWell(run, id);
    const healed = await run.until(`${id} is whole again`, () => run.isWhole(id));
    expect(run.reconnects(id)).toBe(0);
    order(run, id);
    const counted = reasons.filter((reason) => run.count(id, reason) > 0);
    await endsWell(run, id, counted);
    told(`${id} ${fault}: ${counted.join(", ") || "harmless"} after ${detected} ms, healed in ${healed} ms`);
  });
});

describe("bursts", { retry: 2 }, () => {
  const start = runs();
  const MIB = 1_048_576;

  it.each(FAULT_VENUES)("$id: frames that were held back come at once", async ({ id, stream }) => {
    const run = await start({ speed: 1, embedded: { eventsPerSecond: 600 } });
    const frames = run.room.record.session.frames;
    run.gate(id).begin("burst", { durationMicros: null, match: stream, delayMicros: 1_000_000, count: 1 });
    await run.until(
      "they came",
      () => run.gate(id).injected()["burst"] === 1 && run.room.record.session.frames > frames + 200,
    );
    const healed = await run.until(`${id} is whole again`, () => run.isWhole(id));
    othersAreWell(run, id);
    expect(run.reconnects(id)).toBe(0);
    order(run, id);
    await endsWell(run, id, []);
    told(`${id} burst of held frames: harmless, whole after ${healed} ms`);
  });

  it("all venues: a hundred times the activity is caught up with, and leaves no memory behind", async () => {
    const run = await start({ speed: 1, embedded: { eventsPerSecond: 100 } });
    const { session } = run.room.record;
    await run.pass(1_000);
    const before = { heap: heapBytes(), frames: session.frames };
    run.stack.market.faults.activityBurst(100, 3_000_000);
    await run.pass(3_000);
    const inBurst = session.frames - before.frames;
    const healed = await run.until("every venue is whole", () =>
      FAULT_VENUES.every(({ id }) => run.isWhole(id)),
    );
    await run.pass(2_000);
    expect(heapBytes() - before.heap).toBeLessThan(32 * MIB);
    for (const { id } of FAULT_VENUES) {
      expect([id, run.reconnects(id)]).toEqual([id, 0]);
      order(run, id);
    }
    await endsWell(run, FAULT_VENUES[0]!.id, []);
    told(`all burst x100: ${inBurst} frames, whole after ${healed} ms`);
  });
});

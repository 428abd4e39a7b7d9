import { describe, expect, it } from "vitest";
import type { HttpOutcome } from "../../src/contracts/index.ts";
import { ACCOUNT, hasEnded } from "./probe-orders.ts";
import { calm, endsWell, order, othersAreWell, runs, told } from "./scene.ts";
import { FAULT_VENUES } from "./venues.ts";

describe("orders whose answer does not come", { retry: 2 }, () => {
  const start = runs();

  it.each(FAULT_VENUES)("$id: executed, the answer is lost: asked for, sent once, filled", async (venue) => {
    const run = await start({ speed: 10 });
    const { id } = venue;
    await calm(run, id);
    run.gate(id).begin("timeout_executed", { match: venue.order, count: 1, durationMicros: null });
    const sent = order(run, id);
    await run.until("it was executed", () => run.exchange(id).orders(ACCOUNT).length === 1);
    const healed = await run.until("its end is known", () => hasEnded(sent));
    expect(sent.updates.at(-1)?.state).toBe("filled");
    expect(run.traffic.of(id, venue.order)).toHaveLength(1);
    othersAreWell(run, id);
    await endsWell(run, id, []);
    told(
      `${id} order timeout_executed: ${sent.updates.map(({ state }) => state).join(", ")} in ${healed} ms`,
    );
  });

  it.each(FAULT_VENUES)("$id: never arrived: asked for until that is sure, sent once", async (venue) => {
    const run = await start({ speed: 10 });
    const { id } = venue;
    await calm(run, id);
    run.gate(id).begin("timeout_lost", { match: venue.order, count: 1, durationMicros: null });
    const sent = order(run, id);
    const healed = await run.until("its end is known", () => hasEnded(sent));
    const said = sent.updates.map(({ state, reason }) => [state, reason]);
    expect(said).toEqual([
      ["unknown", "order.unknown_state"],
      ["rejected", "order.timeout"],
    ]);
    expect([run.exchange(id).orders(ACCOUNT), run.traffic.of(id, venue.order).length]).toEqual([[], 1]);
    // Nothing of it holds up the next one.
    await calm(run, id);
    const next = order(run, id);
    await run.until("the next one is filled", () => next.updates.at(-1)?.state === "filled");
    othersAreWell(run, id);
    await endsWell(run, id, []);
    told(`${id} order timeout_lost: unknown, rejected (order.timeout) in ${healed} ms`);
  });

  it.each(FAULT_VENUES)(
    "$id: executed while the venue goes on to answer nothing: known once it answers",
    async (venue) => {
      const run = await start({ speed: 10 });
      const { id } = venue;
      await calm(run, id);
      run.gate(id).begin("timeout_executed", { match: venue.order, count: 1, durationMicros: null });
      const end = run.gate(id).begin("unavailable", { match: "GET ", durationMicros: null });
      run.gate(id).begin("disconnect");
      const sent = order(run, id);
      await run.until("nobody knows", () => sent.updates.at(-1)?.state === "unknown");
      await run.pass(5_000);
      expect(hasEnded(sent)).toBe(false);
      end();
      const healed = await run.until("its end is known", () => hasEnded(sent));
      expect(sent.updates.at(-1)?.state).toBe("filled");
      await run.until(`${id} is whole again`, () => run.isWhole(id));
      await endsWell(run, id, []);
      told(`${id} order timeout_executed + unavailable: known ${healed} ms after the venue answers`);
    },
  );
});

describe("the same order twice", { retry: 2 }, () => {
  const start = runs();

  it.each(FAULT_VENUES)("$id: handed over twice, it is sent once", async (venue) => {
    const run = await start({ speed: 4 });
    const { id } = venue;
    await calm(run, id);
    const sent = order(run, id);
    run.link(id).session.gateway!.submit(sent.order, sent.instrument);
    await run.until("it is filled", () => sent.updates.at(-1)?.state === "filled");
    run.link(id).session.gateway!.submit(sent.order, sent.instrument);
    await run.pass(1_000);
    expect(run.traffic.of(id, venue.order)).toHaveLength(1);
    expect(run.count(id, "order.duplicate")).toBe(2);
    await endsWell(run, id, ["order.duplicate"]);
    told(`${id} duplicate client id (handed over twice): order.duplicate, sent once`);
  });

  it.each(FAULT_VENUES)(
    "$id: doubled on the wire, the venue takes it once and both ends agree",
    async (venue) => {
      const run = await start({ speed: 4 });
      const { id } = venue;
      await calm(run, id);
      const sent = order(run, id);
      await run.until("it is filled", () => sent.updates.at(-1)?.state === "filled");
      const [first] = run.traffic.of(id, venue.order);
      let again: HttpOutcome | null = null;
      run.stack.ports(id).net.request(first!.request, (outcome) => {
        again = outcome;
      });
      await run.until("the venue refused it", () => again !== null);
      expect((again as unknown as { readonly status: number }).status).toBeGreaterThanOrEqual(400);
      expect(run.exchange(id).orders(ACCOUNT)).toHaveLength(1);
      await endsWell(run, id, []);
      told(
        `${id} duplicate client id (on the wire): HTTP ${(again as unknown as { readonly status: number }).status}, one order`,
      );
    },
  );

  it.each(FAULT_VENUES)(
    "$id: its answers are doubled and its fills told twice: counted once",
    async (venue) => {
      const run = await start({ speed: 4 });
      const { id } = venue;
      await calm(run, id);
      const end = run.gate(id).begin("double_some", { chance: 1, durationMicros: null });
      const sent = [order(run, id), order(run, id), order(run, id)];
      await run.until("they have ended", () => sent.every(hasEnded));
      await run.pass(1_000);
      end();
      expect(sent.map(({ updates }) => updates.filter(({ state }) => state === "filled").length)).toEqual([
        1, 1, 1,
      ]);
      await run.until(`${id} is whole`, () => run.isWhole(id));
      await endsWell(run, id, []);
    },
  );
});

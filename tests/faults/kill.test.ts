import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BID, type Lots, type Ticks, type VenueId } from "../../src/contracts/index.ts";
import type { KillState } from "../../src/runtime/live/kill-switch.ts";
import type { MatchingExchange } from "../../src/sim/embedded/matching-exchange.ts";
import { faultProfile } from "./fault-profile.ts";
import { factsOf } from "./journal-facts.ts";
import { ACCOUNT, hasEnded } from "./probe-orders.ts";
import { calm, runs, told } from "./scene.ts";
import { SimulatedRun } from "./simulated-run.ts";
import { FAULT_VENUES } from "./venues.ts";

/** From the kill to the last cancel accepted by every venue that answers (O4). */
const LIMIT_MICROS = 200_000;
const STALL_MICROS = 300_000;
const LOSS = 0.05;
const RESTING = 30;
const SECOND = 1_000_000;
const SEEDS = ["one", "two", "three", "four"];

/** Rests orders far from the market, as they stand after their entry. */
function rest(exchange: MatchingExchange): void {
  const symbols = exchange.events().flatMap(({ markets }) => markets.map(({ symbol }) => symbol));
  for (let i = 0; i < RESTING; i++) {
    const symbol = symbols[i % symbols.length]!;
    const { stepTicks, market } = exchange.market(symbol)!;
    const lots = Math.max(market.listing.minLots, market.listing.sizeScale) as Lots;
    const answer = exchange.submit({
      account: ACCOUNT,
      clientId: null,
      symbol,
      side: BID,
      ticks: stepTicks as Ticks,
      lots,
      timeInForce: "gtc",
      postOnly: true,
      expiresAt: null,
    });
    expect(answer).toMatchObject({ ok: true, order: { status: "resting" } });
  }
}

const resting = (exchange: MatchingExchange): number =>
  exchange.orders(ACCOUNT).filter(({ status }) => status === "resting").length;

/** When the exchange last took an order of ours off the book. */
function lastCancel(exchange: MatchingExchange): () => number {
  let at = 0;
  exchange.listen((change) => {
    if (change.kind === "order" && change.order.account === ACCOUNT && change.why === "cancelled")
      at = change.at;
  });
  return () => at;
}

interface Killed {
  readonly killedAt: number;
  /** Shortly before the stalled venue answers, and at the end. */
  readonly early: readonly KillState[];
  readonly late: readonly KillState[];
  readonly lastCancelAt: ReadonlyMap<VenueId, number>;
  readonly run: SimulatedRun;
}

async function killed(seed: string, stalled: VenueId): Promise<Killed> {
  const dir = mkdtempSync(join(tmpdir(), "emp-kill-"));
  const run = new SimulatedRun();
  let killedAt = 0;
  let early: readonly KillState[] = [];
  const lasts = new Map<VenueId, () => number>();
  await run.run({
    loaded: faultProfile(dir, { seed }),
    seconds: 40,
    orders: "on",
    script: ({ clock, stack, room, probes, venueTaps }) => {
      clock.after(20 * SECOND, () => {
        for (const [id, gate] of stack.gates) {
          gate.begin("drop_some", { chance: LOSS, durationMicros: null });
          gate.begin("double_some", { chance: LOSS, durationMicros: null });
          rest(stack.market.exchanges.get(id)!);
          lasts.set(id, lastCancel(stack.market.exchanges.get(id)!));
        }
      });
      clock.after(22 * SECOND, () => {
        const { core, record } = room;
        // Orders that are on their way when the switch is pulled.
        for (const link of core.links)
          for (let i = 0; i < 3; i++) probes.send(link, record.session.engine.replica);
        killedAt = clock.now();
        venueTaps.stall(stalled, killedAt + STALL_MICROS);
        core.kill("test", "the switch is pulled");
        clock.after(STALL_MICROS - 1_000, () => {
          early = core.killStates();
        });
      });
    },
  });
  rmSync(dir, { recursive: true, force: true });
  const lastCancelAt = new Map([...lasts].map(([id, last]) => [id, last()]));
  return { killedAt, early, late: run.room.core.killStates(), lastCancelAt, run };
}

describe("the kill switch over simulated networks of up to 40 ms each way", () => {
  it.each(FAULT_VENUES.flatMap(({ id }) => SEEDS.map((seed) => [id, seed] as const)))(
    "%s stalls for 300 ms while 5% of events are lost and 5% doubled (%s)",
    async (stalled, seed) => {
      const { killedAt, early, late, lastCancelAt, run } = await killed(seed, stalled);
      for (const { venue, flat, tookMicros } of early) {
        expect([venue, flat]).toEqual([venue, venue !== stalled]);
        if (venue === stalled) continue;
        expect(tookMicros).toBeLessThanOrEqual(LIMIT_MICROS);
        expect(lastCancelAt.get(venue)! - killedAt).toBeLessThanOrEqual(LIMIT_MICROS);
      }
      for (const { venue, flat } of late) {
        expect([venue, flat, resting(run.stack.market.exchanges.get(venue)!)]).toEqual([venue, true, 0]);
        expect(run.probes.faults(venue, run.stack.market, RESTING)).toEqual([]);
      }
      const facts = factsOf(join(run.dir, "journal"));
      const said = facts.filter((fact) => fact.kind === "feed.note" && fact.stage === "kill");
      expect(said.filter((fact) => fact.kind === "feed.note" && fact.venue === stalled)).toMatchObject([
        { detail: expect.stringMatching(/^not flat: no answer yet/) },
        { detail: expect.stringMatching(/cancelled$/) },
      ]);
      expect(facts).toContainEqual(expect.objectContaining({ kind: "operator", action: "kill" }));
      rmSync(run.dir, { recursive: true, force: true });
      const times = late.map(({ venue, tookMicros }) => {
        const accepted = (lastCancelAt.get(venue)! - killedAt) / 1000;
        return `${venue} accepted ${accepted.toFixed(0)} ms, confirmed ${(tookMicros! / 1000).toFixed(0)} ms`;
      });
      told(`kill, ${stalled} stalled (${seed}): ${times.join("; ")}`);
    },
  );
});

describe("the kill switch over real sockets", { retry: 2 }, () => {
  const start = runs();

  it.each(FAULT_VENUES)("$id stalls, the others are flat at once", async ({ id: stalled }) => {
    const run = await start({});
    for (const { id } of FAULT_VENUES) {
      await calm(run, id);
      rest(run.exchange(id));
      run.gate(id).begin("drop_some", { chance: LOSS, durationMicros: null });
      run.gate(id).begin("double_some", { chance: LOSS, durationMicros: null });
    }
    const { core } = run.room;
    run.taps.stall(stalled, run.clock.now() + STALL_MICROS);
    core.kill("test", "the switch is pulled");
    await run.until("every venue is flat", () => core.killStates().every(({ flat }) => flat));
    for (const { venue, tookMicros } of core.killStates()) {
      expect(resting(run.exchange(venue))).toBe(0);
      // The bound itself is held in simulated time; here it is only sure that nobody waits for the stalled one.
      if (venue === stalled) expect(tookMicros).toBeGreaterThanOrEqual(STALL_MICROS - 20_000);
    }
    await run.until("every order has ended", () => run.probes.all.every(hasEnded));
    const states = core.killStates();
    await run.close();
    expect(run.leaks()).toEqual([]);
    told(
      `kill over sockets, ${stalled} stalled: ${states.map(({ venue, tookMicros }) => `${venue} ${(tookMicros! / 1000).toFixed(1)} ms`).join(", ")}`,
    );
  });
});

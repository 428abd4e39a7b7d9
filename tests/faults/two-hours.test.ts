import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openJournalReader } from "../../src/capture/reader.ts";
import { openSql } from "../../src/capture/sql.ts";
import { namedQueries } from "../../src/capture/sql-queries.ts";
import type { Decision } from "../../src/contracts/index.ts";
import { LANES, VENUES } from "../../src/registry.gen.ts";
import { writeKpiReport } from "../../src/report/write.ts";
import { assembleEngine } from "../../src/runtime/assemble.ts";
import { RecallAudit } from "../../src/runtime/live/recall-audit.ts";
import { type LoadedProfile, loadProfile } from "../../src/runtime/profile/load.ts";
import { venuesOf } from "../../src/runtime/replay/journal-venues.ts";
import { Pace } from "../../src/runtime/replay/pace.ts";
import { remapJournal } from "../../src/runtime/replay/remap.ts";
import { Verifier } from "../../src/runtime/replay/verify.ts";
import type { SessionTap } from "../../src/runtime/session.ts";
import { takenSide } from "../taken-side.ts";
import { HealingWatch } from "./healing-watch.ts";
import { heapBytes } from "./memory.ts";
import { told } from "./scene.ts";
import { SimulatedRun } from "./simulated-run.ts";

const SECONDS = 7_200;
const MIB = 1_048_576;
/** A fault may last two minutes; what it broke is whole again this long after its end. */
const HEALED_MICROS = 180_000_000;
const MINUTE_MICROS = 60_000_000;
const dir = mkdtempSync(join(tmpdir(), "emp-two-hours-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The profile for simulated time, calmer so that two hours pass within a minute. */
function simProfile(): LoadedProfile {
  const { profile } = loadProfile("sim", {}, [join(import.meta.dirname, "..", "..", "profiles")]);
  const embedded = { ...profile.embedded, eventsPerSecond: 5, marketsPerVenue: 20, faultEveryMs: 45_000 };
  const file = join(dir, "two-hours.yaml");
  writeFileSync(file, JSON.stringify({ ...profile, seed: "two hours", log: { level: "silent" }, embedded }));
  return loadProfile(file, {}, []);
}

/** Legs of approved plans on quotes that were barred as the decision saw them. */
class BarredLegs implements SessionTap {
  readonly found: string[] = [];
  approved = 0;
  run: SimulatedRun | null = null;

  quote(): void {}

  decision(decision: Decision): void {
    if (decision.kind !== "plan.approved") return;
    this.approved++;
    const { view } = this.run!.room.record.session.engine.replica;
    for (const { book, action } of decision.legs) {
      const instrument = view.instrument(book)!;
      const barred = view.barred(book, takenSide(instrument.side, action));
      if (barred !== 0) this.found.push(`${decision.id} ${instrument.key} ${barred}`);
    }
  }
}

async function verified(journal: string, loaded: LoadedProfile) {
  const pace = new Pace(0, () => performance.now() * 1000);
  const reader = openJournalReader(journal);
  const verifier = new Verifier();
  const currencies = venuesOf(reader.header, VENUES).map(({ id, module }) => ({
    id,
    currency: module.scales.currency,
  }));
  verifier.attach(assembleEngine(loaded.profile, currencies, LANES, verifier));
  const decisions = await verifier.run(reader, pace, () => false);
  reader.close();
  const facts = await remapJournal(journal, VENUES, pace, () => false, loaded.profile.limits);
  return { decisions, facts };
}

describe("two hours under seeded random faults, in simulated time", () => {
  it("heals after each, trades on nothing that was rejected, reconciles, replays to the same digest, leaks nothing", async () => {
    const loaded = simProfile();
    const run = new SimulatedRun();
    const healing = new HealingWatch();
    const legs = new BarredLegs();
    legs.run = run;
    let audit: RecallAudit | null = null;
    const heaps: number[] = [];
    const pending: number[] = [];
    let sampledAt = 0;
    const handles = process.getActiveResourcesInfo().length;
    const begun = performance.now();
    const { summary, journal } = await run.run({
      loaded,
      seconds: SECONDS,
      orders: "off",
      taps: [legs, { quote: () => {}, decision: (decision, at) => audit?.decision(decision, at) }],
      script: ({ stack }) => {
        audit = new RecallAudit(stack.market, loaded.profile);
      },
      onRound: ({ room, stack, clock }, now) => {
        healing.look(room, stack, now);
        audit!.round(room.record.session, now);
        if (now - sampledAt < MINUTE_MICROS) return;
        sampledAt = now;
        pending.push(clock.pending);
        if (pending.length % 30 === 0) heaps.push(heapBytes());
      },
    });
    const ranMs = performance.now() - begun;

    const injected = Object.fromEntries([...run.stack.gates].map(([id, gate]) => [id, gate.injected()]));
    const kinds = new Set(Object.values(injected).flatMap((counts) => Object.keys(counts)));
    expect(kinds.size).toBeGreaterThan(10);
    for (const [id, { healedMicros, struckAt }] of healing.venues) {
      expect([id, healedMicros.length > 5]).toEqual([id, true]);
      expect([id, struckAt === 0 || run.clock.now() - struckAt < HEALED_MICROS]).toEqual([id, true]);
      expect(Math.max(...healedMicros)).toBeLessThan(HEALED_MICROS);
    }

    expect([legs.approved > 0, legs.found]).toEqual([true, []]);
    const sql = await openSql(journal);
    expect((await sql.query(namedQueries["barred-trades"].sql)).rows).toEqual([]);
    sql.close();
    const recall = audit!.result();
    expect(recall.decoysTaken).toBe(0);
    const missed = Object.values(recall.missed).reduce((sum, count) => sum + count, 0);
    expect(recall.found + missed).toBe(recall.planted);

    expect(writeKpiReport(run.dir, join(dir, "report")).checks.filter(({ ok }) => !ok)).toEqual([]);
    const { decisions, facts } = await verified(journal, loaded);
    expect([decisions.divergence, decisions.complete, decisions.digest]).toEqual([
      null,
      true,
      summary.digest,
    ]);
    expect([facts.difference, facts.beginningGone]).toEqual([null, false]);

    const half = pending.length >> 1;
    expect(Math.max(...pending.slice(half))).toBeLessThan(1.5 * Math.max(...pending.slice(0, half)) + 50);
    expect(heaps.at(-1)! - heaps[0]!).toBeLessThan(48 * MIB);
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles + 2);
    expect(run.clock.pending).toBe(0);
    for (const [id, gate] of run.stack.gates)
      expect([id, gate.open()]).toEqual([id, { sockets: 0, late: 0 }]);
    rmSync(run.dir, { recursive: true, force: true });
    for (const [id, { healedMicros }] of healing.venues)
      told(
        `two hours, ${id}: ${healedMicros.length} times struck, whole after at most ${Math.max(...healedMicros) / 1e6} s`,
      );
    told(
      `two hours: ${JSON.stringify({ injected, recall: { ...recall, examples: undefined }, heaps: heaps.map((bytes) => Math.round(bytes / MIB)), pending: [Math.max(...pending.slice(0, half)), Math.max(...pending.slice(half))], ranMs: Math.round(ranMs), facts: summary.facts, approved: legs.approved, totalMs: Math.round(performance.now() - begun) })}`,
    );
  });
});

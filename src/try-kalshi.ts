import { LANES } from "./registry.gen.ts";
import { kalshi } from "../venues/kalshi/venue.ts";
import { kalshiLive } from "../venues/kalshi/live/live.ts";
import { loadProfile } from "./runtime/profile/load.ts";
import { openSimulatedStack, openLoopbackStack } from "./runtime/live/embedded-stack.ts";
import { connectedRun } from "./runtime/live/connected-run.ts";
import { RecallAudit } from "./runtime/live/recall-audit.ts";
import { SeededRng } from "./sim/rng.ts";
import { StepClock } from "./sim/net/step-clock.ts";
import { setTimeout as sleep } from "node:timers/promises";

const mode = process.argv[2] ?? "sim";
const seconds = Number(process.argv[3] ?? 30);
const loaded = loadProfile("canary", { EMP_VENUES__POLYMARKET: "{module: polymarket, enabled: false}" }, ["profiles"]);
const venues = [{ id: "kalshi", module: { ...kalshi, live: kalshiLive } }];
const rng = new SeededRng("try");
const clock = new StepClock(1_767_571_200_000_000 as never);
const stack = mode === "sim"
  ? openSimulatedStack(loaded.profile, venues, rng, clock, seconds * 1e6)
  : await openLoopbackStack(loaded.profile, venues, rng, seconds * 1e6);
const audit = new RecallAudit(stack.market, loaded.profile);
const t0 = performance.now();
const out = await connectedRun({
  loaded, venues, lanes: LANES, outDir: `/tmp/try/${Date.now()}`, stack, origin: "embedded", assumptions: [], orders: "off",
  durationMs: seconds * 1000, userAgent: "emp/try", product: { commit: "x", nodeMajor: 24 }, wallMicros: () => stack.clock.now(),
  stopped: () => false, taps: [audit],
  drive: async (until, going) => {
    if (mode === "sim") { let n = 0; while (going() && clock.now() < until) { clock.advanceTo(Math.min(until, clock.now() + 100_000) as never); if (n++ % 50 === 0) await sleep(0); } }
    else while (going() && stack.clock.now() < until) await sleep(20);
  },
  onStage: (s) => console.log(s), onReady: () => {}, onRound: (room, now) => audit.round(room.record.session, now),
});
console.log(JSON.stringify({ ...out.summary, equity: undefined }, null, 1).slice(0, 3500));
console.log(out.rows, audit.result(), `${(performance.now() - t0) / 1000}s`);
await stack.close();

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Micros } from "../contracts/index.ts";
import type { StatusServer } from "../observe/status-server.ts";
import { openTerminal, type TerminalView } from "../observe/terminal.ts";
import { LANES, VENUES } from "../registry.gen.ts";
import type { ProcessLoads } from "../runtime/live/capacity-round.ts";
import { type ConnectedRoom, type ConnectedRunResult, connectedRun } from "../runtime/live/connected-run.ts";
import { openLoopbackStack, openSimulatedStack } from "../runtime/live/embedded-stack.ts";
import { liveOrdersAllowed } from "../runtime/live/live-switch.ts";
import { openPublicStack } from "../runtime/live/public-stack.ts";
import { type Recall, RecallAudit } from "../runtime/live/recall-audit.ts";
import { openRunStatus, RunMetrics } from "../runtime/live/run-metrics.ts";
import type { LiveStack } from "../runtime/live/stack.ts";
import type { StageState } from "../runtime/live/startup.ts";
import type { LoadedProfile } from "../runtime/profile/load.ts";
import type { RunVenue } from "../runtime/replay/journal-venues.ts";
import { runVenues } from "../runtime/run/run-venues.ts";
import { StepClock } from "../sim/net/step-clock.ts";
import { SeededRng } from "../sim/rng.ts";
import { note } from "./console.ts";
import { productInfo, productVersion } from "./product.ts";
import { RUN_PROFILE } from "./run-profile.ts";

/** Distance of looks at the stop signal. */
const LOOK_MS = 20;
const RECALL_FILE = "recall.json";
/** Simulated runs begin here, so that the same seed gives the same run whenever it is started. */
const SIMULATED_START = "2026-01-05T00:00:00Z";
const STEP_MICROS = 100_000;
const STEPS_PER_TURN = 20;
/** Faults are planned ahead for this long where a run has no end. */
const FAULT_SPAN_MS = 7 * 86_400_000;
/** Where catalogues are kept between runs, below the working folder. */
const CACHE_DIR = join(".emp", "cache");

export interface ConnectedOptions {
  readonly loaded: LoadedProfile;
  /** `simulated`: the embedded venues in simulated time, as fast as possible, without sockets. */
  readonly venues: "public" | "embedded" | "simulated";
  readonly live: boolean;
  readonly outDir: string;
  readonly durationMs: number | null;
  readonly view: boolean;
  /** Port of `/metrics`, `/health` and `/status`; 0 = off. */
  readonly statusPort: number;
  readonly stopped: () => boolean;
}

export interface ConnectedOutcome extends ConnectedRunResult {
  /** What was planted and found; null on public venues. */
  readonly recall: Recall | null;
}

/** What a run stands on, and how time passes there. */
interface Ground {
  readonly stack: LiveStack;
  readonly audit: RecallAudit | null;
  readonly drive: (until: Micros, going: () => boolean) => Promise<void>;
}

/** Runs a profile on public venues, on the embedded ones over loopback, or on those in simulated time. */
export async function runConnected(options: ConnectedOptions): Promise<ConnectedOutcome> {
  const { loaded, outDir } = options;
  const orders = liveOrdersAllowed(loaded.profile, options.live, process.env) ? "on" : "off";
  const venues = runVenues(loaded.profile, VENUES);
  const { commit, version, nodeMajor } = productInfo();
  const { stack, audit, drive } = await ground(options, venues);
  const metrics = metricsOf(options, orders, stack);
  let view: TerminalView | null = null;
  let status: StatusServer | null = null;
  try {
    status = await openStatus(options, metrics);
    const result = await connectedRun({
      loaded,
      venues,
      lanes: LANES,
      outDir,
      stack,
      orders,
      origin: options.venues === "public" ? "live" : "embedded",
      assumptions: assumptionsOf(options, orders),
      durationMs: options.durationMs,
      userAgent: `emp/${productVersion()}`,
      product: { commit: commit ?? version, nodeMajor },
      wallMicros: () => stack.clock.now(),
      stopped: options.stopped,
      loads: options.venues === "simulated" ? null : processLoads,
      drive,
      taps: [...(audit === null ? [] : [audit]), metrics.trades],
      onStage: (stage) => {
        if (options.view) note(stageLine(stage));
      },
      onReady: (room) => {
        metrics.attach(room);
        writeFileSync(join(outDir, RUN_PROFILE), loaded.effectiveYaml);
      },
      onRound: (room, now) => {
        audit?.round(room.record.session, now);
        if (options.view && view === null && room.startup.complete) view = openView(room);
        metrics.round(now);
      },
    });
    const recall = audit?.result() ?? null;
    if (recall !== null) writeFileSync(join(outDir, RECALL_FILE), `${JSON.stringify(recall, null, 2)}\n`);
    return { ...result, recall };
  } finally {
    (view as TerminalView | null)?.close();
    await status?.close();
    await stack.close();
  }
}

function metricsOf({ loaded, venues }: ConnectedOptions, orders: "off" | "on", stack: LiveStack): RunMetrics {
  const { clock } = stack;
  return new RunMetrics({
    loaded,
    version: productVersion(),
    venues,
    orders: orders === "on" ? "live" : "paper",
    clock,
  });
}

async function openStatus(
  { loaded, statusPort, view }: ConnectedOptions,
  metrics: RunMetrics,
): Promise<StatusServer | null> {
  if (statusPort === 0) return null;
  const { host } = loaded.profile.status;
  const server = await openRunStatus(host, statusPort, metrics);
  if (view) note(`status         http://${host}:${server.port}/status, /health, /metrics`);
  return server;
}

async function ground(options: ConnectedOptions, venues: readonly RunVenue[]): Promise<Ground> {
  const { profile } = options.loaded;
  const rng = new SeededRng(profile.seed).fork("embedded");
  const spanMicros = (options.durationMs ?? FAULT_SPAN_MS) * 1000;
  if (options.venues === "public") {
    const stack = openPublicStack(profile, venues, process.env, CACHE_DIR);
    return { stack, audit: null, drive: (until, going) => waitFor(stack, until, going) };
  }
  if (options.venues === "embedded") {
    const stack = await openLoopbackStack(profile, venues, rng, spanMicros);
    const drive = (until: Micros, going: () => boolean) => waitFor(stack, until, going);
    return { stack, audit: new RecallAudit(stack.market, profile), drive };
  }
  const clock = new StepClock((Date.parse(SIMULATED_START) * 1000) as Micros);
  const stack = openSimulatedStack(profile, venues, rng, clock, spanMicros);
  return {
    stack,
    audit: new RecallAudit(stack.market, profile),
    drive: (until, going) => hurry(clock, until, going),
  };
}

function processLoads(): ProcessLoads {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, memoryBytes: process.memoryUsage.rss() };
}

function openView({ record }: ConnectedRoom): TerminalView {
  return openTerminal({
    stream: process.stderr,
    env: process.env,
    snapshot: () => record.screen.snapshot(),
  });
}

/** `kalshi       discovery   84        1.23 s` */
function stageLine({ venue, stage, done, endedMs }: StageState): string {
  const seconds = ((endedMs ?? 0) / 1000).toFixed(2);
  return `${venue.padEnd(14)} ${stage.padEnd(10)} ${(done > 0 ? String(done) : "").padStart(7)}  ${seconds.padStart(7)} s`;
}

/** Lets simulated time run, with a turn of the event loop now and then for files and signals. */
async function hurry(clock: StepClock, until: Micros, going: () => boolean): Promise<void> {
  for (let step = 1; going() && clock.now() < until; step++) {
    clock.advanceTo(Math.min(until, clock.now() + STEP_MICROS) as Micros);
    if (step % STEPS_PER_TURN === 0) await sleep(0);
  }
}

async function waitFor(stack: LiveStack, until: Micros, going: () => boolean): Promise<void> {
  while (going() && stack.clock.now() < until) await sleep(LOOK_MS);
}

function assumptionsOf(options: ConnectedOptions, orders: "off" | "on"): readonly string[] {
  const market = options.venues === "public" ? [] : ["the venues are embedded: their market is simulated"];
  const fills =
    orders === "off" ? ["orders are paper: latencies and fills are assumed, nothing was sent"] : [];
  return [...market, ...fills];
}

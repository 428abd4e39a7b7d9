import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Micros } from "../contracts/index.ts";
import { openTerminal, type TerminalView } from "../observe/terminal.ts";
import { LANES, VENUES } from "../registry.gen.ts";
import { type ConnectedRoom, type ConnectedRunResult, connectedRun } from "../runtime/live/connected-run.ts";
import { openLoopbackStack } from "../runtime/live/embedded-stack.ts";
import { liveOrdersAllowed } from "../runtime/live/live-switch.ts";
import { openPublicStack } from "../runtime/live/public-stack.ts";
import { type Recall, RecallAudit } from "../runtime/live/recall-audit.ts";
import type { LiveStack } from "../runtime/live/stack.ts";
import type { StageState } from "../runtime/live/startup.ts";
import type { LoadedProfile } from "../runtime/profile/load.ts";
import { runVenues } from "../runtime/run/run-venues.ts";
import { SeededRng } from "../sim/rng.ts";
import { note } from "./console.ts";
import { productInfo, productVersion } from "./product.ts";
import { RUN_PROFILE } from "./run-profile.ts";

/** Distance of looks at the stop signal. */
const LOOK_MS = 20;
/** Faults are planned ahead for this long where a run has no end. */
const FAULT_SPAN_MS = 7 * 86_400_000;
/** Where catalogues are kept between runs, below the working folder. */
const CACHE_DIR = join(".emp", "cache");

export interface ConnectedOptions {
  readonly loaded: LoadedProfile;
  readonly venues: "public" | "embedded";
  readonly live: boolean;
  readonly outDir: string;
  readonly durationMs: number | null;
  readonly view: boolean;
  readonly stopped: () => boolean;
}

export interface ConnectedOutcome extends ConnectedRunResult {
  /** What was planted and found; null on public venues. */
  readonly recall: Recall | null;
}

/** Runs a profile on public venues or on the embedded ones over loopback, in real time. */
export async function runConnected(options: ConnectedOptions): Promise<ConnectedOutcome> {
  const { loaded, outDir } = options;
  const orders = liveOrdersAllowed(loaded.profile, options.live, process.env) ? "on" : "off";
  const venues = runVenues(loaded.profile, VENUES);
  const { commit, version, nodeMajor } = productInfo();
  const rng = new SeededRng(loaded.profile.seed).fork("embedded");
  let audit: RecallAudit | null = null;
  let stack: LiveStack;
  if (options.venues === "embedded") {
    const embedded = await openLoopbackStack(
      loaded.profile,
      venues,
      rng,
      (options.durationMs ?? FAULT_SPAN_MS) * 1000,
    );
    stack = embedded;
    audit = new RecallAudit(embedded.market, loaded.profile);
  } else stack = openPublicStack(loaded.profile, venues, process.env, CACHE_DIR);
  let view: TerminalView | null = null;
  try {
    const result = await connectedRun({
      loaded,
      venues,
      lanes: LANES,
      outDir,
      stack,
      orders,
      origin: options.venues === "embedded" ? "embedded" : "live",
      assumptions: assumptionsOf(options, orders),
      durationMs: options.durationMs,
      userAgent: `emp/${productVersion()}`,
      product: { commit: commit ?? version, nodeMajor },
      wallMicros: () => stack.clock.now(),
      stopped: options.stopped,
      drive: (until, going) => waitFor(stack, until, going),
      taps: audit === null ? [] : [audit],
      onStage: (stage) => {
        if (options.view) note(stageLine(stage));
      },
      onReady: () => writeFileSync(join(outDir, RUN_PROFILE), loaded.effectiveYaml),
      onRound: (room, now) => {
        audit?.round(room.record.session, now);
        if (options.view && view === null && room.startup.complete) view = openView(room);
      },
    });
    return { ...result, recall: audit?.result() ?? null };
  } finally {
    (view as TerminalView | null)?.close();
    await stack.close();
  }
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

async function waitFor(stack: LiveStack, until: Micros, going: () => boolean): Promise<void> {
  while (going() && stack.clock.now() < until) await sleep(LOOK_MS);
}

function assumptionsOf(options: ConnectedOptions, orders: "off" | "on"): readonly string[] {
  const market = options.venues === "embedded" ? ["the venues are embedded: their market is simulated"] : [];
  const fills =
    orders === "off" ? ["orders are paper: latencies and fills are assumed, nothing was sent"] : [];
  return [...market, ...fills];
}

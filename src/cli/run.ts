import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { Micros } from "../contracts/index.ts";
import { openTerminal, type TerminalView } from "../observe/terminal.ts";
import { LANES, VENUES } from "../registry.gen.ts";
import { EmpError } from "../runtime/emp-error.ts";
import type { Recall } from "../runtime/live/recall-audit.ts";
import type { LoadedProfile } from "../runtime/profile/load.ts";
import { type SimulatedRunResult, simulatedRun } from "../runtime/run/simulated-run.ts";
import {
  ExitCode,
  note,
  parseDuration,
  print,
  printJson,
  speedFactor,
  stopSignal,
  wholeNumber,
} from "./console.ts";
import { newFolder } from "./out-folder.ts";
import { productInfo } from "./product.ts";
import { profileOf } from "./profile.ts";
import { runConnected } from "./run-connected.ts";
import { RUN_PROFILE } from "./run-profile.ts";
import { printRun, writeRunReport } from "./run-result.ts";

const MAX_PORT = 65_535;

interface RunOptions {
  readonly profile: string;
  readonly duration?: string;
  readonly speed?: string;
  readonly seed?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly view: boolean;
  readonly venues?: string;
  readonly live?: boolean;
  readonly statusPort?: string;
}

export function addRunCommand(program: Command): void {
  program
    .command("run")
    .description("run a paper profile: watch, judge, trade on paper, record, report")
    .requiredOption("--profile <name>", "name of a profile or path of a YAML file")
    .option(
      "--duration <time>",
      "end after this much market time: 500ms, 10s, 5m, 1h30m (default: until stopped)",
    )
    .option(
      "--speed <factor>",
      "market seconds per real second; 0 = as fast as possible (default: the profile's)",
    )
    .option(
      "--venues <where>",
      "public: the real venues; embedded: servers inside EMP on the same wire, no network",
    )
    .option("--live", "send real orders; needs two more confirmations, see docs/operations.md")
    .option("--seed <text>", "another seed than the profile's")
    .option("--out <folder>", "folder of the run, new or empty (default: <capture.dir>/<time>)")
    .option(
      "--status-port <n>",
      "serve /metrics, /health and /status there; 0 = off (default: the profile's)",
    )
    .option("--no-view", "no live view and no progress lines")
    .option("--json", "print the summary as JSON, without a live view")
    .addHelpText(
      "after",
      `
Examples:
  $ emp run --profile=canary                                  paper on the public venues; no key needed
  $ emp run --profile=canary --venues=embedded --duration=10m the same without a network
  $ emp run --profile=sim --venues=embedded --speed=0 --duration=24h
                                                              a day of it in simulated time, with faults
  $ emp run --profile=demo                                    live view; Ctrl-C ends it with a summary and the report
  $ emp run --profile=demo --duration=10m --speed=0           ten minutes of market time, as fast as possible
  $ emp run --profile=demo --duration=1m --seed=7 --json      another market, result for machines

A stop signal (Ctrl-C, SIGTERM, SIGHUP) drains, flushes and reports. It is the normal end of a run without --duration
(exit code 0) and cuts one with --duration short (exit code 130). A second signal a second later ends at once.`,
    )
    .action(run);
}

async function run(options: RunOptions): Promise<void> {
  const loaded = withSeed(profileOf(options.profile), options.seed);
  const durationMs = durationOf(options.duration);
  const where = venuesOf(options, loaded);
  const statusPort = statusPortOf(options, loaded, where);
  const outDir = newFolder(options.out, loaded.profile.capture.dir, "run");
  const signal = stopSignal();
  try {
    const view = options.view && options.json !== true;
    const common = { loaded, outDir, durationMs, view, stopped: signal.stopped };
    const result =
      where === "world"
        ? await runSimulated({ ...common, speed: speedOf(options, loaded) })
        : await runConnected({ ...common, venues: where, live: options.live === true, statusPort });
    if (signal.stopped()) note("stopped by a signal; everything was flushed");
    const report = writeRunReport(outDir, join(outDir, "report"));
    if (options.json === true) printJson({ run: outDir, stopped: signal.stopped(), ...result, report });
    else {
      printRun(outDir, result.summary, result.rows, report);
      if ("recall" in result && result.recall !== null) printRecall(result.recall);
    }
    if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
    else if (signal.stopped() && durationMs !== null) process.exitCode = ExitCode.Interrupted;
  } finally {
    signal.dispose();
  }
}

interface SimulatedOptions {
  readonly loaded: LoadedProfile;
  readonly outDir: string;
  readonly durationMs: number | null;
  readonly view: boolean;
  readonly speed: number;
  readonly stopped: () => boolean;
}

async function runSimulated(options: SimulatedOptions): Promise<SimulatedRunResult> {
  const { commit, version, nodeMajor } = productInfo();
  const { loaded, outDir } = options;
  let view: TerminalView | null = null;
  try {
    return await simulatedRun({
      ...options,
      venues: VENUES,
      lanes: LANES,
      product: { commit: commit ?? version, nodeMajor },
      wallMicros: () => Math.trunc((performance.timeOrigin + performance.now()) * 1000) as Micros,
      onReady: (screen) => {
        writeFileSync(join(outDir, RUN_PROFILE), loaded.effectiveYaml);
        if (!options.view) return;
        view = openTerminal({ stream: process.stderr, env: process.env, snapshot: () => screen.snapshot() });
      },
    });
  } finally {
    (view as TerminalView | null)?.close();
  }
}

/** A profile with a `world` plays it unless venues are asked for; every other profile connects. */
function venuesOf(
  { venues, live, speed }: RunOptions,
  { profile }: LoadedProfile,
): "world" | "public" | "embedded" | "simulated" {
  if (venues !== undefined && venues !== "embedded" && venues !== "public")
    throw new EmpError("run.venues", `run: --venues: expected public or embedded, found "${venues}"`);
  if (!profile.connect && (venues !== undefined || profile.world === undefined)) {
    const { name } = profile;
    throw new EmpError(
      "run.connect",
      `profile ${name}: connect: expected true, found false; it plays recordings (emp replay)`,
    );
  }
  if (venues === "embedded") return embeddedAt(speed);
  if (venues === "public") return venues;
  if (profile.world === undefined) return "public";
  if (live === true)
    throw new EmpError(
      "run.live",
      `run: --live: profile ${profile.name} plays a simulated world; name another`,
    );
  return "world";
}

/** Embedded venues run in real time over real sockets, or as fast as possible in simulated time. */
function embeddedAt(speed: string | undefined): "embedded" | "simulated" {
  if (speed === undefined || speed === "1") return "embedded";
  if (speed === "0") return "simulated";
  throw new EmpError("run.speed", `run: --speed: expected 0 or 1 for embedded venues, found "${speed}"`);
}

function speedOf({ speed }: RunOptions, { profile }: LoadedProfile): number {
  return speed === undefined ? (profile.world?.speed ?? 1) : speedFactor(speed, "run: --speed");
}

/** Planted arbitrages of the embedded market: found, and why the others were not. */
function printRecall({ planted, found, missed, decoys, decoysTaken }: Recall): void {
  const why = Object.entries(missed).map(([reason, count]) => `${count} ${reason}`);
  print(
    `recall      ${found} of ${planted} planted arbitrages found${why.length > 0 ? `; missed: ${why.join(", ")}` : ""}`,
  );
  print(`traps       ${decoysTaken} of ${decoys} taken`);
}

/** Simulated worlds have no connections to show. */
function statusPortOf({ statusPort }: RunOptions, { profile }: LoadedProfile, where: string): number {
  if (statusPort === undefined) return profile.status.port;
  const port = wholeNumber(statusPort, "run: --status-port", 0);
  if (port > MAX_PORT)
    throw new EmpError("run.status", `run: --status-port: expected at most ${MAX_PORT}, found ${port}`);
  if (where === "world" && port > 0)
    throw new EmpError("run.status", `run: --status-port: profile ${profile.name} plays a simulated world`);
  return port;
}

function withSeed(loaded: LoadedProfile, seed: string | undefined): LoadedProfile {
  return seed === undefined ? loaded : profileOf(loaded.sources.file, { EMP_SEED: seed });
}

function durationOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms === null || ms <= 0)
    throw new EmpError(
      "run.duration",
      `run: --duration: expected a time such as 500ms, 10s, 5m or 1h30m, found "${text}"`,
    );
  return ms;
}

import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Micros } from "../contracts/index.ts";
import { openTerminal, type TerminalView } from "../observe/terminal.ts";
import { LANES, VENUES } from "../registry.gen.ts";
import { EmpError } from "../runtime/emp-error.ts";
import type { LoadedProfile } from "../runtime/profile/load.ts";
import { simulatedRun } from "../runtime/run/simulated-run.ts";
import { ExitCode, note, parseDuration, printJson, stopSignal } from "./console.ts";
import { productInfo } from "./product.ts";
import { profileOf } from "./profile.ts";
import { printRun, writeRunReport } from "./run-result.ts";

interface RunOptions {
  readonly profile: string;
  readonly duration?: string;
  readonly speed?: string;
  readonly seed?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly view: boolean;
}

export function addRunCommand(program: Command): void {
  program
    .command("run")
    .description("run a paper profile: watch, judge, trade on paper, record, report")
    .requiredOption("--profile <name>", "name of a profile or path of a YAML file")
    .option("--duration <time>", "end after this much market time (10s, 5m, 2h)")
    .option(
      "--speed <factor>",
      "market seconds per real second; 0 = as fast as possible (default: the profile's)",
    )
    .option("--seed <text>", "another seed than the profile's")
    .option("--out <folder>", "folder of the run (default: <capture.dir>/<time>)")
    .option("--no-view", "no live view")
    .option("--json", "print the summary as JSON")
    .action(run);
}

async function run(options: RunOptions): Promise<void> {
  const loaded = withSeed(profileOf(options.profile), options.seed);
  const outDir = resolve(options.out ?? join(loaded.profile.capture.dir, stamp()));
  const signal = stopSignal();
  let view: TerminalView | null = null;
  const { commit, version, nodeMajor } = productInfo();
  try {
    const result = await simulatedRun({
      loaded,
      venues: VENUES,
      lanes: LANES,
      outDir,
      durationMs: durationOf(options.duration),
      speed: speedOf(options.speed, loaded),
      product: { commit: commit ?? version, nodeMajor },
      wallMicros: () => Math.trunc((performance.timeOrigin + performance.now()) * 1000) as Micros,
      stopped: signal.stopped,
      onReady: (screen) => {
        if (!options.view || options.json === true) return;
        view = openTerminal({ stream: process.stderr, env: process.env, snapshot: () => screen.snapshot() });
      },
    });
    (view as TerminalView | null)?.close();
    const report = writeRunReport(outDir, join(outDir, "report"));
    if (options.json === true) printJson({ run: outDir, ...result, report });
    else printRun(outDir, result.summary, result.rows, report);
    if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
  } finally {
    (view as TerminalView | null)?.close();
    signal.dispose();
  }
  if (signal.stopped() && options.json !== true)
    note("stopped by a signal; everything was flushed and reported");
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
      `run: --duration: expected a time such as 10s, 5m or 2h, found "${text}"`,
    );
  return ms;
}

function speedOf(text: string | undefined, loaded: LoadedProfile): number {
  const speed = text === undefined ? (loaded.profile.world?.speed ?? 1) : Number(text);
  if (!Number.isFinite(speed) || speed < 0)
    throw new EmpError("run.speed", `run: --speed: expected a number from 0 up, found "${text}"`);
  return speed;
}

/** `20261121-141503`, local time, for folder names. */
export function stamp(): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  const d = new Date();
  return `${d.getFullYear()}${pad(d.getMonth() + 1)}${pad(d.getDate())}-${pad(d.getHours())}${pad(d.getMinutes())}${pad(d.getSeconds())}`;
}

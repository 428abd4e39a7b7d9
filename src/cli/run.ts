import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { Micros } from "../contracts/index.ts";
import { openTerminal, type TerminalView } from "../observe/terminal.ts";
import { LANES, VENUES } from "../registry.gen.ts";
import { EmpError } from "../runtime/emp-error.ts";
import type { LoadedProfile } from "../runtime/profile/load.ts";
import { simulatedRun } from "../runtime/run/simulated-run.ts";
import { ExitCode, note, parseDuration, printJson, speedFactor, stopSignal } from "./console.ts";
import { newFolder } from "./out-folder.ts";
import { productInfo } from "./product.ts";
import { profileOf } from "./profile.ts";
import { RUN_PROFILE } from "./run-profile.ts";
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
    .option(
      "--duration <time>",
      "end after this much market time: 500ms, 10s, 5m, 1h30m (default: until stopped)",
    )
    .option(
      "--speed <factor>",
      "market seconds per real second; 0 = as fast as possible (default: the profile's)",
    )
    .option("--seed <text>", "another seed than the profile's")
    .option("--out <folder>", "folder of the run, new or empty (default: <capture.dir>/<time>)")
    .option("--no-view", "no live view and no progress lines")
    .option("--json", "print the summary as JSON, without a live view")
    .addHelpText(
      "after",
      `
Examples:
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
  const speed =
    options.speed === undefined
      ? (loaded.profile.world?.speed ?? 1)
      : speedFactor(options.speed, "run: --speed");
  const outDir = newFolder(options.out, loaded.profile.capture.dir, "run");
  const signal = stopSignal();
  let view: TerminalView | null = null;
  const { commit, version, nodeMajor } = productInfo();
  try {
    const result = await simulatedRun({
      loaded,
      venues: VENUES,
      lanes: LANES,
      outDir,
      durationMs,
      speed,
      product: { commit: commit ?? version, nodeMajor },
      wallMicros: () => Math.trunc((performance.timeOrigin + performance.now()) * 1000) as Micros,
      stopped: signal.stopped,
      onReady: (screen) => {
        writeFileSync(join(outDir, RUN_PROFILE), loaded.effectiveYaml);
        if (!options.view || options.json === true) return;
        view = openTerminal({ stream: process.stderr, env: process.env, snapshot: () => screen.snapshot() });
      },
    });
    (view as TerminalView | null)?.close();
    if (signal.stopped()) note("stopped by a signal; everything was flushed");
    const report = writeRunReport(outDir, join(outDir, "report"));
    if (options.json === true) printJson({ run: outDir, stopped: signal.stopped(), ...result, report });
    else printRun(outDir, result.summary, result.rows, report);
    if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
    else if (signal.stopped() && durationMs !== null) process.exitCode = ExitCode.Interrupted;
  } finally {
    (view as TerminalView | null)?.close();
    signal.dispose();
  }
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

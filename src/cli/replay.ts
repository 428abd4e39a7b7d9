import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { HEADER_NAME } from "../capture/header.ts";
import { type JournalReader, openJournalReader } from "../capture/reader.ts";
import { LANES, VENUES } from "../registry.gen.ts";
import { writeAbReport } from "../report/write.ts";
import { assembleEngine } from "../runtime/assemble.ts";
import { EmpError } from "../runtime/emp-error.ts";
import { replayAgainst } from "../runtime/replay/against.ts";
import type { ReplaySetup } from "../runtime/replay/arm.ts";
import type { Divergence } from "../runtime/replay/divergence.ts";
import { replayFromRaw } from "../runtime/replay/from-raw.ts";
import { venuesOf } from "../runtime/replay/journal-venues.ts";
import { Pace } from "../runtime/replay/pace.ts";
import { replayRecompute } from "../runtime/replay/recompute.ts";
import { remapJournal } from "../runtime/replay/remap.ts";
import { Verifier } from "../runtime/replay/verify.ts";
import { replayWhatIf } from "../runtime/replay/what-if.ts";
import { colour, ExitCode, grouped, ProgressLine, print, printJson, stopSignal } from "./console.ts";
import { profileOf } from "./profile.ts";
import { stamp } from "./run.ts";
import { printReconciliation, printRun, shown, writeRunReport } from "./run-result.ts";

interface ReplayOptions {
  readonly profile?: string;
  readonly against?: string;
  readonly verify?: boolean;
  readonly recompute?: boolean;
  readonly from: string;
  readonly speed: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addReplayCommand(program: Command): void {
  program
    .command("replay")
    .description("replay a journal: what-if (default), verify, recompute, or two profiles against each other")
    .argument("<journal>", "folder of a journal, or of a run that holds one")
    .option("--profile <name>", "profile (default: the journal's own, else replay)")
    .option("--against <name>", "second profile over the same bytes: first divergence and paired comparison")
    .option("--verify", "facts against raw frames, recorded decisions against the engine's; no lane is run")
    .option("--recompute", "everything made anew must equal what was recorded, at the same event")
    .option("--from <what>", "facts (normal form) or raw (venue bytes through the mappers again)", "facts")
    .option("--speed <factor>", "recorded seconds per real second; 0 = as fast as possible", "0")
    .option("--out <folder>", "folder of the run (default: reports/<time>)")
    .option("--json", "print the result as JSON")
    .action(replay);
}

async function replay(journal: string, options: ReplayOptions): Promise<void> {
  const dir = journalDir(journal);
  const reader = openJournalReader(dir);
  const signal = stopSignal();
  const line = new ProgressLine();
  try {
    const setup = setupOf(reader, dir, options, signal.stopped, line);
    if (options.verify === true) await verify(setup, dir, options);
    else if (options.recompute === true) await recompute(setup, options);
    else if (options.against !== undefined) await against(setup, options, options.against);
    else await whatIf(setup, dir, options);
    if (signal.stopped()) process.exitCode = ExitCode.Interrupted;
  } finally {
    line.clear();
    reader.close();
    signal.dispose();
  }
}

async function whatIf(setup: ReplaySetup, dir: string, options: ReplayOptions): Promise<void> {
  const outDir = outOf(options);
  const loaded = profileOf(profileName(setup.reader, options));
  const result =
    options.from === "raw"
      ? await replayFromRaw(setup, dir, loaded, outDir)
      : await replayWhatIf(setup, loaded, outDir);
  const report = writeRunReport(outDir, join(outDir, "report"));
  if (options.json === true) printJson({ run: outDir, ...result, report });
  else printRun(outDir, result.summary, result.rows, report);
  if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
}

async function verify(setup: ReplaySetup, dir: string, options: ReplayOptions): Promise<void> {
  const remap = remapJournal(dir, VENUES, setup.stopped);
  const verifier = new Verifier();
  const recorded = setup.reader.header.profile.name !== "";
  const loaded = profileOf(profileName(setup.reader, options));
  const venues = venuesOf(setup.reader.header, VENUES).map(({ id, module }) => ({
    id,
    currency: module.scales.currency,
  }));
  verifier.attach(assembleEngine(loaded.profile, venues, LANES, verifier));
  const result = recorded ? await verifier.run(setup.reader, setup.pace, setup.stopped) : null;
  const ok = remap.difference === null && (result === null || result.ok);
  if (options.json === true) printJson({ ok, remap, decisions: result });
  else {
    if (remap.frames === 0) print("raw         no raw frames in this journal");
    else if (remap.difference === null)
      print(
        `raw         ${grouped(remap.frames)} frames mapped again: all ${grouped(remap.compared)} facts equal`,
      );
    else {
      print(colour.red(`raw         fact ${remap.difference.seq} is not what its frame says`));
      print(`  recorded  ${remap.difference.recorded}`);
      print(`  remapped  ${remap.difference.remapped}`);
    }
    if (result === null) print("decisions   none recorded (an import); replay it under a profile instead");
    else {
      print(
        `decisions   ${grouped(result.decisions)} over ${grouped(result.facts)} facts, ${grouped(result.checkpoints)} checkpoints`,
      );
      if (result.divergence !== null)
        printDivergence("first divergence", result.divergence, "recorded", "now");
      else print(`digest      ${result.digest}`);
    }
    print(ok ? colour.green("VERIFIED") : colour.red("NOT VERIFIED"));
  }
  if (!ok) process.exitCode = ExitCode.CheckFailed;
}

async function recompute(setup: ReplaySetup, options: ReplayOptions): Promise<void> {
  if (setup.reader.header.profile.name === "") {
    throw new EmpError(
      "replay.recompute",
      "replay: --recompute: expected a journal with recorded decisions, found an import; replay it under a profile instead",
    );
  }
  const outDir = outOf(options);
  const result = await replayRecompute(setup, profileOf(profileName(setup.reader, options)), outDir);
  if (options.json === true) printJson({ run: outDir, ok: result.divergence === null, ...result });
  else {
    print(`recomputed  ${grouped(result.summary.facts)} facts, ${grouped(result.checkpoints)} checkpoints`);
    if (result.divergence !== null) printDivergence("first divergence", result.divergence, "recorded", "now");
    else print(`digest      ${result.summary.digest}`);
    print(result.divergence === null ? colour.green("EQUAL") : colour.red("DIFFERENT"));
  }
  if (result.divergence !== null) process.exitCode = ExitCode.CheckFailed;
}

async function against(setup: ReplaySetup, options: ReplayOptions, other: string): Promise<void> {
  const outDir = outOf(options);
  const a = profileOf(profileName(setup.reader, options));
  const b = profileOf(other);
  const dirs = [join(outDir, "a"), join(outDir, "b")] as const;
  const result = await replayAgainst(setup, a, b, dirs);
  const report = writeAbReport(dirs[0], dirs[1], result.firstDecision ?? result.first, outDir);
  for (const dir of dirs) writeRunReport(dir, join(dir, "report"));
  if (options.json === true) printJson({ run: outDir, ...result, report });
  else {
    print(
      `A ${a.profile.name}  ${grouped(result.a.rows)} opportunities, digest ${result.a.summary.digest.slice(0, 16)}…`,
    );
    print(
      `B ${b.profile.name}  ${grouped(result.b.rows)} opportunities, digest ${result.b.summary.digest.slice(0, 16)}…`,
    );
    if (result.first === null) print("no judgement differs");
    else printDivergence("first divergence", result.first, "A", "B");
    if (result.firstDecision !== null && result.firstDecision !== result.first) {
      printDivergence("first decision that differs", result.firstDecision, "A", "B");
    }
    printReconciliation(report);
    for (const file of report.files) print(`report      ${shown(file)}`);
  }
  if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
}

function printDivergence(
  title: string,
  { factSeq, at, rule, a, b }: Divergence,
  nameA: string,
  nameB: string,
): void {
  print(
    `${colour.bold(title)} at event ${grouped(factSeq)} (${new Date(at / 1000).toISOString()}), rule ${rule}`,
  );
  print(`  ${nameA.padEnd(9)} ${a}`);
  print(`  ${nameB.padEnd(9)} ${b}`);
}

function setupOf(
  reader: JournalReader,
  dir: string,
  options: ReplayOptions,
  stopped: () => boolean,
  line: ProgressLine,
): ReplaySetup {
  const speed = Number(options.speed);
  if (!Number.isFinite(speed) || speed < 0) {
    throw new EmpError(
      "replay.speed",
      `replay: --speed: expected a number from 0 up, found "${options.speed}"`,
    );
  }
  if (options.from !== "facts" && options.from !== "raw") {
    throw new EmpError("replay.from", `replay: --from: expected facts or raw, found "${options.from}"`);
  }
  return {
    reader,
    journal: basename(dir) === "journal" ? basename(join(dir, "..")) : basename(dir),
    venues: VENUES,
    lanes: LANES,
    pace: new Pace(speed, () => performance.now() * 1000),
    stopped,
    progress: (facts, at) =>
      line.update(() => `${grouped(facts)} facts  ${new Date(at / 1000).toISOString()}`),
    wallMs: () => performance.now(),
  };
}

/** The journal's own profile when it was recorded under one that is still there, else `replay`. */
function profileName(reader: JournalReader, options: ReplayOptions): string {
  return options.profile ?? (reader.header.profile.name === "" ? "replay" : reader.header.profile.name);
}

function outOf(options: ReplayOptions): string {
  return resolve(options.out ?? join("reports", stamp()));
}

/** A run folder holds its journal in `journal/`. */
export function journalDir(path: string): string {
  const dir = resolve(path);
  return isJournal(dir) || !isJournal(join(dir, "journal")) ? dir : join(dir, "journal");
}

function isJournal(dir: string): boolean {
  return existsSync(join(dir, HEADER_NAME));
}

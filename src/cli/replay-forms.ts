import { join } from "node:path";
import { LANES, VENUES } from "../registry.gen.ts";
import { writeAbReport } from "../report/write.ts";
import { assembleEngine } from "../runtime/assemble.ts";
import { EmpError } from "../runtime/emp-error.ts";
import { DEFAULT_FEED_LIMITS } from "../runtime/feeds.ts";
import type { LoadedProfile } from "../runtime/profile/load.ts";
import { replayAgainst } from "../runtime/replay/against.ts";
import type { ReplaySetup } from "../runtime/replay/arm.ts";
import type { Divergence } from "../runtime/replay/divergence.ts";
import { replayFromRaw } from "../runtime/replay/from-raw.ts";
import { venuesOf } from "../runtime/replay/journal-venues.ts";
import { replayRecompute } from "../runtime/replay/recompute.ts";
import { type RemapResult, remapJournal } from "../runtime/replay/remap.ts";
import { Verifier, type VerifyResult } from "../runtime/replay/verify.ts";
import { replayWhatIf } from "../runtime/replay/what-if.ts";
import { colour, ExitCode, grouped, print, printJson } from "./console.ts";
import { printReconciliation, printRun, shown, writeRunReport } from "./run-result.ts";

/** One replay as it was asked for. */
export interface Replay {
  readonly setup: ReplaySetup;
  /** Folder of the journal. */
  readonly dir: string;
  /** False for an import: it holds facts and no decisions. */
  readonly isRecorded: boolean;
  readonly loaded: LoadedProfile;
  readonly json: boolean;
  /** Called when the walk is over, before anything is printed. */
  readonly done: () => void;
}

/** The journal under a profile: decisions made anew, a run folder, a report. */
export async function whatIfForm(replay: Replay, fromRaw: boolean, outDir: string): Promise<void> {
  const { setup, dir, loaded } = replay;
  const result = fromRaw
    ? await replayFromRaw(setup, dir, loaded, outDir)
    : await replayWhatIf(setup, loaded, outDir);
  replay.done();
  const report = writeRunReport(outDir, join(outDir, "report"));
  if (replay.json) printJson({ run: outDir, stopped: setup.stopped(), ...result, report });
  else printRun(outDir, result.summary, result.rows, report);
  if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
}

/** Recorded facts against raw frames, recorded decisions against the engine's. */
export async function verifyForm(replay: Replay): Promise<void> {
  const { setup, dir, loaded } = replay;
  const verifier = new Verifier();
  const venues = venuesOf(setup.reader.header, VENUES);
  const currencies = venues.map(({ id, module }) => ({ id, currency: module.scales.currency }));
  verifier.attach(assembleEngine(loaded.profile, currencies, LANES, verifier));
  // A run reads frames under the limits of its profile, an import under the default ones.
  const limits = replay.isRecorded ? loaded.profile.limits : DEFAULT_FEED_LIMITS;
  const remap = await remapJournal(dir, VENUES, setup.pace, setup.stopped, limits);
  const result = replay.isRecorded ? await verifier.run(setup.reader, setup.pace, setup.stopped) : null;
  replay.done();
  const ok = remap.difference === null && (result === null || result.ok);
  if (replay.json) printJson({ ok, stopped: setup.stopped(), remap, decisions: result });
  else {
    printRemap(remap);
    printVerified(result, setup.stopped());
    if (!ok) print(colour.red("NOT VERIFIED"));
    else print(setup.stopped() ? "STOPPED before the end; no difference so far" : colour.green("VERIFIED"));
  }
  if (!ok) process.exitCode = ExitCode.CheckFailed;
}

/** Everything made anew must equal what was recorded. */
export async function recomputeForm(replay: Replay, outDir: string): Promise<void> {
  if (replay.loaded.profile.scan.host === "threads")
    throw new EmpError(
      "replay.threads",
      "replay: --recompute: expected lanes that looked inline, found scan.host: threads; when a thread answers is known to the journal alone, so use --verify",
    );
  const { setup } = replay;
  const result = await replayRecompute(setup, replay.loaded, outDir);
  replay.done();
  const { divergence } = result;
  if (replay.json) printJson({ run: outDir, ok: divergence === null, stopped: setup.stopped(), ...result });
  else {
    print(`recomputed  ${grouped(result.summary.facts)} facts, ${grouped(result.checkpoints)} checkpoints`);
    if (divergence !== null) printDivergence("first divergence", divergence, "recorded", "now");
    else if (result.complete) print(`digest      ${result.summary.digest}`);
    if (!result.complete && !setup.stopped()) print(`end         ${NOT_ENDED}`);
    if (divergence !== null) print(colour.red("DIFFERENT"));
    else print(setup.stopped() ? "STOPPED before the end; no difference so far" : colour.green("EQUAL"));
  }
  if (divergence !== null) process.exitCode = ExitCode.CheckFailed;
}

/** Two profiles over the same bytes. */
export async function againstForm(replay: Replay, other: LoadedProfile, outDir: string): Promise<void> {
  const { setup, loaded } = replay;
  const dirs = [join(outDir, "a"), join(outDir, "b")] as const;
  const result = await replayAgainst(setup, loaded, other, dirs);
  replay.done();
  const report = writeAbReport(dirs[0], dirs[1], result.firstDecision ?? result.first, outDir);
  for (const dir of dirs) writeRunReport(dir, join(dir, "report"));
  if (replay.json) printJson({ run: outDir, stopped: setup.stopped(), ...result, report });
  else {
    const { a, b, first, firstDecision } = result;
    print(
      `A ${loaded.profile.name}  ${grouped(a.rows)} opportunities, digest ${a.summary.digest.slice(0, 16)}…`,
    );
    print(
      `B ${other.profile.name}  ${grouped(b.rows)} opportunities, digest ${b.summary.digest.slice(0, 16)}…`,
    );
    if (first === null) print("no judgement differs");
    else printDivergence("first divergence", first, "A", "B");
    if (firstDecision !== null && firstDecision !== first) {
      printDivergence("first decision that differs", firstDecision, "A", "B");
    }
    printReconciliation(report);
    for (const file of report.files) print(`report      ${shown(file)}`);
  }
  if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
}

const NOT_ENDED = "the run has no recorded end (it was killed, or still runs); compared as far as it goes";

function printRemap({ frames, compared, difference, cut, beginningGone }: RemapResult): void {
  if (difference !== null) {
    const what =
      difference.seq < 0
        ? "a frame says a fact that is not recorded"
        : `fact ${difference.seq} is not what its frame says`;
    print(colour.red(`raw         ${what}`));
    print(`  recorded  ${difference.recorded}`);
    print(`  remapped  ${difference.remapped}`);
  } else if (beginningGone) {
    print("raw         the first raw segments are gone (retention): facts cannot be mapped again");
  } else if (frames === 0) print("raw         no raw frames in this journal");
  else {
    print(`raw         ${grouped(frames)} frames mapped again: all ${grouped(compared)} facts equal`);
    if (cut)
      print(
        "raw end     facts and raw frames end at different places, as a kill leaves them; compared up to the nearer end",
      );
  }
}

function printVerified(result: VerifyResult | null, stopped: boolean): void {
  if (result === null) {
    print("decisions   none recorded (an import); replay it under a profile instead");
    return;
  }
  const { decisions, facts, checkpoints, divergence, digest, complete } = result;
  print(
    `decisions   ${grouped(decisions)} over ${grouped(facts)} facts, ${grouped(checkpoints)} checkpoints`,
  );
  if (divergence !== null) printDivergence("first divergence", divergence, "recorded", "now");
  else if (digest !== "") print(`digest      ${digest}`);
  if (!complete && !stopped && divergence === null) print(`end         ${NOT_ENDED}`);
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

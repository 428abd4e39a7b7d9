import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { HEADER_NAME } from "../capture/header.ts";
import { openJournalReader } from "../capture/reader.ts";
import { LANES, VENUES } from "../registry.gen.ts";
import { EmpError } from "../runtime/emp-error.ts";
import type { ReplaySetup } from "../runtime/replay/arm.ts";
import { Pace } from "../runtime/replay/pace.ts";
import { ExitCode, grouped, note, ProgressLine, speedFactor, stopSignal } from "./console.ts";
import { newFolder } from "./out-folder.ts";
import { profileOf } from "./profile.ts";
import { againstForm, type Replay, recomputeForm, verifyForm, whatIfForm } from "./replay-forms.ts";
import { profileOfJournal } from "./run-profile.ts";

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

const EXAMPLES = `
Examples:
  $ emp replay runs/demo/<time> --verify                       is every recorded fact and decision what it must be?
  $ emp replay runs/demo/<time> --recompute                    does everything, made anew, come out the same?
  $ emp replay <journal> --profile=replay --out=reports/mine   what would this profile have done?
  $ emp replay <journal> --profile=replay --against=replay-strict
  $ emp replay <journal> --profile=replay --from=raw           through today's mappers again

--verify and --recompute exit with 1 when anything differs and name the first event that does.`;

export function addReplayCommand(program: Command): void {
  program
    .command("replay")
    .description("replay a journal: what-if (default), verify, recompute, or two profiles against each other")
    .argument("<journal>", "folder of a journal, or of a run that holds one")
    .option("--profile <name>", "profile (default: the journal's own, for an import: replay)")
    .option("--against <name>", "second profile over the same bytes: first divergence and paired comparison")
    .addOption(
      new Option(
        "--verify",
        "facts against raw frames, recorded decisions against the engine's; no lane is run",
      ).conflicts(["recompute", "against", "from", "out"]),
    )
    .addOption(
      new Option(
        "--recompute",
        "everything made anew must equal what was recorded, at the same event",
      ).conflicts(["against", "from"]),
    )
    .addOption(
      new Option("--from <what>", "facts (normal form) or raw (venue bytes through the mappers again)")
        .choices(["facts", "raw"])
        .default("facts")
        .conflicts("against"),
    )
    .option("--speed <factor>", "recorded seconds per real second; 0 = as fast as possible", "0")
    .option("--out <folder>", "folder of the run, new or empty (default: reports/<time>)")
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLES)
    .action(replay);
}

async function replay(journal: string, options: ReplayOptions): Promise<void> {
  const speed = speedFactor(options.speed, "replay: --speed");
  const dir = journalDir(journal);
  requireFacts(dir);
  const reader = openJournalReader(dir);
  const signal = stopSignal();
  const line = new ProgressLine();
  try {
    const setup: ReplaySetup = {
      reader,
      journal: basename(dir) === "journal" ? basename(join(dir, "..")) : basename(dir),
      venues: VENUES,
      lanes: LANES,
      pace: new Pace(speed, () => performance.now() * 1000),
      stopped: signal.stopped,
      progress: (facts, at) =>
        line.update(() => `${grouped(facts)} facts  ${new Date(at / 1000).toISOString()}`),
      wallMs: () => performance.now(),
    };
    await form(setup, dir, options, () => line.clear());
    if (!signal.stopped()) return;
    note("stopped by a signal; what is said above holds up to there");
    process.exitCode = ExitCode.Interrupted;
  } finally {
    line.clear();
    reader.close();
    signal.dispose();
  }
}

async function form(
  setup: ReplaySetup,
  dir: string,
  options: ReplayOptions,
  done: () => void,
): Promise<void> {
  const { header } = setup.reader;
  const isRecorded = header.profile.name !== "";
  if (options.recompute === true && !isRecorded) {
    throw new EmpError(
      "replay.recompute",
      "replay: --recompute: expected a journal with recorded decisions, found an import; replay it under a profile instead",
    );
  }
  const replay: Replay = {
    setup,
    dir,
    isRecorded,
    loaded: profileOfJournal(dir, header, options.profile),
    json: options.json === true,
    done,
  };
  if (options.verify === true) {
    await verifyForm(replay);
    return;
  }
  const other = options.against === undefined ? null : profileOf(options.against);
  const outDir = newFolder(options.out, "reports", "replay");
  if (options.recompute === true) await recomputeForm(replay, outDir);
  else if (other !== null) await againstForm(replay, other, outDir);
  else await whatIfForm(replay, options.from === "raw", outDir);
}

/** A journal without facts proves nothing, whatever the form. */
function requireFacts(dir: string): void {
  const reader = openJournalReader(dir);
  try {
    if (reader.next() !== null) return;
  } finally {
    reader.close();
  }
  throw new EmpError(
    "replay.empty",
    `replay: the journal holds no facts, there is nothing to replay: ${dir}`,
  );
}

/** A run folder holds its journal in `journal/`. */
export function journalDir(path: string): string {
  const dir = resolve(path);
  return isJournal(dir) || !isJournal(join(dir, "journal")) ? dir : join(dir, "journal");
}

function isJournal(dir: string): boolean {
  return existsSync(join(dir, HEADER_NAME));
}

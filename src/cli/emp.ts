#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { EmpError } from "../runtime/emp-error.ts";
import { addCheckCommand } from "./check/check.ts";
import { ExitCode, fail } from "./console.ts";
import { addImportCommand } from "./import.ts";
import { addJournalCommands } from "./journal.ts";
import { addProfileCommand } from "./profile.ts";
import { addReplayCommand } from "./replay.ts";
import { addReportCommand } from "./report.ts";
import { addRunCommand } from "./run.ts";
import { addVenuesCommand } from "./venues.ts";

const VERSION = "0.1.0";

const EPILOGUE = `
Examples:
  $ emp run --profile=demo                              watch EMP work on a simulated market, no network needed
  $ emp import kalshi-ws tape.ndjson.gz --out=tape      turn a recording into a journal
  $ emp replay tape --profile=replay                    replay it: decisions, digest, KPI report
  $ emp replay tape --profile=replay --against=replay-strict
                                                        compare two profiles on the same bytes
  $ emp replay runs/demo/<time> --verify                check a recorded run, fact by fact
  $ emp report kpi reports/<run>                        write the KPI report of a run
  $ emp check vectors <folder>                          run conformance vectors

Results go to standard output, progress and trouble to standard error; --json prints JSON alone. NO_COLOR is honoured.

Exit codes:
  0    done
  1    a check failed, or what should be equal differs
  2    wrong usage, or input that cannot be used
  3    a bug in EMP
  130  stopped by a signal before the end`;

function build(): Command {
  const program = new Command("emp")
    .description(
      "Multi-venue scanner and trading engine: proves every opportunity, replays every session bit for bit",
    )
    .version(VERSION)
    .showHelpAfterError("(add --help for the options)")
    .addHelpText("after", EPILOGUE)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "emp: ")) });
  addRunCommand(program);
  addReplayCommand(program);
  addImportCommand(program);
  addReportCommand(program);
  addCheckCommand(program);
  addJournalCommands(program);
  addProfileCommand(program);
  addVenuesCommand(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

async function main(argv: readonly string[]): Promise<void> {
  try {
    await build().parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
    } else if (error instanceof EmpError || isForPeople(error)) {
      fail(error.message, ExitCode.Usage);
    } else if (isFromSystem(error)) {
      fail(systemLine(error), ExitCode.Usage);
    } else {
      fail(bugText(error), ExitCode.Bug);
    }
  }
}

/** Errors of the layers below the shell that carry one line for a person. */
function isForPeople(error: unknown): error is Error {
  return (
    error instanceof Error &&
    ["CaptureError", "ReportError", "ProfileError", "CheckError"].includes(error.name)
  );
}

function bugText(error: unknown): string {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `a bug in EMP, please report it:\n${detail}`;
}

/** What the operating system refuses (a path, a right, a full disk) is trouble with the input, not with EMP. */
function isFromSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}

/** `ENOTDIR: not a directory, mkdir '/a/b'` as `/a/b: not a directory (mkdir, ENOTDIR)`. */
function systemLine({ message, code, path, syscall }: NodeJS.ErrnoException): string {
  const what = message.replace(/^[A-Z0-9]+: /, "").replace(/, \w+( '.*)?$/, "");
  return `${path === undefined ? "" : `${path}: `}${what} (${syscall}, ${code})`;
}

// A timer or a stream that throws outside of a command still ends with a plain line and the right exit code.
process.on("uncaughtException", (error) => {
  if (isFromSystem(error)) fail(systemLine(error), ExitCode.Usage);
  else fail(bugText(error), ExitCode.Bug);
  process.exit();
});

// A reader that went away (`emp sql … | head`) wants no more output; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode ?? ExitCode.Ok);
  throw error;
});

await main(process.argv);

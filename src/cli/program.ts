import { Command } from "commander";
import { addCheckCommand } from "./check/check.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addImportCommand } from "./import.ts";
import { addJournalCommands } from "./journal.ts";
import { addProbeCommand } from "./probe.ts";
import { productVersion } from "./product.ts";
import { addProfileCommand } from "./profile.ts";
import { addReplayCommand } from "./replay.ts";
import { addReportCommand } from "./report.ts";
import { addRunCommand } from "./run.ts";
import { addVenuesCommand } from "./venues.ts";

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

/** The whole command line; parsing it runs a command. */
export function buildProgram(): Command {
  const program = new Command("emp")
    .description(
      "Multi-venue scanner and trading engine: proves every opportunity, replays every session bit for bit",
    )
    .version(productVersion())
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
  addProbeCommand(program);
  addDoctorCommand(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

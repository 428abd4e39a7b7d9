import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { HEADER_NAME } from "../capture/header.ts";
import { SUMMARY_FILE } from "../report/run-files.ts";
import { writeAbReport, writeKpiReport } from "../report/write.ts";
import { EmpError } from "../runtime/emp-error.ts";
import { ExitCode, print, printJson } from "./console.ts";
import { printReconciliation, shown } from "./run-result.ts";

interface ReportOptions {
  readonly out?: string;
  readonly json?: boolean;
}

export function addReportCommand(program: Command): void {
  const report = program.command("report").description("write reports of finished runs").exitOverride();
  report
    .command("kpi")
    .description("KPI report of a run: HTML, Markdown and JSON; exits 1 when it does not reconcile")
    .argument("<run>", "folder of a run")
    .option("--out <folder>", "where to write (default: <run>/report)")
    .option("--json", "print the result as JSON")
    .exitOverride()
    .addHelpText("after", "\nExample:\n  $ emp report kpi runs/demo/<time>")
    .action((run: string, options: ReportOptions) => {
      const dir = resolve(run);
      requireFinished(dir);
      finish(writeKpiReport(dir, resolve(options.out ?? join(dir, "report"))), options);
    });
  report
    .command("ab")
    .description("paired comparison of two runs over the same journal")
    .argument("<a>", "folder of run A")
    .argument("<b>", "folder of run B")
    .requiredOption("--out <folder>", "where to write")
    .option("--json", "print the result as JSON")
    .exitOverride()
    .addHelpText(
      "after",
      "\nExample:\n  $ emp report ab reports/<run a> reports/<run b> --out=reports/compared",
    )
    .action((a: string, b: string, options: ReportOptions & { out: string }) => {
      for (const dir of [a, b]) requireFinished(resolve(dir));
      finish(writeAbReport(resolve(a), resolve(b), null, resolve(options.out)), options);
    });
}

/** A killed run has a journal but no summary; its report comes from a replay. */
function requireFinished(dir: string): void {
  if (existsSync(join(dir, SUMMARY_FILE)) || !existsSync(join(dir, "journal", HEADER_NAME))) return;
  throw new EmpError(
    "report.unfinished",
    `report: ${dir}: no ${SUMMARY_FILE}: this run was killed or still runs; \`emp replay ${shown(dir)}\` makes run and report from its journal`,
  );
}

function finish(report: ReturnType<typeof writeKpiReport>, { json }: ReportOptions): void {
  if (json === true) printJson(report);
  else {
    printReconciliation(report);
    for (const file of report.files) print(shown(file));
  }
  if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
}

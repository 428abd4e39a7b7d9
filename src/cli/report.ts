import { join, resolve } from "node:path";
import type { Command } from "commander";
import { writeAbReport, writeKpiReport } from "../report/write.ts";
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
    .action((run: string, options: ReportOptions) => {
      const dir = resolve(run);
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
    .action((a: string, b: string, options: ReportOptions & { out: string }) => {
      finish(writeAbReport(resolve(a), resolve(b), null, resolve(options.out)), options);
    });
}

function finish(report: ReturnType<typeof writeKpiReport>, { json }: ReportOptions): void {
  if (json === true) printJson(report);
  else {
    printReconciliation(report);
    for (const file of report.files) print(shown(file));
  }
  if (!report.reconciled) process.exitCode = ExitCode.CheckFailed;
}

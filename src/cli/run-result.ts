import { relative } from "node:path";
import type { RunSummary } from "../contracts/index.ts";
import { moneyText } from "../observe/text.ts";
import { type WrittenReport, writeKpiReport } from "../report/write.ts";
import { colour, grouped, print } from "./console.ts";

export function writeRunReport(runDir: string, outDir: string): WrittenReport {
  return writeKpiReport(runDir, outDir);
}

/** Reconciliation in one line, and the failing checks when there are any. */
export function printReconciliation(report: WrittenReport): void {
  if (report.reconciled)
    print(
      `${colour.green("RECONCILED")}  ${report.checks.length} checks: family totals, funnel and ledger agree with the rows`,
    );
  else {
    print(colour.red("NOT RECONCILED"));
    for (const check of report.checks)
      if (!check.ok) print(`  ${check.name}: ${check.left} against ${check.right}`);
  }
}

/** What a person wants to know at the end of a run or replay. */
export function printRun(runDir: string, summary: RunSummary, rows: number, report: WrittenReport): void {
  const { ledger, books } = summary;
  const seconds = summary.wallMs / 1000;
  const rate = seconds > 0 ? `${grouped(summary.facts / seconds)} facts/s` : "";
  print(
    `${colour.bold(summary.profile)}  ${summary.mode}  ${grouped(summary.frames)} frames, ${grouped(summary.facts)} facts in ${seconds.toFixed(1)} s  ${rate}`,
  );
  print(
    `books       ${books.valid} of ${books.listed} valid, ${grouped(summary.quarantines)} quarantines, ${grouped(summary.releases)} releases`,
  );
  print(`rows        ${grouped(rows)} ${rows === 1 ? "opportunity" : "opportunities"} opened`);
  print(
    `equity      ${money(ledger.equity)} from ${money(ledger.startCash)} (cash ${money(ledger.cash)}, open at worst ${money(ledger.openAtWorst)}, fees ${money(ledger.fees)})`,
  );
  print(`digest      ${summary.digest}`);
  printReconciliation(report);
  print(`run         ${shown(runDir)}`);
  for (const file of report.files.filter((name) => name.endsWith(".html")))
    print(`report      ${shown(file)}`);
}

/** Cents for people; every digit is in run.json. */
export function money(text: string): string {
  const cents = moneyText(text);
  return cents.startsWith("-") ? `-$${cents.slice(1)}` : `$${cents}`;
}

export function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near !== "" && !near.startsWith("..") ? near : path;
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SeededRng } from "../sim/rng.ts";
import { buildAb, type Divergence, reconcileAb } from "./ab.ts";
import { abDocument } from "./ab-document.ts";
import { buildKpi } from "./kpi.ts";
import { kpiDocument } from "./kpi-document.ts";
import type { Check } from "./kpi-model.ts";
import type { ReportDocument } from "./page/document.ts";
import { toHtml } from "./page/html.ts";
import { toJson } from "./page/json.ts";
import { toMarkdown } from "./page/markdown.ts";
import { isReconciled, reconcile } from "./reconcile.ts";
import { loadRun } from "./run-files.ts";

export interface WrittenReport {
  readonly files: readonly string[];
  /** False: some total differs from the rows or the ledger; the report says which. */
  readonly reconciled: boolean;
  readonly checks: readonly Check[];
}

/**
 * Writes `kpi.html`, `kpi.md` and `kpi.json` of a run folder into `outDir` (made if absent).
 * The same run gives the same bytes.
 * @throws ReportError when the run folder cannot be read.
 */
export function writeKpiReport(runDir: string, outDir: string): WrittenReport {
  const run = loadRun(runDir);
  const report = buildKpi(run, new SeededRng(run.summary.seed).fork("report"));
  const checks = reconcile(report, run);
  const reconciled = isReconciled(checks);
  const files = writeAll(outDir, "kpi", kpiDocument(report, checks), { ...report, reconciled, checks });
  return { files, reconciled, checks };
}

/**
 * Compares two runs over the same journal, B against A, and writes `ab.html`, `ab.md` and `ab.json` into `outDir`.
 * @param divergence where the two runs first decided differently; null when they never did or it was not asked.
 * @throws ReportError when a run folder cannot be read.
 */
export function writeAbReport(
  runDirA: string,
  runDirB: string,
  divergence: Divergence | null,
  outDir: string,
): WrittenReport {
  const a = loadRun(runDirA);
  const b = loadRun(runDirB);
  const report = buildAb(a, b, divergence, new SeededRng(a.summary.seed).fork("ab"));
  const checks = reconcileAb(report, a, b);
  const reconciled = isReconciled(checks);
  const files = writeAll(outDir, "ab", abDocument(report, checks), { ...report, reconciled, checks });
  return { files, reconciled, checks };
}

function writeAll(outDir: string, name: string, document: ReportDocument, data: unknown): string[] {
  mkdirSync(outDir, { recursive: true });
  const contents = [
    [`${name}.html`, toHtml(document)],
    [`${name}.md`, toMarkdown(document)],
    [`${name}.json`, toJson(data)],
  ] as const;
  return contents.map(([file, text]) => {
    const path = join(outDir, file);
    writeFileSync(path, text);
    return path;
  });
}

import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { CaseResult } from "./vector-case.ts";
import { arbitrageCase, feeCase } from "./vector-schema.ts";
import { checkArbitrage } from "./vectors-arbitrage.ts";
import { checkFees } from "./vectors-fees.ts";
import { checkKelly, kellyCase } from "./vectors-kelly.ts";
import { checkStats } from "./vectors-stats.ts";

/** How many cases passed, differed, or are of a kind that is not built. */
export interface VectorCounts {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
}

const MOST_BYTES = 16 * 1024 * 1024;
const MOST_DEPTH = 4;

/** Case files that are JSON, and those of wire conversations, which are not built. */
const CASE_FILE = /\.(json|def)$/;
/** Files whose cases are of a kind that is built: in them a case of another shape is a failure, not a case to come. */
const BUILT = /^(V\d.*|fees|kelly|stats)\.json$/;

/**
 * Runs conformance cases from files or folders: `V*.json` (arbitrage), `fees.json`, `kelly.json`, `stats.json`; other
 * files by the shape of their cases. Writes one line per case (`PASS|FAIL|PENDING id — ...`).
 * Throws an Error that names the path when one does not exist or holds no cases.
 */
export function checkVectors(paths: readonly string[], write: (line: string) => void): VectorCounts {
  const counts = { passed: 0, failed: 0, pending: 0 };
  for (const path of paths) {
    const files = caseFiles(path, MOST_DEPTH);
    if (files.length === 0) throw new Error(`${path}: no case files (.json, .def) there`);
    for (const file of files) {
      for (const result of resultsOf(file)) {
        if (result.outcome === "PASS") counts.passed += 1;
        else if (result.outcome === "FAIL") counts.failed += 1;
        else counts.pending += 1;
        write(`${result.outcome} ${result.id} — ${result.notes.join("; ")}`);
      }
    }
  }
  return counts;
}

/** Case files at a path: itself, or those under a folder in name order. An index lists cases and is none. */
function caseFiles(path: string, depth: number): readonly string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${path}: no such file or folder`);
  if (stats.isFile()) return [path];
  if (depth === 0) return [];
  return readdirSync(path)
    .sort()
    .filter((name) => name !== "index.json")
    .flatMap((name) => {
      const inner = join(path, name);
      const folder = statSync(inner).isDirectory();
      return folder ? caseFiles(inner, depth - 1) : CASE_FILE.test(name) ? [inner] : [];
    });
}

function resultsOf(file: string): readonly CaseResult[] {
  const name = basename(file);
  const failed = (why: string): CaseResult[] => [{ id: name, outcome: "FAIL", notes: [why] }];
  if (name.endsWith(".def")) return [pending(name)];
  if (statSync(file).size > MOST_BYTES) return failed(`larger than ${MOST_BYTES} bytes`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    return failed(`not JSON: ${(error as Error).message}`);
  }
  const cases: readonly unknown[] = Array.isArray(content) ? content : [content];
  return cases.map((item, index) => judge(item, name, `${name}#${index}`));
}

/** One case, judged by its file's name or else by its shape; a case that throws has failed. */
function judge(item: unknown, file: string, fallback: string): CaseResult {
  const id = idOf(item) ?? fallback;
  try {
    if (file === "stats.json") return checkStats(item, id);
    const arbitrage = arbitrageCase.safeParse(item);
    if (arbitrage.success) return checkArbitrage(arbitrage.data);
    const fees = feeCase.safeParse(item);
    if (fees.success) return checkFees(fees.data);
    const kelly = kellyCase.safeParse(item);
    if (kelly.success) return checkKelly(kelly.data);
  } catch (error) {
    return { id, outcome: "FAIL", notes: [(error as Error).message] };
  }
  if (!BUILT.test(file) && !looksBuilt(item)) return pending(id);
  return { id, outcome: "FAIL", notes: ["not of the shape of any kind of case"] };
}

/** A broken case must not pass for one of a kind to come: these keys belong to kinds that are built. */
function looksBuilt(item: unknown): boolean {
  if (typeof item !== "object" || item === null) return false;
  return "expected" in item || "fills" in item || "lane" in item;
}

function pending(id: string): CaseResult {
  return { id, outcome: "PENDING", notes: ["a kind of case that is not built"] };
}

function idOf(item: unknown): string | null {
  if (typeof item !== "object" || item === null || !("id" in item)) return null;
  return typeof item.id === "string" ? item.id : null;
}

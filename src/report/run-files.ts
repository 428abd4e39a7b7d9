import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { OpportunityRow, RunSummary } from "../contracts/index.ts";
import { ReportError } from "./errors.ts";
import { eachLine } from "./lines.ts";
import { MONEY_PATTERN } from "./money.ts";

export const SUMMARY_FILE = "run.json";
export const ROWS_FILE = "opportunities.ndjson";

const amount = z.string().regex(MONEY_PATTERN, 'expected decimal text such as "12.5"');
const count = z.int().nonnegative();
const counts = z.record(z.string(), z.record(z.string(), count));

const rowSchema = z.object({
  id: z.string().min(1),
  lane: z.string().min(1),
  family: z.string().min(1),
  familyTitle: z.string(),
  style: z.string(),
  venues: z.array(z.string()),
  factSeq: count,
  foundAt: z.int(),
  closedAt: z.int(),
  legCount: count,
  detected: amount,
  certified: amount,
  planned: amount,
  expectedRealised: amount,
  simulatedRealised: amount,
  capital: amount,
  fees: amount,
  refusal: z.string().nullable(),
  refusalStage: z.enum(["certify", "dedupe", "size", "risk"]).nullable(),
  outcome: z.enum(["refused", "filled", "partial", "missed", "open"]),
  fills: z.array(z.unknown()),
  minAsk: amount,
  maxAsk: amount,
  minDepthNotional: amount,
  lotsPlanned: amount,
  lotsFilled: amount,
});

const summarySchema = z.object({
  version: z.literal(1),
  profile: z.string(),
  profileHash: z.string(),
  journal: z.string(),
  mode: z.enum(["simulate", "paper", "live", "replay-verify", "replay-recompute", "replay-whatif"]),
  seed: z.number(),
  nodeMajor: count,
  startedAt: z.number(),
  endedAt: z.number(),
  facts: count,
  frames: count,
  digest: z.string(),
  books: z.object({ listed: count, valid: count }),
  reasons: counts,
  diagnoses: counts,
  quarantines: count,
  releases: count,
  latency: z.record(
    z.string(),
    z.object({
      count,
      p50Micros: z.number(),
      p95Micros: z.number(),
      p99Micros: z.number(),
      maxMicros: z.number(),
    }),
  ),
  ledger: z.object({
    cash: amount,
    reserved: amount,
    openAtWorst: amount,
    fees: amount,
    equity: amount,
    startCash: amount,
    outsideRows: amount,
    openPositions: count,
  }),
  equity: z.array(z.tuple([z.number(), amount])),
  wallMs: z.number().nonnegative(),
});

/** What the report reads of an opportunity: the row without the content of its fills. */
export type ReportRow = Omit<OpportunityRow, "fills" | "refusal"> & {
  readonly fillCount: number;
  /** A reason code; one this version does not know is shown as it is. */
  readonly refusal: string | null;
};

export interface LoadedRun {
  readonly summary: RunSummary;
  readonly rows: readonly ReportRow[];
}

/**
 * Reads and validates `run.json` and `opportunities.ndjson` of a run folder.
 * @throws ReportError, one line, when one is missing, unreadable or not what it should be. An empty ndjson is a run without opportunities.
 */
export function loadRun(dir: string): LoadedRun {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ReportError(`${dir}: expected a run folder with ${SUMMARY_FILE} and ${ROWS_FILE}, found none`);
  const summaryPath = join(dir, SUMMARY_FILE);
  const summary = parseWith(summarySchema, readText(summaryPath), summaryPath) satisfies RunSummary;
  const rowsPath = join(dir, ROWS_FILE);
  mustBeFile(rowsPath);
  const rows: ReportRow[] = [];
  eachLine(rowsPath, (line, number) => {
    const { fills, ...row } = parseWith(rowSchema, line, `${rowsPath}:${number}`);
    rows.push({ ...row, fillCount: fills.length });
  });
  return { summary, rows };
}

function readText(path: string): string {
  mustBeFile(path);
  return readFileSync(path, "utf8");
}

function mustBeFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new ReportError(`${path}: expected a file written by a run, found none`);
}

function parseWith<T>(schema: z.ZodType<T>, text: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ReportError(`${where}: expected JSON, found ${JSON.stringify(text.slice(0, 40))}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const key = issue === undefined || issue.path.length === 0 ? "the document" : issue.path.join(".");
  throw new ReportError(`${where}: ${key}: ${issue?.message ?? "not of this kind"}`);
}

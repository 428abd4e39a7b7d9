import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ReportError } from "./errors.ts";
import { eachLine } from "./lines.ts";
import { loadRun, ROWS_FILE, SUMMARY_FILE } from "./run-files.ts";
import { openedRow, runOf, writeRun } from "./test-run.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "emp-report-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

it("reads back a run", () => {
  const run = runOf([openedRow("a", "f", "1.25"), openedRow("b", "f", "-0.5")]);
  writeRun(dir, run);
  expect(loadRun(dir)).toEqual(run);
});

it("reads an empty list of opportunities as a run without any", () => {
  writeRun(dir, runOf([]));
  expect(loadRun(dir).rows).toEqual([]);
});

it("reads a last line without its newline, and lines that straddle a chunk", () => {
  const path = join(dir, "long.txt");
  const lines = Array.from({ length: 9 }, (_, index) => `${index}é`.repeat(100_000 + index));
  writeFileSync(path, lines.join("\n"));
  const got: string[] = [];
  eachLine(path, (line, number) => {
    expect(number).toBe(got.length + 1);
    got.push(line);
  });
  expect(got).toEqual(lines);
});

it("says which folder or file is missing", () => {
  expect(() => loadRun(join(dir, "absent"))).toThrow(
    /absent: expected a run folder with run.json and opportunities.ndjson, found none/,
  );
  expect(() => loadRun(dir)).toThrow(/run\.json: expected a file written by a run, found none/);
  writeFileSync(join(dir, SUMMARY_FILE), JSON.stringify(runOf([]).summary));
  expect(() => loadRun(dir)).toThrow(/opportunities\.ndjson: expected a file written by a run, found none/);
});

it.each([
  ["", /run\.json: expected JSON, found ""/],
  ["PAR1", /run\.json: expected JSON, found "PAR1"/],
  ["[]", /run\.json: the document: /],
  ['{"version":2}', /run\.json: version: /],
])("refuses %j as a summary in one line", (text, message) => {
  writeRun(dir, runOf([]));
  writeFileSync(join(dir, SUMMARY_FILE), text);
  expect(() => loadRun(dir)).toThrow(message);
  expect(() => loadRun(dir)).toThrow(ReportError);
  expect(messageOf(() => loadRun(dir))).not.toContain("\n");
});

it.each([
  ["{", /opportunities\.ndjson:2: expected JSON/],
  ["{}", /opportunities\.ndjson:2: id: /],
  [rowText({ certified: "1e3" }), /opportunities\.ndjson:2: certified: expected decimal text/],
  [rowText({ certified: 1 }), /opportunities\.ndjson:2: certified: /],
  [rowText({ outcome: "won" }), /opportunities\.ndjson:2: outcome: /],
])("names line and key of a bad row: %s", (text, message) => {
  writeRun(dir, runOf([]));
  writeFileSync(join(dir, ROWS_FILE), `${rowText({})}\n${text}\n`);
  expect(() => loadRun(dir)).toThrow(message);
});

function rowText(patch: Record<string, unknown>): string {
  const { fillCount: _, ...row } = openedRow("a", "f", "1");
  return JSON.stringify({ ...row, fills: [], ...patch });
}

function messageOf(action: () => unknown): string {
  try {
    action();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

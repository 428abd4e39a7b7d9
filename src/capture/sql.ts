import type { DuckDBConnection, Json } from "@duckdb/node-api";
import { projectFinished } from "./compact.ts";
import { openDuck } from "./duck.ts";
import { CaptureError } from "./errors.ts";
import { listSegments } from "./files.ts";
import { journalMark } from "./format.ts";
import { readHeader } from "./header.ts";
import { listManifests } from "./manifest.ts";
import { loadRawFrames } from "./raw-table.ts";
import { createSegmentTables, loadSegment } from "./segment-tables.ts";
import { OPEN_PREFIX, viewStatements } from "./sql-views.ts";

export interface SqlResult {
  readonly columns: readonly string[];
  /** Whole numbers as numbers where they are safe integers, decimals and instants as text. */
  readonly rows: readonly (readonly Json[])[];
  /** True when there were more rows than asked for. */
  readonly truncated: boolean;
}

export interface SqlSession {
  /** Runs one statement and returns at most `rowsMax` rows (default 100,000). @throws CaptureError `sql`. */
  query(sql: string, rowsMax?: number): Promise<SqlResult>;
  close(): void;
}

const ROWS_MAX = 100_000;
const WHOLE_TYPES = /^(BIGINT|UBIGINT|HUGEINT)$/;

/**
 * Opens a journal for SQL: views facts, objects, decisions, quarantines, opportunities, commands, orders, fills,
 * refusals and raw_frames, tables instruments and reasons. Sealed segments are read from Parquet (written now where it
 * is not there yet, and kept for the next time), the segment being written from memory, as far as it is on disk.
 */
export async function openSql(dir: string): Promise<SqlSession> {
  const mark = journalMark(readHeader(dir).id);
  await projectFinished(dir);
  const duck = await openDuck();
  try {
    const connection = await duck.connect();
    const manifests = listManifests(dir);
    await createSegmentTables(connection, OPEN_PREFIX);
    for (const segment of listSegments(dir, "facts")) {
      if (!manifests.has(segment.number)) await loadSegment(connection, OPEN_PREFIX, segment, mark);
    }
    for (const statement of viewStatements(dir, [...manifests.values()])) await connection.run(statement);
    let hasRawFrames = false;
    return {
      async query(sql, rowsMax = ROWS_MAX) {
        if (!hasRawFrames && /\braw_frames\b/i.test(sql)) {
          await loadRawFrames(connection, dir);
          hasRawFrames = true;
        }
        return runQuery(connection, sql, rowsMax);
      },
      close: () => duck.close(),
    };
  } catch (cause) {
    duck.close();
    throw cause;
  }
}

async function runQuery(connection: DuckDBConnection, sql: string, rowsMax: number): Promise<SqlResult> {
  try {
    const reader = await connection.streamAndReadUntil(sql, rowsMax + 1);
    const isWhole = reader.columnTypes().map((type) => WHOLE_TYPES.test(type.toString()));
    const rows = reader.getRowsJson();
    return {
      columns: reader.columnNames(),
      rows: rows
        .slice(0, rowsMax)
        .map((row) => row.map((value, column) => (isWhole[column] ? toNumber(value) : value))),
      truncated: rows.length > rowsMax,
    };
  } catch (cause) {
    const [line] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    throw new CaptureError("sql", `sql: ${line}`, null, cause);
  }
}

function toNumber(value: Json): Json {
  if (typeof value !== "string") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { CaptureError } from "./errors.ts";

/** Beyond this DuckDB spills to its temporary folder. */
const MEMORY_LIMIT = "1GB";

/** An in-memory DuckDB with bounded memory. */
export interface Duck {
  connect(): Promise<DuckDBConnection>;
  /** Closes all connections and removes the temporary folder. */
  close(): void;
}

/** Loads DuckDB only when it is needed: it is a native library, and replay does without. */
export async function openDuck(): Promise<Duck> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const temporary = mkdtempSync(join(tmpdir(), "emp-duckdb-"));
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: MEMORY_LIMIT,
    temp_directory: temporary,
    autoinstall_known_extensions: "false",
  });
  const connections: DuckDBConnection[] = [];
  return {
    async connect() {
      const connection = await instance.connect();
      connections.push(connection);
      return connection;
    },
    close() {
      for (const connection of connections) connection.closeSync();
      instance.closeSync();
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/** Text as an SQL literal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The memory of an INTEGER or BIGINT column as int32 words (a BIGINT is low word, high word). The library types it
 * as private; the public way makes a bigint per value and is several times slower.
 */
export function columnWords(chunk: DuckDBDataChunk, column: number): Int32Array {
  const vector: unknown = chunk.getColumnVector(column);
  const items = (vector as { readonly items?: unknown }).items;
  if (items instanceof Int32Array) return items;
  if (items instanceof BigInt64Array) return new Int32Array(items.buffer, items.byteOffset, items.length * 2);
  throw new CaptureError("sql", `DuckDB column ${column}: expected INTEGER or BIGINT vectors`);
}

const TWO_32 = 4_294_967_296;

/** Stores a whole number as BIGINT `row`. @throws CaptureError `bad_record` for any other number. */
export function writeBigint(words: Int32Array, row: number, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new CaptureError("bad_record", `journal: expected a whole number, was ${value}`);
  }
  const high = Math.floor(value / TWO_32);
  words[row * 2] = value - high * TWO_32;
  words[row * 2 + 1] = high;
}

export function readBigint(words: Int32Array, row: number): number {
  return (words[row * 2 + 1] as number) * TWO_32 + ((words[row * 2] as number) >>> 0);
}

import { join } from "node:path";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { FACT_BYTES } from "../contracts/index.ts";
import { columnWords, type Duck, openDuck, quote, readBigint } from "./duck.ts";
import { CaptureError } from "./errors.ts";
import {
  BLOCK_HEADER_BYTES,
  BlockKind,
  encodeSegmentHeader,
  padded,
  sealBlock,
  segmentHeaderCrc,
  takesSeq,
} from "./format.ts";
import { PARQUET_FOLDER, type SegmentManifest } from "./manifest.ts";
import { OBJECT_HEADER_BYTES, type ObjectType, writeObjectHeader } from "./objects.ts";
import type { PackedColumns } from "./segment-tables.ts";

/**
 * Gives back the bytes of a segment from its Parquet files: the header, then block by block. The caller compares the
 * hash with the manifest's.
 */
export async function* readSegmentFromParquet(
  dir: string,
  mark: Buffer,
  manifest: SegmentManifest,
): AsyncGenerator<Buffer> {
  const duck = await openDuck();
  try {
    yield* rebuild(duck, dir, mark, manifest);
  } finally {
    duck.close();
  }
}

async function* rebuild(
  duck: Duck,
  dir: string,
  mark: Buffer,
  manifest: SegmentManifest,
): AsyncGenerator<Buffer> {
  const { segment, firstSeq, previousCrc } = manifest;
  const header = encodeSegmentHeader({ log: "facts", number: segment, firstSeq, previousCrc, mark });
  yield header;
  const packed = await RowCursor.open(await duck.connect(), dir, manifest.packed, "seq");
  const objects = await RowCursor.open(await duck.connect(), dir, manifest.objects, "seq");
  const blocks = await RowCursor.open(await duck.connect(), dir, [manifest.blocks], "block");
  let chain = segmentHeaderCrc(header);
  let seq = firstSeq;
  while (await blocks.advance()) {
    const kind = blocks.number(BLOCK.kind) as BlockKind;
    const count = blocks.number(BLOCK.records);
    const payload = await readPayload(kind, count, packed, objects, blocks.text(BLOCK.content));
    const block = Buffer.alloc(BLOCK_HEADER_BYTES + payload.length);
    payload.copy(block, BLOCK_HEADER_BYTES);
    chain = sealBlock(block, 0, {
      kind,
      payloadBytes: payload.length,
      firstSeq: seq,
      count,
      previousCrc: chain,
      lastAt: blocks.number(BLOCK.lastAt),
    });
    if (takesSeq(kind)) seq += count;
    yield block;
  }
}

/** Column numbers of the stored tables. */
const BLOCK = { kind: 1, records: 2, lastAt: 3, content: 4 } as const;
const OBJECT = { type: 1, version: 2, at: 3, json: 4 } as const;

function readPayload(
  kind: BlockKind,
  count: number,
  packed: RowCursor,
  objects: RowCursor,
  content: string,
): Promise<Buffer> {
  switch (kind) {
    case BlockKind.PACKED:
      return packedPayload(packed, count);
    case BlockKind.OBJECTS:
      return objectsPayload(objects, count);
    case BlockKind.CHECKPOINT:
      return Promise.resolve(Buffer.from(content, "latin1"));
    case BlockKind.SEAL:
      return Promise.resolve(Buffer.alloc(8));
    case BlockKind.RAW:
      throw new CaptureError("corrupt", "journal: a raw block in a fact segment", "journal.bad_chain");
  }
}

async function packedPayload(rows: RowCursor, count: number): Promise<Buffer> {
  const memory = new ArrayBuffer(count * FACT_BYTES);
  const i32 = new Int32Array(memory);
  const f64 = new Float64Array(memory);
  for (let i = 0; i < count; i++) {
    const moved = rows.advance();
    if (moved !== true && !(await moved)) throw missingRows();
    const [, kinds, sides, flags, books, prices, streams, lots, recvs, venues, venueSeqs] =
      rows.words as unknown as PackedColumns;
    const { row } = rows;
    const word = i * 12;
    const slot = i * 6;
    i32[word] = (kinds[row] as number) | ((sides[row] as number) << 8) | ((flags[row] as number) << 16);
    i32[word + 1] = books[row] as number;
    i32[word + 2] = prices[row] as number;
    i32[word + 3] = streams[row] as number;
    f64[slot + 2] = readBigint(lots, row);
    f64[slot + 3] = readBigint(recvs, row);
    f64[slot + 4] = readBigint(venues, row);
    f64[slot + 5] = readBigint(venueSeqs, row);
  }
  return Buffer.from(memory);
}

async function objectsPayload(rows: RowCursor, count: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    if (!(await rows.advance())) throw missingRows();
    const json = Buffer.from(rows.text(OBJECT.json));
    const record = Buffer.alloc(padded(OBJECT_HEADER_BYTES + json.length));
    const type = rows.number(OBJECT.type) as ObjectType;
    writeObjectHeader(record, 0, json.length, type, rows.number(OBJECT.version), rows.number(OBJECT.at));
    json.copy(record, OBJECT_HEADER_BYTES);
    parts.push(record);
  }
  return Buffer.concat(parts);
}

function missingRows(): CaptureError {
  return new CaptureError("corrupt", "journal: the Parquet files hold fewer rows than their manifest says");
}

/** Walks the rows of stored files in order, one DuckDB vector in memory at a time. */
class RowCursor {
  row = -1;
  /** Integer columns of the current vector as int32 words; empty for text columns. */
  words: Int32Array[] = [];
  readonly #result: DuckDBResult | null;
  #chunk: DuckDBDataChunk | null = null;
  #rows = 0;

  private constructor(result: DuckDBResult | null) {
    this.#result = result;
  }

  static async open(
    connection: DuckDBConnection,
    dir: string,
    files: readonly string[],
    order: "seq" | "block",
  ): Promise<RowCursor> {
    if (files.length === 0) return new RowCursor(null);
    const list = files.map((file) => quote(join(dir, PARQUET_FOLDER, file))).join(", ");
    const sql = `SELECT * FROM read_parquet([${list}], hive_partitioning = false) ORDER BY ${order}`;
    return new RowCursor(await connection.stream(sql));
  }

  /** Moves to the next row. A promise only where a new vector must be fetched, so that rows cost no await. */
  advance(): boolean | Promise<boolean> {
    this.row += 1;
    return this.row < this.#rows ? true : this.#fetch();
  }

  number(column: number): number {
    const words = this.words[column] as Int32Array;
    return words.length === this.#rows * 2 ? readBigint(words, this.row) : (words[this.row] as number);
  }

  text(column: number): string {
    return String(this.#chunk?.getColumnVector(column).getItem(this.row));
  }

  async #fetch(): Promise<boolean> {
    const chunk = this.#result === null ? null : await this.#result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return false;
    const { VARCHAR } = await import("@duckdb/node-api");
    this.#chunk = chunk;
    this.#rows = chunk.rowCount;
    this.row = 0;
    this.words = Array.from({ length: chunk.columnCount }, (_, column) =>
      chunk.getColumnVector(column).type === VARCHAR ? NO_WORDS : columnWords(chunk, column),
    );
    return true;
  }
}

const NO_WORDS = new Int32Array(0);

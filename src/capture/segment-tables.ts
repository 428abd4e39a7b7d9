import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk, DuckDBType } from "@duckdb/node-api";
import { FACT_SLOTS, FACT_WORDS, S_RECV, S_VENUE_AT, S_VENUE_SEQ } from "../contracts/index.ts";
import { BlockReader } from "./block-reader.ts";
import { columnWords, writeBigint } from "./duck.ts";
import type { SegmentFile } from "./files.ts";
import { BlockKind, type SegmentHeader } from "./format.ts";
import { readObjectTexts } from "./reader.ts";

/** Rows of one DuckDB vector. */
const CHUNK_ROWS = 2_048;
const NO_CONTENT = "";

/** Tables that hold one or more segments without loss. Their names carry a prefix. */
const COLUMNS = {
  packed:
    "seq BIGINT, kind_number INTEGER, side INTEGER, flags INTEGER, book INTEGER, price_ticks INTEGER, " +
    "stream INTEGER, lots BIGINT, recv_at BIGINT, venue_at BIGINT, venue_seq BIGINT",
  objects: "seq BIGINT, type INTEGER, version INTEGER, at_micros BIGINT, json VARCHAR",
  blocks: "block INTEGER, kind INTEGER, records INTEGER, last_at BIGINT, content VARCHAR",
} as const;

/** What was read of a segment. */
export interface LoadedSegment {
  readonly header: SegmentHeader;
  readonly records: number;
  readonly lastAt: number;
}

export async function createSegmentTables(connection: DuckDBConnection, prefix: string): Promise<void> {
  for (const [table, columns] of Object.entries(COLUMNS)) {
    await connection.run(`CREATE OR REPLACE TABLE ${prefix}_${table} (${columns})`);
  }
}

/**
 * Appends one fact segment to the tables, up to its end or its torn tail, through typed vectors.
 * @returns null when not even its header is whole.
 */
export async function loadSegment(
  connection: DuckDBConnection,
  prefix: string,
  segment: SegmentFile,
  mark: Buffer,
): Promise<LoadedSegment | null> {
  const { INTEGER, BIGINT, VARCHAR, DuckDBDataChunk: Chunk } = await import("@duckdb/node-api");
  const open = (table: string) => connection.createAppender(`${prefix}_${table}`);
  const create = (types: readonly DuckDBType[], rows: number) => Chunk.create(types, rows);
  const long = BIGINT;
  const packed = new PackedRows(await open("packed"), (rows) =>
    create([long, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, long, long, long, long], rows),
  );
  const objects = new TextRows(await open("objects"), (rows) =>
    create([long, INTEGER, INTEGER, long, VARCHAR], rows),
  );
  const blocks = new TextRows(await open("blocks"), (rows) =>
    create([INTEGER, INTEGER, INTEGER, long, VARCHAR], rows),
  );
  const reader = new BlockReader(segment, { mark, previousCrc: null, nextSeq: null });
  try {
    const { header } = reader;
    if (header === null) return null;
    const lastAt = copyBlocks(reader, packed, objects, blocks);
    return { header, lastAt, records: reader.nextSeq - header.firstSeq };
  } finally {
    reader.close();
    for (const rows of [packed, objects, blocks]) rows.close();
  }
}

function copyBlocks(reader: BlockReader, packed: PackedRows, objects: TextRows, blocks: TextRows): number {
  let lastAt = 0;
  while (reader.next()) {
    const { block, payloadAt, bytes } = reader;
    if (block === null) break;
    const end = payloadAt + block.payloadBytes;
    lastAt = block.lastAt;
    let content = NO_CONTENT;
    if (block.kind === BlockKind.PACKED) {
      packed.append(reader.i32, reader.f64, payloadAt, block.count, block.firstSeq);
    } else if (block.kind === BlockKind.OBJECTS) {
      const texts = readObjectTexts(bytes, payloadAt, end);
      texts.forEach((text, index) => {
        objects.append([block.firstSeq + index, text.type, text.version, text.at], text.json);
      });
    } else if (block.kind === BlockKind.CHECKPOINT) {
      content = bytes.toString("latin1", payloadAt, end);
    }
    blocks.append([reader.blocks, block.kind, block.count, block.lastAt], content);
  }
  return lastAt;
}

/** Packed records, turned from rows to columns a vector at a time. */
class PackedRows {
  readonly #appender: DuckDBAppender;
  readonly #create: (rows: number) => DuckDBDataChunk;

  constructor(appender: DuckDBAppender, create: (rows: number) => DuckDBDataChunk) {
    this.#appender = appender;
    this.#create = create;
  }

  append(i32: Int32Array, f64: Float64Array, byteAt: number, count: number, firstSeq: number): void {
    for (let done = 0; done < count; done += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, count - done);
      const chunk = this.#create(rows);
      const word = (byteAt >> 2) + done * FACT_WORDS;
      const slot = (byteAt >> 3) + done * FACT_SLOTS;
      fillPacked(chunk, i32, f64, word, slot, rows, firstSeq + done);
      this.#appender.appendDataChunk(chunk);
    }
  }

  close(): void {
    this.#appender.closeSync();
  }
}

function fillPacked(
  chunk: DuckDBDataChunk,
  i32: Int32Array,
  f64: Float64Array,
  word: number,
  slot: number,
  rows: number,
  firstSeq: number,
): void {
  const columns = Array.from({ length: chunk.columnCount }, (_, column) => columnWords(chunk, column));
  const [seqs, kinds, sides, flags, books, prices, streams, lots, recvs, venues, venueSeqs] =
    columns as unknown as PackedColumns;
  for (let row = 0; row < rows; row++) {
    const w = word + row * FACT_WORDS;
    const s = slot + row * FACT_SLOTS;
    const head = i32[w] as number;
    writeBigint(seqs, row, firstSeq + row);
    kinds[row] = head & 0xff;
    sides[row] = (head >> 8) & 0xff;
    flags[row] = head >>> 16;
    books[row] = i32[w + 1] as number;
    prices[row] = i32[w + 2] as number;
    streams[row] = i32[w + 3] as number;
    writeBigint(lots, row, f64[s + 2] as number);
    writeBigint(recvs, row, f64[s + S_RECV] as number);
    writeBigint(venues, row, f64[s + S_VENUE_AT] as number);
    writeBigint(venueSeqs, row, f64[s + S_VENUE_SEQ] as number);
  }
  for (let column = 0; column < chunk.columnCount; column++) chunk.getColumnVector(column).flush();
}

export type PackedColumns = readonly [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Rows of numbers with one text at the end: rare, so a row at a time into a buffered chunk. */
class TextRows {
  readonly #appender: DuckDBAppender;
  readonly #create: (rows: number) => DuckDBDataChunk;
  #rows: { readonly numbers: readonly number[]; readonly text: string }[] = [];

  constructor(appender: DuckDBAppender, create: (rows: number) => DuckDBDataChunk) {
    this.#appender = appender;
    this.#create = create;
  }

  append(numbers: readonly number[], text: string): void {
    this.#rows.push({ numbers, text });
    if (this.#rows.length === CHUNK_ROWS) this.#flush();
  }

  close(): void {
    this.#flush();
    this.#appender.closeSync();
  }

  #flush(): void {
    const rows = this.#rows;
    if (rows.length === 0) return;
    const chunk = this.#create(rows.length);
    const last = chunk.columnCount - 1;
    for (let column = 0; column < last; column++) {
      const vector = chunk.getColumnVector(column);
      const words = columnWords(chunk, column);
      const isLong = words.length === rows.length * 2;
      rows.forEach(({ numbers }, row) => {
        const value = numbers[column] as number;
        if (isLong) writeBigint(words, row, value);
        else words[row] = value;
      });
      vector.flush();
    }
    chunk.setColumnValues(
      last,
      rows.map(({ text }) => text),
    );
    this.#appender.appendDataChunk(chunk);
    this.#rows = [];
  }
}

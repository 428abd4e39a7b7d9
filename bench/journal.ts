/**
 * Journal: facts written and read per second, against the same facts through DuckDB, in one run.
 * `node bench/journal.ts [records]`, default 1,000,000. Median of three rounds; files stay in the page cache.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BIGINT, type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, INTEGER } from "@duckdb/node-api";
import { columnWords, readBigint, writeBigint } from "../src/capture/duck.ts";
import { openRawReader } from "../src/capture/raw-reader.ts";
import { openJournalReader } from "../src/capture/reader.ts";
import { openJournal, type WriterOptions } from "../src/capture/writer.ts";
import { BID, FACT_SLOTS, FACT_WORDS, Kind, S_LOTS } from "../src/contracts/index.ts";

const ROUNDS = 3;
const CHUNK_ROWS = 2_048;
const FRAME_BYTES = 713;
const START = 1_700_000_000_000_000;
const RECORDS = Number(process.argv[2] ?? 1_000_000);
const TYPES = [INTEGER, INTEGER, INTEGER, BIGINT, BIGINT, BIGINT] as const;
const TABLE =
  "CREATE OR REPLACE TABLE facts (kind INTEGER, book INTEGER, price INTEGER, lots BIGINT, recv BIGINT, seq BIGINT)";
/** Sum of the lots of all records: both sides must arrive at it. */
const CHECKSUM =
  Array.from({ length: 1_000 }, (_, lots) => lots).reduce((sum, lots) => sum + lots, 0) * (RECORDS / 1_000);

if (!Number.isInteger(RECORDS / 1_000))
  throw new Error(`records: expected a multiple of 1000, was ${RECORDS}`);

const folder = mkdtempSync(join(tmpdir(), "emp-bench-journal-"));
let made = 0;
/** Journals of earlier rounds; only the newest is kept. */
const old: string[] = [];

function newFolder(): string {
  const dir = join(folder, `journal-${made++}`);
  old.push(dir);
  return dir;
}

function writeOurs(dir: string): Promise<void> {
  const writer = newJournal(dir);
  for (let i = 0; i < RECORDS; i++) {
    writer.facts.put(Kind.LEVEL_CHANGE, BID, 0, i & 255, i % 100, 0, i % 1_000, START + i, 0, i);
  }
  return writer.close();
}

function newJournal(dir: string, options: WriterOptions = {}) {
  const journal = {
    id: "bench",
    createdAt: START,
    origin: "bench",
    venues: [],
    profile: { name: "bench", hash: "" },
    mappingsHash: "",
    commit: "",
    seed: 0,
    nodeMajor: 24,
    assumptions: [],
  };
  return openJournal(dir, journal, options);
}

function readOurs(dir: string): void {
  const reader = openJournalReader(dir);
  let sum = 0;
  for (let block = reader.next(); block !== null; block = reader.next()) {
    if (block.kind !== "packed") continue;
    const { f64, i32, count } = block;
    for (let i = 0; i < count; i++) {
      if (i32[i * FACT_WORDS] === Kind.LEVEL_CHANGE) sum += f64[i * FACT_SLOTS + S_LOTS] as number;
    }
  }
  reader.close();
  requireChecksum(sum);
}

async function writeRows(connection: DuckDBConnection): Promise<void> {
  await connection.run(TABLE);
  const appender = await connection.createAppender("facts");
  for (let i = 0; i < RECORDS; i++) {
    appender.appendInteger(Kind.LEVEL_CHANGE);
    appender.appendInteger(i & 255);
    appender.appendInteger(i % 100);
    appender.appendBigInt(BigInt(i % 1_000));
    appender.appendBigInt(BigInt(START + i));
    appender.appendBigInt(BigInt(i));
    appender.endRow();
  }
  appender.closeSync();
}

async function writeVectors(connection: DuckDBConnection): Promise<void> {
  await connection.run(TABLE);
  const appender = await connection.createAppender("facts");
  for (let from = 0; from < RECORDS; from += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, RECORDS - from);
    const chunk = DuckDBDataChunk.create(TYPES, rows);
    const columns = TYPES.map((_, column) => columnWords(chunk, column));
    const [kinds, books, prices, lots, recvs, seqs] = columns as [
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    for (let row = 0; row < rows; row++) {
      const i = from + row;
      kinds[row] = Kind.LEVEL_CHANGE;
      books[row] = i & 255;
      prices[row] = i % 100;
      writeBigint(lots, row, i % 1_000);
      writeBigint(recvs, row, START + i);
      writeBigint(seqs, row, i);
    }
    TYPES.forEach((_, column) => {
      chunk.getColumnVector(column).flush();
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

async function readVectors(connection: DuckDBConnection, parquet: string): Promise<void> {
  const result = await connection.stream(
    `SELECT kind, book, price, lots, recv, seq FROM '${parquet}' ORDER BY seq`,
  );
  let sum = 0;
  for (
    let chunk = await result.fetchChunk();
    chunk !== null && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    const kinds = columnWords(chunk, 0);
    const lots = columnWords(chunk, 3);
    for (let row = 0; row < chunk.rowCount; row++) {
      if (kinds[row] === Kind.LEVEL_CHANGE) sum += readBigint(lots, row);
    }
  }
  requireChecksum(sum);
}

function requireChecksum(sum: number): void {
  if (sum !== CHECKSUM) throw new Error(`checksum: expected ${CHECKSUM}, was ${sum}`);
}

type Work = () => Promise<void> | void;

async function once(count: number, run: Work): Promise<number> {
  const start = performance.now();
  await run();
  const rate = count / (performance.now() - start) / 1_000;
  for (const dir of old.splice(0, old.length - 1)) rmSync(dir, { recursive: true, force: true });
  return rate;
}

/** Both sides take turns, so that a busy machine slows both; prints the medians in million records per second. */
async function compare(
  name: string,
  count: number,
  ours: Work,
  baselineName: string,
  baseline: Work,
): Promise<void> {
  const rates: { ours: number; baseline: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rates.push({ ours: await once(count, ours), baseline: await once(count, baseline) });
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[ROUNDS >> 1] as number;
  const our = median(rates.map((rate) => rate.ours));
  const its = median(rates.map((rate) => rate.baseline));
  console.log(
    `${name} | ${our.toFixed(2)} M/s | ${baselineName} ${its.toFixed(2)} M/s | ${(our / its).toFixed(1)}x`,
  );
}

async function main(): Promise<void> {
  const instance = await DuckDBInstance.create(join(folder, "bench.duckdb"));
  const connection = await instance.connect();
  console.log(`name | ours | baseline | ratio      (${RECORDS} records, Node ${process.versions.node})`);
  const checkpointed = (write: (connection: DuckDBConnection) => Promise<void>) => async () => {
    await write(connection);
    await connection.run("CHECKPOINT");
  };
  const ours = () => writeOurs(newFolder());
  await compare("write facts", RECORDS, ours, "DuckDB row appender, file", checkpointed(writeRows));
  await compare("write facts", RECORDS, ours, "DuckDB typed vectors, file", checkpointed(writeVectors));
  const dir = newFolder();
  await writeOurs(dir);
  const parquet = join(folder, "facts.parquet");
  await connection.run(`COPY facts TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`);
  await compare(
    "read facts, checksum and chain checked",
    RECORDS,
    () => readOurs(dir),
    "DuckDB typed vectors, Parquet",
    () => readVectors(connection, parquet),
  );
  await rawRates(connection);
  connection.closeSync();
  instance.closeSync();
}

async function rawRates(connection: DuckDBConnection): Promise<void> {
  const frames = RECORDS / 10;
  const frame = Buffer.alloc(FRAME_BYTES, '{"type":"orderbook_delta","price":"0.4500"}');
  let dir = "";
  const append = (compressRaw: boolean) => () => {
    dir = newFolder();
    const writer = newJournal(dir, { compressRaw });
    for (let i = 0; i < frames; i++) writer.raw(1, START + i, frame, 0, FRAME_BYTES);
    return writer.close();
  };
  const appendBlobs = async () => {
    await connection.run("CREATE OR REPLACE TABLE frames (recv BIGINT, bytes BLOB)");
    const appender = await connection.createAppender("frames");
    for (let i = 0; i < frames; i++) {
      appender.appendBigInt(BigInt(START + i));
      appender.appendBlob(frame);
      appender.endRow();
    }
    appender.closeSync();
    await connection.run("CHECKPOINT");
  };
  const name = `write raw frames of ${FRAME_BYTES} B`;
  await compare(name, frames, append(false), "DuckDB BLOB appender, file", appendBlobs);
  await compare(`${name}, zstd awaited`, frames, append(true), "DuckDB BLOB appender, file", appendBlobs);
  const readFrames = () => {
    const reader = openRawReader(dir);
    let bytes = 0;
    const add = (_connection: number, _at: number, _bytes: Uint8Array, start: number, end: number) => {
      bytes += end - start;
    };
    while (reader.visitNext({ frame: add, object: () => undefined, connection: () => undefined }));
    reader.close();
    if (bytes !== frames * FRAME_BYTES) throw new Error(`raw frames: ${bytes} bytes came back`);
  };
  await compare("read raw frames from zstd", frames, readFrames, "DuckDB BLOB values", async () => {
    const result = await connection.stream("SELECT recv, bytes FROM frames");
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      chunk.getColumnValues(1);
    }
  });
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { Kind } from "../contracts/index.ts";
import { openDuck, quote } from "./duck.ts";
import { CaptureError } from "./errors.ts";
import { type SegmentFile, segmentName } from "./files.ts";
import { manifestPath, PARQUET_FOLDER, type SegmentManifest, writeManifest } from "./manifest.ts";
import { readSegmentFromParquet } from "./parquet-read.ts";
import { createSegmentTables, loadSegment } from "./segment-tables.ts";

/** SQL that turns a packed record's number into the name of its kind. */
export const KIND_NAME_SQL = `CASE kind_number ${Object.entries(Kind)
  .map(([name, number]) => `WHEN ${number} THEN ${quote(name)}`)
  .join(" ")} ELSE 'KIND_' || kind_number END`;

const DAY_SQL = (column: string) => `strftime(make_timestamp(${column}), '%Y-%m-%d')`;

/**
 * Writes a finished fact segment as Parquet (zstd, partitioned by kind and date), reads it back and compares the hash of
 * what comes out with the segment file. Only then the manifest is written.
 * @throws CaptureError `corrupt` when the copy does not reproduce it; the segment stays as it is.
 */
export async function projectSegment(dir: string, segment: SegmentFile, mark: Buffer): Promise<void> {
  const folder = join(dir, PARQUET_FOLDER);
  mkdirSync(folder, { recursive: true });
  removeProjection(dir, segment.number);
  const duck = await openDuck();
  try {
    const connection = await duck.connect();
    await createSegmentTables(connection, "segment");
    const loaded = await loadSegment(connection, "segment", segment, mark);
    if (loaded === null) {
      throw new CaptureError("corrupt", `journal ${segment.path}: the header is damaged`, "journal.bad_crc");
    }
    const stem = segmentName("facts", segment.number).replace(".seg", "");
    const manifest: SegmentManifest = {
      version: 1,
      segment: segment.number,
      firstSeq: loaded.header.firstSeq,
      previousCrc: loaded.header.previousCrc,
      records: loaded.records,
      lastAt: loaded.lastAt,
      sha256: await fileSha256(segment.path),
      bytes: segment.bytes,
      packed: await copyPartitioned(connection, "packed", folder, stem),
      objects: await copyPartitioned(connection, "objects", folder, stem),
      blocks: await copyBlocks(connection, folder, stem),
    };
    await verifyProjection(dir, mark, manifest);
    writeManifest(dir, manifest);
  } finally {
    duck.close();
  }
}

/** Removes the Parquet files of a segment; its manifest first, so that no reader meets half of them. */
export function removeProjection(dir: string, segment: number): void {
  rmSync(manifestPath(dir, segment), { force: true });
  const folder = join(dir, PARQUET_FOLDER);
  if (!existsSync(folder)) return;
  const stem = segmentName("facts", segment).replace(".seg", "");
  const belongs = new RegExp(`(^|/)${stem}(-\\d+)?\\.parquet$`);
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (belongs.test(name.replaceAll("\\", "/"))) rmSync(join(folder, name));
  }
}

async function verifyProjection(dir: string, mark: Buffer, manifest: SegmentManifest): Promise<void> {
  const hash = createHash("sha256");
  for await (const bytes of readSegmentFromParquet(dir, mark, manifest)) hash.update(bytes);
  if (hash.digest("hex") === manifest.sha256) return;
  removeProjection(dir, manifest.segment);
  throw new CaptureError(
    "corrupt",
    `journal ${dir}: the Parquet copy of segment ${manifest.segment} does not reproduce it; the segment is kept`,
  );
}

async function copyPartitioned(
  connection: DuckDBConnection,
  table: "packed" | "objects",
  folder: string,
  stem: string,
): Promise<string[]> {
  const kind = table === "packed" ? KIND_NAME_SQL : "json_extract_string(json, '$.kind')";
  const at = table === "packed" ? "recv_at" : "at_micros";
  const target = join(folder, table);
  mkdirSync(target, { recursive: true });
  const result = await connection.runAndReadAll(
    `COPY (SELECT *, ${kind} AS kind, ${DAY_SQL(at)} AS date FROM segment_${table} ORDER BY seq)
     TO ${quote(target)} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (kind, date),
     FILENAME_PATTERN ${quote(`${stem}-{i}`)}, OVERWRITE_OR_IGNORE true, RETURN_FILES true)`,
  );
  const [row] = result.getRowsJson();
  const files = row?.[1];
  return Array.isArray(files) ? files.map((file) => relative(folder, String(file))).sort() : [];
}

async function copyBlocks(connection: DuckDBConnection, folder: string, stem: string): Promise<string> {
  mkdirSync(join(folder, "blocks"), { recursive: true });
  const file = join("blocks", `${stem}.parquet`);
  await connection.run(
    `COPY (SELECT * FROM segment_blocks ORDER BY block) TO ${quote(join(folder, file))} (FORMAT parquet, COMPRESSION zstd)`,
  );
  return file;
}

async function fileSha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

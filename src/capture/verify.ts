import { createHash } from "node:crypto";
import type { Reason } from "../contracts/index.ts";
import { CaptureError } from "./errors.ts";
import { journalMark } from "./format.ts";
import { readHeader } from "./header.ts";
import { LogReader, type Tail } from "./log-reader.ts";
import { listManifests, type SegmentManifest } from "./manifest.ts";
import { packedFault, readPacked } from "./packed-record.ts";
import { readSegmentFromParquet } from "./parquet-read.ts";
import { openRawReader } from "./raw-reader.ts";
import { type Block, decodeFactBlock } from "./reader.ts";

export interface VerifyReport {
  readonly ok: boolean;
  readonly segments: number;
  /** Segments that stand in Parquet only, and were rebuilt from it. */
  readonly parquetSegments: number;
  readonly blocks: number;
  readonly packed: number;
  readonly objects: number;
  readonly checkpoints: number;
  readonly rawRecords: number;
  /** Null when the log could not be read to its end. */
  readonly tail: Tail | null;
  readonly rawTail: Tail | null;
  /** The first fault in words, with its place. A torn tail is none: it is reported in `tail`. */
  readonly fault: string | null;
  readonly reason: Reason | null;
}

interface Counts {
  segments: number;
  parquetSegments: number;
  blocks: number;
  packed: number;
  objects: number;
  checkpoints: number;
  lastCheckpointSeq: number;
  rawRecords: number;
  tail: Tail | null;
  rawTail: Tail | null;
}

/**
 * Checks a whole journal: checksum and chain of every block, numbering, schema of every object and packed record,
 * order of checkpoints, Parquet copies of segments that are gone, and the raw log. Writes what it finds line by line.
 * @throws CaptureError only when the folder is no journal; damage is reported.
 */
export async function verifyJournal(dir: string, write: (line: string) => void): Promise<VerifyReport> {
  const mark = journalMark(readHeader(dir).id);
  const counts: Counts = {
    segments: 0,
    parquetSegments: 0,
    blocks: 0,
    packed: 0,
    objects: 0,
    checkpoints: 0,
    lastCheckpointSeq: 0,
    rawRecords: 0,
    tail: null,
    rawTail: null,
  };
  let fault: CaptureError | null = null;
  try {
    await verifyFacts(dir, mark, counts);
    verifyRaw(dir, counts);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    fault = error;
  }
  const { lastCheckpointSeq: _, ...rest } = counts;
  const report: VerifyReport = {
    ...rest,
    ok: fault === null,
    fault: fault?.message ?? null,
    reason: fault?.reason ?? null,
  };
  for (const line of reportLines(report)) write(line);
  return report;
}

async function verifyFacts(dir: string, mark: Buffer, counts: Counts): Promise<void> {
  const log = new LogReader(dir, "facts", mark);
  try {
    const first = log.segments[0]?.number ?? Number.POSITIVE_INFINITY;
    const gone = [...listManifests(dir).values()].filter(({ segment }) => segment < first);
    const chain = await verifyParquet(dir, mark, gone, counts);
    counts.segments = log.segments.length;
    for (let isFirst = true; log.next(); isFirst = false) {
      if (isFirst)
        requireChain(dir, chain, log.current?.header?.previousCrc ?? 0, log.segments[0]?.name ?? "");
      counts.blocks += 1;
      const block = decodeFactBlock(log, true);
      if (block !== null) verifyBlock(block, log.nextSeq - 1, counts);
    }
    counts.tail = log.tail;
  } finally {
    log.close();
  }
}

/** Rebuilds each segment from Parquet; returns the crc of the last block, null when there is none. */
async function verifyParquet(
  dir: string,
  mark: Buffer,
  manifests: readonly SegmentManifest[],
  counts: Counts,
): Promise<number | null> {
  let chain: number | null = null;
  for (const manifest of manifests) {
    requireChain(dir, chain, manifest.previousCrc, `Parquet of segment ${manifest.segment}`);
    const hash = createHash("sha256");
    for await (const bytes of readSegmentFromParquet(dir, mark, manifest)) {
      hash.update(bytes);
      chain = bytes.readUInt32LE(0);
    }
    if (hash.digest("hex") !== manifest.sha256) {
      throw new CaptureError(
        "corrupt",
        `journal ${dir}: the Parquet files of segment ${manifest.segment} are damaged`,
        "journal.bad_crc",
      );
    }
    counts.parquetSegments += 1;
  }
  return chain;
}

function requireChain(dir: string, chain: number | null, previousCrc: number, what: string): void {
  if (chain === null || chain === previousCrc) return;
  throw new CaptureError(
    "corrupt",
    `journal ${dir}: ${what} does not name its predecessor`,
    "journal.bad_chain",
  );
}

function verifyBlock(block: Block, lastSeq: number, counts: Counts): void {
  if (block.kind === "objects") {
    counts.objects += block.records.length;
  } else if (block.kind === "packed") {
    for (let i = 0; i < block.count; i++) {
      const fault = packedFault(readPacked(block.i32, block.f64, i));
      if (fault !== null)
        throw new CaptureError("bad_record", `journal: seq ${block.firstSeq + i}: ${fault}`);
    }
    counts.packed += block.count;
  } else {
    const { seq } = block.checkpoint;
    if (seq < counts.lastCheckpointSeq || seq > lastSeq) {
      throw new CaptureError(
        "bad_record",
        `journal: a checkpoint for seq ${seq} between seq ${counts.lastCheckpointSeq} and ${lastSeq}`,
      );
    }
    counts.lastCheckpointSeq = seq;
    counts.checkpoints += 1;
  }
}

function verifyRaw(dir: string, counts: Counts): void {
  const reader = openRawReader(dir);
  const count = () => {
    counts.rawRecords += 1;
  };
  try {
    while (reader.visitNext({ frame: count, object: count, connection: count }));
    counts.rawTail = reader.tail;
  } finally {
    reader.close();
  }
}

function reportLines(report: VerifyReport): string[] {
  const { segments, parquetSegments, blocks, packed, objects, checkpoints, rawRecords } = report;
  const parquet = parquetSegments === 0 ? "" : ` and ${parquetSegments} rebuilt from Parquet`;
  const lines = [
    `facts   ${packed + objects} records (${packed} packed, ${objects} objects), ${checkpoints} checkpoints, ` +
      `${blocks} blocks in ${segments} segments${parquet}`,
    `raw     ${rawRecords} records`,
  ];
  if (report.tail !== null) lines.push(`tail    ${describeTail(report.tail)}`);
  if (report.rawTail !== null) lines.push(`rawtail ${describeTail(report.rawTail)}`);
  lines.push(report.ok ? "ok" : `FAULT   ${report.fault}`);
  return lines;
}

/** How a log ended, in words. */
export function describeTail(tail: Tail): string {
  if (tail.cutBytes > 0) {
    return `an unfinished block of ${tail.cutBytes} bytes in ${tail.segment} at byte ${tail.offset} is cut off (${tail.reason}); whole up to seq ${tail.lastSeq}`;
  }
  return tail.sealed
    ? `closed at seq ${tail.lastSeq}`
    : `not closed (still being written, or the writer was killed); whole up to seq ${tail.lastSeq}`;
}

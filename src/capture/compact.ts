import { createHash } from "node:crypto";
import { closeSync, copyFileSync, mkdirSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { BlockReader } from "./block-reader.ts";
import { CaptureError } from "./errors.ts";
import { listSegments, type SegmentFile, segmentName } from "./files.ts";
import { journalMark } from "./format.ts";
import { HEADER_NAME, readHeader } from "./header.ts";
import { listManifests, type SegmentManifest } from "./manifest.ts";
import { readSegmentFromParquet } from "./parquet-read.ts";
import { projectSegment } from "./project.ts";

export interface CompactOptions {
  /** Newest fact segments that stay as segments; at least 1. Older ones go once their Parquet reproduces them. */
  readonly keepSegments: number;
}

export interface CompactReport {
  /** Segments written to Parquet and verified now. */
  readonly projected: readonly number[];
  /** Segment files deleted now. */
  readonly deleted: readonly number[];
  readonly deletedBytes: number;
}

/** Turns finished fact segments into Parquet and deletes those that are old enough. May be repeated after a kill. */
export async function compactJournal(dir: string, options: CompactOptions): Promise<CompactReport> {
  if (!Number.isInteger(options.keepSegments) || options.keepSegments < 1) {
    throw new RangeError(`keepSegments: expected a whole number from 1 up, was ${options.keepSegments}`);
  }
  const projected = await projectFinished(dir);
  const manifests = listManifests(dir);
  const old = listSegments(dir, "facts").slice(0, -options.keepSegments);
  const deleted: number[] = [];
  let deletedBytes = 0;
  for (const segment of old) {
    // Only a run from the oldest on may go, or the rest would have a hole.
    if (!manifests.has(segment.number)) break;
    unlinkSync(segment.path);
    deleted.push(segment.number);
    deletedBytes += segment.bytes;
  }
  return { projected, deleted, deletedBytes };
}

/** Writes every finished fact segment that is not in Parquet yet. Returns their numbers. */
export async function projectFinished(dir: string): Promise<number[]> {
  const mark = journalMark(readHeader(dir).id);
  const manifests = listManifests(dir);
  const segments = listSegments(dir, "facts");
  const newest = segments.at(-1);
  const projected: number[] = [];
  for (const segment of segments) {
    // One that has a successor is finished even if a kill left it without its seal.
    const isFinished = segment !== newest || isSealed(segment, mark);
    if (manifests.has(segment.number) || !isFinished) continue;
    await projectSegment(dir, segment, mark);
    projected.push(segment.number);
  }
  return projected;
}

function isSealed(segment: SegmentFile, mark: Buffer): boolean {
  const reader = new BlockReader(segment, { mark, previousCrc: null, nextSeq: null });
  try {
    while (reader.next());
    return reader.sealed && reader.fault === null;
  } finally {
    reader.close();
  }
}

/**
 * Makes a complete journal of a compacted one in a new folder: fact segments that are gone come back from Parquet,
 * byte for byte, the others are copied. Raw frames stay where they are.
 * @throws CaptureError `corrupt` when a segment does not come back as it was, `missing` when it was removed for good.
 */
export async function restoreJournal(dir: string, into: string): Promise<void> {
  const mark = journalMark(readHeader(dir).id);
  const manifests = listManifests(dir);
  const segments = new Map(listSegments(dir, "facts").map((segment) => [segment.number, segment]));
  const last = Math.max(0, ...segments.keys(), ...manifests.keys());
  mkdirSync(into, { recursive: true });
  for (let number = 1; number <= last; number++) {
    const target = join(into, segmentName("facts", number));
    const segment = segments.get(number);
    const manifest = manifests.get(number);
    if (segment !== undefined) copyFileSync(segment.path, target);
    else if (manifest !== undefined) await restoreSegment(dir, mark, manifest, target);
    else throw new CaptureError("missing", `journal ${dir}: segment ${number} was removed by retention`);
  }
  copyFileSync(join(dir, HEADER_NAME), join(into, HEADER_NAME));
}

async function restoreSegment(
  dir: string,
  mark: Buffer,
  manifest: SegmentManifest,
  target: string,
): Promise<void> {
  const hash = createHash("sha256");
  const fd = openSync(target, "wx");
  try {
    for await (const bytes of readSegmentFromParquet(dir, mark, manifest)) {
      hash.update(bytes);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    }
  } finally {
    closeSync(fd);
  }
  if (hash.digest("hex") === manifest.sha256) return;
  rmSync(target);
  throw new CaptureError(
    "corrupt",
    `journal ${dir}: the Parquet files of segment ${manifest.segment} are damaged`,
  );
}

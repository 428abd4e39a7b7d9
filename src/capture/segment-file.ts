import { closeSync, fdatasyncSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CaptureError } from "./errors.ts";
import { segmentName } from "./files.ts";
import { encodeSegmentHeader, type LogName, segmentHeaderCrc } from "./format.ts";

/** The two calls that can fail on a full or broken disk; replaced in tests. */
export interface JournalIo {
  write(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  sync(fd: number): void;
}

export const diskIo: JournalIo = { write: writeSync, sync: fdatasyncSync };

/** Where a log goes on: the number of the segment to create, its first seq, and the chain so far. */
export interface LogStart {
  readonly number: number;
  readonly firstSeq: number;
  readonly previousCrc: number;
}

export interface SegmentLogOptions {
  readonly dir: string;
  readonly log: LogName;
  readonly mark: Buffer;
  /** A segment that has reached this size is sealed and the next one begun. */
  readonly segmentBytes: number;
  readonly durability: "write" | "fdatasync";
  readonly io: JournalIo;
  /** Told the path of each sealed segment. */
  readonly onSealed: (path: string) => void;
}

export function segmentPath(options: SegmentLogOptions, number: number): string {
  return join(options.dir, segmentName(options.log, number));
}

/** Creates a segment file with its header. @throws CaptureError `io`; no file is left then. */
export function createSegment(
  options: SegmentLogOptions,
  start: LogStart,
): { readonly fd: number; readonly chain: number } {
  const { log, mark, io, dir, durability } = options;
  const header = encodeSegmentHeader({ log, mark, ...start });
  const path = segmentPath(options, start.number);
  const fd = openSync(path, "wx");
  try {
    if (io.write(fd, header, 0, header.length, 0) !== header.length) throw new Error("the disk is full");
    if (durability === "fdatasync") syncFolder(dir);
  } catch (cause) {
    closeSync(fd);
    unlinkSync(path);
    throw new CaptureError("io", `journal ${path}: cannot begin a segment`, null, cause);
  }
  return { fd, chain: segmentHeaderCrc(header) };
}

/** A new file survives the machine only when its folder entry does. */
function syncFolder(dir: string): void {
  const fd = openSync(dir, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

import { existsSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CaptureError } from "./errors.ts";
import type { LogName } from "./format.ts";

/** One segment file of a journal folder. */
export interface SegmentFile {
  readonly log: LogName;
  readonly number: number;
  readonly name: string;
  readonly path: string;
  /** Raw segments are compressed after they are sealed. */
  readonly compressed: boolean;
  readonly bytes: number;
}

const SEGMENT_NAME = /^(facts|raw)-(\d{6,})\.seg(\.zst)?$/;

export function segmentName(log: LogName, number: number): string {
  return `${log}-${String(number).padStart(6, "0")}.seg`;
}

/** Segments of one log in order of their number. Where a plain and a compressed copy exist the plain one counts. */
export function listSegments(dir: string, log: LogName): readonly SegmentFile[] {
  const found = new Map<number, SegmentFile>();
  for (const name of readdirSync(dir).sort()) {
    const match = SEGMENT_NAME.exec(name);
    if (match === null || match[1] !== log) continue;
    const number = Number(match[2]);
    if (found.has(number)) continue;
    const path = join(dir, name);
    const compressed = match[3] !== undefined;
    found.set(number, { log, number, name, path, compressed, bytes: statSync(path).size });
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

/** Writes a small file so that a reader sees the old content or the new, never a part. */
export function writeFileAtomically(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** @throws CaptureError `missing` when the folder is absent or is no folder. */
export function requireFolder(dir: string): void {
  if (!existsSync(dir)) throw new CaptureError("missing", `journal ${dir}: no such folder`);
  if (!statSync(dir).isDirectory()) {
    throw new CaptureError("foreign", `journal ${dir}: expected a journal folder, found a file`);
  }
}

import { readdirSync, truncateSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { type LogName, SEGMENT_HEADER_BYTES } from "./format.ts";
import { LogReader, type Tail } from "./log-reader.ts";
import type { LogStart } from "./segment-file.ts";

/** Where a log goes on after its torn tail, if any, was cut off the file. */
export interface RecoveredLog {
  readonly start: LogStart;
  readonly tail: Tail;
}

/**
 * Reads a log to its end, cuts an unfinished block off and says where to go on.
 * @throws CaptureError `corrupt` when something before the end is damaged; nothing is changed then.
 */
export function recoverLog(dir: string, log: LogName, mark: Buffer): RecoveredLog {
  const reader = new LogReader(dir, log, mark);
  while (reader.next());
  const tail = reader.tail as Tail;
  const last = reader.segments.at(-1);
  let number = (last?.number ?? 0) + 1;
  if (tail.segment !== null) {
    const path = join(dir, tail.segment);
    if (tail.offset < SEGMENT_HEADER_BYTES) {
      unlinkSync(path);
      number -= 1;
    } else {
      truncateSync(path, tail.offset);
    }
  }
  return { start: { number, firstSeq: reader.nextSeq, previousCrc: reader.chain }, tail };
}

/** Removes what a kill left half-made: temporary files, and plain segments whose compressed copy is complete. */
export function removeLeftovers(dir: string): void {
  const names = new Set(readdirSync(dir));
  for (const name of names) {
    if (name.endsWith(".tmp") || (name.endsWith(".seg") && names.has(`${name}.zst`))) {
      unlinkSync(join(dir, name));
    }
  }
}

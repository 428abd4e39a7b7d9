import { closeSync, openSync, readSync } from "node:fs";
import { ReportError } from "./errors.ts";

const CHUNK_BYTES = 1 << 20;
const MAX_LINE_BYTES = 16 << 20;
const NEWLINE = 10;

/**
 * Calls `accept` with each non-empty line of a text file and its number from 1, in memory bounded by the longest line.
 * @throws ReportError for a line above 16 MiB.
 */
export function eachLine(path: string, accept: (line: string, number: number) => void): void {
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    let number = 0;
    for (let got = readSync(file, chunk); got > 0; got = readSync(file, chunk)) {
      let start = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0 && at < got; at = chunk.indexOf(NEWLINE, start)) {
        number++;
        emit(Buffer.concat([rest, chunk.subarray(start, at)]), number, accept);
        rest = Buffer.alloc(0);
        start = at + 1;
      }
      rest = Buffer.concat([rest, chunk.subarray(start, got)]);
      if (rest.length > MAX_LINE_BYTES)
        throw new ReportError(`${path}:${number + 1}: expected lines of at most 16 MiB, found a longer one`);
    }
    emit(rest, number + 1, accept);
  } finally {
    closeSync(file);
  }
}

function emit(bytes: Buffer, number: number, accept: (line: string, number: number) => void): void {
  const line = bytes.toString("utf8");
  if (line.trim() !== "") accept(line, number);
}

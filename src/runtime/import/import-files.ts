import { createReadStream, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import type { RecordingReader } from "../../contracts/index.ts";
import { EmpError } from "../emp-error.ts";
import type { ImportSession } from "./import-session.ts";
import { LineSplitter } from "./lines.ts";

/** Largest recording that is read as one document. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

export interface ImportProgress {
  readonly file: string;
  /** Bytes of the file on disk read so far, and its size. */
  readonly read: number;
  readonly size: number;
}

/**
 * Streams recordings (plain or gzip) through an import session in bounded memory.
 * @throws EmpError when a file is missing, empty or damaged; everything before it is kept.
 */
export async function importFiles(
  files: readonly string[],
  reader: RecordingReader,
  session: ImportSession,
  options: Readonly<Record<string, string>>,
  progress: (state: ImportProgress) => void,
  stopped: () => boolean,
): Promise<void> {
  for (const file of files) {
    if (stopped()) return;
    await importFile(file, reader, session, options, progress, stopped);
  }
}

async function importFile(
  file: string,
  reader: RecordingReader,
  session: ImportSession,
  options: Readonly<Record<string, string>>,
  progress: (state: ImportProgress) => void,
  stopped: () => boolean,
): Promise<void> {
  const size = sizeOf(file);
  const recording = session.openFile(file, reader, options);
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  const input = file.endsWith(".gz") ? source.pipe(createGunzip({ chunkSize: 1 << 20 })) : source;
  source.on("error", (error) => input.destroy(error));
  const feed = reader.unit === "line" ? lineFeed(session, recording) : documentFeed(file, session, recording);
  try {
    for await (const chunk of input) {
      feed.push(chunk as Uint8Array);
      progress({ file, read: source.bytesRead, size });
      if (stopped()) break;
    }
    feed.end();
  } catch (error) {
    if (error instanceof EmpError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new EmpError("import.damaged", `${file}: damaged after ${session.counts.lines} lines (${what}); what came before is kept`);
  } finally {
    source.destroy();
    session.endFile(recording);
  }
}

function sizeOf(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new EmpError("import.missing", `${file}: no such file`);
  if (!stat.isFile()) throw new EmpError("import.missing", `${file}: expected a file, found a folder`);
  if (stat.size === 0) throw new EmpError("import.empty", `${file}: the file is empty`);
  return stat.size;
}

interface Feeder {
  push(chunk: Uint8Array): void;
  end(): void;
}

function lineFeed(session: ImportSession, recording: Parameters<ImportSession["accept"]>[0]): Feeder {
  return new LineSplitter({
    line: (bytes, start, end, line, offset) => session.accept(recording, bytes, start, end, line, offset),
    tooLong: (line, offset) => session.reject("wire.too_large", "line longer than 16 MiB", line, offset),
  });
}

function documentFeed(file: string, session: ImportSession, recording: Parameters<ImportSession["accept"]>[0]): Feeder {
  const chunks: Uint8Array[] = [];
  let total = 0;
  return {
    push: (chunk) => {
      total += chunk.length;
      if (total > MAX_DOCUMENT_BYTES) throw new EmpError("import.too_large", `${file}: larger than ${MAX_DOCUMENT_BYTES} bytes`);
      chunks.push(chunk);
    },
    end: () => {
      const bytes = Buffer.concat(chunks, total);
      session.accept(recording, bytes, 0, bytes.length, 1, 0);
    },
  };
}

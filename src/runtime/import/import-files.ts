import type { RecordingReader } from "../../contracts/index.ts";
import type { ImportSession } from "./import-session.ts";
import { readRecording } from "./read-recording.ts";

export interface ImportProgress {
  readonly file: string;
  /** Bytes of the file on disk read so far, and its size. */
  readonly read: number;
  readonly size: number;
}

/**
 * Streams recordings through an import session, one after the other.
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
    const recording = session.openFile(file, reader, options);
    try {
      await readRecording(file, reader.unit, {
        line: (bytes, start, end, line, offset) => session.accept(recording, bytes, start, end, line, offset),
        tooLong: (line, offset) => session.reject("wire.too_large", "line longer than 16 MiB", line, offset),
        progress: (read, size) => progress({ file, read, size }),
        stopped,
      });
    } finally {
      session.endFile(recording);
    }
  }
}

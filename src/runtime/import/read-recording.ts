import { createReadStream, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { EmpError } from "../emp-error.ts";
import { LineSplitter } from "./lines.ts";

/** Largest recording that is read as one document. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 1 << 20;

export interface RecordingInput {
  /** One line, or the whole document; `bytes[start, end)` is valid during the call only. */
  line(bytes: Uint8Array, start: number, end: number, line: number, offset: number): void;
  tooLong(line: number, offset: number): void;
  /** Bytes of the file on disk read so far, and its size. */
  progress(read: number, size: number): void;
  stopped(): boolean;
}

/**
 * Streams one recording, plain or gzip, line by line or as one document, in bounded memory.
 * @throws EmpError when the file is missing, empty or damaged; what came before was handed on.
 */
export async function readRecording(
  file: string,
  unit: "line" | "document",
  input: RecordingInput,
): Promise<void> {
  const size = sizeOf(file);
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const stream = file.endsWith(".gz") ? source.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : source;
  source.on("error", (error) => stream.destroy(error));
  const feed = unit === "line" ? new LineSplitter(input) : new Document(file, input);
  try {
    for await (const chunk of stream) {
      feed.push(chunk as Uint8Array);
      input.progress(source.bytesRead, size);
      if (input.stopped()) return;
    }
    feed.end();
  } catch (error) {
    if (error instanceof EmpError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new EmpError(
      "recording.damaged",
      `${file}: damaged after ${source.bytesRead} of ${size} bytes (${what}); what came before is kept`,
    );
  } finally {
    source.destroy();
  }
}

function sizeOf(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new EmpError("recording.missing", `${file}: no such file`);
  if (!stat.isFile()) throw new EmpError("recording.missing", `${file}: expected a file, found a folder`);
  if (stat.size === 0) throw new EmpError("recording.empty", `${file}: the file is empty`);
  return stat.size;
}

/** Gathers a recording that only makes sense as a whole. */
class Document {
  readonly #file: string;
  readonly #input: RecordingInput;
  readonly #chunks: Uint8Array[] = [];
  #total = 0;

  constructor(file: string, input: RecordingInput) {
    this.#file = file;
    this.#input = input;
  }

  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    if (this.#total > MAX_DOCUMENT_BYTES) {
      throw new EmpError(
        "recording.too_large",
        `${this.#file}: expected at most ${MAX_DOCUMENT_BYTES} bytes in one document`,
      );
    }
    this.#chunks.push(chunk);
  }

  end(): void {
    const bytes = Buffer.concat(this.#chunks, this.#total);
    this.#input.line(bytes, 0, bytes.length, 1, 0);
  }
}

import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { CaptureError } from "./errors.ts";
import type { SegmentFile } from "./files.ts";

/** The bytes of one segment, read forward in bounded memory. */
export interface ByteSource {
  /** Reads up to `length` bytes to `into[at, at + length)`; returns how many, 0 at the end. */
  read(into: Buffer, at: number, length: number): number;
  close(): void;
}

/**
 * A compressed segment is a standard zstd file (`zstd -d` reads it) of independent frames. Before each stands a
 * skippable frame that holds the frame's compressed length, so that a reader needs one frame in memory at a time.
 */
export const SKIPPABLE_MAGIC = 0x184d2a50;
export const SKIPPABLE_BYTES = 12;
/** Plain bytes in one zstd frame. */
export const ZSTD_CHUNK_BYTES = 1024 * 1024;
/** No frame of ours compresses to more. */
const ZSTD_FRAME_BYTES_MAX = 2 * ZSTD_CHUNK_BYTES;

export function openSource(segment: SegmentFile): ByteSource {
  if (segment.compressed) return new ZstdSource(segment.path);
  const compressedPath = `${segment.path}.zst`;
  // A live writer may have compressed the segment since it was listed.
  const isGone = !existsSync(segment.path) && existsSync(compressedPath);
  return isGone ? new ZstdSource(compressedPath) : new FileSource(segment.path);
}

class FileSource implements ByteSource {
  readonly #fd: number;
  #position = 0;

  constructor(path: string) {
    this.#fd = openSync(path, "r");
  }

  read(into: Buffer, at: number, length: number): number {
    const got = readSync(this.#fd, into, at, length, this.#position);
    this.#position += got;
    return got;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

class ZstdSource implements ByteSource {
  readonly #path: string;
  readonly #file: FileSource;
  readonly #marker = Buffer.alloc(SKIPPABLE_BYTES);
  #plain: Buffer = Buffer.alloc(0);
  #taken = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = new FileSource(path);
  }

  read(into: Buffer, at: number, length: number): number {
    if (this.#taken === this.#plain.length && !this.#nextFrame()) return 0;
    const take = Math.min(length, this.#plain.length - this.#taken);
    this.#plain.copy(into, at, this.#taken, this.#taken + take);
    this.#taken += take;
    return take;
  }

  close(): void {
    this.#file.close();
  }

  #nextFrame(): boolean {
    const got = this.#file.read(this.#marker, 0, SKIPPABLE_BYTES);
    if (got === 0) return false;
    const frameBytes = this.#marker.readUInt32LE(8);
    if (
      got < SKIPPABLE_BYTES ||
      this.#marker.readUInt32LE(0) !== SKIPPABLE_MAGIC ||
      this.#marker.readUInt32LE(4) !== 4 ||
      frameBytes > ZSTD_FRAME_BYTES_MAX
    ) {
      throw this.#corrupt("its frame index is damaged");
    }
    const frame = Buffer.alloc(frameBytes);
    if (this.#file.read(frame, 0, frameBytes) < frameBytes) throw this.#corrupt("a frame is cut off");
    try {
      this.#plain = zstdDecompressSync(frame, { maxOutputLength: ZSTD_CHUNK_BYTES });
    } catch {
      throw this.#corrupt("a frame does not decompress");
    }
    this.#taken = 0;
    return true;
  }

  #corrupt(what: string): CaptureError {
    return new CaptureError("corrupt", `journal ${this.#path}: ${what}`, "journal.bad_crc");
  }
}

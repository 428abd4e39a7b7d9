import { closeSync, fdatasyncSync, openSync, readSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";
import { SKIPPABLE_BYTES, SKIPPABLE_MAGIC, ZSTD_CHUNK_BYTES } from "./byte-source.ts";

const compress = promisify(zstdCompress);

/**
 * Replaces a sealed segment by its zstd copy (`.zst` behind its name), one chunk at a time on the thread pool.
 * The plain file goes only after the copy stands complete under its final name.
 */
export async function compressSegment(path: string): Promise<void> {
  const finalPath = `${path}.zst`;
  const temporary = `${finalPath}.tmp`;
  const from = openSync(path, "r");
  const to = openSync(temporary, "w");
  try {
    const chunk = Buffer.alloc(ZSTD_CHUNK_BYTES);
    for (let position = 0; ; ) {
      const got = readSync(from, chunk, 0, chunk.length, position);
      if (got === 0) break;
      position += got;
      const frame = await compress(chunk.subarray(0, got));
      const marker = Buffer.alloc(SKIPPABLE_BYTES);
      marker.writeUInt32LE(SKIPPABLE_MAGIC, 0);
      marker.writeUInt32LE(4, 4);
      marker.writeUInt32LE(frame.length, 8);
      writeAll(to, marker);
      writeAll(to, frame);
    }
    fdatasyncSync(to);
  } finally {
    closeSync(from);
    closeSync(to);
  }
  renameSync(temporary, finalPath);
  unlinkSync(path);
}

function writeAll(fd: number, bytes: Buffer): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done);
}

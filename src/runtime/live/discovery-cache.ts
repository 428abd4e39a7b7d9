import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { zstdCompress, zstdDecompressSync } from "node:zlib";
import { z } from "zod";
import type { DiscoveryCache, Micros } from "../../contracts/index.ts";

/** A catalogue of 100,000 markets is some 100 MB of JSON; anything far beyond is not ours. */
const MAX_BYTES = 1_073_741_824;
const MAGIC = "EMPCAT1\n";

const headSchema = z.strictObject({ at: z.int().nonnegative(), sizes: z.array(z.int().nonnegative()) });

/**
 * Catalogue pages of an earlier run in one compressed file: magic, u32 length of the head, head as JSON, pages.
 * Whatever is wrong with the file, it counts as absent: the catalogue is then read from the venue.
 */
export class FileDiscoveryCache implements DiscoveryCache {
  readonly #file: string;
  readonly #maxAgeMicros: number;
  readonly #now: () => Micros;
  /** Called when a write ended, well or not. */
  onWritten: (() => void) | null = null;

  constructor(file: string, maxAgeMicros: number, now: () => Micros) {
    this.#file = file;
    this.#maxAgeMicros = maxAgeMicros;
    this.#now = now;
  }

  read(): { readonly at: Micros; readonly pages: readonly Uint8Array[] } | null {
    const stat = statSync(this.#file, { throwIfNoEntry: false });
    if (stat === undefined || stat.size > MAX_BYTES || this.#maxAgeMicros === 0) return null;
    try {
      const cached = parse(zstdDecompressSync(readFileSync(this.#file), { maxOutputLength: MAX_BYTES }));
      const ageMicros = this.#now() - cached.at;
      return ageMicros < 0 || ageMicros > this.#maxAgeMicros ? null : cached;
    } catch {
      return null;
    }
  }

  write(pages: readonly Uint8Array[], at: Micros): void {
    if (this.#maxAgeMicros === 0) return;
    const head = Buffer.from(JSON.stringify({ at, sizes: pages.map(({ length }) => length) }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(head.length);
    // Compressing takes a moment for a whole venue: it must not hold up the market.
    zstdCompress(Buffer.concat([Buffer.from(MAGIC), length, head, ...pages]), (error, packed) => {
      if (error === null) this.#store(packed);
      this.onWritten?.();
    });
  }

  #store(packed: Buffer): void {
    const unfinished = `${this.#file}.part`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(unfinished, packed);
      renameSync(unfinished, this.#file);
    } catch {
      // A full or read-only disk costs the next start its cache, not this run its market.
    }
  }
}

function parse(bytes: Buffer): { readonly at: Micros; readonly pages: readonly Uint8Array[] } {
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC) throw new RangeError("no catalogue");
  const start = MAGIC.length + 4;
  const headBytes = bytes.readUInt32LE(MAGIC.length);
  const head = headSchema.parse(JSON.parse(bytes.subarray(start, start + headBytes).toString()));
  let from = start + headBytes;
  const pages = head.sizes.map((size) => {
    const page = bytes.subarray(from, from + size);
    from += size;
    return page;
  });
  if (from !== bytes.length) throw new RangeError("a torn catalogue");
  return { at: head.at as Micros, pages };
}

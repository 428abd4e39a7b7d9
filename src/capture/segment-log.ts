import { closeSync, ftruncateSync } from "node:fs";
import { CaptureError } from "./errors.ts";
import {
  BLOCK_HEADER_BYTES,
  BLOCK_TARGET_BYTES,
  BlockKind,
  MAX_PAYLOAD_BYTES,
  SEGMENT_HEADER_BYTES,
  sealBlock,
} from "./format.ts";
import { createSegment, type LogStart, type SegmentLogOptions, segmentPath } from "./segment-file.ts";

/** Bytes of data records that may wait for the disk. */
const DATA_LIMIT = 1024 * 1024;
/** Room behind it that only control records may use: orders, decisions, checkpoints. */
const CONTROL_RESERVE = 512 * 1024;
const CAPACITY = DATA_LIMIT + CONTROL_RESERVE;
const NO_KIND = 0;
const SEAL_BYTES = 8;

/**
 * One append-only log in segments. Records are put into a bounded staging buffer as blocks and reach the file by
 * `flush`. When the disk refuses, data records are taken until the buffer is full, control records until the
 * reserve is used too; then they are refused and counted. Nothing is dropped without being counted.
 */
export class SegmentLog {
  /** Staging buffer and two views of it: a record is written at the offset `reserve` gives. */
  readonly bytes: Buffer;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  /** Number of the next record. */
  nextSeq: number;
  /** True from a failed write until the next one that succeeds. */
  failing = false;
  /** Records that found no room. */
  refused = 0;

  readonly #options: SegmentLogOptions;
  #fd: number;
  #number: number;
  /** File offset where the staging buffer will be written. */
  #position = SEGMENT_HEADER_BYTES;
  #cursor = 0;
  #chain: number;
  #kind: number = NO_KIND;
  #blockStart = 0;
  #blockLimit = 0;
  #blockSeq = 0;
  #count = 0;
  #lastAt = 0;

  constructor(options: SegmentLogOptions, start: LogStart) {
    const memory = new ArrayBuffer(CAPACITY);
    this.bytes = Buffer.from(memory);
    this.i32 = new Int32Array(memory);
    this.f64 = new Float64Array(memory);
    this.#options = options;
    this.nextSeq = start.firstSeq;
    this.#number = start.number;
    const created = createSegment(options, start);
    this.#fd = created.fd;
    this.#chain = created.chain;
  }

  /**
   * Offset in `bytes` for a record of `size` bytes (a multiple of 8, at most BLOCK_TARGET_BYTES) in a block of
   * `kind`; -1 when there is no room, which is counted. `commit` must follow before the next `reserve`.
   */
  reserve(kind: BlockKind, size: number, control: boolean): number {
    if (kind === this.#kind && this.#cursor + size <= this.#blockLimit) return this.#cursor;
    return this.#reserveInNewBlock(kind, size, control);
  }

  /** The record at the reserved offset is complete. `at` is its instant in Micros. */
  commit(size: number, at: number): void {
    this.#cursor += size;
    this.#count += 1;
    this.#lastAt = at;
    this.nextSeq += 1;
  }

  /** A block that takes no seq: checkpoint or seal. False when there is no room. */
  appendMark(kind: BlockKind, payload: Buffer): boolean {
    const offset = this.#reserveInNewBlock(kind, payload.length, true);
    if (offset < 0) return false;
    payload.copy(this.bytes, offset);
    this.#cursor += payload.length;
    this.#count = 1;
    this.#finishBlock();
    return true;
  }

  /** A record too large for a shared block, written at once as a block of its own. False when it was refused. */
  appendLarge(kind: BlockKind, payload: Buffer, at: number): boolean {
    if (payload.length > MAX_PAYLOAD_BYTES || !this.flush()) {
      this.refused += 1;
      return false;
    }
    const block = Buffer.alloc(BLOCK_HEADER_BYTES + payload.length);
    payload.copy(block, BLOCK_HEADER_BYTES);
    const crc = this.#seal(block, 0, kind, payload.length, this.nextSeq, 1, at);
    if (!this.#write(block, block.length)) {
      this.refused += 1;
      return false;
    }
    this.#chain = crc;
    this.#lastAt = at;
    this.#position += block.length;
    this.nextSeq += 1;
    return true;
  }

  /** Writes everything appended so far. False when the disk refused; the records wait for the next call. */
  flush(): boolean {
    if (!this.#writeStaged()) return false;
    if (this.#position >= this.#options.segmentBytes) this.#rotate();
    return true;
  }

  /** Writes the rest, seals the segment and closes the file. @throws CaptureError `io` when the rest could not be written. */
  close(): void {
    const sealed =
      this.#writeStaged() && this.appendMark(BlockKind.SEAL, Buffer.alloc(SEAL_BYTES)) && this.#writeStaged();
    if (sealed) ftruncateSync(this.#fd, this.#position);
    closeSync(this.#fd);
    if (!sealed) {
      throw new CaptureError(
        "io",
        `journal ${segmentPath(this.#options, this.#number)}: the last records could not be written; the disk may be full`,
      );
    }
    this.#options.onSealed(segmentPath(this.#options, this.#number));
  }

  #reserveInNewBlock(kind: BlockKind, size: number, control: boolean): number {
    this.#finishBlock();
    const need = BLOCK_HEADER_BYTES + size;
    if (this.#cursor + need > DATA_LIMIT && !this.failing) this.flush();
    if (this.#cursor + need > (control ? CAPACITY : DATA_LIMIT)) {
      this.refused += 1;
      return -1;
    }
    this.#kind = kind;
    this.#blockStart = this.#cursor;
    this.#blockSeq = this.nextSeq;
    this.#count = 0;
    this.#cursor += BLOCK_HEADER_BYTES;
    // In the reserve a block takes exactly its record, so that no data record slips in behind it.
    const reach = Math.min(this.#cursor + BLOCK_TARGET_BYTES, DATA_LIMIT);
    this.#blockLimit = Math.max(reach, this.#cursor + size);
    return this.#cursor;
  }

  #writeStaged(): boolean {
    this.#finishBlock();
    if (this.#cursor === 0) return true;
    if (!this.#write(this.bytes, this.#cursor)) return false;
    this.#position += this.#cursor;
    this.#cursor = 0;
    return true;
  }

  #finishBlock(): void {
    if (this.#kind === NO_KIND) return;
    const payload = this.#cursor - this.#blockStart - BLOCK_HEADER_BYTES;
    const kind = this.#kind as BlockKind;
    this.#kind = NO_KIND;
    if (payload === 0) {
      this.#cursor = this.#blockStart;
      return;
    }
    this.#chain = this.#seal(
      this.bytes,
      this.#blockStart,
      kind,
      payload,
      this.#blockSeq,
      this.#count,
      this.#lastAt,
    );
  }

  #seal(
    bytes: Buffer,
    start: number,
    kind: BlockKind,
    payloadBytes: number,
    firstSeq: number,
    count: number,
    lastAt: number,
  ): number {
    const previousCrc = this.#chain;
    return sealBlock(bytes, start, { kind, payloadBytes, firstSeq, count, previousCrc, lastAt });
  }

  /** All or nothing as far as the reader can see: a failed attempt is overwritten by the next one. */
  #write(bytes: Buffer, length: number): boolean {
    try {
      let done = 0;
      while (done < length) {
        const wrote = this.#options.io.write(this.#fd, bytes, done, length - done, this.#position + done);
        if (wrote <= 0) throw new Error("the disk took no bytes");
        done += wrote;
      }
      if (this.#options.durability === "fdatasync") this.#options.io.sync(this.#fd);
      this.failing = false;
    } catch {
      this.failing = true;
    }
    return !this.failing;
  }

  /**
   * Seals this segment and begins the next. The seal goes first: a kill in between leaves a whole log. When either
   * fails the seal is overwritten by the next block, this segment grows, and it is tried again.
   */
  #rotate(): void {
    const seal = Buffer.alloc(BLOCK_HEADER_BYTES + SEAL_BYTES);
    const previousCrc = this.#seal(seal, 0, BlockKind.SEAL, SEAL_BYTES, this.nextSeq, 1, this.#lastAt);
    if (!this.#write(seal, seal.length)) return;
    const number = this.#number + 1;
    try {
      const next = createSegment(this.#options, { number, firstSeq: this.nextSeq, previousCrc });
      ftruncateSync(this.#fd, this.#position + seal.length);
      closeSync(this.#fd);
      this.#fd = next.fd;
      this.#chain = next.chain;
    } catch {
      this.failing = true;
      return;
    }
    const sealedPath = segmentPath(this.#options, this.#number);
    this.#number = number;
    this.#position = SEGMENT_HEADER_BYTES;
    this.#options.onSealed(sealedPath);
  }
}

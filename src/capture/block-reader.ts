import type { Reason } from "../contracts/index.ts";
import { type ByteSource, openSource } from "./byte-source.ts";
import type { SegmentFile } from "./files.ts";
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  BlockKind,
  blockCrc,
  decodeBlockHeader,
  decodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  segmentHeaderCrc,
  takesSeq,
} from "./format.ts";

const BUFFER_BYTES = 1536 * 1024;

/** Something that is not as it was written, and where. */
export interface Fault {
  readonly reason: Extract<Reason, "journal.torn_tail" | "journal.bad_crc" | "journal.bad_chain">;
  readonly segment: string;
  /** Blocks of the segment that were read before. */
  readonly block: number;
  /** Byte offset in the (decompressed) segment. */
  readonly offset: number;
  readonly detail: string;
}

/** What one segment must be to follow its predecessor; null accepts any (the first segment that is kept). */
export interface Expected {
  readonly mark: Buffer;
  readonly previousCrc: number | null;
  readonly nextSeq: number | null;
}

/**
 * Reads the blocks of one segment in order and checks each: checksum, chain, numbering. `payloadAt` and the views
 * are valid until the next call of `next`.
 */
export class BlockReader {
  readonly segment: SegmentFile;
  readonly header: SegmentHeader | null;
  bytes: Buffer = EMPTY;
  i32: Int32Array = new Int32Array(0);
  f64: Float64Array = new Float64Array(0);
  block: BlockHeader | null = null;
  /** Offset of the payload in `bytes`. */
  payloadAt = 0;
  fault: Fault | null = null;
  /** Seq of the next record, and crc of the last good block. */
  nextSeq = 0;
  chain = 0;
  /** Blocks read so far, and the file offset behind the last of them. */
  blocks = 0;
  offset = 0;
  sealed = false;

  readonly #source: ByteSource;
  #start = 0;
  #end = 0;
  #closed = false;

  constructor(segment: SegmentFile, expected: Expected) {
    this.segment = segment;
    this.#source = openSource(segment);
    this.#allocate(BUFFER_BYTES);
    this.header = this.#readHeader(expected);
  }

  /** Moves to the next block; false at the end or at a fault. */
  next(): boolean {
    this.block = null;
    if (this.fault !== null) return false;
    if (!this.#fill(BLOCK_HEADER_BYTES)) {
      if (this.#end > this.#start) this.#fail("journal.torn_tail", "the block's header is cut off");
      return false;
    }
    const header = decodeBlockHeader(this.bytes, this.#start);
    if (header === null) return this.#fail("journal.bad_crc", "this is no block header");
    const length = BLOCK_HEADER_BYTES + header.payloadBytes;
    if (!this.#fill(length)) return this.#fail("journal.torn_tail", "the block is cut off");
    if (blockCrc(this.bytes, this.#start, header.payloadBytes) !== header.crc) {
      return this.#fail("journal.bad_crc", "the block's checksum is wrong");
    }
    if (header.previousCrc !== this.chain) {
      return this.#fail("journal.bad_chain", "the block does not name its predecessor");
    }
    if (header.firstSeq !== this.nextSeq) {
      return this.#fail("journal.bad_chain", `expected seq ${this.nextSeq}, was ${header.firstSeq}`);
    }
    if (this.sealed) return this.#fail("journal.bad_chain", "a block behind the seal");
    this.block = header;
    this.payloadAt = this.#start + BLOCK_HEADER_BYTES;
    this.chain = header.crc;
    this.sealed = header.kind === BlockKind.SEAL;
    if (takesSeq(header.kind)) this.nextSeq += header.count;
    this.#start += length;
    this.offset += length;
    this.blocks += 1;
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
  }

  #readHeader(expected: Expected): SegmentHeader | null {
    if (!this.#fill(SEGMENT_HEADER_BYTES)) {
      this.#fail("journal.torn_tail", "the segment's header is cut off");
      return null;
    }
    const head = this.bytes.subarray(this.#start, this.#start + SEGMENT_HEADER_BYTES);
    const header = decodeSegmentHeader(head, this.segment.log);
    if (typeof header === "string") {
      this.#fail("journal.bad_crc", header);
      return null;
    }
    if (header.number !== this.segment.number || !header.mark.equals(expected.mark)) {
      this.#fail("journal.bad_chain", "the segment belongs to another journal or place");
      return null;
    }
    if (expected.previousCrc !== null && header.previousCrc !== expected.previousCrc) {
      this.#fail("journal.bad_chain", "the segment does not name its predecessor");
      return null;
    }
    if (expected.nextSeq !== null && header.firstSeq !== expected.nextSeq) {
      this.#fail("journal.bad_chain", `expected seq ${expected.nextSeq}, was ${header.firstSeq}`);
      return null;
    }
    this.nextSeq = header.firstSeq;
    this.chain = segmentHeaderCrc(head);
    this.#start += SEGMENT_HEADER_BYTES;
    this.offset = SEGMENT_HEADER_BYTES;
    return header;
  }

  #fail(reason: Fault["reason"], detail: string): false {
    this.fault = { reason, segment: this.segment.name, block: this.blocks, offset: this.offset, detail };
    return false;
  }

  /** Makes `need` bytes available from `#start`; false when the segment ends before. Blocks stay 8-byte aligned. */
  #fill(need: number): boolean {
    if (this.#end - this.#start >= need) return true;
    if (need > this.bytes.length) {
      const rest = this.bytes.subarray(this.#start, this.#end);
      this.#allocate(need);
      rest.copy(this.bytes, 0);
    } else {
      this.bytes.copyWithin(0, this.#start, this.#end);
    }
    this.#end -= this.#start;
    this.#start = 0;
    while (this.#end < need) {
      const got = this.#source.read(this.bytes, this.#end, this.bytes.length - this.#end);
      if (got === 0) return false;
      this.#end += got;
    }
    return true;
  }

  #allocate(bytes: number): void {
    const memory = new ArrayBuffer(bytes);
    this.bytes = Buffer.from(memory);
    this.i32 = new Int32Array(memory);
    this.f64 = new Float64Array(memory);
  }
}

const EMPTY = Buffer.alloc(0);

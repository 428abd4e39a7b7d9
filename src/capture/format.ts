import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * The binary format of a segment: a file header, then blocks. Little endian; every block starts at a multiple of
 * 8 bytes, so that packed records are read through typed arrays without copying.
 *
 * Segment header, 64 bytes: magic (8), format version u32, segment number u32, first seq f64, crc of the previous
 * segment's last block u32, zero u32, journal mark (16), zero (12), crc32 of the 60 bytes before u32.
 *
 * Block header, 40 bytes: crc32 of everything after it u32, magic u32, kind u32, payload bytes u32, first seq f64,
 * record count u32, crc of the block before u32, instant of the last record f64.
 *
 * The first block of a segment chains to the crc of the segment header, which in turn names the last block of the
 * segment before: one chain runs through the whole log.
 */
export const FORMAT_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 64;
export const BLOCK_HEADER_BYTES = 40;
/** Records are gathered into blocks of about this payload; a larger record gets a block of its own. */
export const BLOCK_TARGET_BYTES = 256 * 1024;
/** No block is larger. A larger frame is kept up to this limit, a larger object is refused. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;
const BLOCK_MAGIC = 0x4b4c4245;
const MARK_BYTES = 16;

export type LogName = "facts" | "raw";
const SEGMENT_MAGIC: Readonly<Record<LogName, string>> = { facts: "EMPFACTS", raw: "EMPRAWFR" };

export const BlockKind = {
  /** 48-byte records of contracts/fact.ts. */
  PACKED: 1,
  /** JSON records: object facts and decisions. */
  OBJECTS: 2,
  /** Digests of decisions and state up to a seq. Takes no seq itself. */
  CHECKPOINT: 3,
  /** The segment was ended on purpose: rotation or close. Takes no seq itself. */
  SEAL: 4,
  /** Venue frames, world facts and connection states, with their own numbering. */
  RAW: 5,
} as const;
export type BlockKind = (typeof BlockKind)[keyof typeof BlockKind];

export interface SegmentHeader {
  readonly log: LogName;
  readonly number: number;
  readonly firstSeq: number;
  /** Crc of the last block of the segment before; 0 for the first segment. */
  readonly previousCrc: number;
  /** 16 bytes that tell this journal from any other. */
  readonly mark: Buffer;
}

export interface BlockHeader {
  readonly crc: number;
  readonly kind: BlockKind;
  readonly payloadBytes: number;
  readonly firstSeq: number;
  readonly count: number;
  readonly previousCrc: number;
  readonly lastAt: number;
}

/** The mark written into every segment of the journal with this id. */
export function journalMark(id: string): Buffer {
  return createHash("sha256").update(id).digest().subarray(0, MARK_BYTES);
}

export function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.write(SEGMENT_MAGIC[header.log], 0, "latin1");
  bytes.writeUInt32LE(FORMAT_VERSION, 8);
  bytes.writeUInt32LE(header.number, 12);
  bytes.writeDoubleLE(header.firstSeq, 16);
  bytes.writeUInt32LE(header.previousCrc, 24);
  header.mark.copy(bytes, 32, 0, MARK_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

/** The crc of an encoded segment header: what the first block chains to. */
export function segmentHeaderCrc(bytes: Buffer): number {
  return bytes.readUInt32LE(60);
}

/** Reads a segment header; a string says what is wrong with it. */
export function decodeSegmentHeader(bytes: Buffer, log: LogName): SegmentHeader | string {
  if (bytes.length < SEGMENT_HEADER_BYTES) return "the file is shorter than its header";
  const magic = bytes.toString("latin1", 0, 8);
  if (magic !== SEGMENT_MAGIC[log]) return `expected the magic ${SEGMENT_MAGIC[log]}`;
  if (crc32(bytes.subarray(0, 60)) !== segmentHeaderCrc(bytes)) return "the header's checksum is wrong";
  const version = bytes.readUInt32LE(8);
  if (version !== FORMAT_VERSION) return `format version ${version}; this build reads ${FORMAT_VERSION}`;
  return {
    log,
    number: bytes.readUInt32LE(12),
    firstSeq: bytes.readDoubleLE(16),
    previousCrc: bytes.readUInt32LE(24),
    mark: Buffer.from(bytes.subarray(32, 32 + MARK_BYTES)),
  };
}

/** Writes the header of the block at `start` whose payload already stands behind it. Returns its crc. */
export function sealBlock(bytes: Buffer, start: number, header: Omit<BlockHeader, "crc">): number {
  bytes.writeUInt32LE(BLOCK_MAGIC, start + 4);
  bytes.writeUInt32LE(header.kind, start + 8);
  bytes.writeUInt32LE(header.payloadBytes, start + 12);
  bytes.writeDoubleLE(header.firstSeq, start + 16);
  bytes.writeUInt32LE(header.count, start + 24);
  bytes.writeUInt32LE(header.previousCrc, start + 28);
  bytes.writeDoubleLE(header.lastAt, start + 32);
  const crc = blockCrc(bytes, start, header.payloadBytes);
  bytes.writeUInt32LE(crc, start);
  return crc;
}

/** Reads a block header; null when these bytes are none (its checksum is checked by `blockCrc`). */
export function decodeBlockHeader(bytes: Buffer, start: number): BlockHeader | null {
  if (bytes.readUInt32LE(start + 4) !== BLOCK_MAGIC) return null;
  const kind = bytes.readUInt32LE(start + 8);
  const payloadBytes = bytes.readUInt32LE(start + 12);
  if (kind < BlockKind.PACKED || kind > BlockKind.RAW) return null;
  if (payloadBytes > MAX_PAYLOAD_BYTES || payloadBytes % 8 !== 0) return null;
  return {
    crc: bytes.readUInt32LE(start),
    kind: kind as BlockKind,
    payloadBytes,
    firstSeq: bytes.readDoubleLE(start + 16),
    count: bytes.readUInt32LE(start + 24),
    previousCrc: bytes.readUInt32LE(start + 28),
    lastAt: bytes.readDoubleLE(start + 32),
  };
}

/** Checksum of a block: everything of it except the checksum itself. */
export function blockCrc(bytes: Buffer, start: number, payloadBytes: number): number {
  return crc32(bytes.subarray(start + 4, start + BLOCK_HEADER_BYTES + payloadBytes));
}

/** True for blocks whose records take a seq each. */
export function takesSeq(kind: BlockKind): boolean {
  return kind !== BlockKind.CHECKPOINT && kind !== BlockKind.SEAL;
}

import { FACT_VERSION, type ObjectFact } from "../contracts/index.ts";
import { BLOCK_TARGET_BYTES, BlockKind, MAX_PAYLOAD_BYTES, padded } from "./format.ts";
import type { SegmentLog } from "./segment-log.ts";

/**
 * Records inside a RAW block: u32 bytes, u16 type, u16 detail, i32 connection, u32 bytes the venue sent, f64 instant,
 * f64 seq the next fact had, content, zero padding to a multiple of 8.
 */
export const RAW_HEADER_BYTES = 32;

export const RawType = { FRAME: 1, OBJECT: 2, CONNECTION: 3 } as const;
export type RawType = (typeof RawType)[keyof typeof RawType];

/** `detail` of a CONNECTION record. */
export const CONNECTION_STATES = ["opened", "lost"] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

const NO_BYTES = new Uint8Array(0);

/** Writes what the venues sent, verbatim, and what a re-mapping needs besides. */
export class RawLog {
  readonly #log: SegmentLog;

  constructor(log: SegmentLog) {
    this.#log = log;
  }

  /** A frame `bytes[start, end)`. One that is too large is kept up to the block limit; its full length is recorded. */
  frame(
    connection: number,
    recvAt: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    factSeq: number,
  ): void {
    this.#append(RawType.FRAME, 0, connection, recvAt, bytes, start, end, factSeq);
  }

  /** A world fact that no frame says: it came from a file, an operator or a timer. */
  object(fact: ObjectFact, at: number, factSeq: number): void {
    const json = Buffer.from(JSON.stringify(fact));
    this.#append(RawType.OBJECT, FACT_VERSION, -1, at, json, 0, json.length, factSeq);
  }

  connection(connection: number, state: ConnectionState, at: number, factSeq: number): void {
    const detail = CONNECTION_STATES.indexOf(state);
    this.#append(RawType.CONNECTION, detail, connection, at, NO_BYTES, 0, 0, factSeq);
  }

  #append(
    type: RawType,
    detail: number,
    connection: number,
    at: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    factSeq: number,
  ): void {
    const log = this.#log;
    const length = Math.min(end - start, MAX_PAYLOAD_BYTES - RAW_HEADER_BYTES);
    const size = padded(RAW_HEADER_BYTES + length);
    const isLarge = size > BLOCK_TARGET_BYTES;
    const target = isLarge ? Buffer.alloc(size) : log.bytes;
    const offset = isLarge ? 0 : log.reserve(BlockKind.RAW, size, type !== RawType.FRAME);
    if (offset < 0) return;
    target.writeUInt32LE(length, offset);
    target.writeUInt16LE(type, offset + 4);
    target.writeUInt16LE(detail, offset + 6);
    target.writeInt32LE(connection, offset + 8);
    target.writeUInt32LE(end - start, offset + 12);
    target.writeDoubleLE(at, offset + 16);
    target.writeDoubleLE(factSeq, offset + 24);
    const content = offset + RAW_HEADER_BYTES;
    copyBytes(bytes, start, start + length, target, content);
    if (isLarge) {
      log.appendLarge(BlockKind.RAW, target, at);
    } else {
      target.fill(0, content + length, offset + size);
      log.commit(size, at);
    }
  }
}

function copyBytes(from: Uint8Array, start: number, end: number, to: Buffer, at: number): void {
  if (Buffer.isBuffer(from)) from.copy(to, at, start, end);
  else to.set(from.subarray(start, end), at);
}

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
    const target = isLarge ? newTarget(size) : log;
    const offset = isLarge ? 0 : log.reserve(BlockKind.RAW, size, type !== RawType.FRAME);
    if (offset < 0) return;
    const word = offset >> 2;
    target.i32[word] = length;
    target.i32[word + 1] = type | (detail << 16);
    target.i32[word + 2] = connection;
    target.i32[word + 3] = end - start;
    target.f64[(offset >> 3) + 2] = at;
    target.f64[(offset >> 3) + 3] = factSeq;
    // Zeroes the padding before the content covers the rest of it.
    if (length < size - RAW_HEADER_BYTES) target.f64[((offset + size) >> 3) - 1] = 0;
    copyBytes(bytes, start, start + length, target.bytes, offset + RAW_HEADER_BYTES);
    if (isLarge) log.appendLarge(BlockKind.RAW, target.bytes, at);
    else log.commit(size, at);
  }
}

function newTarget(size: number): Pick<SegmentLog, "bytes" | "i32" | "f64"> {
  const memory = new ArrayBuffer(size);
  return { bytes: Buffer.from(memory), i32: new Int32Array(memory), f64: new Float64Array(memory) };
}

function copyBytes(from: Uint8Array, start: number, end: number, to: Buffer, at: number): void {
  if (Buffer.isBuffer(from)) from.copy(to, at, start, end);
  else to.set(from.subarray(start, end), at);
}

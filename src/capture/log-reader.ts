import { readFileSync } from "node:fs";
import type { Reason } from "../contracts/index.ts";
import { BlockReader, type Fault } from "./block-reader.ts";
import { CaptureError } from "./errors.ts";
import { listSegments, type SegmentFile } from "./files.ts";
import { BLOCK_HEADER_BYTES, blockCrc, decodeBlockHeader, type LogName } from "./format.ts";

/** How a log ended. */
export interface Tail {
  /** Seq of the last whole record; one below the first when there is none. */
  readonly lastSeq: number;
  /** True when the writer ended the log on purpose. */
  readonly sealed: boolean;
  /** Bytes of an unfinished block at the end. They are not read. */
  readonly cutBytes: number;
  readonly reason: Extract<Reason, "journal.torn_tail"> | null;
  /** The file the cut bytes stand in, and where they begin. */
  readonly segment: string | null;
  readonly offset: number;
}

/** The segments of one log as one run of blocks. */
export class LogReader {
  /** The block just read; its payload is valid until the next call of `next`. */
  current: BlockReader | null = null;
  tail: Tail | null = null;
  /** Where the chain stands after the last block. */
  nextSeq = 1;
  chain = 0;

  readonly #dir: string;
  readonly #mark: Buffer;
  readonly #segments: readonly SegmentFile[];
  #index = 0;

  constructor(dir: string, log: LogName, mark: Buffer) {
    this.#dir = dir;
    this.#mark = mark;
    this.#segments = listSegments(dir, log);
    requireNoHoles(dir, this.#segments);
  }

  get segments(): readonly SegmentFile[] {
    return this.#segments;
  }

  /**
   * Moves to the next block; false at the end, and then `tail` is set.
   * @throws CaptureError `corrupt` at a fault that is no torn tail; the message names segment, block and offset.
   */
  next(): boolean {
    while (this.tail === null) {
      if (this.current === null && !this.#openNext()) return false;
      const reader = this.current as BlockReader;
      if (reader.next()) {
        this.nextSeq = reader.nextSeq;
        this.chain = reader.chain;
        return true;
      }
      this.#endSegment(reader);
    }
    return false;
  }

  close(): void {
    this.current?.close();
    this.current = null;
  }

  #openNext(): boolean {
    const segment = this.#segments[this.#index];
    if (segment === undefined) {
      this.tail = { ...NO_CUT, lastSeq: this.nextSeq - 1, sealed: false };
      return false;
    }
    const isFirst = this.#index === 0;
    this.current = new BlockReader(segment, {
      mark: this.#mark,
      previousCrc: isFirst ? null : this.chain,
      nextSeq: isFirst ? null : this.nextSeq,
    });
    if (this.current.header !== null) {
      this.nextSeq = this.current.nextSeq;
      // A segment without blocks hands its predecessor's crc on through its own header.
      this.chain = this.current.chain;
    }
    return true;
  }

  #endSegment(reader: BlockReader): void {
    const isLast = this.#index === this.#segments.length - 1;
    const { fault, segment } = reader;
    reader.close();
    this.current = null;
    this.#index += 1;
    if (fault !== null && !(isLast && isTornTail(segment, fault))) throw faultError(this.#dir, fault);
    if (!isLast) return;
    const lastSeq = this.nextSeq - 1;
    this.tail =
      fault === null
        ? { ...NO_CUT, lastSeq, sealed: reader.sealed }
        : {
            lastSeq,
            sealed: false,
            cutBytes: segment.bytes - fault.offset,
            reason: "journal.torn_tail",
            segment: segment.name,
            offset: fault.offset,
          };
  }
}

const NO_CUT = { cutBytes: 0, reason: null, segment: null, offset: 0 } as const;

function faultError(dir: string, fault: Fault): CaptureError {
  const { segment, block, offset, detail, reason } = fault;
  return new CaptureError(
    "corrupt",
    `journal ${dir}: ${segment}, block ${block}, byte ${offset}: ${detail} (${reason})`,
    reason,
  );
}

/** A fault at the end of the log is an unfinished write unless a whole block still follows it. */
function isTornTail(segment: SegmentFile, fault: Fault): boolean {
  if (segment.compressed || fault.reason === "journal.bad_chain") return false;
  const bytes = readFileSync(segment.path);
  for (let at = fault.offset + 8; at + BLOCK_HEADER_BYTES <= bytes.length; at += 8) {
    const header = decodeBlockHeader(bytes, at);
    if (header === null || at + BLOCK_HEADER_BYTES + header.payloadBytes > bytes.length) continue;
    if (blockCrc(bytes, at, header.payloadBytes) === header.crc) return false;
  }
  return true;
}

function requireNoHoles(dir: string, segments: readonly SegmentFile[]): void {
  for (let i = 1; i < segments.length; i++) {
    const previous = segments[i - 1] as SegmentFile;
    const next = segments[i] as SegmentFile;
    if (next.number === previous.number + 1) continue;
    throw new CaptureError(
      "corrupt",
      `journal ${dir}: ${next.name} follows ${previous.name}; a segment between them is missing`,
      "journal.bad_chain",
    );
  }
}

import type { ObjectFact } from "../contracts/index.ts";
import type { BlockReader } from "./block-reader.ts";
import { CaptureError } from "./errors.ts";
import { BlockKind, journalMark, padded } from "./format.ts";
import { readHeader } from "./header.ts";
import { LogReader, type Tail } from "./log-reader.ts";
import { CONNECTION_STATES, type ConnectionState, RAW_HEADER_BYTES, RawType } from "./raw-log.ts";
import { parseObjectFact } from "./schema.ts";

/** Where the raw log puts what it holds, in order. */
export interface RawVisitor {
  /** `bytes[start, end)` is valid during the call only. `sentBytes` is larger than it when the frame was kept in part. */
  frame(
    connection: number,
    recvAt: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    sentBytes: number,
    factSeq: number,
    rawSeq: number,
  ): void;
  object(fact: ObjectFact, at: number, factSeq: number): void;
  connection(connection: number, state: ConnectionState, at: number, factSeq: number): void;
}

/** Reads the raw frames of a journal in order, in bounded memory; compressed segments one zstd frame at a time. */
export class RawReader {
  readonly #log: LogReader;

  constructor(dir: string) {
    this.#log = new LogReader(dir, "raw", journalMark(readHeader(dir).id));
  }

  /** False when retention has removed its first segments: what is left cannot be mapped on its own. */
  get startsAtTheBeginning(): boolean {
    const [first] = this.#log.segments;
    return first === undefined || first.number === 1;
  }

  /** How the log ended; null until `visitNext` has returned false. */
  get tail(): Tail | null {
    return this.#log.tail;
  }

  /** Visits the records of the next block; false at the end. @throws CaptureError `corrupt` where it is damaged. */
  visitNext(visitor: RawVisitor): boolean {
    if (!this.#log.next()) return false;
    const reader = this.#log.current;
    const header = reader?.block;
    if (reader && header?.kind === BlockKind.RAW) {
      const end = reader.payloadAt + header.payloadBytes;
      const visited = visitRecords(reader, reader.payloadAt, end, header.firstSeq, visitor);
      if (visited !== header.count) {
        throw new CaptureError(
          "bad_record",
          `journal: the raw block at ${header.firstSeq} does not hold the records it counts`,
        );
      }
    }
    return true;
  }

  close(): void {
    this.#log.close();
  }
}

/** Opens the raw frames of a journal; an empty run of records where none were kept. */
export function openRawReader(dir: string): RawReader {
  return new RawReader(dir);
}

/**
 * Records are padded to 8 bytes and blocks start on 8, so every header is read through the typed views.
 * @returns how many records were visited.
 */
function visitRecords(
  reader: BlockReader,
  start: number,
  end: number,
  firstSeq: number,
  to: RawVisitor,
): number {
  const { bytes, i32, f64 } = reader;
  let at = start;
  let seq = firstSeq;
  while (at + RAW_HEADER_BYTES <= end) {
    const word = at >> 2;
    const slot = at >> 3;
    const length = i32[word]! >>> 0;
    const type = i32[word + 1]! & 0xffff;
    const detail = i32[word + 1]! >>> 16;
    const connection = i32[word + 2]!;
    const instant = f64[slot + 2]!;
    const factSeq = f64[slot + 3]!;
    const content = at + RAW_HEADER_BYTES;
    const contentEnd = content + length;
    if (contentEnd > end) break;
    if (type === RawType.FRAME) {
      to.frame(connection, instant, bytes, content, contentEnd, i32[word + 3]! >>> 0, factSeq, seq);
    } else if (type === RawType.OBJECT) {
      to.object(parseObjectFact(bytes.toString("utf8", content, contentEnd), detail, seq), instant, factSeq);
    } else if (type === RawType.CONNECTION) {
      to.connection(connection, CONNECTION_STATES[detail] ?? "lost", instant, factSeq);
    } else {
      throw new CaptureError("bad_record", `journal: raw record ${seq}: type ${type} is not known`);
    }
    at += padded(RAW_HEADER_BYTES + length);
    seq += 1;
  }
  return seq - firstSeq;
}

import { type Decision, FACT_BYTES, FACT_VERSION, type ObjectFact } from "../contracts/index.ts";
import { CaptureError } from "./errors.ts";
import { BlockKind, journalMark, padded } from "./format.ts";
import { type JournalHeader, readHeader } from "./header.ts";
import { LogReader, type Tail } from "./log-reader.ts";
import { OBJECT_HEADER_BYTES, type ObjectRecord, type ObjectText, ObjectType } from "./objects.ts";
import { parseDecision, parseObjectFact } from "./schema.ts";

/** A run of packed facts and decisions. The views are valid until the next call of `next`. */
export interface PackedBlock {
  readonly kind: "packed";
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly count: number;
  /** Seq of record 0; record i has `firstSeq + i`. */
  readonly firstSeq: number;
}

export interface ObjectsBlock {
  readonly kind: "objects";
  readonly firstSeq: number;
  readonly records: readonly ObjectRecord[];
}

/** Digests over everything up to and including `seq`. */
export interface Checkpoint {
  readonly seq: number;
  /** Decision digest, hex. */
  readonly digest: string;
  /** State digest as the engine writes it. */
  readonly state: string;
}

export interface CheckpointBlock {
  readonly kind: "checkpoint";
  readonly checkpoint: Checkpoint;
}

export type Block = PackedBlock | ObjectsBlock | CheckpointBlock;

export interface ReaderOptions {
  /**
   * Check every object against its schema (for journals from elsewhere). Off, the checksums alone are trusted.
   * Default true; objects are rare.
   */
  readonly validate?: boolean;
}

/** Reads facts and decisions of a journal in order, in bounded memory. */
export class JournalReader {
  readonly header: JournalHeader;
  readonly #log: LogReader;
  readonly #validate: boolean;

  constructor(dir: string, options: ReaderOptions) {
    this.header = readHeader(dir);
    this.#validate = options.validate ?? true;
    this.#log = new LogReader(dir, "facts", journalMark(this.header.id));
    const [first] = this.#log.segments;
    if (first === undefined || first.number > 1) requireReadableStart(dir, first?.number);
  }

  /** How the journal ended; null until `next` has returned null. */
  get tail(): Tail | null {
    return this.#log.tail;
  }

  /**
   * The next block, or null at the end.
   * @throws CaptureError `corrupt` where the journal is damaged, naming segment, block and byte offset.
   */
  next(): Block | null {
    while (this.#log.next()) {
      const block = decodeFactBlock(this.#log, this.#validate);
      if (block !== null) return block;
    }
    return null;
  }

  close(): void {
    this.#log.close();
  }
}

/** Opens the facts and decisions of a journal. @throws CaptureError `missing`, `empty`, `foreign`, `newer`, `compacted`. */
export function openJournalReader(dir: string, options: ReaderOptions = {}): JournalReader {
  return new JournalReader(dir, options);
}

function requireReadableStart(dir: string, first: number | undefined): void {
  throw new CaptureError(
    first === undefined ? "missing" : "compacted",
    first === undefined
      ? `journal ${dir}: no fact segment in it; restore it from its Parquet files`
      : `journal ${dir}: begins at segment ${first}; restore segments 1 to ${first - 1} from their Parquet files`,
  );
}

/** The block `log` stands on; null for a seal. */
export function decodeFactBlock(log: LogReader, validate: boolean): Block | null {
  const reader = log.current;
  const header = reader?.block;
  if (reader === null || header === null || header === undefined) return null;
  const { payloadAt } = reader;
  const end = payloadAt + header.payloadBytes;
  switch (header.kind) {
    case BlockKind.PACKED:
      if (header.payloadBytes !== header.count * FACT_BYTES) throw badCount(header.firstSeq);
      return {
        kind: "packed",
        i32: reader.i32.subarray(payloadAt >> 2, end >> 2),
        f64: reader.f64.subarray(payloadAt >> 3, end >> 3),
        count: header.count,
        firstSeq: header.firstSeq,
      };
    case BlockKind.OBJECTS: {
      const texts = readObjectTexts(reader.bytes, payloadAt, end);
      if (texts.length !== header.count) throw badCount(header.firstSeq);
      const records = texts.map((text, index) => toRecord(text, header.firstSeq + index, validate));
      return { kind: "objects", firstSeq: header.firstSeq, records };
    }
    case BlockKind.CHECKPOINT:
      return { kind: "checkpoint", checkpoint: readCheckpoint(reader.bytes, payloadAt, end) };
    case BlockKind.SEAL:
      return null;
    case BlockKind.RAW:
      throw new CaptureError("corrupt", "journal: a raw block in a fact segment", "journal.bad_chain");
  }
}

/** The JSON records of a payload as they stand, up to one that does not fit. */
export function readObjectTexts(bytes: Buffer, start: number, end: number): ObjectText[] {
  const texts: ObjectText[] = [];
  let at = start;
  while (at + OBJECT_HEADER_BYTES <= end) {
    const jsonBytes = bytes.readUInt32LE(at);
    const jsonAt = at + OBJECT_HEADER_BYTES;
    if (jsonAt + jsonBytes > end) break;
    texts.push({
      type: bytes.readUInt16LE(at + 4) as ObjectType,
      version: bytes.readUInt16LE(at + 6),
      at: bytes.readDoubleLE(at + 8),
      json: bytes.toString("utf8", jsonAt, jsonAt + jsonBytes),
    });
    at = jsonAt + padded(jsonBytes);
  }
  return texts;
}

function badCount(seq: number): CaptureError {
  return new CaptureError(
    "bad_record",
    `journal: the block at seq ${seq} does not hold the records it counts`,
  );
}

/** A checkpoint is JSON padded with spaces to a multiple of 8. */
function readCheckpoint(bytes: Buffer, start: number, end: number): Checkpoint {
  return JSON.parse(bytes.toString("utf8", start, end)) as Checkpoint;
}

function toRecord(text: ObjectText, seq: number, validate: boolean): ObjectRecord {
  const { at } = text;
  if (text.type === ObjectType.FACT) return { type: "fact", seq, at, fact: toFact(text, seq, validate) };
  if (text.type === ObjectType.DECISION) {
    return { type: "decision", seq, at, decision: toDecision(text, seq, validate) };
  }
  throw new CaptureError("bad_record", `journal: seq ${seq}: record type ${text.type} is not known`);
}

function toFact(text: ObjectText, seq: number, validate: boolean): ObjectFact {
  const trusted = !validate && text.version === FACT_VERSION;
  return trusted ? (JSON.parse(text.json) as ObjectFact) : parseObjectFact(text.json, text.version, seq);
}

function toDecision(text: ObjectText, seq: number, validate: boolean): Decision {
  const trusted = !validate && text.version === FACT_VERSION;
  return trusted ? (JSON.parse(text.json) as Decision) : parseDecision(text.json, text.version, seq);
}

import { mkdirSync } from "node:fs";
import type { Decision, FactSink, Kind, Micros, ObjectFact, Side } from "../contracts/index.ts";
import { FactLog } from "./fact-log.ts";
import { listSegments } from "./files.ts";
import { BlockKind, FORMAT_VERSION, journalMark, type LogName, padded } from "./format.ts";
import { type JournalHeader, readHeader, writeHeader } from "./header.ts";
import { lockJournal } from "./lock.ts";
import type { Tail } from "./log-reader.ts";
import { compressSegment } from "./raw-compress.ts";
import { type ConnectionState, RawLog } from "./raw-log.ts";
import type { Checkpoint } from "./reader.ts";
import { recoverLog, removeLeftovers } from "./recover.ts";
import { diskIo, type JournalIo, type LogStart } from "./segment-file.ts";
import { SegmentLog } from "./segment-log.ts";

export interface WriterOptions {
  /** How often the shell calls `flush`; written into the header. Default 50. */
  readonly flushIntervalMs?: number;
  /** A segment of this size is sealed. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** `write` survives the process, `fdatasync` also the machine. Default "write". */
  readonly durability?: "write" | "fdatasync";
  /** Default true: sealed raw segments are compressed in the background. */
  readonly compressRaw?: boolean;
  /**
   * Every frame passes here before it is appended. Returns the bytes to keep (the same, or a copy without secrets),
   * or null to keep none. Must be given for private and outbound connections.
   */
  readonly redact?: (connection: number, frame: Uint8Array) => Uint8Array | null;
  /** Replaced in tests that let the disk fail. */
  readonly io?: JournalIo;
}

/** What a journal's header needs from its maker; the rest is filled in by `openJournal`. */
export type NewJournal = Omit<JournalHeader, "formatVersion" | "flushIntervalMs">;

/** How both logs ended before they were taken up again. */
export interface Recovery {
  readonly facts: Tail;
  readonly raw: Tail;
}

const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
const DEFAULT_FLUSH_MS = 50;
const FIRST: LogStart = { number: 1, firstSeq: 1, previousCrc: 0 };

/**
 * Appends to a journal. All calls are synchronous; nothing but `close` waits. The shell calls `flush` every
 * `flushIntervalMs`; a kill loses at most what was appended since, and nothing that a `barrier` covered.
 */
export class JournalWriter {
  readonly header: JournalHeader;
  /** Where mappers and the engine's driver put facts. */
  readonly facts: FactSink;

  readonly #factLog: SegmentLog;
  readonly #rawLog: SegmentLog;
  readonly #records: FactLog;
  readonly #raw: RawLog;
  readonly #redact: WriterOptions["redact"];
  readonly #unlock: () => void;
  #compression: Promise<void> = Promise.resolve();
  readonly #compresses: boolean;
  #closed = false;

  constructor(
    dir: string,
    header: JournalHeader,
    options: WriterOptions,
    starts: Record<LogName, LogStart>,
    unlock: () => void,
  ) {
    this.header = header;
    this.#redact = options.redact;
    this.#unlock = unlock;
    this.#compresses = options.compressRaw ?? true;
    const common = {
      dir,
      mark: journalMark(header.id),
      segmentBytes: options.segmentBytes ?? DEFAULT_SEGMENT_BYTES,
      durability: options.durability ?? "write",
      io: options.io ?? diskIo,
    } as const;
    this.#factLog = new SegmentLog({ ...common, log: "facts", onSealed: () => undefined }, starts.facts);
    this.#rawLog = new SegmentLog(
      { ...common, log: "raw", onSealed: (path) => this.compressOlder([path]) },
      starts.raw,
    );
    this.#records = new FactLog(this.#factLog);
    this.#raw = new RawLog(this.#rawLog);
    this.facts = this.#records;
  }

  /** Seq the next fact or decision will have; seqs begin at 1. */
  get nextSeq(): number {
    return this.#factLog.nextSeq;
  }

  /** "full" while the disk refuses: no order may be sent, and facts that find no room are counted in `refused`. */
  get state(): "ok" | "full" {
    return this.#factLog.failing || this.#rawLog.failing ? "full" : "ok";
  }

  /** Records lost because the disk refused for too long. After any, books must be treated as invalid. */
  get refused(): number {
    return this.#factLog.refused + this.#rawLog.refused;
  }

  /** Appends record `index` of packed facts as it is. */
  packed(i32: Int32Array, f64: Float64Array, index: number): void {
    this.#records.packed(i32, f64, index);
  }

  /** Appends the first `count` packed records. */
  batch(i32: Int32Array, f64: Float64Array, count: number): void {
    this.#records.batch({ i32, f64, count });
  }

  /**
   * A packed decision of the engine (QUARANTINE, RELEASE, REFUSAL).
   * It is a 48-byte record: word 2 the reason's number, slot 3 the instant, slot 5 the seq of the fact judged.
   */
  putDecision(kind: Kind, side: Side, book: number, reasonNumber: number, at: number, factSeq: number): void {
    this.#records.put(kind, side, 0, book, reasonNumber, -1, -1, at, 0, factSeq);
  }

  decision(decision: Decision, at: Micros): void {
    this.#records.decision(decision, at);
  }

  /** One frame as the venue sent it, `bytes[start, end)`. */
  raw(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#redact === undefined) {
      this.#raw.frame(connection, recvAt, bytes, start, end, this.nextSeq);
      return;
    }
    const kept = this.#redact(connection, bytes.subarray(start, end));
    if (kept !== null) this.#raw.frame(connection, recvAt, kept, 0, kept.length, this.nextSeq);
  }

  /** A world fact that no frame says, so that the raw log alone can be mapped again. */
  rawObject(fact: ObjectFact, at: Micros): void {
    this.#raw.object(fact, at, this.nextSeq);
  }

  rawConnection(connection: number, state: ConnectionState, at: Micros): void {
    this.#raw.connection(connection, state, at, this.nextSeq);
  }

  /** Records the digests of everything up to and including `seq`. */
  checkpoint(seq: number, digest: string, state: string): void {
    const checkpoint: Checkpoint = { seq, digest, state };
    const json = JSON.stringify(checkpoint);
    const payload = Buffer.from(json.padEnd(padded(json.length), " "), "latin1");
    this.#factLog.appendMark(BlockKind.CHECKPOINT, payload);
  }

  /** Hands everything appended so far to the operating system. False when the disk refused. */
  flush(): boolean {
    const rawWritten = this.#rawLog.flush();
    return this.#factLog.flush() && rawWritten;
  }

  /**
   * Call before a command that sends an order leaves. True: every record so far is written (and synced where the
   * profile asks for it). False: it is not, and the order must not be sent.
   */
  barrier(): boolean {
    return this.flush() && this.refused === 0;
  }

  /** Writes the rest, seals both logs and waits for compression. @throws CaptureError `io` when the rest could not be written. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      try {
        this.#factLog.close();
      } finally {
        this.#rawLog.close();
      }
      await this.#compression;
    } finally {
      this.#unlock();
    }
  }

  /** Compresses what an earlier writer sealed or left behind. */
  compressOlder(paths: readonly string[]): void {
    if (this.#compresses) for (const path of paths) this.#compressLater(path);
  }

  /** One after another: at most one chunk is in memory, whatever the backlog. */
  #compressLater(path: string): void {
    this.#compression = this.#compression.then(() => compressSegment(path));
    // A failure surfaces in close(); until then the plain segment stays and is read as it is.
    this.#compression.catch(() => undefined);
  }
}

/** Begins a journal in a new or empty folder. @throws CaptureError `exists`, `locked` or `io`. */
export function openJournal(dir: string, journal: NewJournal, options: WriterOptions = {}): JournalWriter {
  mkdirSync(dir, { recursive: true });
  const unlock = lockJournal(dir);
  try {
    const header: JournalHeader = {
      formatVersion: FORMAT_VERSION,
      flushIntervalMs: options.flushIntervalMs ?? DEFAULT_FLUSH_MS,
      ...journal,
    };
    writeHeader(dir, header);
    return new JournalWriter(dir, header, options, { facts: FIRST, raw: FIRST }, unlock);
  } catch (cause) {
    unlock();
    throw cause;
  }
}

/**
 * Takes up a journal again, in new segments. A torn tail is cut off the file and reported.
 * @throws CaptureError `missing`, `foreign`, `locked`, or `corrupt` when something before the end is damaged.
 */
export function resumeJournal(
  dir: string,
  options: WriterOptions = {},
): { readonly writer: JournalWriter; readonly recovery: Recovery } {
  const header = readHeader(dir);
  const unlock = lockJournal(dir);
  try {
    removeLeftovers(dir);
    const mark = journalMark(header.id);
    const facts = recoverLog(dir, "facts", mark);
    const raw = recoverLog(dir, "raw", mark);
    const starts = { facts: facts.start, raw: raw.start };
    const older = listSegments(dir, "raw").filter(({ compressed }) => !compressed);
    const writer = new JournalWriter(dir, header, options, starts, unlock);
    writer.compressOlder(older.map(({ path }) => path));
    return { writer, recovery: { facts: facts.tail, raw: raw.tail } };
  } catch (cause) {
    unlock();
    throw cause;
  }
}

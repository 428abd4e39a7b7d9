import {
  ASK,
  FACT_SLOTS,
  FACT_WORDS,
  FIRST_DECISION_KIND,
  type Instrument,
  Kind,
  reasonOf,
  S_RECV,
  W_HEAD,
} from "../contracts/index.ts";
import type { ObjectRecord } from "./objects.ts";
import { holdsReason, type PackedRecord, readPacked } from "./packed-record.ts";
import { type Block, type JournalReader, openJournalReader } from "./reader.ts";

/** The first record in which two journals differ. */
export interface Difference {
  /** Seq of the record in each journal; null where that journal has ended. */
  readonly seqA: number | null;
  readonly seqB: number | null;
  /** Instant of the record in Micros, from the journal that has it. */
  readonly at: number;
  /** The records in words. */
  readonly a: string;
  readonly b: string;
}

export interface DiffOptions {
  /** "facts" leaves the engine's decisions out: do both journals tell of the same market? Default "all". */
  readonly compare?: "all" | "facts";
}

const END = "end of journal";
/** Compares two journals record by record. Null when they are equal. Checkpoints and block borders do not count. */
export function firstDifference(dirA: string, dirB: string, options: DiffOptions = {}): Difference | null {
  const factsOnly = options.compare === "facts";
  const readerA = openJournalReader(dirA, { validate: false });
  try {
    const readerB = openJournalReader(dirB, { validate: false });
    try {
      return compare(new RecordCursor(readerA, factsOnly), new RecordCursor(readerB, factsOnly));
    } finally {
      readerB.close();
    }
  } finally {
    readerA.close();
  }
}

function compare(a: RecordCursor, b: RecordCursor): Difference | null {
  for (;;) {
    const hasA = a.next();
    const hasB = b.next();
    if (!hasA && !hasB) return null;
    if (hasA && hasB && a.equals(b)) continue;
    return {
      seqA: hasA ? a.seq : null,
      seqB: hasB ? b.seq : null,
      at: hasA ? a.at : b.at,
      a: hasA ? a.describe() : END,
      b: hasB ? b.describe() : END,
    };
  }
}

/** Walks the records of a journal one by one and remembers the books' names and scales. */
class RecordCursor {
  seq = 0;
  readonly #reader: JournalReader;
  readonly #factsOnly: boolean;
  readonly #instruments = new Map<number, Instrument>();
  #block: Block | null = null;
  #index = 0;

  constructor(reader: JournalReader, factsOnly: boolean) {
    this.#reader = reader;
    this.#factsOnly = factsOnly;
  }

  next(): boolean {
    do {
      this.#index += 1;
      while (this.#block === null || this.#index >= sizeOf(this.#block)) {
        this.#block = this.#reader.next();
        this.#index = 0;
        if (this.#block === null) return false;
        this.#learn(this.#block);
      }
    } while (this.#factsOnly && this.#isDecision());
    this.seq = "firstSeq" in this.#block ? this.#block.firstSeq + this.#index : this.seq;
    return true;
  }

  get at(): number {
    const block = this.#block;
    if (block?.kind === "packed") return block.f64[this.#index * FACT_SLOTS + S_RECV] as number;
    return this.#object()?.at ?? 0;
  }

  equals(other: RecordCursor): boolean {
    const mine = this.#block;
    const its = other.#block;
    if (this.seq !== other.seq && !this.#factsOnly) return false;
    if (mine?.kind === "packed" && its?.kind === "packed") {
      const from = this.#index * FACT_WORDS;
      const itsFrom = other.#index * FACT_WORDS;
      for (let word = 0; word < FACT_WORDS; word++) {
        if (mine.i32[from + word] !== its.i32[itsFrom + word]) return false;
      }
      return true;
    }
    const record = this.#object();
    const itsRecord = other.#object();
    if (record === null || itsRecord === null) return false;
    return contentOf(record) === contentOf(itsRecord);
  }

  describe(): string {
    const block = this.#block;
    if (block?.kind === "packed") {
      return describePacked(readPacked(block.i32, block.f64, this.#index), this.#instruments);
    }
    const record = this.#object();
    return record === null ? END : contentOf(record);
  }

  #object(): ObjectRecord | null {
    return this.#block?.kind === "objects" ? (this.#block.records[this.#index] ?? null) : null;
  }

  #isDecision(): boolean {
    const block = this.#block;
    if (block?.kind !== "packed") return this.#object()?.type === "decision";
    return ((block.i32[this.#index * FACT_WORDS + W_HEAD] as number) & 0xff) >= FIRST_DECISION_KIND;
  }

  #learn(block: Block): void {
    if (block.kind !== "objects") return;
    for (const record of block.records) {
      if (record.type !== "fact" || record.fact.kind !== "market.instruments") continue;
      for (const instrument of record.fact.instruments) this.#instruments.set(instrument.book, instrument);
    }
  }
}

function sizeOf(block: Block): number {
  if (block.kind === "packed") return block.count;
  return block.kind === "objects" ? block.records.length : 0;
}

function contentOf(record: ObjectRecord): string {
  return JSON.stringify(record.type === "fact" ? record.fact : record.decision);
}

/** A packed record in words: kind, book, side, price and lots with their scale, and the rest as recorded. */
function describePacked(record: PackedRecord, instruments: ReadonlyMap<number, Instrument>): string {
  const instrument = instruments.get(record.book);
  const words: string[] = [record.kind ?? `KIND_${record.kindNumber}`];
  words.push(instrument?.key ?? (record.book < 0 ? "no book" : `book ${record.book}`));
  words.push(record.side === ASK ? "ask" : "bid");
  if (holdsReason(record.kindNumber)) {
    words.push(reasonOf(record.price) ?? `reason ${record.price}`);
  } else if (record.kindNumber !== Kind.TICK && record.kindNumber !== Kind.SEQUENCE) {
    words.push(`price ${record.price}${instrument === undefined ? "" : `/${instrument.priceScale}`}`);
    words.push(`lots ${record.lots}${instrument === undefined ? "" : `/${instrument.sizeScale}`}`);
  }
  words.push(`stream ${record.stream}`, `venue seq ${record.venueSeq}`, `flags ${record.flags}`);
  words.push(`received ${record.recvAt}`, `venue time ${record.venueAt}`);
  return words.join(", ");
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ASK,
  BID,
  type BookId,
  type Evidence,
  FACT_SLOTS,
  FACT_WORDS,
  FLAG_FRAME_END,
  type Instrument,
  Kind,
  type Lots,
  type Micros,
  type Ticks,
} from "../contracts/index.ts";
import { type Block, openJournalReader } from "./reader.ts";
import { type JournalWriter, type NewJournal, openJournal, type WriterOptions } from "./writer.ts";

/** What tests of this folder share: a journal header, a few facts, and folders that go away. */
export const NEW_JOURNAL: NewJournal = {
  id: "test-journal",
  createdAt: 1_700_000_000_000_000,
  origin: "test",
  venues: ["acme"],
  profile: { name: "test", hash: "0" },
  mappingsHash: "0",
  commit: "0",
  seed: 1,
  nodeMajor: 24,
  assumptions: [],
};

/** 2023-11-14T22:13:20Z. */
export const START_MICROS = 1_700_000_000_000_000;

export function instant(offsetMicros: number): Micros {
  return (START_MICROS + offsetMicros) as Micros;
}

/** A new folder under the system's temporary folder, and what removes it. */
export function temporaryFolder(): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), "emp-journal-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A packed fact whose every field follows from `n`, so that a reader can tell whether it got the right one. */
export function putNumbered(writer: JournalWriter, n: number): void {
  const side = n % 2 === 0 ? BID : ASK;
  writer.facts.put(
    Kind.LEVEL_CHANGE,
    side,
    FLAG_FRAME_END,
    n % 5,
    n % 9_999,
    0,
    (n % 41) - 20,
    START_MICROS + n,
    0,
    n,
  );
}

export function testInstrument(book: number): Instrument {
  return {
    book: book as BookId,
    key: `acme:M${book}`,
    venue: "acme",
    symbol: `M${book}`,
    market: `acme:M${book}`,
    side: "unified",
    title: `Market ${book}`,
    priceScale: 10_000,
    sizeScale: 100,
    tickRanges: [{ fromTicks: 0 as Ticks, toTicks: 10_000 as Ticks, stepTicks: 100 as Ticks }],
    minLots: 1 as Lots,
    lotStep: 1 as Lots,
    fees: [{ id: "f1", from: 0 as Micros, spec: { type: "none" }, source: "test" }],
    currency: "USD",
    status: "open",
    opensAt: null,
    closesAt: instant(1_000_000),
  };
}

export const UNKNOWN_EVIDENCE: Evidence = { label: "unknown", source: "test", hash: "0", expiresAt: null };

export function writeJournal(
  dir: string,
  options: WriterOptions,
  write: (writer: JournalWriter) => void,
): Promise<void> {
  const writer = openJournal(dir, NEW_JOURNAL, options);
  write(writer);
  return writer.close();
}

/** One line per record and checkpoint of a journal, in order; equal lines mean equal content. */
export function journalLines(dir: string): string[] {
  const reader = openJournalReader(dir);
  const lines: string[] = [];
  for (let block = reader.next(); block !== null; block = reader.next()) lines.push(...blockLines(block));
  reader.close();
  return lines;
}

function blockLines(block: Block): string[] {
  if (block.kind === "checkpoint") return [`checkpoint ${JSON.stringify(block.checkpoint)}`];
  if (block.kind === "objects") return block.records.map((record) => JSON.stringify(record));
  const lines: string[] = [];
  for (let i = 0; i < block.count; i++) {
    const words = block.i32.subarray(i * FACT_WORDS, i * FACT_WORDS + 4);
    const slots = block.f64.subarray(i * FACT_SLOTS + 2, (i + 1) * FACT_SLOTS);
    lines.push(`${block.firstSeq + i} ${words.join(",")} ${slots.join(",")}`);
  }
  return lines;
}

import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BID, Kind, type Micros, reasonNumber } from "../contracts/index.ts";
import { compactJournal, projectFinished, restoreJournal } from "./compact.ts";
import { listSegments } from "./files.ts";
import {
  instant,
  journalLines,
  putNumbered,
  START_MICROS,
  temporaryFolder,
  testInstrument,
  writeJournal,
} from "./journal-fixture.ts";
import { listManifests } from "./manifest.ts";
import { openJournalReader } from "./reader.ts";
import { applyRetention } from "./retention.ts";
import { type JournalWriter, resumeJournal } from "./writer.ts";

let folder: ReturnType<typeof temporaryFolder>;
let dir: string;
beforeEach(() => {
  folder = temporaryFolder();
  dir = join(folder.dir, "journal");
});
afterEach(() => folder.remove());

const DAY_MICROS = 86_400_000_000;

/** Every kind of block, over two days, in several segments. */
function writeMixed(writer: JournalWriter): void {
  writer.facts.object(
    { kind: "market.instruments", instruments: [testInstrument(0), testInstrument(1)] },
    instant(0),
  );
  for (let n = writer.nextSeq; n <= 6_000; n = writer.nextSeq) {
    putNumbered(writer, n);
    if (n % 1_000 === 0) writer.checkpoint(n, `digest-${n}`, "1:2");
    if (n % 777 === 0) {
      writer.facts.object({ kind: "risk.breach", rule: "r", detail: "é ' \u0000" }, instant(n));
      writer.putDecision(Kind.QUARANTINE, BID, 1, reasonNumber("quote.crossed"), START_MICROS + n, n);
    }
    if (n % 500 === 0) writer.flush();
  }
  writer.facts.put(Kind.TICK, BID, 0, -1, -1, -1, -1, START_MICROS + DAY_MICROS, 0, -1);
}

const SEGMENTS = { segmentBytes: 64 * 1024, compressRaw: true } as const;

describe("compaction to Parquet", () => {
  test("gives every segment back byte for byte and then lets the old ones go", async () => {
    await writeJournal(dir, SEGMENTS, writeMixed);
    const before = journalLines(dir);
    const original = join(folder.dir, "original");
    cpSync(dir, original, { recursive: true });
    const numbers = listSegments(dir, "facts").map(({ number }) => number);
    expect(numbers.length).toBeGreaterThan(3);

    const report = await compactJournal(dir, { keepSegments: 1 });
    expect(report.projected).toEqual(numbers);
    expect(report.deleted).toEqual(numbers.slice(0, -1));
    expect(() => openJournalReader(dir)).toThrow(/restore/);
    expect(existsSync(join(dir, "parquet", "packed", "kind=TICK", "date=2023-11-15"))).toBe(true);

    const restored = join(folder.dir, "restored");
    await restoreJournal(dir, restored);
    expect(journalLines(restored)).toEqual(before);
    for (const { name } of listSegments(original, "facts")) {
      expect(readFileSync(join(restored, name)).equals(readFileSync(join(original, name)))).toBe(true);
    }
  });

  test("does nothing the second time, and again what a kill left without a manifest", async () => {
    await writeJournal(dir, SEGMENTS, writeMixed);
    const first = await projectFinished(dir);
    expect(await projectFinished(dir)).toEqual([]);
    unlinkSync(join(dir, "parquet", "facts-000002.json"));
    expect(await projectFinished(dir)).toEqual([2]);
    expect(listManifests(dir).size).toBe(first.length);
  });

  test("takes a segment that a kill left without its seal, once writing went on behind it", async () => {
    await writeJournal(dir, {}, writeMixed);
    const [segment] = listSegments(dir, "facts");
    truncateSync(segment?.path ?? "", (segment?.bytes ?? 0) - 48);
    expect(await projectFinished(dir)).toEqual([]);
    const { writer } = resumeJournal(dir);
    putNumbered(writer, writer.nextSeq);
    await writer.close();
    expect((await compactJournal(dir, { keepSegments: 1 })).deleted).toEqual([1]);
  });

  test("refuses Parquet files that are not what they were", async () => {
    await writeJournal(dir, SEGMENTS, writeMixed);
    await compactJournal(dir, { keepSegments: 1 });
    const [first, second] = [...listManifests(dir).values()];
    const swapped = JSON.stringify({ ...first, packed: second?.packed });
    writeFileSync(join(dir, "parquet", "facts-000001.json"), swapped);
    await expect(restoreJournal(dir, join(folder.dir, "restored"))).rejects.toThrow(/damaged|fewer rows/);
  });

  test("keeps a segment that holds what Parquet columns cannot", async () => {
    await writeJournal(dir, {}, (writer) => {
      writer.facts.put(Kind.TRADE, BID, 0, 0, 1, 0, 0.5, START_MICROS, 0, 1);
    });
    await expect(compactJournal(dir, { keepSegments: 1 })).rejects.toThrow(/whole number, was 0.5/);
    expect(journalLines(dir)).toHaveLength(1);
  });
});

describe("retention", () => {
  const FAR = (START_MICROS * 2) as Micros;

  async function prepared(): Promise<void> {
    await writeJournal(dir, SEGMENTS, (writer) => {
      const frame = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * i * 31) % 251));
      for (let i = 0; i < 20; i++) {
        writer.raw(1, START_MICROS + i, frame, 0, frame.length);
        writer.flush();
      }
      writeMixed(writer);
    });
  }

  test("deletes the oldest raw segments beyond the size limit and never the newest", async () => {
    await prepared();
    const raw = listSegments(dir, "raw");
    const newest = raw.at(-1);
    const bytesMax = (raw.at(-2)?.bytes ?? 0) + (newest?.bytes ?? 0);
    const report = applyRetention(dir, { raw: { bytesMax } }, FAR);
    expect(report.deleted).toEqual(raw.slice(0, -2).map(({ name }) => name));
    expect(applyRetention(dir, { raw: { bytesMax: 0 } }, FAR).deleted).toHaveLength(1);
    expect(listSegments(dir, "raw").map(({ name }) => name)).toEqual([newest?.name]);
  });

  test("deletes fact segments only when they stand in Parquet", async () => {
    await prepared();
    const policy = { facts: { ageMicrosMax: 1 } };
    expect(applyRetention(dir, policy, FAR).deleted).toEqual([]);
    await projectFinished(dir);
    const count = listSegments(dir, "facts").length;
    expect(applyRetention(dir, policy, FAR).deleted).toHaveLength(count - 1);
  });

  test("keeps what is young enough", async () => {
    await prepared();
    await projectFinished(dir);
    const [first] = listSegments(dir, "facts");
    const now = ((statSync(first?.path ?? "").mtimeMs + 1_000) * 1_000) as Micros;
    const policy = { facts: { ageMicrosMax: DAY_MICROS }, raw: { ageMicrosMax: DAY_MICROS } };
    expect(applyRetention(dir, policy, now).deleted).toEqual([]);
  });

  test("deletes Parquet only of segments that are gone as files", async () => {
    await prepared();
    await compactJournal(dir, { keepSegments: 2 });
    const manifests = listManifests(dir).size;
    applyRetention(dir, { parquet: { bytesMax: 0 } }, FAR);
    expect(listManifests(dir).size).toBe(2);
    expect(manifests).toBeGreaterThan(2);
    const files = readdirSync(join(dir, "parquet"), { recursive: true, encoding: "utf8" });
    expect(files.some((name) => name.includes("facts-000001"))).toBe(false);
  });
});

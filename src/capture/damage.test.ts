import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CaptureError } from "./errors.ts";
import { instant, journalLines, NEW_JOURNAL, putNumbered, temporaryFolder } from "./journal-fixture.ts";
import { openJournalReader } from "./reader.ts";
import { openJournal, resumeJournal } from "./writer.ts";

const SEGMENT = "facts-000001.seg";
let folder: ReturnType<typeof temporaryFolder>;
let whole: string;
let work: string;
/** Byte offset where the last data block begins, and where the segment's seal begins. */
let lastBlockAt: number;
let sealAt: number;

beforeAll(async () => {
  folder = temporaryFolder();
  whole = join(folder.dir, "whole");
  work = join(folder.dir, "work");
  const writer = openJournal(whole, NEW_JOURNAL);
  const size = () => readFileSync(join(whole, SEGMENT)).length;
  for (let n = 1; n <= 3; n++) putNumbered(writer, n);
  writer.facts.object({ kind: "stream.closed", stream: 1, reason: "end" }, instant(4));
  writer.checkpoint(4, "00ff", "1:2");
  writer.flush();
  lastBlockAt = size();
  for (let n = 5; n <= 7; n++) putNumbered(writer, n);
  writer.flush();
  sealAt = size();
  await writer.close();
});
afterAll(() => folder.remove());

function freshCopy(): string {
  rmSync(work, { recursive: true, force: true });
  cpSync(whole, work, { recursive: true });
  return join(work, SEGMENT);
}

function readToEnd() {
  const reader = openJournalReader(work);
  try {
    while (reader.next() !== null);
    return reader.tail;
  } finally {
    reader.close();
  }
}

describe("a journal cut off by a kill", () => {
  test("at any byte of its last block is read up to the block before, and the cut is said", () => {
    for (let cut = lastBlockAt + 1; cut < sealAt; cut++) {
      truncateSync(freshCopy(), cut);
      expect(readToEnd()).toEqual({
        lastSeq: 4,
        sealed: false,
        cutBytes: cut - lastBlockAt,
        reason: "journal.torn_tail",
        segment: SEGMENT,
        offset: lastBlockAt,
      });
    }
  });

  test("goes on behind the cut with the next seq", async () => {
    for (const cut of [0, 10, 63, 64, 65, lastBlockAt, lastBlockAt + 1, sealAt - 1]) {
      truncateSync(freshCopy(), cut);
      const { writer, recovery } = resumeJournal(work);
      expect(recovery.facts.sealed).toBe(false);
      putNumbered(writer, writer.nextSeq);
      await writer.close();
      const lines = journalLines(work).filter((line) => !line.startsWith("checkpoint"));
      expect(lines).toHaveLength(recovery.facts.lastSeq + 1);
      expect(readToEnd()).toMatchObject({ cutBytes: 0, sealed: true });
    }
  });

  test("between two blocks reads whole but is not sealed", () => {
    truncateSync(freshCopy(), lastBlockAt);
    expect(readToEnd()).toMatchObject({ lastSeq: 4, sealed: false, cutBytes: 0, reason: null });
  });

  test("may end in zeros that the file system left", () => {
    const path = freshCopy();
    const bytes = readFileSync(path).subarray(0, sealAt);
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(4_096)]));
    expect(readToEnd()).toMatchObject({ lastSeq: 7, sealed: false, cutBytes: 4_096 });
  });
});

describe("a damaged journal", () => {
  test("does not pass with any one byte changed", () => {
    const bytes = readFileSync(join(whole, SEGMENT));
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      writeFileSync(freshCopy(), damaged);
      let outcome: "error" | "cut" | "unnoticed" = "unnoticed";
      try {
        const tail = readToEnd();
        if (tail !== null && tail.cutBytes > 0 && !tail.sealed) outcome = "cut";
      } catch (error) {
        if (error instanceof CaptureError && error.code === "corrupt") outcome = "error";
        else throw error;
      }
      // Only the seal is the end; everything before it has a whole block behind it and is an error.
      expect(`${at} ${outcome}`).toBe(`${at} ${at < sealAt ? "error" : "cut"}`);
    }
  });

  test("is refused with the segment, the block and the byte of the fault", () => {
    const path = freshCopy();
    const bytes = readFileSync(path);
    bytes[lastBlockAt + 50] = (bytes[lastBlockAt + 50] as number) ^ 1;
    writeFileSync(path, bytes);
    expect(() => readToEnd()).toThrow(
      `${SEGMENT}, block 3, byte ${lastBlockAt}: the block's checksum is wrong (journal.bad_crc)`,
    );
    expect(() => resumeJournal(work)).toThrow(/journal.bad_crc/);
  });

  test("is refused when a block was taken out or a segment belongs to another journal", async () => {
    const path = freshCopy();
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, lastBlockAt), bytes.subarray(sealAt)]));
    expect(() => readToEnd()).toThrow(/journal.bad_chain/);
    const other = join(folder.dir, "other");
    const writer = openJournal(other, { ...NEW_JOURNAL, id: "another" });
    await writer.close();
    freshCopy();
    cpSync(join(other, SEGMENT), path);
    expect(() => readToEnd()).toThrow(/belongs to another journal/);
  });

  test("is refused when a segment is missing", async () => {
    freshCopy();
    for (const n of [8, 9]) {
      const { writer } = resumeJournal(work);
      putNumbered(writer, n);
      await writer.close();
    }
    rmSync(join(work, "facts-000002.seg"));
    expect(() => readToEnd()).toThrow("facts-000003.seg follows facts-000001.seg");
  });
});

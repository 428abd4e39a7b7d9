import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BID, Kind, type Micros, type ObjectFact, reasonNumber } from "../contracts/index.ts";
import { CaptureError } from "./errors.ts";
import {
  instant,
  journalLines,
  NEW_JOURNAL,
  putNumbered,
  START_MICROS,
  temporaryFolder,
  testInstrument,
  writeJournal,
} from "./journal-fixture.ts";
import { openRawReader, type RawVisitor } from "./raw-reader.ts";
import { openJournalReader } from "./reader.ts";
import { diskIo, type JournalIo } from "./segment-file.ts";
import { openJournal, resumeJournal } from "./writer.ts";

let folder: ReturnType<typeof temporaryFolder>;
let dir: string;
beforeEach(() => {
  folder = temporaryFolder();
  dir = join(folder.dir, "journal");
});
afterEach(() => folder.remove());

const INSTRUMENTS: ObjectFact = { kind: "market.instruments", instruments: [testInstrument(0)] };

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CaptureError) return error.code;
    throw error;
  }
  return "no error";
}

describe("a journal", () => {
  test("gives back facts, object facts, decisions and checkpoints in the order they were put", async () => {
    await writeJournal(dir, {}, (writer) => {
      writer.facts.object(INSTRUMENTS, instant(0));
      putNumbered(writer, 2);
      putNumbered(writer, 3);
      writer.putDecision(Kind.QUARANTINE, BID, 4, reasonNumber("quote.crossed"), START_MICROS + 9, 3);
      writer.checkpoint(4, "ab", "12:34");
      writer.decision(
        { kind: "opportunity.refused", id: "o1", stage: "risk", reason: "risk.paused", detail: "é" },
        instant(10),
      );
      expect(writer.nextSeq).toBe(6);
    });
    const lines = journalLines(dir);
    expect(lines).toHaveLength(6);
    expect(JSON.parse(lines[0] ?? "")).toEqual({ type: "fact", seq: 1, at: instant(0), fact: INSTRUMENTS });
    expect(lines[1]).toBe(`2 ${5 | (0 << 8) | (1 << 16)},2,2,0 -18,${START_MICROS + 2},0,2`);
    expect(lines[3]).toBe(`4 ${Kind.QUARANTINE},4,154,-1 -1,${START_MICROS + 9},0,3`);
    expect(lines[4]).toBe('checkpoint {"seq":4,"digest":"ab","state":"12:34"}');
    expect(lines[5]).toContain('"detail":"é"');
  });

  test("copies packed records of a batch as they are", async () => {
    const other = join(folder.dir, "other");
    await writeJournal(dir, {}, (writer) => {
      for (let n = 1; n <= 20_000; n++) putNumbered(writer, n);
    });
    await writeJournal(other, {}, (writer) => {
      const reader = openJournalReader(dir);
      for (let block = reader.next(); block !== null; block = reader.next()) {
        if (block.kind === "packed") writer.batch(block.i32, block.f64, block.count);
      }
    });
    expect(journalLines(other)).toEqual(journalLines(dir));
  });

  test("keeps a record larger than a block in a block of its own", async () => {
    const long = "x".repeat(700_000);
    await writeJournal(dir, {}, (writer) => {
      putNumbered(writer, 1);
      writer.facts.object({ kind: "risk.breach", rule: "r", detail: long }, instant(1));
      putNumbered(writer, 3);
    });
    expect(journalLines(dir).map((line) => line.length > 700_000)).toEqual([false, true, false]);
  });

  test("begins a new segment at the given size and reads across segments", async () => {
    await writeJournal(dir, { segmentBytes: 8_192 }, (writer) => {
      for (let n = 1; n <= 1_000; n++) {
        putNumbered(writer, n);
        if (n % 10 === 0) writer.flush();
      }
    });
    expect(readdirSync(dir).filter((name) => name.startsWith("facts-")).length).toBeGreaterThan(5);
    expect(journalLines(dir)).toHaveLength(1_000);
  });

  test("goes on after it was closed, in a new segment", async () => {
    await writeJournal(dir, {}, (writer) => putNumbered(writer, 1));
    const { writer, recovery } = resumeJournal(dir);
    expect(recovery.facts).toMatchObject({ lastSeq: 1, cutBytes: 0, sealed: true });
    putNumbered(writer, 2);
    await writer.close();
    expect(journalLines(dir).map((line) => line.split(" ")[0])).toEqual(["1", "2"]);
  });

  test("is written by one process at a time", async () => {
    const writer = openJournal(dir, NEW_JOURNAL);
    expect(codeOf(() => resumeJournal(dir))).toBe("locked");
    await writer.close();
    expect(existsSync(join(dir, "journal.lock"))).toBe(false);
  });

  test("is taken over from a process that is gone, even one with our own id", async () => {
    await writeJournal(dir, {}, (writer) => putNumbered(writer, 1));
    for (const pid of [process.pid, 4_000_000]) {
      writeFileSync(join(dir, "journal.lock"), String(pid));
      const { writer } = resumeJournal(dir);
      await writer.close();
    }
    expect(journalLines(dir)).toHaveLength(1);
  });

  test("says plainly what is missing, empty, foreign or already there", async () => {
    expect(codeOf(() => openJournalReader(dir))).toBe("missing");
    expect(codeOf(() => openJournalReader(folder.dir))).toBe("empty");
    writeFileSync(join(folder.dir, "notes.txt"), "hello");
    expect(codeOf(() => openJournalReader(folder.dir))).toBe("foreign");
    expect(codeOf(() => openJournalReader(join(folder.dir, "notes.txt")))).toBe("foreign");
    writeFileSync(join(folder.dir, "journal.json"), "{ nonsense");
    expect(codeOf(() => openJournalReader(folder.dir))).toBe("foreign");
    await writeJournal(dir, {}, () => undefined);
    expect(codeOf(() => openJournal(dir, NEW_JOURNAL))).toBe("exists");
  });
});

describe("a disk that refuses", () => {
  function failingDisk(): { io: JournalIo; broken: boolean } {
    const disk = {
      broken: false,
      io: {
        ...diskIo,
        write: (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
          if (!disk.broken) return diskIo.write(fd, bytes, offset, length, position);
          // A disk that fills up takes a part first.
          if (length > 100) return diskIo.write(fd, bytes, offset, 100, position);
          throw new Error("ENOSPC");
        },
      },
    };
    return disk;
  }

  test("makes the journal full, lets no order go, and loses nothing once it works again", async () => {
    const disk = failingDisk();
    const writer = openJournal(dir, NEW_JOURNAL, { io: disk.io });
    putNumbered(writer, 1);
    expect(writer.barrier()).toBe(true);
    disk.broken = true;
    for (let n = 2; n <= 1_000; n++) putNumbered(writer, n);
    expect(writer.barrier()).toBe(false);
    expect(writer.state).toBe("full");
    expect(writer.refused).toBe(0);
    disk.broken = false;
    expect(writer.barrier()).toBe(true);
    expect(writer.state).toBe("ok");
    await writer.close();
    expect(journalLines(dir)).toHaveLength(1_000);
  });

  test("keeps room for decisions when data facts find none, and counts what was refused", async () => {
    const disk = failingDisk();
    const writer = openJournal(dir, NEW_JOURNAL, { io: disk.io });
    disk.broken = true;
    for (let n = 1; n <= 60_000; n++) putNumbered(writer, n);
    const refused = writer.refused;
    expect(refused).toBeGreaterThan(0);
    const kept = writer.nextSeq;
    writer.facts.object({ kind: "risk.breach", rule: "journal", detail: "full" }, instant(1));
    putNumbered(writer, 60_001);
    writer.putDecision(Kind.REFUSAL, BID, 0, reasonNumber("risk.paused"), START_MICROS, 1);
    expect(writer.nextSeq).toBe(kept + 2);
    expect(writer.refused).toBe(refused + 1);
    disk.broken = false;
    expect(writer.flush()).toBe(true);
    expect(writer.barrier()).toBe(false);
    await writer.close();
    expect(journalLines(dir)).toHaveLength(kept + 1);
  });

  test("keeps the segment growing while no next one can be begun, and seals it once it can", async () => {
    let refusesHeaders = false;
    const io: JournalIo = {
      ...diskIo,
      write: (fd, bytes, offset, length, position) => {
        if (refusesHeaders && position === 0) throw new Error("ENOSPC");
        return diskIo.write(fd, bytes, offset, length, position);
      },
    };
    const writer = openJournal(dir, NEW_JOURNAL, { io, segmentBytes: 4_096 });
    for (let n = 1; n <= 400; n++) {
      putNumbered(writer, n);
      if (n % 50 === 0) {
        writer.flush();
        expect(writer.state).toBe(n >= 100 && n < 300 ? "full" : "ok");
      }
      refusesHeaders = n < 260;
    }
    await writer.close();
    expect(journalLines(dir)).toHaveLength(400);
    expect(readdirSync(dir).filter((name) => name.startsWith("facts-")).length).toBeGreaterThan(1);
  });

  test("is said when the journal is closed", async () => {
    const disk = failingDisk();
    const writer = openJournal(dir, NEW_JOURNAL, { io: disk.io });
    putNumbered(writer, 1);
    disk.broken = true;
    await expect(writer.close()).rejects.toThrow(/could not be written/);
  });
});

describe("raw frames", () => {
  function rawLines(path: string): string[] {
    const lines: string[] = [];
    const visitor: RawVisitor = {
      frame: (connection, at, bytes, start, end, sent, factSeq, rawSeq) =>
        lines.push(
          `${rawSeq} ${connection} ${at - START_MICROS} ${Buffer.from(bytes.subarray(start, end)).toString("latin1", 0, 20)} ${end - start}/${sent} ${factSeq}`,
        ),
      object: (fact, at, factSeq) => lines.push(`${fact.kind} ${at - START_MICROS} ${factSeq}`),
      connection: (connection, state, at, factSeq) =>
        lines.push(`${connection} ${state} ${at - START_MICROS} ${factSeq}`),
    };
    const reader = openRawReader(path);
    while (reader.visitNext(visitor));
    reader.close();
    return lines;
  }

  test("come back verbatim with what a re-mapping needs besides, compressed or not", async () => {
    const frame = Buffer.from('..{"a":1}..');
    for (const compressRaw of [true, false]) {
      const path = join(folder.dir, `raw-${compressRaw}`);
      await writeJournal(path, { compressRaw, segmentBytes: 4_096 }, (writer) => {
        writer.rawConnection(7, "opened", instant(1));
        writer.rawObject(INSTRUMENTS, instant(2));
        writer.raw(7, START_MICROS + 3, frame, 2, 9);
        putNumbered(writer, 1);
        writer.raw(7, START_MICROS + 4, new Uint8Array(9_000).fill(120), 0, 9_000);
        writer.flush();
        writer.raw(7, START_MICROS + 5, Buffer.alloc(2_500_000, "y"), 0, 2_500_000);
        writer.rawConnection(7, "lost", instant(6));
      });
      expect(rawLines(path)).toEqual([
        "7 opened 1 1",
        "market.instruments 2 1",
        '3 7 3 {"a":1} 7/7 1',
        "4 7 4 xxxxxxxxxxxxxxxxxxxx 9000/9000 2",
        "5 7 5 yyyyyyyyyyyyyyyyyyyy 2500000/2500000 2",
        "7 lost 6 2",
      ]);
      const names = readdirSync(path).filter((name) => name.startsWith("raw-"));
      expect(names.length).toBeGreaterThan(1);
      expect(names.every((name) => name.endsWith(".zst") === compressRaw)).toBe(true);
    }
  });

  test("pass the redaction before they are kept", async () => {
    const redact = (connection: number, frame: Uint8Array) =>
      connection === 1 ? null : frame.subarray(0, 2);
    await writeJournal(dir, { redact }, (writer) => {
      writer.raw(1, START_MICROS, Buffer.from("secret"), 0, 6);
      writer.raw(2, START_MICROS, Buffer.from("public"), 0, 6);
    });
    expect(rawLines(dir)).toEqual(["1 2 0 pu 2/2 1"]);
  });

  test("are an empty run in a journal without frames", async () => {
    await writeJournal(dir, {}, (writer) => putNumbered(writer, 1));
    expect(rawLines(dir)).toEqual([]);
  });
});

test("an instant may be any Micros", async () => {
  const late = 9_007_199_254_740_991 as Micros;
  await writeJournal(dir, {}, (writer) =>
    writer.facts.object({ kind: "stream.closed", stream: 0, reason: "" }, late),
  );
  expect(JSON.parse(journalLines(dir)[0] ?? "").at).toBe(late);
});

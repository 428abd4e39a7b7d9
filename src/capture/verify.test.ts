import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BID, type Decision, FLAG_FRAME_END, Kind } from "../contracts/index.ts";
import { compactJournal } from "./compact.ts";
import { firstDifference } from "./diff.ts";
import { listSegments } from "./files.ts";
import {
  instant,
  putNumbered,
  START_MICROS,
  temporaryFolder,
  testInstrument,
  writeJournal,
} from "./journal-fixture.ts";
import { verifyJournal } from "./verify.ts";
import type { JournalWriter } from "./writer.ts";

let folder: ReturnType<typeof temporaryFolder>;
let dir: string;
beforeEach(() => {
  folder = temporaryFolder();
  dir = join(folder.dir, "journal");
});
afterEach(() => folder.remove());

function writeSome(writer: JournalWriter): void {
  for (let n = 1; n <= 2_000; n++) {
    putNumbered(writer, n);
    if (n % 500 === 0) writer.checkpoint(n, "00", "0");
    if (n % 100 === 0) writer.flush();
  }
  writer.rawConnection(1, "opened", instant(0));
}

async function verifyLines(): Promise<string[]> {
  const lines: string[] = [];
  await verifyJournal(dir, (line) => lines.push(line));
  return lines;
}

describe("verifying a journal", () => {
  test("counts what is in it and says that it is whole", async () => {
    await writeJournal(dir, {}, writeSome);
    expect(await verifyLines()).toEqual([
      "facts   2000 records (2000 packed, 0 objects), 4 checkpoints, 25 blocks in 1 segments",
      "raw     1 records",
      "tail    closed at seq 2000",
      "rawtail closed at seq 1",
      "ok",
    ]);
  });

  test("names segment, block and byte of damage, in segments and in Parquet", async () => {
    await writeJournal(dir, { segmentBytes: 32 * 1024 }, writeSome);
    const [, second] = listSegments(dir, "facts");
    const damaged = readFileSync(second?.path ?? "");
    damaged[5_000] = (damaged[5_000] as number) ^ 4;
    const copy = join(folder.dir, "copy");
    cpSync(dir, copy, { recursive: true });
    writeFileSync(second?.path ?? "", damaged);
    const lines = await verifyLines();
    expect(lines.at(-1)).toMatch(
      /^FAULT .*facts-000002\.seg, block \d+, byte \d+: the block's checksum is wrong/,
    );
    dir = copy;
    await compactJournal(dir, { keepSegments: 1 });
    expect((await verifyLines()).at(-1)).toBe("ok");
    const manifest = join(dir, "parquet", "facts-000002.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"sha256": "./, '"sha256": "x'));
    expect((await verifyLines()).at(-1)).toMatch(/Parquet files of segment 2 are damaged/);
  });

  test("reports a torn tail without calling it a fault", async () => {
    await writeJournal(dir, {}, writeSome);
    const [segment] = listSegments(dir, "facts");
    truncateSync(segment?.path ?? "", (segment?.bytes ?? 0) - 60);
    const report = await verifyJournal(dir, () => undefined);
    expect(report).toMatchObject({ ok: true, tail: { reason: "journal.torn_tail", lastSeq: 2_000 } });
  });

  test("finds a record that no mapper writes and a checkpoint out of order", async () => {
    await writeJournal(dir, {}, (writer) =>
      writer.facts.put(99 as Kind, BID, 0, 0, 0, 0, 0, START_MICROS, 0, 0),
    );
    expect((await verifyLines()).at(-1)).toMatch(/seq 1: kind 99 is not known/);
    dir = join(folder.dir, "checkpoints");
    await writeJournal(dir, {}, (writer) => {
      putNumbered(writer, 1);
      writer.checkpoint(2, "00", "0");
    });
    expect((await verifyLines()).at(-1)).toMatch(/a checkpoint for seq 2 between seq 0 and 1/);
  });
});

describe("comparing two journals", () => {
  function story(priceTicks: number, decide: boolean) {
    return (writer: JournalWriter) => {
      writer.facts.object({ kind: "market.instruments", instruments: [testInstrument(0)] }, instant(0));
      for (let n = writer.nextSeq; n <= 5_000; n++) {
        if (decide && n === 3_000) writer.putDecision(Kind.QUARANTINE, BID, 0, 154, START_MICROS, 9);
        putNumbered(writer, n);
      }
      const at = START_MICROS + 7;
      writer.facts.put(Kind.LEVEL_SET, BID, FLAG_FRAME_END, 0, priceTicks, 2, 100, at, 0, 77);
      putNumbered(writer, 1);
    };
  }

  test("finds a change of one tick at its exact record, in words", async () => {
    const other = join(folder.dir, "other");
    await writeJournal(dir, {}, story(4_500, false));
    await writeJournal(other, { segmentBytes: 16 * 1024 }, story(4_501, false));
    expect(firstDifference(dir, dir)).toBeNull();
    expect(firstDifference(dir, other)).toEqual({
      seqA: 5_001,
      seqB: 5_001,
      at: START_MICROS + 7,
      a: "LEVEL_SET, acme:M0, bid, price 4500/10000, lots 100/100, stream 2, venue seq 77, flags 1, received 1700000000000007, venue time 0",
      b: "LEVEL_SET, acme:M0, bid, price 4501/10000, lots 100/100, stream 2, venue seq 77, flags 1, received 1700000000000007, venue time 0",
    });
  });

  test("can leave the decisions out", async () => {
    const other = join(folder.dir, "other");
    await writeJournal(dir, {}, story(4_500, false));
    await writeJournal(other, {}, story(4_500, true));
    expect(firstDifference(dir, other)).toMatchObject({
      seqA: 3_000,
      seqB: 3_000,
      b: expect.stringContaining("QUARANTINE, acme:M0, bid, quote.crossed"),
    });
    expect(firstDifference(dir, other, { compare: "facts" })).toBeNull();
  });

  test("notices a journal that ends earlier and an object that differs", async () => {
    const other = join(folder.dir, "other");
    const refuse = (detail: string): Decision => ({
      kind: "opportunity.refused",
      id: "o",
      stage: "risk",
      reason: "risk.cash",
      detail,
    });
    await writeJournal(dir, {}, (writer) => writer.decision(refuse("a"), instant(0)));
    await writeJournal(other, {}, (writer) => writer.decision(refuse("b"), instant(0)));
    expect(firstDifference(dir, other)?.a).toContain('"detail":"a"');
    const third = join(folder.dir, "third");
    await writeJournal(third, {}, () => undefined);
    expect(firstDifference(dir, third)).toMatchObject({ seqA: 1, seqB: null, b: "end of journal" });
  });
});

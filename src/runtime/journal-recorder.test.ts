import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { journalLines, NEW_JOURNAL, temporaryFolder, testInstrument } from "../capture/journal-fixture.ts";
import type { JournalWriter } from "../capture/writer.ts";
import { openJournal } from "../capture/writer.ts";
import {
  FACT_SLOTS,
  FACT_WORDS,
  Kind,
  type Micros,
  reasonNumber,
  S_RECV,
  W_HEAD,
} from "../contracts/index.ts";
import { JournalRecorder } from "./journal-recorder.ts";

const AT = 1_700_000_000_000_000 as Micros;
let folder = temporaryFolder();
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

function fact(kind: Kind): readonly [Int32Array, Float64Array] {
  const i32 = new Int32Array(FACT_WORDS);
  const f64 = new Float64Array(i32.buffer, 0, FACT_SLOTS);
  i32[W_HEAD] = kind;
  f64[S_RECV] = AT;
  return [i32, f64];
}

describe("JournalRecorder", () => {
  it("numbers everything it records in one order and gives world facts their number", async () => {
    const writer = openJournal(folder.dir, NEW_JOURNAL, {});
    const recorder = new JournalRecorder(writer);
    const numbers = [
      recorder.worldObject({ kind: "market.instruments", instruments: [testInstrument(0)] }, AT),
      recorder.worldPacked(...fact(Kind.TRADE), 0),
    ];
    recorder.quote(Kind.QUARANTINE, 0, 0, reasonNumber("quote.stale"), AT);
    recorder.reply({ kind: "lane.result", lane: "l", findings: [] }, AT);
    recorder.decision(
      { kind: "opportunity.refused", id: "o", stage: "risk", reason: "risk.cash", detail: "" },
      AT,
    );
    recorder.tick(AT);
    numbers.push(recorder.worldPacked(...fact(Kind.TRADE), 0));
    recorder.checkpoint(numbers.at(-1)!, "d1", "1:2");
    await writer.close();
    expect(numbers).toEqual([1, 2, 7]);
    const lines = journalLines(folder.dir);
    expect(lines).toHaveLength(8);
    expect(lines.at(-1)).toContain('"d1"');
  });

  it("refuses to go on when the journal cannot be written, so that no order is sent", () => {
    const writer = { barrier: () => false, nextSeq: 1 } as unknown as JournalWriter;
    expect(() => new JournalRecorder(writer).barrier()).toThrow(/no order may be sent/);
    const sound = { barrier: () => true, nextSeq: 1 } as unknown as JournalWriter;
    expect(() => new JournalRecorder(sound).barrier()).not.toThrow();
  });
});

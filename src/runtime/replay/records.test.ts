import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NEW_JOURNAL, putNumbered, temporaryFolder, testInstrument } from "../../capture/journal-fixture.ts";
import { openJournalReader } from "../../capture/reader.ts";
import { type JournalWriter, openJournal } from "../../capture/writer.ts";
import { Kind, type Micros, reasonNumber } from "../../contracts/index.ts";
import { Pace } from "./pace.ts";
import { type RecordVisitor, walkJournal } from "./records.ts";

const AT = 1_700_000_000_000_000 as Micros;
let folder = temporaryFolder();
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

async function record(write: (writer: JournalWriter) => void): Promise<void> {
  const writer = openJournal(folder.dir, NEW_JOURNAL, {});
  write(writer);
  await writer.close();
}

/** Every record of the journal as a line, told apart by what it is. */
async function walked(
  speed = 0,
  wallMicros = () => AT + 1e9,
  going: (lines: readonly string[]) => boolean = () => true,
): Promise<string[]> {
  const lines: string[] = [];
  const visitor: RecordVisitor = {
    worldPacked: (_i32, _f64, _index, seq) => void lines.push(`world ${seq}`),
    worldObject: (fact, _at, seq) => void lines.push(`${fact.kind} ${seq}`),
    reply: (fact, _at, seq) => void lines.push(`reply ${fact.kind} ${seq}`),
    tick: (_at, seq) => void lines.push(`tick ${seq}`),
    packedDecision: (_i32, _index, _at, seq) => void lines.push(`quote ${seq}`),
    decision: (decision, _at, seq) => void lines.push(`${decision.kind} ${seq}`),
    checkpoint: (seq) => void lines.push(`checkpoint ${seq}`),
  };
  const reader = openJournalReader(folder.dir);
  await walkJournal(reader, visitor, new Pace(speed, wallMicros), () => going(lines));
  reader.close();
  return lines;
}

describe("walkJournal", () => {
  it("tells what happened in the world from what the engine made of it", async () => {
    await record((writer) => {
      writer.facts.object({ kind: "market.instruments", instruments: [testInstrument(0)] }, AT);
      putNumbered(writer, 1);
      writer.putDecision(Kind.QUARANTINE, 0, 1, reasonNumber("quote.stale"), AT, 2);
      writer.facts.object({ kind: "lane.result", lane: "l", findings: [] }, AT);
      writer.decision(
        { kind: "opportunity.refused", id: "o", stage: "risk", reason: "risk.cash", detail: "" },
        AT,
      );
      writer.facts.put(Kind.TICK, 0, 0, -1, 0, -1, -1, AT, 0, -1);
      putNumbered(writer, 2);
      writer.checkpoint(7, "d", "1:2");
      writer.facts.object({ kind: "run.ended", reason: "t" }, AT);
    });
    expect(await walked()).toEqual([
      "market.instruments 1",
      "world 2",
      "quote 3",
      "reply lane.result 4",
      "opportunity.refused 5",
      "tick 6",
      "world 7",
      "checkpoint 7",
      "reply run.ended 8",
    ]);
  });

  it("gives the same records in the same order when it is paced", async () => {
    await record((writer) => {
      for (let n = 1; n <= 500; n++) {
        putNumbered(writer, n);
        if (n % 100 === 0)
          writer.putDecision(Kind.RELEASE, 0, 1, reasonNumber("quote.stale"), (AT + n) as Micros, n);
      }
    });
    const fast = await walked();
    expect(fast).toHaveLength(505);
    expect(await walked(1_000)).toEqual(fast);
  });

  it("stops where it is told to", async () => {
    await record((writer) => {
      for (let n = 1; n <= 20; n++) putNumbered(writer, n);
      writer.facts.object({ kind: "run.ended", reason: "t" }, AT);
    });
    expect(await walked(0, undefined, () => false)).toEqual([]);
    expect(await walked(1_000, undefined, (lines) => lines.length < 5)).toHaveLength(5);
  });
});

import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ASK, BID, Kind } from "../contracts/index.ts";
import {
  instant,
  journalLines,
  NEW_JOURNAL,
  putNumbered,
  START_MICROS,
  temporaryFolder,
} from "./journal-fixture.ts";
import { openJournalReader } from "./reader.ts";
import { openJournal, resumeJournal } from "./writer.ts";

type Step =
  | { readonly do: "packed"; readonly count: number }
  | { readonly do: "object"; readonly text: string }
  | { readonly do: "decision" | "checkpoint" | "flush" | "reopen" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("packed" as const), count: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ do: fc.constant("object" as const), text: fc.string({ unit: "binary", maxLength: 300 }) }),
    fc.record({ do: fc.constantFrom("decision" as const, "checkpoint" as const, "flush" as const) }),
    fc.record({ do: fc.constant("reopen" as const) }),
  ),
  { maxLength: 40 },
);

test("whatever is put, in whatever order and over however many segments, is read back in that order", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 200, max: 30_000 }), async (script, segmentBytes) => {
      const folder = temporaryFolder();
      try {
        const dir = join(folder.dir, "journal");
        const expected = await play(dir, script, segmentBytes);
        expect(journalLines(dir).map(shorten)).toEqual(expected);
      } finally {
        folder.remove();
      }
    }),
    { numRuns: Number(process.env["EMP_FUZZ"] ?? 40) },
  );
});

/** Writes the steps into a journal and returns what must come back. */
async function play(dir: string, script: readonly Step[], segmentBytes: number): Promise<string[]> {
  const expected: string[] = [];
  let writer = openJournal(dir, NEW_JOURNAL, { segmentBytes });
  for (const step of script) {
    const seq = writer.nextSeq;
    if (step.do === "packed") {
      for (let n = seq; n < seq + step.count; n++) {
        putNumbered(writer, n);
        expected.push(`${n} packed ${n}`);
      }
    } else if (step.do === "object") {
      writer.facts.object({ kind: "risk.breach", rule: "r", detail: step.text }, instant(seq));
      expected.push(`${seq} object ${JSON.stringify(step.text)}`);
    } else if (step.do === "decision") {
      writer.putDecision(Kind.RELEASE, ASK, 3, 154, START_MICROS, seq);
      expected.push(`${seq} packed ${seq}`);
    } else if (step.do === "checkpoint") {
      writer.checkpoint(seq - 1, "aa", "b");
      expected.push(`checkpoint ${seq - 1}`);
    } else if (step.do === "flush") {
      writer.flush();
    } else {
      await writer.close();
      writer = resumeJournal(dir, { segmentBytes }).writer;
    }
  }
  await writer.close();
  return expected;
}

/** Reduces a line of the fixture to what the model knows. */
function shorten(line: string): string {
  if (line.startsWith("checkpoint ")) return `checkpoint ${JSON.parse(line.slice(11)).seq}`;
  if (!line.startsWith("{")) return `${line.split(" ")[0]} packed ${line.split(",").at(-1)}`;
  const { seq, fact } = JSON.parse(line);
  return `${seq} object ${JSON.stringify(fact.detail)}`;
}

test("memory does not grow with the length of the journal", async () => {
  const folder = temporaryFolder();
  const dir = join(folder.dir, "journal");
  const writer = openJournal(dir, NEW_JOURNAL, { segmentBytes: 8 * 1024 * 1024 });
  const megabytes = () => process.memoryUsage().arrayBuffers / 2 ** 20;
  const before = megabytes();
  let most = 0;
  const records = 1_500_000;
  for (let n = 1; n <= records; n++) {
    writer.facts.put(Kind.TRADE, BID, 0, 0, 1, 0, 1, START_MICROS + n, 0, n);
    if (n % 100_000 === 0) most = Math.max(most, megabytes());
  }
  await writer.close();
  const reader = openJournalReader(dir);
  let read = 0;
  for (let block = reader.next(); block !== null; block = reader.next()) {
    if (block.kind === "packed") read += block.count;
    most = Math.max(most, megabytes());
  }
  reader.close();
  folder.remove();
  expect(read).toBe(records);
  // The journal has 69 MB; buffers of finished segments may wait for the collector.
  expect(most - before).toBeLessThan(30);
});

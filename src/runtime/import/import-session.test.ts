import { describe, expect, it } from "vitest";
import { MemorySink } from "../../../tests/memory-sink.ts";
import type { Micros } from "../../contracts/index.ts";
import { type TestStep, testFrame, testVenue } from "../test-venue.ts";
import { type ImportReject, ImportSession } from "./import-session.ts";

const READER = testVenue.recordings[0]!;
const DECODER = new TextDecoder();
const ENCODER = new TextEncoder();

function importing() {
  const facts = new MemorySink();
  const raw: string[] = [];
  const rejects: ImportReject[] = [];
  const session = new ImportSession(
    {
      facts,
      raw: (connection, at) => void raw.push(`frame ${connection} ${at}`),
      rawObject: (fact) => void raw.push(fact.kind),
      rawConnection: (connection, state, at) => void raw.push(`${state} ${connection} ${at}`),
    },
    testVenue,
    (reject) => void rejects.push(reject),
  );
  const file = (name: string, lines: readonly string[]) => {
    const recording = session.openFile(name, READER, {});
    let offset = 0;
    for (const [index, line] of lines.entries()) {
      const bytes = ENCODER.encode(line);
      session.accept(recording, bytes, 0, bytes.length, index + 1, offset);
      offset += bytes.length + 1;
    }
    session.endFile(recording);
  };
  return { session, facts, raw, rejects, file };
}

const line = (at: number, ...steps: readonly TestStep[]) => `${at} ${DECODER.decode(testFrame(...steps))}`;

describe("ImportSession", () => {
  it("keeps frames verbatim beside their facts, and counts both", () => {
    const { session, facts, raw, file } = importing();
    file("one", [line(5, ["level", "X", 1]), line(6, ["level", "X", 2], ["level", "Y", 3])]);
    expect(session.counts).toEqual({ lines: 2, frames: 2, facts: 4, objects: 2, rejected: 0, late: 0 });
    expect(facts.records.map(({ kind, priceTicks }) => [kind, priceTicks]).slice(0, 3)).toEqual([
      ["LEVEL_SET", 1],
      ["LEVEL_SET", 2],
      ["LEVEL_SET", 3],
    ]);
    expect(raw).toEqual(["frame 0 5", "frame 0 6", "lost 0 6"]);
  });

  it("reports a line that it cannot use with file, line, offset and reason, and goes on", () => {
    const { session, rejects, file } = importing();
    file("bad", [line(5, ["level", "X", 1]), "nonsense", line(7, ["level", "X", 2])]);
    const offset = line(5, ["level", "X", 1]).length + 1;
    expect(rejects).toEqual([
      {
        file: "bad",
        line: 2,
        offset,
        reason: "import.bad_line",
        detail: "a line of the recording could not be read",
      },
    ]);
    expect(session.counts).toMatchObject({ lines: 3, frames: 2, rejected: 1 });
  });

  it("ends the connections of a file with it, and numbers those of the next apart", () => {
    const { facts, raw, file } = importing();
    file("one", [line(5, ["level", "X", 1])]);
    file("two", [line(9, ["level", "X", 2])]);
    expect(raw).toEqual(["frame 0 5", "lost 0 5", "frame 1000 9", "lost 1000 9"]);
    expect(facts.records.map(({ kind }) => kind)).toEqual(["LEVEL_SET", "INVALID", "LEVEL_SET", "INVALID"]);
    expect(facts.records[2]).toMatchObject({ book: 0 });
  });

  it("knows the newest instant, and counts what is older, when a recording goes back in time", () => {
    const { session, file } = importing();
    file("one", [line(9, ["level", "X", 1]), line(4, ["level", "X", 2])]);
    expect(session.lastAt).toBe(9);
    expect(session.counts.late).toBe(1);
  });

  it("keeps raw the facts that no frame explains, and no others", () => {
    const { session, raw } = importing();
    let give = () => {};
    const recording = session.openFile(
      "metadata",
      {
        ...READER,
        open: (sink) => {
          give = () => sink.object({ kind: "market.families", families: [] }, 3 as Micros);
          return { accept: () => give(), end: () => {} };
        },
      },
      {},
    );
    session.accept(recording, new Uint8Array(0), 0, 0, 1, 0);
    session.endFile(recording);
    expect(raw).toEqual(["market.families"]);
    expect(session.counts).toMatchObject({ objects: 1, frames: 0 });
  });
});

import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NEW_JOURNAL, temporaryFolder } from "../../capture/journal-fixture.ts";
import { openJournal } from "../../capture/writer.ts";
import type { FactSink, Micros } from "../../contracts/index.ts";
import { ImportSession } from "../import/import-session.ts";
import { type TestStep, testFrame, testVenue } from "../test-venue.ts";
import { Pace } from "./pace.ts";
import { remapJournal } from "./remap.ts";

const REGISTRY = new Map([["test", testVenue]]);
const START = 1_700_000_000_000_000;
let folder = temporaryFolder();
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const FRAMES: readonly (readonly TestStep[])[] = [
  [
    ["stream", "s"],
    ["level", "X", 40],
  ],
  [
    ["level", "X", 41],
    ["resolved", "m"],
    ["level", "Y", 50],
  ],
  [["level", "Y", 51]],
];

/** A journal of these frames; `bend` may change what is recorded as facts, not what is kept raw. */
async function journal(bend: (facts: FactSink) => FactSink = (facts) => facts): Promise<void> {
  const writer = openJournal(folder.dir, { ...NEW_JOURNAL, venues: ["test"] }, {});
  const target = {
    facts: bend(writer.facts),
    raw: writer.raw.bind(writer),
    rawObject: writer.rawObject.bind(writer),
    rawConnection: writer.rawConnection.bind(writer),
  };
  const session = new ImportSession(target, testVenue, () => {});
  let send: (at: number, bytes: Uint8Array) => void = () => {};
  const recording = session.openFile(
    "f",
    {
      ...testVenue.recordings[0]!,
      open: (sink) => {
        send = (at, bytes) => sink.frame(0, at, bytes, 0, bytes.length);
        sink.object({ kind: "market.families", families: [] }, START as Micros);
        return { accept: () => {}, end: () => {} };
      },
    },
    {},
  );
  for (const [index, steps] of FRAMES.entries()) send(START + index, testFrame(...steps));
  session.endFile(recording);
  await writer.close();
}

/** Another price in the packed fact number `which`. */
function bent(which: number): (facts: FactSink) => FactSink {
  let seen = 0;
  return (facts) => ({
    object: facts.object.bind(facts),
    put: (kind, side, flags, book, ticks, ...rest) =>
      facts.put(kind, side, flags, book, seen++ === which ? ticks + 1 : ticks, ...rest),
  });
}

function remap(stopped = () => false): ReturnType<typeof remapJournal> {
  return remapJournal(folder.dir, REGISTRY, new Pace(0, () => 0), stopped);
}

describe("remapJournal", () => {
  it("gives every recorded fact again from the raw frames", async () => {
    await journal();
    expect(await remap()).toEqual({
      frames: 3,
      compared: 10,
      difference: null,
      cut: false,
      beginningGone: false,
    });
  });

  it("finds a change of one tick at its exact fact, with both values", async () => {
    await journal(bent(1));
    const { difference } = await remap();
    expect(difference?.recorded).toContain("level_set bid book 0 ticks 42");
    expect(difference?.remapped).toContain("level_set bid book 0 ticks 41");
    expect(difference?.seq).toBe(5);
  });

  it("finds a recorded fact that no frame gives", async () => {
    await journal((facts) => ({
      object: facts.object.bind(facts),
      put: (...record) => {
        facts.put(...record);
        if (record[4] === 51) facts.put(...record);
      },
    }));
    const { difference } = await remap();
    expect(difference?.recorded).toContain("ticks 51");
  });

  it("finds a fact that was recorded no more", async () => {
    await journal((facts) => ({
      object: facts.object.bind(facts),
      put: (...record) => {
        if (record[4] !== 51) facts.put(...record);
      },
    }));
    const { difference } = await remap();
    expect(difference?.remapped).toContain("ticks 51");
  });

  it("compares nothing, and says so, when retention has taken the first raw segments", async () => {
    await journal();
    // The segment that is left bears the number of a later one.
    const [raw] = readdirSync(folder.dir).filter((name) => name.startsWith("raw-"));
    renameSync(join(folder.dir, raw!), join(folder.dir, raw!.replace("000001", "000002")));
    expect(await remap()).toEqual({
      frames: 0,
      compared: 0,
      difference: null,
      cut: false,
      beginningGone: true,
    });
  });

  it("stops when it is told to", async () => {
    await journal();
    expect(await remap(() => true)).toEqual({
      frames: 0,
      compared: 0,
      difference: null,
      cut: false,
      beginningGone: false,
    });
  });
});

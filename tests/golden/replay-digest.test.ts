import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstDifference } from "../../src/capture/diff.ts";
import { openJournalReader } from "../../src/capture/reader.ts";
import { verifyJournal } from "../../src/capture/verify.ts";
import { FACT_WORDS, Kind, W_HEAD, W_PRICE } from "../../src/contracts/index.ts";
import { VENUES } from "../../src/registry.gen.ts";
import { Pace } from "../../src/runtime/replay/pace.ts";
import { remapJournal } from "../../src/runtime/replay/remap.ts";
import { sharedDir } from "../shared.ts";
import { plantTick } from "./journal-edit.ts";
import { cleanUp, emp, importRecordings, recordingsIn, replayJournal, scratchDir } from "./pipeline.ts";

const shared = sharedDir();
const RUNS = 5;

afterAll(cleanUp);

/** Seq and price of the level changes of a journal that stand at the given shares of its length. */
function levelChanges(
  journal: string,
  shares: readonly number[],
): { readonly seq: number; readonly ticks: number }[] {
  const reader = openJournalReader(journal, { validate: false });
  const found: { seq: number; ticks: number }[] = [];
  for (let block = reader.next(); block !== null; block = reader.next()) {
    if (block.kind !== "packed") continue;
    for (let index = 0; index < block.count; index++) {
      const word = index * FACT_WORDS;
      if ((block.i32[word + W_HEAD]! & 0xff) !== Kind.LEVEL_CHANGE) continue;
      found.push({ seq: block.firstSeq + index, ticks: block.i32[word + W_PRICE]! });
    }
  }
  reader.close();
  return shares.map((share) => found[Math.floor(share * (found.length - 1))]!);
}

describe.skipIf(shared === null)("a recorded tape replayed (skipped without ../shared)", () => {
  let journal = "";

  beforeAll(async () => {
    const folder = join(shared!, "data", "kalshi", "gold15m_2026-08", "events", "KXGOLD15M-26AUG102030-30");
    const imported = await importRecordings("kalshi-ws", recordingsIn(folder, ".gz"));
    expect(imported.rejects).toEqual([]);
    expect(imported.counts.frames).toBe(34_334);
    journal = imported.journal;
  });

  it(`gives the same digest in each of ${RUNS} runs`, async () => {
    const digests = new Set<string>();
    for (let run = 0; run < RUNS; run++) digests.add((await replayJournal(journal)).summary.digest);
    expect([...digests]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it("is verified against its raw frames", () => {
    const { code, out } = emp("replay", journal, "--verify", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, remap: { frames: 34_334, difference: null } });
  });

  /** A copy of the journal in which one level change stands one tick away, with every checksum repaired. */
  function forge(share: number): { readonly forged: string; readonly seq: number; readonly ticks: number } {
    const [{ seq, ticks }] = levelChanges(journal, [share]) as [{ seq: number; ticks: number }];
    const forged = join(scratchDir(), "journal");
    cpSync(journal, forged, { recursive: true });
    expect(plantTick(forged, seq)).toBe(1);
    return { forged, seq, ticks };
  }

  it.each([0, 0.3, 0.7, 1])(
    "a price changed by one tick is found at its exact event, %s of the way",
    async (share) => {
      const { forged, seq, ticks } = forge(share);
      expect((await verifyJournal(forged, () => {})).ok).toBe(true);
      const { difference } = await remapJournal(forged, VENUES, new Pace(0, () => 0), () => false);
      expect(difference).toMatchObject({
        seq,
        recorded: expect.stringContaining(` ticks ${ticks + 1} `),
        remapped: expect.stringContaining(` ticks ${ticks} `),
      });
      expect(firstDifference(journal, forged)).toMatchObject({ seqA: seq, seqB: seq });
      expect((await replayJournal(forged)).summary.digest).not.toBe(
        (await replayJournal(journal)).summary.digest,
      );
    },
  );

  it("and the command line says so: verify-journal finds nothing wrong, replay --verify and diff-journal exit 1", () => {
    const { forged, seq, ticks } = forge(0.5);
    expect(emp("verify-journal", forged, "--json").code).toBe(0);
    const verify = emp("replay", forged, "--verify", "--json");
    expect([verify.code, JSON.parse(verify.out)]).toMatchObject([
      1,
      { ok: false, remap: { difference: { seq } } },
    ]);
    const diff = emp("diff-journal", journal, forged, "--json");
    expect(diff.code).toBe(1);
    expect(JSON.parse(diff.out)).toMatchObject({
      equal: false,
      difference: {
        seqA: seq,
        seqB: seq,
        a: expect.stringContaining(`price ${ticks}/`),
        b: expect.stringContaining(`price ${ticks + 1}/`),
      },
    });
  });
});

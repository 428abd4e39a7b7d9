import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FACT_SLOTS, S_VENUE_SEQ } from "../contracts/index.ts";
import { temporaryFolder } from "./journal-fixture.ts";
import { openRawReader, type RawVisitor } from "./raw-reader.ts";
import { openJournalReader } from "./reader.ts";

const CHILD = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
const KILLS = Number(process.env["EMP_CRASHES"] ?? 12);

let folder: ReturnType<typeof temporaryFolder>;
let dir: string;
beforeEach(() => {
  folder = temporaryFolder();
  dir = join(folder.dir, "journal");
});
afterEach(() => folder.remove());

/** Runs the child until it has said `lines` lines, kills it while it works on, and returns the last seq it said was safe. */
function killAfter(lines: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, dir], { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    let errors = "";
    let killed = false;
    child.stderr.on("data", (data: Buffer) => {
      errors += data.toString();
    });
    child.stdout.on("data", (data: Buffer) => {
      text += data.toString();
      if (!killed && text.split("\n").length > lines) {
        killed = true;
        child.kill("SIGKILL");
      }
    });
    child.on("close", () => {
      if (!killed) return reject(new Error(`the writer ended by itself: ${errors}`));
      const safe = text.slice(0, text.lastIndexOf("\n")).split("\n").at(-1) ?? "";
      resolve(Number(safe.split(" ")[1]));
    });
  });
}

/** Reads everything, checks each record against its seq, and returns the seq of the last. */
function checkWhole(): number {
  const reader = openJournalReader(dir);
  for (let block = reader.next(); block !== null; block = reader.next()) {
    if (block.kind === "packed") {
      for (let i = 0; i < block.count; i++) {
        const venueSeq = block.f64[i * FACT_SLOTS + S_VENUE_SEQ];
        if (venueSeq !== block.firstSeq + i) throw new Error(`seq ${block.firstSeq + i} holds ${venueSeq}`);
      }
    } else if (block.kind === "objects") {
      for (const record of block.records) {
        const detail = record.type === "fact" && record.fact.kind === "risk.breach" ? record.fact.detail : "";
        if (detail !== String(record.seq)) throw new Error(`seq ${record.seq} holds ${detail}`);
      }
    }
  }
  return reader.tail?.lastSeq ?? -1;
}

/** The raw log is whole as well. Frames reach the disk before the facts they made, so after a kill they may be ahead. */
function checkRawWhole(): void {
  const raw = openRawReader(dir);
  const frame = (...[, , , start, end, , factSeq]: Parameters<RawVisitor["frame"]>) => {
    if (end - start === 100 + (factSeq % 200)) return;
    throw new Error(`frame before seq ${factSeq}: ${end - start} bytes`);
  };
  while (raw.visitNext({ frame, object: () => undefined, connection: () => undefined }));
}

test("a writer killed at any instant loses at most what it had not flushed, and nothing a barrier covered", async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    // Where the kill lands is up to the operating system; the number of lines only spreads it.
    const safeSeq = await killAfter(1 + ((kill * 7) % 23));
    expect(checkWhole()).toBeGreaterThanOrEqual(safeSeq);
    checkRawWhole();
  }
});

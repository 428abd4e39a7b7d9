import { createReadStream, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { openDuck } from "../src/capture/duck.ts";
import { openJournalReader } from "../src/capture/reader.ts";
import { openJournal } from "../src/capture/writer.ts";
import { FACT_SLOTS, FACT_WORDS, type VenueModule } from "../src/contracts/index.ts";
import { ImportSession } from "../src/runtime/import/import-session.ts";
import { LineSplitter } from "../src/runtime/import/lines.ts";
import { sharedDir } from "../tests/shared.ts";

/** Recorded lines of the densest windows, up to the wanted number. */
async function recordedLines(messages: number): Promise<Buffer[]> {
  const shared = sharedDir();
  if (shared === null) return [];
  const root = join(shared, "data", "kalshi", "gold15m_2026-08", "events");
  if (!existsSync(root)) return [];
  const lines: Buffer[] = [];
  const files = (readdirSync(root, { recursive: true, encoding: "utf8" }) as string[]).filter((name) =>
    name.endsWith(".gz"),
  );
  for (const name of files.sort().reverse()) {
    const splitter = new LineSplitter({
      line: (bytes, start, end) => void lines.push(Buffer.from(bytes.subarray(start, end))),
      tooLong: () => {},
    });
    for await (const chunk of createReadStream(join(root, name)).pipe(createGunzip()))
      splitter.push(chunk as Uint8Array);
    splitter.end();
    if (lines.length >= messages) break;
  }
  return lines.slice(0, messages);
}

/** Recorded frames in memory, and a journal of the facts that they give. */
export interface Tape {
  /** All frames, one after the other, as a raw segment holds them; frame i is `bytes[starts[i], starts[i + 1])`. */
  readonly bytes: Buffer;
  readonly starts: readonly number[];
  readonly recvAt: readonly number[];
  readonly journal: string;
}

/** Builds the tape in `folder`; it has no frames when the recordings are absent. */
export async function makeTape(folder: string, venue: VenueModule, messages: number): Promise<Tape> {
  const frames: Buffer[] = [];
  const recvAt: number[] = [];
  const journal = join(folder, "journal");
  const writer = openJournal(journal, header());
  const target = {
    facts: writer.facts,
    raw: (_connection: number, at: number, bytes: Uint8Array, start: number, end: number) => {
      frames.push(Buffer.from(bytes.subarray(start, end)));
      recvAt.push(at);
    },
    rawObject: () => {},
    rawConnection: () => {},
  };
  const session = new ImportSession(target, venue, () => {});
  const reader = venue.recordings.find(({ id }) => id === "kalshi-ws")!;
  const lines = await recordedLines(messages);
  const recording = session.openFile("tape", reader, {});
  for (const [index, line] of lines.entries()) session.accept(recording, line, 0, line.length, index + 1, 0);
  session.endFile(recording);
  await writer.close();
  const starts = [0];
  for (const frame of frames) starts.push(starts.at(-1)! + frame.length);
  return { bytes: Buffer.concat(frames), starts, recvAt, journal };
}

function header() {
  return {
    id: "bench",
    createdAt: 1,
    origin: "bench",
    venues: ["kalshi"],
    profile: { name: "", hash: "" },
    mappingsHash: "",
    commit: "",
    seed: 0,
    nodeMajor: Number.parseInt(process.versions.node, 10),
    assumptions: [],
  };
}

/** Writes the packed facts of a journal as one Parquet file with plain columns. */
export async function writeParquet(tape: Tape): Promise<void> {
  const duck = await openDuck();
  const connection = await duck.connect();
  await connection.run(
    "CREATE TABLE f (seq BIGINT, kind INTEGER, side INTEGER, flags INTEGER, book INTEGER, price INTEGER, stream INTEGER, lots DOUBLE, recv_at DOUBLE, venue_at DOUBLE, venue_seq DOUBLE)",
  );
  const appender = await connection.createAppender("f");
  const reader = openJournalReader(tape.journal, { validate: false });
  for (let block = reader.next(); block !== null; block = reader.next()) {
    if (block.kind !== "packed") continue;
    for (let i = 0; i < block.count; i++) {
      const head = block.i32[i * FACT_WORDS]!;
      appender.appendBigInt(BigInt(block.firstSeq + i));
      for (const value of [
        head & 0xff,
        (head >> 8) & 0xff,
        head >>> 16,
        ...block.i32.subarray(i * FACT_WORDS + 1, i * FACT_WORDS + 4),
      ]) {
        appender.appendInteger(value);
      }
      for (const value of block.f64.subarray(i * FACT_SLOTS + 2, i * FACT_SLOTS + 6))
        appender.appendDouble(value);
      appender.endRow();
    }
  }
  appender.flushSync();
  reader.close();
  await connection.run(`COPY f TO '${tape.journal}/bench.parquet' (FORMAT parquet, COMPRESSION zstd)`);
  duck.close();
}

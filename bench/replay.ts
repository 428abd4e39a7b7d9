/**
 * Whole replay, in one run: raw frames and normal-form facts through decode, firewall, books, lanes and decision hash,
 * against an object design written here, and against the same engine fed by DuckDB vectors.
 *
 *   node bench/replay.ts [--messages=300000] [--rounds=3]
 *
 * The tape is recorded Kalshi windows; it needs the recordings beside the checkout or at EMP_SHARED, and says so when
 * they are absent. Figures are CPU time; the goal of each ratio is 3x, and the bench fails below 70 % of it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openDuck } from "../src/capture/duck.ts";
import { openJournalReader } from "../src/capture/reader.ts";
import { FACT_SLOTS, FACT_WORDS, type Micros } from "../src/contracts/index.ts";
import { LANES, VENUES } from "../src/registry.gen.ts";
import { assembleSession } from "../src/runtime/assemble.ts";
import { Intake, NO_RAW } from "../src/runtime/intake.ts";
import { loadProfile } from "../src/runtime/profile/load.ts";
import { Pace } from "../src/runtime/replay/pace.ts";
import { CountingRecorder, ReplayRecorder } from "../src/runtime/replay/recorders.ts";
import { walkJournal } from "../src/runtime/replay/records.ts";
import { ObjectDesign, type ObjectFact, objectFactOf } from "./object-design.ts";
import { makeTape, type Tape, writeParquet } from "./replay-tape.ts";

// As `./emp` starts Node.
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");

/** Goal of every ratio below; the bench fails at 70 % of it, because shared machines are noisy. */
const GOAL = 3;
const GATE = 0.7 * GOAL;
const MESSAGES = option("messages", 300_000);
const ROUNDS = option("rounds", 3);
const PROFILE = loadProfile("profiles/replay.yaml", {}, []).profile;
const KALSHI = VENUES.get("kalshi")!;
const LIMITS = { maxBooks: 1000, maxFrameBytes: 1 << 22 };

function option(name: string, fallback: number): number {
  const text = process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1];
  return text === undefined ? fallback : Number(text);
}

interface Figure {
  readonly cpuMicros: number;
  readonly items: number;
  readonly digest: string;
}

function measure(run: () => { items: number; digest: string }): Figure {
  const before = process.cpuUsage();
  const { items, digest } = run();
  const used = process.cpuUsage(before);
  return { cpuMicros: used.user + used.system, items, digest };
}

async function measureAsync(run: () => Promise<{ items: number; digest: string }>): Promise<Figure> {
  const before = process.cpuUsage();
  const { items, digest } = await run();
  const used = process.cpuUsage(before);
  return { cpuMicros: used.user + used.system, items, digest };
}

function newSession(recorder: ReplayRecorder) {
  return assembleSession(PROFILE, [{ id: "kalshi", currency: "USD" }], LANES, recorder, []);
}

/** The object design fed with its own normal form, one JSON object a line, as such engines store it. */
function objectsFacts(lines: readonly Buffer[]): { items: number; digest: string } {
  const design = new ObjectDesign();
  for (const line of lines) design.fact(JSON.parse(line.toString()) as ObjectFact);
  return { items: lines.length, digest: design.digest() };
}

function objectLines(tape: Tape): Buffer[] {
  const lines: Buffer[] = [];
  for (let i = 0; i < tape.recvAt.length; i++) {
    const fact = objectFactOf(JSON.parse(textOf(tape, i)), tape.recvAt[i]!);
    if (fact !== null) lines.push(Buffer.from(JSON.stringify(fact)));
  }
  return lines;
}

function textOf({ bytes, starts }: Tape, index: number): string {
  return bytes.toString("utf8", starts[index], starts[index + 1]);
}

function oursRaw(tape: Tape): { items: number; digest: string } {
  const session = newSession(new CountingRecorder());
  const intake = new Intake(session, NO_RAW, [{ id: "kalshi", module: KALSHI }], {
    maxBooks: 1000,
    maxFrameBytes: 1 << 22,
  });
  for (let i = 0; i < tape.recvAt.length; i++) {
    intake.frame(0, 0, tape.recvAt[i]!, tape.bytes, tape.starts[i]!, tape.starts[i + 1]!);
  }
  return { items: tape.recvAt.length, digest: session.finish(0) };
}

function objectsRaw(tape: Tape): { items: number; digest: string } {
  const design = new ObjectDesign();
  for (let i = 0; i < tape.recvAt.length; i++) design.frame(textOf(tape, i), tape.recvAt[i]!);
  return { items: tape.recvAt.length, digest: design.digest() };
}

async function oursFacts(tape: Tape): Promise<{ items: number; digest: string }> {
  const recorder = new ReplayRecorder();
  const session = newSession(recorder);
  const reader = openJournalReader(tape.journal, { validate: false });
  const ignore = (): void => {};
  await walkJournal(
    reader,
    {
      worldPacked: (i32, f64, index, seq) => {
        recorder.seq = seq;
        session.packed(i32, f64, index);
      },
      worldObject: (fact, at, seq) => {
        recorder.seq = seq;
        session.object(fact, at);
      },
      reply: ignore,
      tick: ignore,
      packedDecision: ignore,
      decision: ignore,
      checkpoint: ignore,
    },
    new Pace(0, () => 0),
    () => true,
  );
  reader.close();
  return { items: session.facts, digest: session.finish(0) };
}

/** Live heap in MiB after one and after four passes of the tape through one session: memory must not grow with length. */
function heapByLength(tape: Tape): [number, number] {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const session = newSession(new CountingRecorder());
  const intake = new Intake(session, NO_RAW, [{ id: "kalshi", module: KALSHI }], LIMITS);
  const heap = [1, 2, 3, 4].map((pass) => {
    intake.connection(0, pass, "opened", session.engine.now);
    for (let i = 0; i < tape.recvAt.length; i++)
      intake.frame(0, pass, tape.recvAt[i]!, tape.bytes, tape.starts[i]!, tape.starts[i + 1]!);
    intake.connection(0, pass, "lost", session.engine.now);
    collect();
    return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
  });
  return [heap[0]!, heap[3]!];
}

/** The same engine, its facts read from Parquet through DuckDB's typed vectors. */
async function duckFacts(tape: Tape): Promise<{ items: number; digest: string }> {
  const recorder = new CountingRecorder();
  const session = newSession(recorder);
  const objects = openJournalReader(tape.journal, { validate: false });
  for (let block = objects.next(); block !== null; block = objects.next()) {
    if (block.kind !== "objects") continue;
    for (const record of block.records)
      if (record.type === "fact") session.object(record.fact, record.at as Micros);
  }
  objects.close();
  const duck = await openDuck();
  const connection = await duck.connect();
  const i32 = new Int32Array(FACT_WORDS);
  const f64 = new Float64Array(i32.buffer);
  let items = 0;
  const result = await connection.stream(
    `SELECT (kind | side * 256 | flags * 65536)::INTEGER, book, price, stream, lots::DOUBLE, recv_at::DOUBLE, venue_at::DOUBLE, venue_seq::DOUBLE FROM '${tape.journal}/bench.parquet' ORDER BY seq`,
  );
  for (
    let chunk = await result.fetchChunk();
    chunk !== null && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    const columns = Array.from(
      { length: 8 },
      (_, index) => (chunk.getColumnVector(index) as unknown as { items: ArrayLike<number> }).items,
    );
    for (let row = 0; row < chunk.rowCount; row++) {
      for (let word = 0; word < 4; word++) i32[word] = columns[word]![row]!;
      for (let slot = 2; slot < FACT_SLOTS; slot++) f64[slot] = columns[slot + 2]![row]!;
      session.packed(i32, f64, 0);
      items++;
    }
  }
  duck.close();
  return { items, digest: session.finish(0) };
}

const best = (figures: readonly Figure[]): number =>
  Math.min(...figures.map(({ cpuMicros, items }) => cpuMicros / items));
const rate = (nanos: number): string => `${(1000 / nanos).toFixed(2)} M/s`;

function line(name: string, ours: readonly Figure[], baseline: readonly Figure[]): number {
  const a = best(ours) * 1000;
  const b = best(baseline) * 1000;
  console.log(
    `${name} | ${a.toFixed(0)} ns (${rate(a)}) | ${b.toFixed(0)} ns (${rate(b)}) | ${(b / a).toFixed(1)}x`,
  );
  return b / a;
}

const folder = mkdtempSync(join(tmpdir(), "emp-bench-replay-"));
try {
  const tape = await makeTape(folder, KALSHI, MESSAGES);
  if (tape.recvAt.length === 0) {
    console.log("skipped: no recordings beside the checkout, and EMP_SHARED is not set");
    process.exit(0);
  }
  await writeParquet(tape);
  console.log(
    `${tape.recvAt.length} messages, CPU per item, best of ${ROUNDS} interleaved rounds, Node ${process.versions.node}`,
  );
  console.log("name | ours | baseline | ratio");
  const lines = objectLines(tape);
  const runs = {
    raw: [] as Figure[],
    objects: [] as Figure[],
    facts: [] as Figure[],
    lines: [] as Figure[],
    duck: [] as Figure[],
  };
  for (let round = 0; round < ROUNDS; round++) {
    runs.raw.push(measure(() => oursRaw(tape)));
    runs.objects.push(measure(() => objectsRaw(tape)));
    runs.facts.push(await measureAsync(() => oursFacts(tape)));
    runs.lines.push(measure(() => objectsFacts(lines)));
    runs.duck.push(await measureAsync(() => duckFacts(tape)));
  }
  const ratios = [
    line("raw frames, whole engine / object design", runs.raw, runs.objects),
    line("normal-form facts, whole engine / object design on JSON lines", runs.facts, runs.lines),
    line("normal-form facts, whole engine / the same engine fed by DuckDB vectors", runs.facts, runs.duck),
  ];
  const digests = new Set(runs.facts.map(({ digest }) => digest));
  const [once, fourTimes] = heapByLength(tape);
  console.log(`digest equal over ${ROUNDS} runs: ${digests.size === 1}`);
  console.log(`live heap after the tape once ${once} MiB, after four times ${fourTimes} MiB`);
  if (ratios.some((ratio) => ratio < GATE) || digests.size !== 1) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

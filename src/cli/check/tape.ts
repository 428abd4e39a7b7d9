import { basename } from "node:path";
import type { Command } from "commander";
import type { RecordingReader, VenueModule } from "../../contracts/index.ts";
import { DEFAULT_FIREWALL } from "../../core/market/options.ts";
import { Replica } from "../../core/market/replica.ts";
import { VENUES } from "../../registry.gen.ts";
import { sha256Hex } from "../../runtime/assemble.ts";
import { EmpError } from "../../runtime/emp-error.ts";
import { readRecording } from "../../runtime/import/read-recording.ts";
import { TapeCheck, type TapeCounts } from "../../runtime/tape-check.ts";
import { ExitCode, grouped, ProgressLine, print, printJson, stopSignal } from "../console.ts";
import { expandFiles, setOption } from "../files.ts";
import { choices } from "../profile.ts";

interface TapeOptions {
  readonly format: string;
  readonly set?: Record<string, string>;
  readonly json?: boolean;
}

/** Longest the lanes' view may lag; a tape check judges books, not quotes, so staleness plays no part. */
const NEVER_STALE_MICROS = Number.MAX_SAFE_INTEGER;

export function addCheckTapeCommand(check: Command): void {
  check
    .command("tape")
    .description(
      "fold recordings through our books and compare best bid and ask after every message with an independent fold",
    )
    .argument("<files...>", "recordings, plain or .gz; a folder means every recording in it")
    .option("--format <name>", "recording format (see emp venues)", "kalshi-ws")
    .option("--set <key=value>", "option of the format, repeatable", setOption)
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ emp check tape tape.ndjson.gz
  $ emp check tape recordings/ --format=kalshi-ws-document --json

Exits with 1 when a best price differs or a crossed state stands where the independent fold has none.`,
    )
    .exitOverride()
    .action(tape);
}

async function tape(inputs: readonly string[], options: TapeOptions): Promise<void> {
  const { venue, reader } = formatOf(options.format);
  const signal = stopSignal();
  const line = new ProgressLine();
  const results: { file: string; counts: TapeCounts; examples: readonly string[] }[] = [];
  try {
    for (const file of expandFiles(inputs)) {
      if (signal.stopped()) break;
      results.push({
        file,
        ...(await checkFile(file, venue, reader, options.set ?? {}, line, signal.stopped)),
      });
      line.clear();
      if (options.json !== true) printFile(results.at(-1)!);
    }
  } finally {
    line.clear();
    signal.dispose();
  }
  const total = sum(results.map(({ counts }) => counts));
  const stopped = signal.stopped();
  if (total.compared === 0 && !stopped) {
    throw new EmpError(
      "check.foreign",
      `check tape: nothing in the input is a message of --format ${options.format}; \`emp venues\` lists the formats`,
    );
  }
  const ok = total.bboMismatches === 0 && total.crossed === total.referenceCrossed;
  if (options.json === true) printJson({ ok, stopped, total, files: results });
  else {
    if (results.length > 1) print(`all of ${results.length} files  ${totalLine(total)}`);
    print(ok ? (stopped ? "STOPPED before the end; no difference so far" : "OK") : "DIFFERENT");
  }
  if (!ok) process.exitCode = ExitCode.CheckFailed;
  else if (stopped) process.exitCode = ExitCode.Interrupted;
}

async function checkFile(
  file: string,
  venue: VenueModule,
  reader: RecordingReader,
  set: Readonly<Record<string, string>>,
  line: ProgressLine,
  stopped: () => boolean,
): Promise<{ counts: TapeCounts; examples: readonly string[] }> {
  const firewall = { ...DEFAULT_FIREWALL, maxAgeMicros: NEVER_STALE_MICROS, allowUnknownStatus: true };
  const noEvents = { quarantine: () => {}, release: () => {}, invalid: () => {}, refused: () => {} };
  const replica = new Replica(
    { maxBooks: 100_000, denseBudgetBytes: 256 * 1024 * 1024, firewall, sha256: sha256Hex },
    noEvents,
  );
  const check = new TapeCheck(venue, replica);
  const session = reader.open(check.sink(), set);
  await readRecording(file, reader.unit, {
    line: (bytes, start, end) => {
      check.counts.lines++;
      session.accept(bytes, start, end);
    },
    tooLong: () => {
      check.counts.rejectedLines++;
    },
    progress: (read, size) => line.update(() => `${basename(file)}  ${Math.floor((read / size) * 100)} %`),
    stopped,
  });
  session.end();
  const { gaps, clamped, reasons } = replica.counters();
  const counts = reasons[venue.id] ?? {};
  check.finish({
    gaps,
    clamped,
    duplicates: counts["seq.duplicate"] ?? 0,
    reordered: counts["seq.reordered"] ?? 0,
  });
  return { counts: check.counts, examples: check.examples };
}

function formatOf(format: string): { venue: VenueModule; reader: RecordingReader } {
  for (const venue of VENUES.values()) {
    const reader = venue.recordings.find(({ id }) => id === format);
    if (reader !== undefined) return { venue, reader };
  }
  const known = [...VENUES.values()].flatMap(({ recordings }) => recordings.map(({ id }) => id));
  throw new EmpError(
    "check.format",
    `check tape: --format: expected ${choices(known, format)}, found "${format}"`,
  );
}

function printFile({
  file,
  counts,
  examples,
}: {
  file: string;
  counts: TapeCounts;
  examples: readonly string[];
}): void {
  print(`${basename(file)}  ${totalLine(counts)}`);
  for (const note of counts.notes) print(`  ${note}`);
  for (const example of examples) print(`  ${example}`);
}

function totalLine(counts: TapeCounts): string {
  const share =
    counts.trades === 0
      ? "no trades"
      : `${((counts.tradesInside / counts.trades) * 100).toFixed(2)} % of ${grouped(counts.trades)} trades inside`;
  return (
    `${grouped(counts.frames)} messages, ${grouped(counts.compared)} compared, ${grouped(counts.bboMismatches)} best-price mismatches, ` +
    `${grouped(counts.crossed)} crossed (reference ${grouped(counts.referenceCrossed)}), ${grouped(counts.gaps)} gaps, ` +
    `${grouped(counts.duplicates)} duplicates, ${grouped(counts.reordered)} reordered, ${grouped(counts.clamped)} clamped, ` +
    `${grouped(counts.mapperRejects)} refused, ${grouped(counts.rejectedLines)} lines rejected, ${share}`
  );
}

function sum(all: readonly TapeCounts[]): TapeCounts {
  const total: Record<string, number> = {};
  for (const counts of all) {
    for (const [key, value] of Object.entries(counts))
      if (typeof value === "number") total[key] = (total[key] ?? 0) + value;
  }
  return { ...(total as unknown as Omit<TapeCounts, "notes">), notes: all.flatMap(({ notes }) => notes) };
}

import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import { openJournal } from "../capture/writer.ts";
import type { RecordingReader, VenueModule } from "../contracts/index.ts";
import { VENUES } from "../registry.gen.ts";
import { EmpError } from "../runtime/emp-error.ts";
import { importFiles } from "../runtime/import/import-files.ts";
import { type ImportReject, ImportSession } from "../runtime/import/import-session.ts";
import {
  bar,
  colour,
  Every,
  ExitCode,
  grouped,
  note,
  ProgressLine,
  print,
  printJson,
  stopSignal,
  wholeNumber,
} from "./console.ts";
import { expandFiles, setOption, watchedOptions } from "./files.ts";
import { newFolder } from "./out-folder.ts";
import { productInfo } from "./product.ts";
import { choices } from "./profile.ts";

/** Most milliseconds of facts that a kill can cost. */
const FLUSH_MS = 50;

interface ImportOptions {
  readonly out: string;
  readonly set?: Record<string, string>;
  readonly json?: boolean;
  readonly maxRejects: string;
}

const EXAMPLES = `
Examples:
  $ emp import kalshi-ws tape.ndjson.gz --out=tape
  $ emp import kalshi-ws recordings/ --set judge=yes --out=tape
  $ emp import polymarket-weather days/*.jsonl --set assume-size=100 --out=weather

A line that cannot be read is rejected with its position and the import goes on. What was read before a signal
(exit code 130) or a damaged file (exit code 2) is kept.`;

/** Every recording format of every venue. */
function formats(): { readonly venue: VenueModule; readonly reader: RecordingReader }[] {
  return [...VENUES.values()].flatMap((venue) => venue.recordings.map((reader) => ({ venue, reader })));
}

export function addImportCommand(program: Command): void {
  program
    .command("import")
    .description("turn recordings into a journal")
    .argument("<format>", "recording format (see below)")
    .argument(
      "<files...>",
      "recordings, plain or .gz; a folder means every recording in it, in order of name",
    )
    .requiredOption("--out <folder>", "folder of the new journal")
    .option("--set <key=value>", "option of the format, repeatable", setOption)
    .option("--max-rejects <n>", "rejected lines that are printed one by one; all are counted", "20")
    .option("--json", "print the result as JSON")
    .addHelpText("after", () => {
      const lines = formats().map(({ reader }) => `  ${reader.id.padEnd(24)} ${reader.about}`);
      return `\nFormats:\n${lines.join("\n")}\n${EXAMPLES}`;
    })
    .action(runImport);
}

async function runImport(format: string, inputs: readonly string[], options: ImportOptions): Promise<void> {
  const found = formats().find(({ reader }) => reader.id === format);
  if (found === undefined) {
    const known = formats().map(({ reader }) => reader.id);
    throw new EmpError(
      "import.format",
      `import: format: expected ${choices(known, format)}, found "${format}"`,
    );
  }
  const limit = wholeNumber(options.maxRejects, "import: --max-rejects", 0);
  const files = expandFiles(inputs);
  const out = newFolder(options.out, ".", "import");
  const isNew = !existsSync(out);
  const writer = openJournal(out, newJournal(found.venue.id, format, files), { flushIntervalMs: FLUSH_MS });
  const flushes = new Every(FLUSH_MS);
  const line = new ProgressLine();
  const rejects = new RejectPrinter(limit, line);
  const session = new ImportSession(writer, found.venue, (reject) => rejects.add(reject));
  const signal = stopSignal();
  let done = 0;
  let failure: Error | null = null;
  const { options: set, unasked } = watchedOptions(options.set);
  try {
    await importFiles(
      files,
      found.reader,
      session,
      set,
      ({ file, read, size }) => {
        done = Math.max(done, files.indexOf(file));
        flushes.due(() => writer.flush());
        line.update(
          () =>
            `${bar((done + read / size) / files.length)}  ${basename(file)}  ${grouped(session.counts.frames)} frames`,
        );
      },
      signal.stopped,
    );
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  } finally {
    line.clear();
    signal.dispose();
    await writer.close();
    rejects.summary();
  }
  const { facts, objects } = session.counts;
  if (facts === 0 && objects === 0 && !signal.stopped()) {
    if (isNew) rmSync(out, { recursive: true, force: true });
    throw (
      failure ??
      new EmpError(
        "import.foreign",
        session.counts.rejected > 0
          ? `import: nothing in the input is usable as ${format}; no journal was made`
          : "import: the input names no market; import it together with the files that do; no journal was made",
      )
    );
  }
  for (const key of unasked())
    note(`emp: import: --set ${key}: ${format} did not ask for it; is the name right?`);
  report(session, out, files.length, options.json === true, signal.stopped(), failure);
  if (failure !== null) throw failure;
  if (signal.stopped()) process.exitCode = ExitCode.Interrupted;
}

function report(
  session: ImportSession,
  out: string,
  files: number,
  json: boolean,
  stopped: boolean,
  failure: Error | null,
): void {
  const { counts } = session;
  if (json) printJson({ journal: out, files, ...counts, stopped, error: failure?.message ?? null });
  else {
    print(
      `${colour.green("imported")} ${grouped(counts.lines)} lines of ${files} file${files === 1 ? "" : "s"}: ` +
        `${grouped(counts.frames)} frames, ${grouped(counts.facts)} packed facts, ${grouped(counts.objects)} object facts, ` +
        `${grouped(counts.rejected)} lines rejected`,
    );
    if (counts.late > 0) {
      print(
        `late     ${grouped(counts.late)} facts are older than facts before them and are judged at the later instant; ` +
          "give files in order of time, or import files that overlap into journals of their own",
      );
    }
    print(`journal  ${out}${stopped ? "  (stopped early; what was read is kept)" : ""}`);
  }
}

function newJournal(
  venue: string,
  format: string,
  files: readonly string[],
): Parameters<typeof openJournal>[1] {
  const { version, commit, nodeMajor } = productInfo();
  const hash = createHash("sha256").update(files.map((file) => basename(file)).join("\n"));
  return {
    id: hash.update(`${Date.now()}`).digest("hex").slice(0, 32),
    createdAt: Date.now() * 1000,
    origin: `import ${format}`,
    venues: [venue],
    profile: { name: "", hash: "" },
    mappingsHash: "",
    commit: commit ?? version,
    seed: 0,
    nodeMajor,
    assumptions: [],
  };
}

/** Prints the first rejected lines with their positions and counts the rest by reason. */
class RejectPrinter {
  readonly #limit: number;
  readonly #line: ProgressLine;
  readonly #byReason = new Map<string, number>();
  #total = 0;

  constructor(limit: number, line: ProgressLine) {
    this.#limit = limit;
    this.#line = line;
  }

  add(reject: ImportReject): void {
    this.#total++;
    this.#byReason.set(reject.reason, (this.#byReason.get(reject.reason) ?? 0) + 1);
    if (this.#total <= this.#limit) {
      this.#line.clear();
      note(`${reject.file}:${reject.line} (byte ${reject.offset}): ${reject.reason}: ${reject.detail}`);
    }
  }

  summary(): void {
    if (this.#total <= this.#limit) return;
    const reasons = [...this.#byReason].map(([reason, count]) => `${reason} ${grouped(count)}`);
    note(`${grouped(this.#total - this.#limit)} more rejected lines; all by reason: ${reasons.join(", ")}`);
  }
}

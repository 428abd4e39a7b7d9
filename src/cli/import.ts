import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
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
  ExitCode,
  grouped,
  note,
  ProgressLine,
  print,
  printJson,
  stopSignal,
} from "./console.ts";
import { expandFiles, setOption } from "./files.ts";
import { productInfo } from "./product.ts";

interface ImportOptions {
  readonly out: string;
  readonly set: Record<string, string>;
  readonly json?: boolean;
  readonly maxRejects: string;
}

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
    .option("--set <key=value>", "option of the format, repeatable", setOption, {})
    .option("--max-rejects <n>", "rejected lines that are printed one by one; all are counted", "20")
    .option("--json", "print the result as JSON")
    .addHelpText("after", () => {
      const lines = formats().map(({ reader }) => `  ${reader.id.padEnd(24)} ${reader.about}`);
      return `\nFormats:\n${lines.join("\n")}`;
    })
    .action(runImport);
}

async function runImport(format: string, inputs: readonly string[], options: ImportOptions): Promise<void> {
  const found = formats().find(({ reader }) => reader.id === format);
  if (found === undefined) {
    const known = formats().map(({ reader }) => reader.id);
    throw new EmpError(
      "import.format",
      `import: format: expected one of ${known.join(", ")}, found "${format}"`,
    );
  }
  const files = expandFiles(inputs);
  const out = resolve(options.out);
  const writer = openJournal(out, newJournal(found.venue.id, format, files), { flushIntervalMs: 50 });
  const rejects = new RejectPrinter(Number.parseInt(options.maxRejects, 10));
  const session = new ImportSession(writer, found.venue, (reject) => rejects.add(reject));
  const signal = stopSignal();
  const line = new ProgressLine();
  let done = 0;
  try {
    await importFiles(
      files,
      found.reader,
      session,
      options.set,
      ({ file, read, size }) => {
        done = Math.max(done, files.indexOf(file));
        line.update(
          () =>
            `${bar((done + read / size) / files.length)}  ${basename(file)}  ${grouped(session.counts.frames)} frames`,
        );
      },
      signal.stopped,
    );
  } finally {
    line.clear();
    signal.dispose();
    await writer.close();
    rejects.summary();
  }
  report(session, out, files.length, options.json === true, signal.stopped());
}

function report(session: ImportSession, out: string, files: number, json: boolean, stopped: boolean): void {
  const { counts } = session;
  if (json) printJson({ journal: out, files, ...counts, stopped });
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
  if (stopped) process.exitCode = ExitCode.Interrupted;
  else if (counts.facts === 0 && counts.objects === 0) {
    throw new EmpError(
      "import.foreign",
      `import: nothing in the input was usable; is it really this format? (journal ${out} is empty)`,
    );
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
  readonly #byReason = new Map<string, number>();
  #total = 0;

  constructor(limit: number) {
    this.#limit = Number.isSafeInteger(limit) && limit >= 0 ? limit : 20;
  }

  add(reject: ImportReject): void {
    this.#total++;
    this.#byReason.set(reject.reason, (this.#byReason.get(reject.reason) ?? 0) + 1);
    if (this.#total <= this.#limit) {
      note(`${reject.file}:${reject.line} (byte ${reject.offset}): ${reject.reason}: ${reject.detail}`);
    }
  }

  summary(): void {
    if (this.#total <= this.#limit) return;
    const reasons = [...this.#byReason].map(([reason, count]) => `${reason} ${grouped(count)}`);
    note(`${grouped(this.#total - this.#limit)} more rejected lines; all by reason: ${reasons.join(", ")}`);
  }
}

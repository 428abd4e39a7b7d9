import { resolve } from "node:path";
import type { Command } from "commander";
import { compactJournal, restoreJournal } from "../capture/compact.ts";
import { firstDifference } from "../capture/diff.ts";
import { readHeader } from "../capture/header.ts";
import { applyRetention } from "../capture/retention.ts";
import { openSql, type SqlResult } from "../capture/sql.ts";
import { namedQueries } from "../capture/sql-queries.ts";
import { verifyJournal } from "../capture/verify.ts";
import type { Micros } from "../contracts/index.ts";
import { EmpError } from "../runtime/emp-error.ts";
import { ExitCode, grouped, note, print, printJson, wholeNumber } from "./console.ts";
import { newFolder } from "./out-folder.ts";
import { choices } from "./profile.ts";
import { journalDir } from "./replay.ts";
import { profileOfJournal } from "./run-profile.ts";

const CELL_MAX = 60;

export function addJournalCommands(program: Command): void {
  const named = Object.entries(namedQueries).map(([name, { about }]) => `  ${name.padEnd(16)} ${about}`);
  program
    .command("sql")
    .description(
      "ask a journal in SQL: facts, decisions, quarantines, opportunities, orders, fills, refusals, raw_frames",
    )
    .argument("<journal>", "folder of a journal or of a run")
    .argument("[query]", "one statement")
    .option("--named <query>", "a query with a name (see below)")
    .option("--limit <rows>", "most rows shown", "200")
    .option("--json", "print rows as JSON")
    .addHelpText("after", `\nNamed queries:\n${named.join("\n")}\n${SQL_EXAMPLES}`)
    .action(sql);
  program
    .command("verify-journal")
    .description("check every block, the chain, the numbering and the schema of a journal; exits 1 on damage")
    .argument("<journal>", "folder of a journal or of a run")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
A torn tail is no damage: a kill leaves one, it is said, and what stands before it is whole.

Examples:
  $ emp verify-journal runs/demo/<time>
  $ emp replay runs/demo/<time> --verify      checks what the records say, not only that they are whole`,
    )
    .action(verify);
  program
    .command("diff-journal")
    .description("first record in which two journals differ; exits 1 when there is one")
    .argument("<a>", "folder of a journal or of a run")
    .argument("<b>", "folder of a journal or of a run")
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  $ emp diff-journal runs/demo/<time> runs/demo/<another time>")
    .action(diff);
  program
    .command("compact")
    .description("turn closed segments into Parquet, check it reproduces them, and apply retention")
    .argument("<journal>", "folder of a journal or of a run")
    .option("--keep-segments <n>", "newest segments that stay beside their Parquet, at least 1", "1")
    .option(
      "--profile <name>",
      "profile whose retention limits apply (default: the journal's own, for an import: replay)",
    )
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
A segment goes only after its Parquet has reproduced it byte for byte. May be repeated after a kill.

Example:
  $ emp compact runs/demo/<time> --keep-segments=2`,
    )
    .action(compact);
  program
    .command("restore")
    .description(
      "make a complete journal of a compacted one in a new folder, byte for byte; raw frames stay behind",
    )
    .argument("<journal>", "folder of a journal or of a run")
    .requiredOption("--out <folder>", "folder of the restored journal, new or empty")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ emp restore runs/demo/<time> --out=restored && emp replay restored --verify",
    )
    .action(restore);
}

const SQL_EXAMPLES = `
Examples:
  $ emp sql runs/demo/<time> --named=why-not
  $ emp sql runs/demo/<time> "select kind, count(*) from facts group by kind"
  $ emp sql runs/demo/<time> "select * from opportunities" --json`;

interface SqlOptions {
  readonly named?: string;
  readonly limit: string;
  readonly json?: boolean;
}

async function sql(journal: string, query: string | undefined, options: SqlOptions): Promise<void> {
  const text = textOf(query, options.named);
  const limit = wholeNumber(options.limit, "sql: --limit", 1);
  const session = await openSql(journalDir(journal));
  try {
    const result = await session.query(text, limit);
    if (options.json === true) {
      printJson(
        result.rows.map((row) =>
          Object.fromEntries(row.map((cell, index) => [result.columns[index] ?? "", cell])),
        ),
      );
      if (result.truncated) note(`emp: sql: the first ${limit} rows only; more with --limit`);
    } else printTable(result);
  } finally {
    session.close();
  }
}

function textOf(query: string | undefined, named: string | undefined): string {
  if (named !== undefined && query !== undefined)
    throw new EmpError("sql.query", "sql: expected a statement or --named <query>, found both");
  if (named !== undefined) {
    const known = Object.keys(namedQueries);
    if (known.includes(named)) return namedQueries[named as keyof typeof namedQueries].sql;
    throw new EmpError("sql.named", `sql: --named: expected ${choices(known, named)}, found "${named}"`);
  }
  if (query === undefined)
    throw new EmpError("sql.query", "sql: expected a statement or --named <query>, found neither");
  return query;
}

function printTable({ columns, rows, truncated }: SqlResult): void {
  const cells = rows.map((row) => row.map((cell) => shortCell(cell)));
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (values: readonly string[]): string =>
    values
      .map((value, index) => value.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  print(line(columns));
  print(line(widths.map((width) => "-".repeat(width))));
  for (const row of cells) print(line(row));
  print(`${rows.length} rows${truncated ? ", more with --limit" : ""}`);
}

function shortCell(cell: unknown): string {
  const text =
    cell === null || cell === undefined ? "" : typeof cell === "object" ? JSON.stringify(cell) : String(cell);
  return text.length > CELL_MAX ? `${text.slice(0, CELL_MAX - 1)}…` : text;
}

async function verify(journal: string, options: { json?: boolean }): Promise<void> {
  const report = await verifyJournal(journalDir(journal), options.json === true ? () => {} : print);
  if (options.json === true) printJson(report);
  if (!report.ok) process.exitCode = ExitCode.CheckFailed;
}

function diff(a: string, b: string, options: { json?: boolean }): void {
  const difference = firstDifference(journalDir(a), journalDir(b));
  if (options.json === true) printJson({ equal: difference === null, difference });
  else if (difference === null) print("EQUAL");
  else {
    print(
      `first difference at event ${difference.seqA ?? difference.seqB} (${new Date(difference.at / 1000).toISOString()})`,
    );
    print(`  A  ${difference.a}`);
    print(`  B  ${difference.b}`);
  }
  if (difference !== null) process.exitCode = ExitCode.CheckFailed;
}

async function compact(
  journal: string,
  options: { keepSegments: string; profile?: string; json?: boolean },
): Promise<void> {
  const dir = resolve(journalDir(journal));
  const keepSegments = wholeNumber(options.keepSegments, "compact: --keep-segments", 1);
  const { retention } = profileOfJournal(dir, readHeader(dir), options.profile).profile.capture;
  const report = await compactJournal(dir, { keepSegments });
  const limit = { bytesMax: retention.maxBytes, ageMicrosMax: retention.maxAgeMs * 1000 };
  const retained = applyRetention(dir, { facts: limit, raw: limit }, (Date.now() * 1000) as Micros);
  if (options.json === true) {
    printJson({ ...report, retention: retained });
    return;
  }
  print(`parquet     ${listed(report.projected)} written and checked now`);
  print(
    `deleted     ${listed(report.deleted)} that Parquet reproduces, ${grouped(report.deletedBytes)} bytes`,
  );
  print(
    `retention   ${retained.deleted.length === 0 ? "nothing" : retained.deleted.join(", ")} deleted, ${grouped(retained.freedBytes)} bytes`,
  );
}

/** `no segment`, `segment 3` or `segments 1, 2, 3`. */
function listed(segments: readonly number[]): string {
  if (segments.length === 0) return "no segment";
  return `segment${segments.length === 1 ? "" : "s"} ${segments.join(", ")}`;
}

async function restore(journal: string, options: { out: string; json?: boolean }): Promise<void> {
  const out = newFolder(options.out, ".", "restore");
  await restoreJournal(resolve(journalDir(journal)), out);
  if (options.json === true) printJson({ journal: out });
  else print(`restored    ${out}`);
}

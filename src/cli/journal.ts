import { resolve } from "node:path";
import type { Command } from "commander";
import { compactJournal, restoreJournal } from "../capture/compact.ts";
import { firstDifference } from "../capture/diff.ts";
import { applyRetention } from "../capture/retention.ts";
import { openSql, type SqlResult } from "../capture/sql.ts";
import { namedQueries } from "../capture/sql-queries.ts";
import { verifyJournal } from "../capture/verify.ts";
import type { Micros } from "../contracts/index.ts";
import { EmpError } from "../runtime/emp-error.ts";
import { ExitCode, note, print, printJson, wholeNumber } from "./console.ts";
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
    .addHelpText("after", `\nNamed queries:\n${named.join("\n")}`)
    .action(sql);
  program
    .command("verify-journal")
    .description("check every block, the chain, the numbering and the schema of a journal; exits 1 on damage")
    .argument("<journal>", "folder of a journal or of a run")
    .option("--json", "print the result as JSON")
    .action(verify);
  program
    .command("diff-journal")
    .description("first record in which two journals differ; exits 1 when there is one")
    .argument("<a>", "folder of a journal or of a run")
    .argument("<b>", "folder of a journal or of a run")
    .option("--json", "print the result as JSON")
    .action(diff);
  program
    .command("compact")
    .description("turn closed segments into Parquet, check it reproduces them, and apply retention")
    .argument("<journal>", "folder of a journal or of a run")
    .option("--keep-segments <n>", "closed segments that stay beside their Parquet", "1")
    .option("--profile <name>", "profile whose retention limits apply", "replay")
    .option("--json", "print the result as JSON")
    .action(compact);
}

interface SqlOptions {
  readonly named?: string;
  readonly limit: string;
  readonly json?: boolean;
}

async function sql(journal: string, query: string | undefined, options: SqlOptions): Promise<void> {
  const session = await openSql(journalDir(journal));
  try {
    const result = await session.query(
      textOf(query, options.named),
      Number.parseInt(options.limit, 10) || 200,
    );
    if (options.json === true) {
      printJson(
        result.rows.map((row) =>
          Object.fromEntries(row.map((cell, index) => [result.columns[index] ?? "", cell])),
        ),
      );
    } else printTable(result);
  } finally {
    session.close();
  }
}

function textOf(query: string | undefined, named: string | undefined): string {
  if (named !== undefined) {
    const found = namedQueries[named as keyof typeof namedQueries];
    if (found !== undefined) return found.sql;
    throw new EmpError(
      "sql.named",
      `sql: --named: expected one of ${Object.keys(namedQueries).join(", ")}, found "${named}"`,
    );
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
  options: { keepSegments: string; profile: string; json?: boolean },
): Promise<void> {
  const dir = resolve(journalDir(journal));
  const report = await compactJournal(dir, { keepSegments: Number.parseInt(options.keepSegments, 10) || 0 });
  const { retention } = profileOf(options.profile).profile.capture;
  const limit = { bytesMax: retention.maxBytes, ageMicrosMax: retention.maxAgeMs * 1000 };
  const retained = applyRetention(dir, { facts: limit, raw: limit }, (Date.now() * 1000) as Micros);
  if (options.json === true) printJson({ ...report, retention: retained });
  else {
    for (const [key, value] of Object.entries(report)) print(`${key}: ${JSON.stringify(value)}`);
    for (const [key, value] of Object.entries(retained)) print(`retention ${key}: ${JSON.stringify(value)}`);
  }
}

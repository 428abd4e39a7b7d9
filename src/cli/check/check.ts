import { resolve } from "node:path";
import type { Command } from "commander";
import { EmpError } from "../../runtime/emp-error.ts";
import { ExitCode, grouped, print, printJson } from "../console.ts";
import { checkCertificateFile } from "./certificate.ts";
import { addCheckTapeCommand } from "./tape.ts";
import { checkVectors } from "./vectors.ts";

/** The conformance kit: anyone can point it at us, from any place. */
export function addCheckCommand(program: Command): void {
  const check = program
    .command("check")
    .description("conformance kit: vectors, tapes, certificates")
    .exitOverride();
  check
    .command("vectors")
    .description("run conformance cases (arbitrage, fees, kelly, stats); exits 1 on any difference")
    .argument("<paths...>", "files or folders")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Files: V*.json (arbitrage), fees.json, kelly.json, stats.json; others by the shape of their cases.
A line per case, then the count. A case of a kind that is not built is PENDING, never passed or failed.

Examples:
  $ emp check vectors <folder>
  $ emp check vectors <folder>/fees.json --json`,
    )
    .exitOverride()
    .action((paths: readonly string[], options: { json?: boolean }) => vectors(paths, options.json === true));
  check
    .command("certificate")
    .description("verify certificates with the independent checker; exits 1 when one is refused")
    .argument("<file>", "a certificate, a list of them, or one JSON object a line")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
The checker shares no code with what finds opportunities: no solver, no floating point.

Examples, the second for every certificate of a run:
  $ emp check certificate certificate.json
  $ emp sql <run> --json "select json_extract(json, '$.finding.certificate') as certificate
      from decisions where kind = 'opportunity.detected'" > certificates.json
  $ emp check certificate certificates.json`,
    )
    .exitOverride()
    .action((file: string, options: { json?: boolean }) => certificate(file, options.json === true));
  addCheckTapeCommand(check);
}

function vectors(paths: readonly string[], json: boolean): void {
  const lines: string[] = [];
  const write = json ? (line: string) => void lines.push(line) : print;
  const counts = forPeople(() =>
    checkVectors(
      paths.map((path) => resolve(path)),
      write,
    ),
  );
  if (json) printJson({ ...counts, lines });
  else
    print(
      `${grouped(counts.passed)} passed, ${grouped(counts.failed)} failed, ${grouped(counts.pending)} pending`,
    );
  if (counts.failed > 0) process.exitCode = ExitCode.CheckFailed;
}

function certificate(file: string, json: boolean): void {
  const lines: string[] = [];
  const counts = forPeople(() =>
    checkCertificateFile(resolve(file), json ? (line) => void lines.push(line) : print),
  );
  if (json) printJson({ ...counts, lines });
  else print(`${grouped(counts.verified)} verified, ${grouped(counts.refused)} refused`);
  if (counts.refused > 0) process.exitCode = ExitCode.CheckFailed;
}

/** The readers of case files throw plain errors whose one line is meant for a person. */
function forPeople<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new EmpError("check.input", error instanceof Error ? error.message : String(error));
  }
}

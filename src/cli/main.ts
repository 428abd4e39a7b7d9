import { CommanderError } from "commander";
import { EmpError } from "../runtime/emp-error.ts";
import { ExitCode, fail } from "./console.ts";
import { buildProgram } from "./program.ts";

/** Runs one command. Whatever it throws becomes a line on standard error and an exit code; nothing is thrown on. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
    } else failWith(error);
  }
}

/** Says in one line what a person can mend; a bug is shown with where it happened. */
export function failWith(error: unknown): void {
  if (error instanceof EmpError || isForPeople(error)) fail(error.message, ExitCode.Usage);
  else if (isFromSystem(error)) fail(systemLine(error), ExitCode.Usage);
  else fail(bugText(error), ExitCode.Bug);
}

/** Errors of the layers below the shell that carry one line for a person. */
function isForPeople(error: unknown): error is Error {
  return (
    error instanceof Error &&
    ["CaptureError", "ReportError", "ProfileError", "CheckError"].includes(error.name)
  );
}

function bugText(error: unknown): string {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `a bug in EMP, please report it:\n${detail}`;
}

/** What the operating system refuses (a path, a right, a full disk) is trouble with the input, not with EMP. */
function isFromSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}

/** `ENOTDIR: not a directory, mkdir '/a/b'` as `/a/b: not a directory (mkdir, ENOTDIR)`. */
function systemLine({ message, code, path, syscall }: NodeJS.ErrnoException): string {
  const what = message.replace(/^[A-Z0-9]+: /, "").replace(/, \w+( '.*)?$/, "");
  return `${path === undefined ? "" : `${path}: `}${what} (${syscall}, ${code})`;
}

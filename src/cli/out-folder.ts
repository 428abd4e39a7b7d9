import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { EmpError } from "../runtime/emp-error.ts";

/** What tells that a folder already holds a run, a journal or a comparison. */
const MARKS = ["run.json", "opportunities.ndjson", "journal.json", "journal", "ab.json"] as const;

/**
 * Folder for something new: the one asked for, else a fresh one below `parent` named by the time. It is not made yet.
 * @throws EmpError when the folder asked for already holds a run or journal: nothing recorded is ever overwritten.
 */
export function newFolder(asked: string | undefined, parent: string, command: string): string {
  if (asked === undefined) return freshBelow(resolve(parent));
  const dir = resolve(asked);
  const stat = statSync(dir, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isDirectory()) {
    throw new EmpError("out.file", `${command}: --out: expected a folder, found a file: ${dir}`);
  }
  const mark = MARKS.find((name) => existsSync(join(dir, name)));
  if (mark === undefined) return dir;
  throw new EmpError(
    "out.exists",
    `${command}: --out: expected a new or empty folder, found ${mark} in ${dir}; choose another folder`,
  );
}

/** Two runs of one second get different folders. */
function freshBelow(parent: string): string {
  const name = stamp(new Date());
  for (let number = 1; ; number++) {
    const dir = join(parent, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(dir)) return dir;
  }
}

/** `20261121-141503`, local time, for folder names. */
function stamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

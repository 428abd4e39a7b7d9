import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { CaptureError } from "./errors.ts";

const LOCK_NAME = "journal.lock";
/** Lock files of this process: after a restart in a container an old lock may carry our own process id. */
const held = new Set<string>();

/**
 * Takes the right to write to a journal. The lock of a process that is gone is taken over.
 * @returns what gives it back. @throws CaptureError `locked` when a living process holds it.
 */
export function lockJournal(dir: string): () => void {
  const path = resolve(dir, LOCK_NAME);
  const own = String(process.pid);
  try {
    writeFileSync(path, own, { flag: "wx" });
  } catch (cause) {
    if (!isCode(cause, "EEXIST")) throw cause;
    const holder = Number(readFileSync(path, "utf8"));
    const isHeld = holder === process.pid ? held.has(path) : isAlive(holder);
    if (isHeld) {
      throw new CaptureError(
        "locked",
        `journal ${dir}: process ${holder} is writing to it; if that is not EMP, delete ${LOCK_NAME}`,
      );
    }
    writeFileSync(path, own);
  }
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return isCode(cause, "EPERM");
  }
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && "code" in cause && cause.code === code;
}

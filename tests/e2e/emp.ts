import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const BUNDLED = join(ROOT, "node_modules", "node", "bin", "node");
const NODE = existsSync(BUNDLED) ? BUNDLED : process.execPath;

/** Compiled once for all commands of the tests: a command starts in half the time. */
const COMPILED = join(ROOT, "node_modules", ".cache", "emp-e2e");

/** What a finished command left. `code` is null when a signal ended it. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
}

/** A folder for one test file; removed after it. Commands run in it, so that nothing lands in the checkout. */
export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), "emp-e2e-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts the command line as a process of its own, output piped: no terminal, no colour. */
export function startEmp(
  cwd: string,
  args: readonly string[],
  node = NODE,
  env: NodeJS.ProcessEnv = {},
): Running {
  const file = join(ROOT, "src", "cli", "emp.ts");
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", file, ...args], {
    cwd,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

export function emp(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  return startEmp(cwd, args).ended;
}

/** The JSON that a command printed, and nothing else, on standard output. */
export async function empJson<T>(cwd: string, ...args: readonly string[]): Promise<T> {
  const { stdout, stderr, code } = await emp(cwd, ...args, "--json");
  try {
    return JSON.parse(stdout) as T;
  } catch {
    throw new Error(
      `emp ${args.join(" ")} --json: exit code ${code}, no JSON: ${stdout.slice(0, 200)} ${stderr.slice(0, 400)}`,
    );
  }
}

/** Resolves once `ready` holds; the command must not end before. */
export async function until(running: Running, ready: () => boolean): Promise<void> {
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  while (!ready()) {
    if (over) throw new Error(`the command ended early: ${(await running.ended).stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Path of another Node, brought by npm; null when it cannot be had here. */
export function otherNode(version: string): string | null {
  try {
    const args = ["-y", "-p", `node@${version}`, "node", "-p", "process.execPath"];
    const path = execFileSync("npx", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 60_000,
    }).trim();
    const found = execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
    return found === `v${version}` ? path : null;
  } catch {
    return null;
  }
}

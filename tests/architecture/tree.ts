import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Folders that hold the product's own text. */
export const CODE_FOLDERS = ["src", "venues", "lanes", "bench", "scripts", "tests"] as const;

export interface TextFile {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Every file under `folder` whose name ends in `ending`, in order of path. */
export function filesUnder(folder: string, ending: string): TextFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}node_modules${sep}`))
    .sort()
    .map((path) => ({ path: relative(ROOT, path).split(sep).join("/"), text: readFileSync(path, "utf8") }));
}

export function codeFiles(): TextFile[] {
  return CODE_FOLDERS.flatMap((folder) => filesUnder(folder, ".ts"));
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("tests/");
}

export function isGenerated(path: string): boolean {
  return path.endsWith(".gen.ts");
}

/** Every Markdown page of the repository. */
export function pages(): TextFile[] {
  const inRoot = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  return [
    ...inRoot.map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") })),
    ...["docs", "venues", "lanes", "profiles", "src", "bench", "replays"].flatMap((folder) =>
      filesUnder(folder, ".md"),
    ),
  ];
}

/** Runs a program of the repository with this Node and its installed tools. */
export function node(args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const path = [
    dirname(process.execPath),
    join(ROOT, "node_modules", ".bin"),
    process.env["PATH"] ?? "",
  ].join(":");
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, PATH: path, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

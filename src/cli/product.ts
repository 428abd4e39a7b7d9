import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the product: the one that holds `profiles/` and `mappings/`, in a checkout and in a build alike. */
export function productRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, "..", ".."), join(here, "..", "..", "..")];
  const root = candidates.find((dir) => readable(join(dir, "package.json")));
  return root ?? candidates[0]!;
}

export interface ProductInfo {
  readonly version: string;
  /** Commit of a checkout; null in an installed copy. */
  readonly commit: string | null;
  readonly nodeMajor: number;
}

/** What journals and reports say about the program that wrote them. */
export function productInfo(): ProductInfo {
  return {
    version: productVersion(),
    commit: commitOf(productRoot()),
    nodeMajor: Number.parseInt(process.versions.node, 10),
  };
}

export function productVersion(): string {
  const manifest = JSON.parse(readFileSync(join(productRoot(), "package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

function commitOf(dir: string): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: dir,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}

function readable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

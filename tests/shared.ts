import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));

/**
 * Folder with the real recordings and exact vectors, beside the checkout (or at EMP_SHARED).
 * @returns null when it is absent; tests that need it then skip and say so.
 */
export function sharedDir(): string | null {
  const candidate = process.env["EMP_SHARED"] ?? join(HERE, "..", "..", "shared");
  return existsSync(join(candidate, "vectors")) ? candidate : null;
}

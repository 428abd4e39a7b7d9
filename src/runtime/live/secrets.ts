import { readFileSync, statSync } from "node:fs";
import type { SecretSpec } from "../../contracts/index.ts";
import { EmpError } from "../emp-error.ts";

/** Larger files are no secrets. */
const MAX_BYTES = 65_536;
/** Permission bits that let anyone but the owner in. */
const OTHERS = 0o077;

/**
 * The configured secrets of a venue: the environment variable `<name>`, else the file that `<name>_FILE` names.
 * Values never appear in messages.
 * @throws EmpError in one line for a file that is missing, empty, too large or open to others.
 */
export function readSecrets(
  specs: readonly SecretSpec[],
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const { name } of specs) {
    const value = env[name];
    const file = env[`${name}_FILE`];
    if (value !== undefined && value !== "") secrets[name] = value;
    else if (file !== undefined && file !== "") secrets[name] = readSecretFile(name, file);
  }
  return secrets;
}

function readSecretFile(name: string, file: string): string {
  const fault = (expected: string, found: string) =>
    new EmpError("secret.file", `${name}_FILE: ${file}: expected ${expected}, found ${found}`);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) throw fault("a file", "none");
  if (stat.size > MAX_BYTES) throw fault(`at most ${MAX_BYTES} bytes`, `${stat.size}`);
  if (process.platform !== "win32" && (stat.mode & OTHERS) !== 0) {
    const mode = (stat.mode & 0o777).toString(8);
    throw fault("a file only its owner can read (chmod 600)", `mode ${mode}`);
  }
  const text = readFileSync(file, "utf8").trim();
  if (text === "") throw fault("a secret", "an empty file");
  return text;
}

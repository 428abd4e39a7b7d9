import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSecrets } from "./secrets.ts";

const DIR = mkdtempSync(join(tmpdir(), "emp-secrets-"));
const SPECS = [{ name: "ACME_KEY", about: "key", unlocks: "stream" }] as const;

afterAll(() => rmSync(DIR, { recursive: true }));

function file(name: string, text: string, mode: number): string {
  const path = join(DIR, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe("secrets", () => {
  it("come from the environment, or from a file that only its owner reads", () => {
    expect(readSecrets(SPECS, {})).toEqual({});
    expect(readSecrets(SPECS, { ACME_KEY: "s3cret" })).toEqual({ ACME_KEY: "s3cret" });
    const path = file("good", "from-file\n", 0o600);
    expect(readSecrets(SPECS, { ACME_KEY_FILE: path })).toEqual({ ACME_KEY: "from-file" });
    expect(readSecrets(SPECS, { ACME_KEY: "env", ACME_KEY_FILE: path })).toEqual({ ACME_KEY: "env" });
  });

  it.each([
    ["open to others", () => file("open", "planted-secret", 0o644), /chmod 600.*found mode 644/],
    ["missing", () => join(DIR, "none"), /expected a file, found none/],
    ["empty", () => file("empty", " \n", 0o600), /an empty file/],
    ["too large", () => file("large", "x".repeat(70_000), 0o600), /at most 65536 bytes/],
  ])("a file that is %s is refused in one line without its content", (_, make, expected) => {
    const run = () => readSecrets(SPECS, { ACME_KEY_FILE: make() });
    expect(run).toThrow(expected);
    expect(run).not.toThrow(/planted-secret|\n/);
  });
});

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Certificate } from "../../contracts/index.ts";
import { checkCertificate } from "../../proof/checker.ts";

const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Checks a file with one certificate, a list of them, or one JSON object a line; an object with a `certificate` field
 * (a finding, a plan) stands for that field. Writes a line per certificate.
 * @returns how many were verified and refused. Throws an Error that names the file when it cannot be read.
 */
export function checkCertificateFile(
  path: string,
  write: (line: string) => void,
): { readonly verified: number; readonly refused: number } {
  const counts = { verified: 0, refused: 0 };
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const items = read(path);
  if (items.length === 0) throw new Error(`${path}: no certificate in it`);
  for (const [index, item] of items.entries()) {
    const certificate = certificateOf(item);
    const verdict = checkCertificate(certificate as Certificate, sha256);
    const name = `certificate ${index + 1}`;
    if (verdict.ok) {
      counts.verified += 1;
      const { guaranteed, capital, legs } = certificate as Certificate;
      write(`VERIFIED ${name} — guaranteed ${guaranteed} on ${capital}, ${legs.length} legs`);
    } else {
      counts.refused += 1;
      write(`REFUSED ${name} — ${verdict.reason}`);
    }
  }
  return counts;
}

function read(path: string): readonly unknown[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${path}: no such file`);
  if (!stats.isFile()) throw new Error(`${path}: expected a file, found a folder`);
  if (stats.size > MOST_BYTES) throw new Error(`${path}: larger than ${MOST_BYTES} bytes`);
  const content = readFileSync(path, "utf8");
  const whole = parsed(content);
  if (whole !== undefined) return Array.isArray(whole) ? whole : [whole];
  const lines = content.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    const item = parsed(line);
    if (item === undefined) throw new Error(`${path}: line ${index + 1} is not JSON`);
    return item;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A `certificate` field may be JSON text: `emp sql --json` gives a row's JSON so. */
function certificateOf(item: unknown): unknown {
  if (typeof item !== "object" || item === null || !("certificate" in item)) return item;
  const { certificate } = item;
  return typeof certificate === "string" ? parsed(certificate) : certificate;
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CaptureError } from "./errors.ts";
import { requireFolder, writeFileAtomically } from "./files.ts";
import { FORMAT_VERSION } from "./format.ts";

export const HEADER_NAME = "journal.json";

const headerSchema = z.strictObject({
  formatVersion: z.number().int().positive(),
  /** Tells this journal from any other; every segment carries a hash of it. */
  id: z.string().min(1),
  /** Micros. */
  createdAt: z.number().int().nonnegative(),
  /** What made it: "run", "import kalshi-ws", "simulate". */
  origin: z.string(),
  venues: z.array(z.string()),
  profile: z.strictObject({ name: z.string(), hash: z.string() }),
  mappingsHash: z.string(),
  commit: z.string(),
  seed: z.number().int().nonnegative(),
  /** Informational: no part of the journal's identity. */
  nodeMajor: z.number().int().positive(),
  /** Most milliseconds of data facts a kill can cost. */
  flushIntervalMs: z.number().int().positive(),
  /** What had to be assumed about the recording, in words. */
  assumptions: z.array(z.string()),
});

/** What a journal says of itself: with its facts, everything a replay needs to give the same decisions. */
export type JournalHeader = Readonly<z.infer<typeof headerSchema>>;

/** Writes `journal.json`. @throws CaptureError `exists`, or `foreign` when a field is not what it must be. */
export function writeHeader(dir: string, header: JournalHeader): void {
  const path = join(dir, HEADER_NAME);
  if (existsSync(path)) {
    throw new CaptureError("exists", `journal ${dir}: already holds a journal; choose another folder`);
  }
  writeFileAtomically(path, `${JSON.stringify(parseHeader(path, header), null, 2)}\n`);
}

/** Reads and checks `journal.json`. @throws CaptureError `missing`, `empty`, `foreign` or `newer`. */
export function readHeader(dir: string): JournalHeader {
  requireFolder(dir);
  const path = join(dir, HEADER_NAME);
  if (!existsSync(path)) {
    const empty = readdirSync(dir).length === 0;
    throw new CaptureError(
      empty ? "empty" : "foreign",
      `journal ${dir}: ${empty ? "the folder is empty" : `no ${HEADER_NAME} in it; this is no journal`}`,
    );
  }
  const header = parseHeader(path, parseJson(readFileSync(path, "utf8")));
  if (header.formatVersion > FORMAT_VERSION) {
    throw new CaptureError(
      "newer",
      `journal ${path}: formatVersion: expected at most ${FORMAT_VERSION}, was ${header.formatVersion}; a newer EMP wrote it`,
    );
  }
  return header;
}

function parseHeader(path: string, value: unknown): JournalHeader {
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new CaptureError("foreign", `journal ${path}: ${where === "" ? "" : `${where}: `}${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

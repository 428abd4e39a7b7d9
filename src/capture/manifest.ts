import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CaptureError } from "./errors.ts";
import { segmentName, writeFileAtomically } from "./files.ts";

export const PARQUET_FOLDER = "parquet";
const MANIFEST_NAME = /^facts-\d{6,}\.json$/;

const manifestSchema = z.strictObject({
  version: z.literal(1),
  segment: z.number().int().positive(),
  firstSeq: z.number().int().nonnegative(),
  /** Facts and decisions. */
  records: z.number().int().nonnegative(),
  previousCrc: z.number().int().nonnegative(),
  /** Instant of the last record in Micros. */
  lastAt: z.number(),
  /** Of the segment file, which these Parquet files give back byte for byte. */
  sha256: z.string().length(64),
  bytes: z.number().int().positive(),
  /** Paths below the Parquet folder. */
  packed: z.array(z.string()),
  objects: z.array(z.string()),
  blocks: z.string(),
});

/** What is known of a segment that stands in Parquet. Written last: without it the files count as absent. */
export type SegmentManifest = Readonly<z.infer<typeof manifestSchema>>;

/** Manifests of all segments that stand in Parquet, by segment number. */
export function listManifests(dir: string): ReadonlyMap<number, SegmentManifest> {
  const folder = join(dir, PARQUET_FOLDER);
  const manifests = new Map<number, SegmentManifest>();
  if (!existsSync(folder)) return manifests;
  for (const name of readdirSync(folder).sort()) {
    if (!MANIFEST_NAME.test(name)) continue;
    const manifest = readManifest(join(folder, name));
    manifests.set(manifest.segment, manifest);
  }
  return manifests;
}

export function writeManifest(dir: string, manifest: SegmentManifest): void {
  writeFileAtomically(manifestPath(dir, manifest.segment), `${JSON.stringify(manifest, null, 2)}\n`);
}

export function manifestPath(dir: string, segment: number): string {
  return join(dir, PARQUET_FOLDER, segmentName("facts", segment).replace(".seg", ".json"));
}

function readManifest(path: string): SegmentManifest {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new CaptureError("corrupt", `journal ${path}: this is no manifest of a segment`, null, cause);
  }
}

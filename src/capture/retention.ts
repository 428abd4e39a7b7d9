import { statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Micros } from "../contracts/index.ts";
import { listSegments, requireFolder, type SegmentFile } from "./files.ts";
import { listManifests, PARQUET_FOLDER, type SegmentManifest } from "./manifest.ts";
import { removeProjection } from "./project.ts";

/** How much of one kind of file may stay. The oldest go first; what is not limited stays. */
export interface Limit {
  readonly bytesMax?: number;
  /** Age since the file was finished. */
  readonly ageMicrosMax?: number;
}

export interface RetentionPolicy {
  readonly raw?: Limit;
  /** Fact segments go only when they also stand in Parquet. */
  readonly facts?: Limit;
  /** Parquet of segments whose segment file is gone; after that the records are gone for good. */
  readonly parquet?: Limit;
}

export interface RetentionReport {
  readonly deleted: readonly string[];
  readonly freedBytes: number;
}

interface Candidate {
  readonly name: string;
  readonly bytes: number;
  readonly finishedAt: number;
  readonly mayGo: boolean;
  readonly remove: () => void;
}

const MICROS_PER_MS = 1_000;

/** Deletes what the policy no longer keeps. The newest segment of each log always stays: writing goes on behind it. */
export function applyRetention(dir: string, policy: RetentionPolicy, now: Micros): RetentionReport {
  requireFolder(dir);
  const manifests = listManifests(dir);
  const facts = listSegments(dir, "facts");
  const raw = listSegments(dir, "raw");
  const expired = [
    ...choose(
      segmentCandidates(raw, () => true),
      policy.raw,
      now,
    ),
    ...choose(
      segmentCandidates(facts, (segment) => manifests.has(segment.number)),
      policy.facts,
      now,
    ),
  ];
  const firstKept = facts.find(({ name }) => expired.every((candidate) => candidate.name !== name));
  const onlyInParquet = [...manifests.values()].filter(({ segment }) => segment < (firstKept?.number ?? 0));
  expired.push(...choose(parquetCandidates(dir, onlyInParquet), policy.parquet, now));
  for (const { remove } of expired) remove();
  return {
    deleted: expired.map(({ name }) => name),
    freedBytes: expired.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** From the oldest on, as long as something is over a limit and may go. */
function choose(candidates: readonly Candidate[], limit: Limit | undefined, now: number): Candidate[] {
  if (limit === undefined) return [];
  let bytes = candidates.reduce((sum, candidate) => sum + candidate.bytes, 0);
  const chosen: Candidate[] = [];
  for (const candidate of candidates) {
    const tooMuch = limit.bytesMax !== undefined && bytes > limit.bytesMax;
    const tooOld = limit.ageMicrosMax !== undefined && now - candidate.finishedAt > limit.ageMicrosMax;
    if (!candidate.mayGo || !(tooMuch || tooOld)) break;
    chosen.push(candidate);
    bytes -= candidate.bytes;
  }
  return chosen;
}

function segmentCandidates(
  segments: readonly SegmentFile[],
  mayGo: (segment: SegmentFile) => boolean,
): Candidate[] {
  return segments.map((segment, index) => ({
    name: segment.name,
    bytes: segment.bytes,
    finishedAt: statSync(segment.path).mtimeMs * MICROS_PER_MS,
    mayGo: index < segments.length - 1 && mayGo(segment),
    remove: () => unlinkSync(segment.path),
  }));
}

function parquetCandidates(dir: string, manifests: readonly SegmentManifest[]): Candidate[] {
  return manifests.map((manifest) => {
    const files = [...manifest.packed, ...manifest.objects, manifest.blocks];
    const stats = files.map((file) => statSync(join(dir, PARQUET_FOLDER, file)));
    return {
      name: `${PARQUET_FOLDER}: segment ${manifest.segment}`,
      bytes: stats.reduce((sum, { size }) => sum + size, 0),
      finishedAt: Math.max(...stats.map(({ mtimeMs }) => mtimeMs * MICROS_PER_MS)),
      mayGo: true,
      remove: () => removeProjection(dir, manifest.segment),
    };
  });
}

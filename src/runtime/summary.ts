import type { RunSummary } from "../contracts/index.ts";
import type { LoadedProfile } from "./profile/load.ts";
import type { Session } from "./session.ts";

/** What a finished session says of itself; the collector adds what it watched. */
export function summarise(input: {
  readonly session: Session;
  readonly loaded: LoadedProfile;
  readonly journal: string;
  readonly mode: RunSummary["mode"];
  readonly digest: string;
  readonly wallMs: number;
}): Omit<RunSummary, "quarantines" | "releases" | "equity"> {
  const { session, loaded, journal, mode, digest, wallMs } = input;
  const { replica, desk } = session.engine;
  const counters = replica.counters();
  return {
    version: 1,
    profile: loaded.profile.name,
    profileHash: loaded.hash,
    journal,
    mode,
    seed: seedNumber(loaded.profile.seed),
    nodeMajor: Number.parseInt(process.versions.node, 10),
    startedAt: session.startedAt,
    endedAt: session.engine.now,
    facts: session.facts,
    frames: session.frames,
    digest,
    books: { listed: counters.booksListed, valid: counters.booksValid },
    reasons: counters.reasons,
    diagnoses: session.engine.diagnosisCounts() as RunSummary["diagnoses"],
    latency: session.latency.summary(),
    ledger: desk.summary(),
    wallMs: Math.round(wallMs),
  };
}

/** Seeds are words; a summary and a journal header carry a number made of them (FNV-1a). */
export function seedNumber(seed: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

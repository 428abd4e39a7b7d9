import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { VenueId } from "../../src/contracts/index.ts";
import { type LoadedProfile, loadProfile } from "../../src/runtime/profile/load.ts";
import { FAULT_VENUES } from "./venues.ts";

const PROFILES = join(import.meta.dirname, "..", "..", "profiles");

/** One section of a profile, as a test changes it. */
type Section = Readonly<Record<string, unknown>>;

export interface ProfileChanges {
  readonly seed?: string;
  /** How many times as fast time passes. */
  readonly speed?: number;
  readonly feed?: Section;
  readonly embedded?: Section;
  /** `session` blocks by venue. */
  readonly sessions?: Readonly<Record<VenueId, Section>>;
}

/** A small market without plants. */
const SMALL_MARKET = {
  marketsPerVenue: 16,
  eventsPerSecond: 40,
  plantEveryMs: 0,
  crossEveryMs: 0,
  decoyEveryMs: 0,
  eventLifeMs: 36_000_000,
};

/** The canary profile on a small market, in which the engine itself never trades; written to `dir` and read from there. */
export function faultProfile(dir: string, changes: ProfileChanges): LoadedProfile {
  const { feed, embedded, sessions, seed = "faults", speed = 1 } = changes;
  const canary = loadProfile("canary", {}, [PROFILES]).profile;
  const venues = Object.fromEntries(
    FAULT_VENUES.map(({ id }) => [id, { module: id, session: sessions?.[id] ?? {} }]),
  );
  const profile = {
    ...canary,
    name: "faults",
    seed,
    venues,
    risk: { ...canary.risk, minEdge: "1000" },
    log: { ...canary.log, level: "silent" },
    // What lags behind lags in real time.
    feed: { ...canary.feed, rediscoverMs: 3_600_000, maxLagMs: canary.feed.maxLagMs * speed, ...feed },
    embedded: { ...canary.embedded, ...SMALL_MARKET, ...embedded },
  };
  const file = join(dir, "faults.yaml");
  writeFileSync(file, JSON.stringify(profile));
  return loadProfile(file, {}, []);
}

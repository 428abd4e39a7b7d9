import { setTimeout as sleep } from "node:timers/promises";
import type { LaneModule, Micros, RunSummary, VenueModule } from "../../contracts/index.ts";
import { SeededRng } from "../../sim/rng.ts";
import type { WorldOptions } from "../../sim/world/options.ts";
import { createWorld } from "../../sim/world/world.ts";
import { sha256Hex } from "../assemble.ts";
import { EmpError } from "../emp-error.ts";
import { Intake, NO_RAW } from "../intake.ts";
import { worldOptions } from "../profile/core-options.ts";
import type { LoadedProfile } from "../profile/load.ts";
import type { RunVenue } from "../replay/journal-venues.ts";
import { Pace } from "../replay/pace.ts";
import { WorldFeed } from "../world-feed.ts";
import { RunRecord } from "./run-record.ts";
import type { RunScreen } from "./run-screen.ts";
import { runVenues } from "./run-venues.ts";

const MICROS_PER_MS = 1000;
/** Actions between two turns of the event loop when the run does not wait for the clock. */
const ACTIONS_PER_TURN = 2000;
const EQUITY_EVERY_ACTIONS = 500;

export interface SimulatedRunSetup {
  readonly loaded: LoadedProfile;
  readonly venues: ReadonlyMap<string, VenueModule>;
  readonly lanes: ReadonlyMap<string, LaneModule<unknown>>;
  /** Folder of this run: `journal/`, `run.json`, `opportunities.ndjson`. */
  readonly outDir: string;
  /** Simulated time after which the run ends by itself; null = until stopped. */
  readonly durationMs: number | null;
  /** Simulated seconds per real second; 0 = as fast as possible. */
  readonly speed: number;
  readonly product: { readonly commit: string; readonly nodeMajor: number };
  readonly wallMicros: () => Micros;
  readonly stopped: () => boolean;
  /** Called once, when everything is ready to be watched. */
  readonly onReady: (screen: RunScreen) => void;
}

export interface SimulatedRunResult {
  readonly summary: RunSummary;
  readonly rows: number;
  readonly journal: string;
  readonly hazards: Readonly<Record<string, number>>;
}

/** Plays the embedded simulated market of a profile through the whole engine, on paper, into a journal. */
export async function simulatedRun(setup: SimulatedRunSetup): Promise<SimulatedRunResult> {
  const venues = runVenues(setup.loaded.profile, setup.venues);
  const world = requiredWorld(setup);
  const record = new RunRecord({
    ...setup,
    venues,
    origin: "simulate",
    assumptions: ["the market is simulated"],
  });
  try {
    const feed = await play(setup, world, venues, record);
    const summary = record.finish("simulate");
    return { summary, rows: record.rows, journal: record.journalDir, hazards: feed.hazards };
  } finally {
    await record.close();
  }
}

async function play(
  setup: SimulatedRunSetup,
  options: WorldOptions,
  venues: readonly RunVenue[],
  record: RunRecord,
): Promise<WorldFeed> {
  const { session, writer, screen } = record;
  const { profile } = setup.loaded;
  const intake = new Intake(session, profile.capture.rawFrames ? writer : NO_RAW, venues, {
    maxBooks: profile.limits.maxBooks,
    maxFrameBytes: profile.limits.maxFrameBytes,
  });
  const feed = new WorldFeed(intake, venues);
  const venueIndex = new Map(venues.map(({ id }, index) => [id, index]));
  const world = createWorld(options, new SeededRng(profile.seed));
  const pace = new Pace(setup.speed, setup.wallMicros);
  const endAt =
    setup.durationMs === null ? Number.POSITIVE_INFINITY : options.startAt + setup.durationMs * MICROS_PER_MS;
  setup.onReady(screen);
  for (let count = 1; !setup.stopped(); count++) {
    const action = world.next();
    if (action.at > endAt) break;
    if (pace.limited) {
      for (let ms = pace.waitMs(action.at); ms > 0 && !setup.stopped(); ms = pace.waitMs(action.at))
        await pace.wait(ms);
    } else if (count % ACTIONS_PER_TURN === 0) await sleep(0);
    const factsBefore = session.facts;
    const startedAt = setup.wallMicros();
    feed.act(action);
    if ("channel" in action) {
      screen.frame(
        venueIndex.get(action.venue) ?? 0,
        session.facts - factsBefore,
        setup.wallMicros() - startedAt,
      );
    }
    if (count % EQUITY_EVERY_ACTIONS === 0) record.sample();
  }
  return feed;
}

function requiredWorld(setup: SimulatedRunSetup): WorldOptions {
  const { profile } = setup.loaded;
  const options = worldOptions(profile, sha256Hex);
  if (options !== null) return options;
  throw new EmpError(
    "profile.world",
    `profile ${profile.name}: world: expected a section, found none; this profile plays recordings (emp replay)`,
  );
}

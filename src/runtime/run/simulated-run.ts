import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type JournalWriter, openJournal } from "../../capture/writer.ts";
import type { LaneModule, Micros, RunSummary, VenueModule } from "../../contracts/index.ts";
import { openLog } from "../../observe/log.ts";
import { SeededRng } from "../../sim/rng.ts";
import type { WorldOptions } from "../../sim/world/options.ts";
import { createWorld } from "../../sim/world/world.ts";
import { assembleSession, sha256Hex } from "../assemble.ts";
import { EmpError } from "../emp-error.ts";
import { Intake, NO_RAW } from "../intake.ts";
import { JournalRecorder } from "../journal-recorder.ts";
import { worldOptions } from "../profile/core-options.ts";
import type { LoadedProfile } from "../profile/load.ts";
import { type RunVenue, venueText } from "../replay/journal-venues.ts";
import { Pace } from "../replay/pace.ts";
import { RunCollector } from "../run-collector.ts";
import type { Session } from "../session.ts";
import { seedNumber, summarise } from "../summary.ts";
import { WorldFeed } from "../world-feed.ts";
import { LogTap } from "./log-tap.ts";
import { RunScreen } from "./run-screen.ts";

/** Structured log of a run, beside its rows, where the profile names no other file. */
const LOG_FILE = "run.log";
const GRACE_MICROS = 60_000_000;
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
  const { loaded, outDir } = setup;
  const venues = runVenues(setup);
  const world = requiredWorld(setup);
  const journalDir = join(outDir, "journal");
  const writer = openJournal(journalDir, newJournal(setup, venues), {
    flushIntervalMs: loaded.profile.capture.flushIntervalMs,
    segmentBytes: loaded.profile.capture.segmentBytes,
    durability: loaded.profile.capture.durability,
  });
  const collector = new RunCollector(outDir);
  const { level, file } = loaded.profile.log;
  const log = openLog({ level, file: file ?? join(outDir, LOG_FILE) }).with({ run: writer.header.id });
  const screen = new RunScreen(loaded, venues, journalDir, setup.speed, setup.wallMicros);
  const session = assembleSession(
    loaded.profile,
    venues.map(({ id, module }) => ({ id, currency: module.scales.currency })),
    setup.lanes,
    new JournalRecorder(writer),
    [collector, screen, new LogTap(log)],
  );
  screen.attach(session);
  const flushing = setInterval(() => flush(writer, screen), loaded.profile.capture.flushIntervalMs);
  const startedMicros = setup.wallMicros();
  try {
    const feed = await play(setup, world, venues, session, writer, collector, screen);
    const digest = session.finish(GRACE_MICROS);
    collector.equity(session.engine.now, session.engine.desk.equity());
    const wallMs = (setup.wallMicros() - startedMicros) / MICROS_PER_MS;
    const summary = collector.finish(
      summarise({ session, loaded, journal: "journal", mode: "simulate", digest, wallMs }),
    );
    return { summary, rows: collector.rows, journal: journalDir, hazards: feed.hazards };
  } finally {
    clearInterval(flushing);
    log.close();
    await writer.close();
  }
}

async function play(
  setup: SimulatedRunSetup,
  options: WorldOptions,
  venues: readonly RunVenue[],
  session: Session,
  writer: JournalWriter,
  collector: RunCollector,
  screen: RunScreen,
): Promise<WorldFeed> {
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
    if (count % EQUITY_EVERY_ACTIONS === 0)
      collector.equity(session.engine.now, session.engine.desk.equity());
  }
  return feed;
}

function flush(writer: JournalWriter, screen: RunScreen): void {
  if (writer.flush()) screen.health("ok", "running");
  else screen.health("halted", "the journal cannot be written: trading is off");
}

function runVenues(setup: SimulatedRunSetup): readonly RunVenue[] {
  const { profile } = setup.loaded;
  return Object.entries(profile.venues)
    .filter(([, venue]) => venue.enabled)
    .map(([id, venue]) => {
      const module = setup.venues.get(venue.module);
      if (module === undefined) {
        const known = [...setup.venues.keys()].join(", ");
        throw new EmpError(
          "profile.venue",
          `profile ${profile.name}: venues.${id}.module: expected one of ${known}, found "${venue.module}"`,
        );
      }
      return { id, module };
    });
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

function newJournal(
  setup: SimulatedRunSetup,
  venues: readonly RunVenue[],
): Parameters<typeof openJournal>[1] {
  const { profile, hash } = setup.loaded;
  const now = setup.wallMicros();
  return {
    id: createHash("sha256").update(`${now} ${hash} ${process.pid}`).digest("hex").slice(0, 32),
    createdAt: now,
    origin: "simulate",
    venues: venues.map(({ id, module }) => venueText(id, module.id)),
    profile: { name: profile.name, hash },
    mappingsHash: "",
    commit: setup.product.commit,
    seed: seedNumber(profile.seed),
    nodeMajor: setup.product.nodeMajor,
    assumptions: ["the market is simulated"],
  };
}

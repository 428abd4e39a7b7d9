import { openRawReader } from "../../capture/raw-reader.ts";
import type { Micros } from "../../contracts/index.ts";
import { EmpError } from "../emp-error.ts";
import { CONNECTIONS_PER_VENUE, Intake, NO_RAW } from "../intake.ts";
import type { LoadedProfile } from "../profile/load.ts";
import { Arm, type ReplayResult, type ReplaySetup } from "./arm.ts";
import { venuesOf } from "./journal-venues.ts";
import { CountingRecorder } from "./recorders.ts";

/**
 * What-if from the raw venue bytes: every frame goes through today's mappers again, then the whole engine.
 * Facts are numbered anew, so digests compare with other raw replays of the same journal.
 */
export async function replayFromRaw(
  setup: ReplaySetup,
  dir: string,
  loaded: LoadedProfile,
  outDir: string,
): Promise<ReplayResult> {
  const raw = openRawReader(dir);
  if (!raw.startsAtTheBeginning) {
    raw.close();
    throw new EmpError(
      "replay.raw",
      `replay: --from=raw: expected raw frames from the beginning, found the first segments gone (retention): ${dir}; replay the facts instead`,
    );
  }
  const arm = new Arm(setup, loaded, new CountingRecorder(), outDir);
  const intake = new Intake(arm.session, NO_RAW, venuesOf(setup.reader.header, setup.venues), {
    maxBooks: loaded.profile.limits.maxBooks,
    maxFrameBytes: loaded.profile.limits.maxFrameBytes,
  });
  let frames = 0;
  const visitor = {
    frame: (connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void => {
      frames++;
      intake.frame(venueOf(connection), connection % CONNECTIONS_PER_VENUE, recvAt, bytes, start, end);
    },
    object: (fact: Parameters<Intake["object"]>[0], at: number): void => intake.object(fact, at as Micros),
    connection: (connection: number, state: "opened" | "lost", at: number): void =>
      intake.connection(venueOf(connection), connection % CONNECTIONS_PER_VENUE, state, at as Micros),
  };
  try {
    while (!setup.stopped() && raw.visitNext(visitor)) {
      setup.progress(arm.session.facts, arm.session.engine.now);
      await setup.pace.breathe();
    }
  } finally {
    raw.close();
  }
  if (frames === 0)
    throw new EmpError(
      "replay.raw",
      `replay: --from=raw: expected raw frames in the journal, found none: ${dir}`,
    );
  return arm.finish("replay-whatif");
}

function venueOf(connection: number): number {
  return Math.floor(connection / CONNECTIONS_PER_VENUE);
}

import type { LoadedProfile } from "../profile/load.ts";
import { Arm, type ReplayResult, type ReplaySetup, worldOnly } from "./arm.ts";
import { ReplayRecorder } from "./recorders.ts";
import { walkJournal } from "./records.ts";

/** What-if: only what happened in the world is taken from the journal; everything else is made anew under the profile. */
export async function replayWhatIf(
  setup: ReplaySetup,
  loaded: LoadedProfile,
  outDir: string,
): Promise<ReplayResult> {
  const arm = new Arm(setup, loaded, new ReplayRecorder(), outDir);
  await walkJournal(setup.reader, worldOnly([arm]), setup.pace, () => !setup.stopped());
  return arm.finish("replay-whatif");
}

import type { LoadedProfile } from "../profile/load.ts";
import { Arm, type ReplayResult, type ReplaySetup, worldOnly } from "./arm.ts";
import { type Divergence, StreamComparer } from "./divergence.ts";
import { ComparingRecorder } from "./recorders.ts";
import { walkJournal } from "./records.ts";

export interface AgainstResult {
  readonly a: ReplayResult;
  readonly b: ReplayResult;
  /** First judgement of any kind that differs. */
  readonly first: Divergence | null;
  /** First decision about an opportunity that differs. */
  readonly firstDecision: Divergence | null;
}

/** Two profiles over the same recorded bytes, in one walk, compared after every fact. */
export async function replayAgainst(
  setup: ReplaySetup,
  a: LoadedProfile,
  b: LoadedProfile,
  outDirs: readonly [string, string],
): Promise<AgainstResult> {
  const all = new StreamComparer();
  const decisions = new StreamComparer();
  const armA = new Arm(setup, a, new ComparingRecorder([all], "a", null, decisions), outDirs[0]);
  const armB = new Arm(setup, b, new ComparingRecorder([all], "b", null, decisions), outDirs[1]);
  const level = (seq: number, at: number): void => {
    all.level(seq, at);
    decisions.level(seq, at);
  };
  await walkJournal(setup.reader, worldOnly([armA, armB], level), setup.pace, () => !setup.stopped());
  return {
    a: armA.finish("replay-whatif"),
    b: armB.finish("replay-whatif"),
    first: all.divergence,
    firstDecision: decisions.divergence,
  };
}

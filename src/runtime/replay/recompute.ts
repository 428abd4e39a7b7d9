import { FACT_WORDS, type Kind, type Side, W_BOOK, W_HEAD, W_PRICE } from "../../contracts/index.ts";
import type { LoadedProfile } from "../profile/load.ts";
import { Arm, type ReplayResult, type ReplaySetup, worldOnly } from "./arm.ts";
import {
  type Divergence,
  decisionText,
  quoteText,
  replyText,
  StreamComparer,
  tickText,
} from "./divergence.ts";
import { ComparingRecorder } from "./recorders.ts";
import { type RecordVisitor, walkJournal } from "./records.ts";

export interface RecomputeResult extends ReplayResult {
  readonly divergence: Divergence | null;
  readonly checkpoints: number;
  /** False when the journal holds no end of its run (it was killed) or the replay was stopped: compared as far as it goes. */
  readonly complete: boolean;
}

/**
 * Recompute: like what-if, and every reply, decision and checkpoint must equal the recorded one at the same place.
 * A lane that cheats, an exchange that is not deterministic or a changed rule is found here at its exact event.
 */
export async function replayRecompute(
  setup: ReplaySetup,
  loaded: LoadedProfile,
  outDir: string,
): Promise<RecomputeResult> {
  const comparer = new StreamComparer();
  const recorder = new ComparingRecorder([comparer], "b", (seq, digest) =>
    comparer.pushB(`checkpoint ${seq} ${digest}`, seq, 0),
  );
  const arm = new Arm(setup, loaded, recorder, outDir);
  const world = worldOnly([arm]);
  let checkpoints = 0;
  let factSeq = -1;
  let complete = false;
  const visitor: RecordVisitor = {
    worldPacked: (i32, f64, index, seq) => {
      factSeq = seq;
      world.worldPacked(i32, f64, index, seq);
    },
    worldObject: (fact, at, seq) => {
      factSeq = seq;
      world.worldObject(fact, at, seq);
    },
    reply: (fact, at) => {
      complete = fact.kind === "run.ended";
      comparer.pushA(replyText(fact), factSeq, at);
    },
    tick: (at) => comparer.pushA(tickText(at), factSeq, at),
    packedDecision: (i32, index, at) => comparer.pushA(packedText(i32, index), factSeq, at),
    decision: (decision, at) => comparer.pushA(decisionText(decision), factSeq, at),
    checkpoint: (seq, digest) => {
      checkpoints++;
      comparer.pushA(`checkpoint ${seq} ${digest}`, factSeq, 0);
    },
  };
  await walkJournal(
    setup.reader,
    visitor,
    setup.pace,
    () => comparer.divergence === null && !setup.stopped(),
  );
  const result = arm.finish("replay-recompute");
  if (setup.stopped()) complete = false;
  else if (complete) comparer.level(factSeq, arm.session.engine.now);
  else comparer.cutOff(factSeq, arm.session.engine.now);
  return { ...result, divergence: comparer.divergence, checkpoints, complete };
}

function packedText(i32: Int32Array, index: number): string {
  const word = index * FACT_WORDS;
  const head = i32[word + W_HEAD]!;
  return quoteText(
    (head & 0xff) as Kind,
    ((head >> 8) & 0xff) as Side,
    i32[word + W_BOOK]!,
    i32[word + W_PRICE]!,
  );
}

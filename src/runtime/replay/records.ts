import type { Block, JournalReader, ObjectsBlock, PackedBlock } from "../../capture/reader.ts";
import {
  type Decision,
  FACT_SLOTS,
  FACT_WORDS,
  FIRST_DECISION_KIND,
  FLAG_FRAME_END,
  isWorldFact,
  Kind,
  type Micros,
  type ObjectFact,
  S_RECV,
  W_HEAD,
} from "../../contracts/index.ts";
import type { Pace } from "./pace.ts";

/** Gets the records of a journal one by one, in order, told apart by what they are. */
export interface RecordVisitor {
  worldPacked(i32: Int32Array, f64: Float64Array, index: number, seq: number): void;
  worldObject(fact: ObjectFact, at: Micros, seq: number): void;
  reply(fact: ObjectFact, at: Micros, seq: number): void;
  tick(at: Micros, seq: number): void;
  packedDecision(i32: Int32Array, index: number, at: Micros, seq: number): void;
  decision(decision: Decision, at: Micros, seq: number): void;
  checkpoint(seq: number, digest: string, state: string): void;
}

/**
 * Walks a journal from start to end in bounded memory.
 * @param going asked after every block; false ends the walk early.
 */
export async function walkJournal(
  reader: JournalReader,
  visitor: RecordVisitor,
  pace: Pace,
  going: () => boolean,
): Promise<void> {
  for (let block = reader.next(); block !== null && going(); block = reader.next()) {
    if (pace.limited) await walkPaced(block, visitor, pace, going);
    else walkBlock(block, visitor);
    await pace.breathe();
  }
}

function walkBlock(block: Block, visitor: RecordVisitor): void {
  if (block.kind === "packed") walkPacked(block, 0, block.count, visitor);
  else if (block.kind === "objects") walkObjects(block, visitor);
  else visitor.checkpoint(block.checkpoint.seq, block.checkpoint.digest, block.checkpoint.state);
}

/** Frame by frame, waiting where the recorded instants ask for it. */
async function walkPaced(
  block: Block,
  visitor: RecordVisitor,
  pace: Pace,
  going: () => boolean,
): Promise<void> {
  if (block.kind !== "packed") {
    walkBlock(block, visitor);
    return;
  }
  let start = 0;
  for (let index = 0; index < block.count && going(); index++) {
    if ((block.i32[index * FACT_WORDS + W_HEAD]! & (FLAG_FRAME_END << 16)) === 0) continue;
    const at = block.f64[index * FACT_SLOTS + S_RECV]!;
    for (let ms = pace.waitMs(at); ms > 0 && going(); ms = pace.waitMs(at)) await pace.wait(ms);
    walkPacked(block, start, index + 1, visitor);
    start = index + 1;
  }
  if (going()) walkPacked(block, start, block.count, visitor);
}

function walkObjects(block: ObjectsBlock, visitor: RecordVisitor): void {
  for (const record of block.records) {
    const at = record.at as Micros;
    if (record.type === "decision") visitor.decision(record.decision, at, record.seq);
    else if (isWorldFact(record.fact.kind)) visitor.worldObject(record.fact, at, record.seq);
    else visitor.reply(record.fact, at, record.seq);
  }
}

function walkPacked(block: PackedBlock, from: number, to: number, visitor: RecordVisitor): void {
  const { i32, f64, firstSeq } = block;
  for (let index = from; index < to; index++) {
    const kind = i32[index * FACT_WORDS + W_HEAD]! & 0xff;
    if (kind < Kind.TICK) visitor.worldPacked(i32, f64, index, firstSeq + index);
    else {
      const at = f64[index * FACT_SLOTS + S_RECV]! as Micros;
      if (kind >= FIRST_DECISION_KIND) visitor.packedDecision(i32, index, at, firstSeq + index);
      else visitor.tick(at, firstSeq + index);
    }
  }
}

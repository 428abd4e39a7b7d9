import { type Decision, FACT_SLOTS, FACT_WORDS, isWorldFact, Kind, type Micros, type ObjectFact, S_RECV, W_HEAD } from "../../contracts/index.ts";
import type { JournalReader } from "../../capture/reader.ts";

/** First kind that is a decision. */
export const FIRST_DECISION_KIND = 64;

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
 * Walks a journal from start to end.
 * @param going asked after every block; false ends the walk early.
 */
export function walkJournal(reader: JournalReader, visitor: RecordVisitor, going: () => boolean): void {
  for (let block = reader.next(); block !== null; block = reader.next()) {
    if (block.kind === "packed") walkPacked(block.i32, block.f64, block.count, block.firstSeq, visitor);
    else if (block.kind === "checkpoint") {
      const { seq, digest, state } = block.checkpoint;
      visitor.checkpoint(seq, digest, state);
    } else {
      for (const record of block.records) {
        const at = record.at as Micros;
        if (record.type === "decision") visitor.decision(record.decision, at, record.seq);
        else if (isWorldFact(record.fact.kind)) visitor.worldObject(record.fact, at, record.seq);
        else visitor.reply(record.fact, at, record.seq);
      }
    }
    if (!going()) return;
  }
}

function walkPacked(i32: Int32Array, f64: Float64Array, count: number, firstSeq: number, visitor: RecordVisitor): void {
  for (let index = 0; index < count; index++) {
    const kind = i32[index * FACT_WORDS + W_HEAD]! & 0xff;
    if (kind < Kind.TICK) visitor.worldPacked(i32, f64, index, firstSeq + index);
    else {
      const at = f64[index * FACT_SLOTS + S_RECV]! as Micros;
      if (kind >= FIRST_DECISION_KIND) visitor.packedDecision(i32, index, at, firstSeq + index);
      else visitor.tick(at, firstSeq + index);
    }
  }
}

import type { JournalWriter } from "../capture/writer.ts";
import type { Decision, Kind, Micros, ObjectFact, Side } from "../contracts/index.ts";
import { Kind as Kinds } from "../contracts/index.ts";
import { EmpError } from "./emp-error.ts";
import type { Recorder } from "./session.ts";

/** Records a session into a journal. */
export class JournalRecorder implements Recorder {
  readonly #writer: JournalWriter;
  #factSeq = 0;

  constructor(writer: JournalWriter) {
    this.#writer = writer;
  }

  worldPacked(i32: Int32Array, f64: Float64Array, index: number): number {
    this.#factSeq = this.#writer.nextSeq;
    this.#writer.packed(i32, f64, index);
    return this.#factSeq;
  }

  worldObject(fact: ObjectFact, at: Micros): number {
    this.#factSeq = this.#writer.nextSeq;
    this.#writer.facts.object(fact, at);
    return this.#factSeq;
  }

  reply(fact: ObjectFact, at: Micros): void {
    this.#writer.facts.object(fact, at);
  }

  tick(at: Micros): void {
    this.#writer.facts.put(Kinds.TICK, 0, 0, -1, 0, -1, -1, at, 0, -1);
  }

  quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void {
    this.#writer.putDecision(kind, side, book, reasonNumber, at, this.#factSeq);
  }

  decision(decision: Decision, at: Micros): void {
    this.#writer.decision(decision, at);
  }

  /** @throws Error when the journal cannot be written: then no order may be sent. */
  barrier(): void {
    if (!this.#writer.barrier())
      throw new EmpError(
        "journal.full",
        "journal: the disk refuses to take records, so no order may be sent; make room and start again",
      );
  }

  checkpoint(seq: number, digest: string, state: string): void {
    this.#writer.checkpoint(seq, digest, state);
  }
}

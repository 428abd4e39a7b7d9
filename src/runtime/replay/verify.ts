import type { JournalReader } from "../../capture/reader.ts";
import {
  type Command,
  type Decision,
  FACT_SLOTS,
  FACT_WORDS,
  type Kind,
  type Micros,
  type ObjectFact,
  S_RECV,
  type Side,
  W_BOOK,
  W_HEAD,
  W_PRICE,
} from "../../contracts/index.ts";
import type { Engine } from "../../core/engine.ts";
import type { EngineOutput } from "../../core/output.ts";
import { DecisionDigest } from "../decision-digest.ts";
import { type Divergence, decisionText, quoteText, StreamComparer } from "./divergence.ts";
import type { Pace } from "./pace.ts";
import { type RecordVisitor, walkJournal } from "./records.ts";

export interface VerifyResult {
  readonly ok: boolean;
  readonly facts: number;
  readonly decisions: number;
  readonly checkpoints: number;
  /** Digest of the last checkpoint that agreed. */
  readonly digest: string;
  readonly divergence: Divergence | null;
  /** False when the journal holds no end of its run (it was killed) or the replay was stopped: compared as far as it goes. */
  readonly complete: boolean;
}

/**
 * Feeds every recorded fact, replies included, to a fresh engine and compares each decision with the recorded one and
 * each checkpoint with the recorded digest. Lanes are not run: their recorded results are facts here.
 */
export class Verifier implements EngineOutput {
  readonly #comparer = new StreamComparer();
  readonly #digest = new DecisionDigest();
  #engine: Engine | null = null;
  #factSeq = -1;
  #at = 0;
  #facts = 0;
  #recorded = 0;
  #checkpoints = 0;
  #agreed = "";
  #ended = false;

  attach(engine: Engine): void {
    this.#engine = engine;
  }

  async run(reader: JournalReader, pace: Pace, stopped: () => boolean): Promise<VerifyResult> {
    await walkJournal(
      reader,
      this.#recordedSide,
      pace,
      () => this.#comparer.divergence === null && !stopped(),
    );
    const complete = this.#ended && !stopped();
    if (complete) this.#level();
    else if (!stopped()) this.#comparer.cutOff(this.#factSeq, this.#at);
    return {
      ok: this.#comparer.divergence === null,
      facts: this.#facts,
      decisions: this.#recorded,
      checkpoints: this.#checkpoints,
      digest: this.#agreed,
      divergence: this.#comparer.divergence,
      complete,
    };
  }

  quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void {
    this.#digest.packed(kind, side, book, reasonNumber, this.#factSeq);
    this.#comparer.pushB(quoteText(kind, side, book, reasonNumber), this.#factSeq, at);
  }

  decision(decision: Decision, at: Micros): void {
    this.#digest.object(decision, this.#factSeq);
    this.#comparer.pushB(decisionText(decision), this.#factSeq, at);
  }

  command(command: Command, at: Micros): void {
    if (command.kind !== "wake") this.decision({ kind: "command.issued", command }, at);
  }

  /** What the journal says, record by record. */
  readonly #recordedSide: RecordVisitor = {
    worldPacked: (i32, f64, index, seq) => {
      this.#next(seq, f64[index * FACT_SLOTS + S_RECV]!);
      if (this.#running().step(i32, f64, index, seq)) this.#running().skipScan();
    },
    worldObject: (fact: ObjectFact, at: Micros, seq: number) => {
      this.#next(seq, at);
      this.#running().object(fact, at, seq);
      this.#running().skipScan();
    },
    reply: (fact, at) => {
      this.#ended = fact.kind === "run.ended";
      this.#running().object(fact, at, this.#factSeq);
    },
    tick: (at) => this.#running().tick(at),
    packedDecision: (i32, index, at) => {
      const word = index * FACT_WORDS;
      const head = i32[word + W_HEAD]!;
      const text = quoteText(
        (head & 0xff) as Kind,
        ((head >> 8) & 0xff) as Side,
        i32[word + W_BOOK]!,
        i32[word + W_PRICE]!,
      );
      this.#recorded++;
      this.#comparer.pushA(text, this.#factSeq, at);
    },
    decision: (decision, at) => {
      this.#recorded++;
      this.#comparer.pushA(decisionText(decision), this.#factSeq, at);
    },
    checkpoint: (seq, digest, state) => this.#checkpoint(seq, digest, state),
  };

  #checkpoint(seq: number, digest: string, state: string): void {
    this.#level();
    const [a, b] = this.#running().replica.stateDigest();
    const mine = this.#digest.link(seq, a, b);
    const myState = `${a >>> 0}:${b >>> 0}`;
    this.#checkpoints++;
    if (mine === digest) {
      this.#agreed = digest;
      return;
    }
    const what = myState === state ? "decisions" : "books";
    this.#comparer.pushA(`checkpoint ${what} ${digest} ${state}`, seq, this.#at);
    this.#comparer.pushB(`checkpoint ${what} ${mine} ${myState}`, seq, this.#at);
  }

  #running(): Engine {
    if (this.#engine === null) throw new Error("verify: no engine attached");
    return this.#engine;
  }

  #next(seq: number, at: number): void {
    this.#level();
    this.#factSeq = seq;
    this.#at = at;
    this.#facts++;
  }

  #level(): void {
    this.#comparer.level(this.#factSeq, this.#at);
  }
}

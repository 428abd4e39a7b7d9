import type { Decision, Kind, Micros, ObjectFact, Side } from "../../contracts/index.ts";
import type { Recorder } from "../session.ts";
import { decisionText, quoteText, replyText, type StreamComparer, tickText } from "./divergence.ts";

/** For a replay that writes no journal: world facts keep the seq they were recorded with. */
export class ReplayRecorder implements Recorder {
  seq = -1;

  worldPacked(): number {
    return this.seq;
  }

  worldObject(): number {
    return this.seq;
  }

  reply(_fact: ObjectFact, _at: Micros): void {}
  tick(_at: Micros): void {}
  quote(_kind: Kind, _side: Side, _book: number, _reasonNumber: number, _at: Micros): void {}
  decision(_decision: Decision, _at: Micros): void {}
  barrier(): void {}
  checkpoint(_seq: number, _digest: string, _state: string): void {}
}

/** Hands everything that is judged to one side of a comparer; world facts are where both sides must be level. */
export class ComparingRecorder extends ReplayRecorder {
  readonly #push: (text: string, factSeq: number, at: number) => void;
  readonly #level: (factSeq: number, at: number) => void;
  readonly #onCheckpoint: ((seq: number, digest: string, state: string) => void) | null;
  #world = -1;
  #at = 0;

  constructor(
    comparer: StreamComparer,
    side: "a" | "b",
    onCheckpoint: ((seq: number, digest: string, state: string) => void) | null,
    levels: boolean,
  ) {
    super();
    this.#push = side === "a" ? (...args) => comparer.pushA(...args) : (...args) => comparer.pushB(...args);
    this.#level = levels ? (factSeq, at) => comparer.level(factSeq, at) : () => {};
    this.#onCheckpoint = onCheckpoint;
  }

  override worldPacked(): number {
    return this.#next();
  }

  override worldObject(): number {
    return this.#next();
  }

  override reply(fact: ObjectFact, at: Micros): void {
    this.#give(replyText(fact), at);
  }

  override tick(at: Micros): void {
    this.#give(tickText(at), at);
  }

  override quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void {
    this.#give(quoteText(kind, side, book, reasonNumber), at);
  }

  override decision(decision: Decision, at: Micros): void {
    this.#give(decisionText(decision), at);
  }

  override checkpoint(seq: number, digest: string, state: string): void {
    this.#onCheckpoint?.(seq, digest, state);
  }

  #next(): number {
    this.#level(this.#world, this.#at);
    this.#world = this.seq;
    return this.seq;
  }

  #give(text: string, at: number): void {
    this.#at = at;
    this.#push(text, this.#world, at);
  }
}

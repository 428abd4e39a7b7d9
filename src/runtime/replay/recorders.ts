import type { Decision, Kind, Micros, ObjectFact, Side } from "../../contracts/index.ts";
import type { Recorder } from "../session.ts";
import { decisionText, quoteText, replyText, type StreamComparer, tickText } from "./divergence.ts";

/** For a replay that writes no journal: world facts keep the seq they were recorded with. */
export class ReplayRecorder implements Recorder {
  /** Set by the walk before each world fact. */
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

/** For a replay whose facts are made anew: they are numbered from 1. */
export class CountingRecorder extends ReplayRecorder {
  #next = 1;

  override worldPacked(): number {
    return this.#next++;
  }

  override worldObject(): number {
    return this.#next++;
  }
}

/**
 * Hands everything that is judged to one side of the comparers. Alone on its side of a journal (side "b") it also
 * checks, before each world fact, that both sides are level.
 */
export class ComparingRecorder extends ReplayRecorder {
  readonly #all: readonly StreamComparer[];
  readonly #side: "a" | "b";
  readonly #onCheckpoint: ((seq: number, digest: string) => void) | null;
  readonly #decisionsOnly: StreamComparer | null;
  #world = -1;
  #at = 0;

  /** @param decisionsOnly gets decisions about opportunities alone; given when two live arms are compared. */
  constructor(
    all: readonly StreamComparer[],
    side: "a" | "b",
    onCheckpoint: ((seq: number, digest: string) => void) | null,
    decisionsOnly: StreamComparer | null = null,
  ) {
    super();
    this.#all = all;
    this.#side = side;
    this.#onCheckpoint = onCheckpoint;
    this.#decisionsOnly = decisionsOnly;
  }

  override worldPacked(): number {
    return this.#next();
  }

  override worldObject(): number {
    return this.#next();
  }

  override reply(fact: ObjectFact, at: Micros): void {
    this.#give(this.#all, replyText(fact), at);
  }

  override tick(at: Micros): void {
    this.#give(this.#all, tickText(at), at);
  }

  override quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void {
    this.#give(this.#all, quoteText(kind, side, book, reasonNumber), at);
  }

  override decision(decision: Decision, at: Micros): void {
    const text = decisionText(decision);
    this.#give(this.#all, text, at);
    if (this.#decisionsOnly !== null) this.#give([this.#decisionsOnly], text, at);
  }

  override checkpoint(seq: number, digest: string, _state: string): void {
    this.#onCheckpoint?.(seq, digest);
  }

  #next(): number {
    if (this.#decisionsOnly === null) for (const comparer of this.#all) comparer.level(this.#world, this.#at);
    this.#world = this.seq;
    return this.seq;
  }

  #give(comparers: readonly StreamComparer[], text: string, at: number): void {
    this.#at = at;
    for (const comparer of comparers) {
      if (this.#side === "a") comparer.pushA(text, this.#world, at);
      else comparer.pushB(text, this.#world, at);
    }
  }
}

import type { Finding, Micros, ObjectFact } from "../../contracts/index.ts";

/** An object fact and the number of packed records of its batch put before it. */
export interface PlacedFact {
  readonly before: number;
  readonly fact: ObjectFact;
  readonly at: Micros;
  readonly seq: number;
}

/** Books whose families are to be looked at again, after `before` packed records. */
export interface PlacedLook {
  readonly before: number;
  readonly book: number;
}

/** A run of facts for a lane's own replica. The buffers are the lane's: they are moved, not shared. */
export interface LaneBatch {
  readonly kind: "batch";
  readonly id: number;
  readonly count: number;
  /** `count` packed records. */
  readonly records: ArrayBuffer;
  /** Seq of each packed record. */
  readonly seqs: Float64Array;
  readonly objects: readonly PlacedFact[];
  readonly looks: readonly PlacedLook[];
}

/** What a lane found at one fact. */
export interface SeqFindings {
  readonly seq: number;
  readonly findings: readonly Finding[];
}

/** A lane's answer to one batch. */
export interface LaneAnswer {
  readonly kind: "answer";
  readonly id: number;
  readonly results: readonly SeqFindings[];
  /** Pairs of family index and reason number, the last of each family. */
  readonly diagnoses: Int32Array;
  readonly tookMicros: number;
}

/** What a worker is started with. */
export interface LaneWorkerSetup {
  readonly lane: string;
  readonly options: unknown;
  readonly maxBooks: number;
  readonly denseBudgetBytes: number;
  readonly firewall: import("../../core/market/options.ts").FirewallOptions;
}

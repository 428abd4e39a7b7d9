import type { Command, Decision, Kind, Micros, Side } from "../contracts/index.ts";

/** Where the engine's judgements go: recorded, hashed, shown. Called synchronously, in order. */
export interface EngineOutput {
  /** A judgement about one side of one book (quarantine, release, refusal). */
  quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void;
  decision(decision: Decision, at: Micros): void;
  command(command: Command, at: Micros): void;
}

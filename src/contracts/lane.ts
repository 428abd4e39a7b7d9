import type { Side } from "./fact.ts";
import type { Family, Instrument } from "./market.ts";
import type { Finding } from "./opportunity.ts";
import type { Sha256Hex } from "./ports.ts";
import type { BookId, Lots, Micros, Ticks } from "./units.ts";

/** One ladder level on the book's own scale. */
export interface Level {
  readonly ticks: Ticks;
  readonly lots: Lots;
}

/**
 * What a lane may see: the books as of one fact. Quotes that the firewall bars are not visible.
 * Reading is free of allocation except `ladder`.
 */
export interface MarketView {
  readonly now: Micros;
  readonly factSeq: number;
  instrument(book: BookId): Instrument | undefined;
  /** Indices of all families; a family's index is stable while it is listed. */
  familyCount(): number;
  family(index: number): Family;
  /** Families that contain this book. */
  familiesOf(book: BookId): readonly number[];
  /** 0 when the side may be used for decisions, else the number of the reason. */
  barred(book: BookId, side: Side): number;
  /** Best price of a side whatever its standing; -1 when the side is empty. */
  bestTicks(book: BookId, side: Side): number;
  bestLots(book: BookId, side: Side): number;
  /** Up to `maxLevels` levels, best first. Allocates: call only when an edge is in sight. */
  ladder(book: BookId, side: Side, maxLevels: number): readonly Level[];
  /** Median over the last valid books of the size at or better than `limitTicks`; -1 when too few valid books. */
  settledLots(book: BookId, side: Side, limitTicks: number): number;
  readonly sha256: Sha256Hex;
}

export interface LaneOutput {
  finding(finding: Finding): void;
  /** Why this family gave nothing (or `lane.emitted`): a reason number. Called once per family looked at. */
  diagnose(familyIndex: number, reasonNumber: number): void;
}

/** Pure: the same view and the same changed families give the same findings. Keeps no state between scans. */
export interface Lane {
  /** `changed` holds `changedCount` distinct family indices whose quotes moved. */
  scan(view: MarketView, changed: Int32Array, changedCount: number, out: LaneOutput): void;
}

export interface LaneModule<Options> {
  readonly id: string;
  readonly about: string;
  /** Reads the options block of a profile; throws an Error whose message names the field, what was expected and found. */
  parse(options: unknown): Options;
  create(options: Options): Lane;
}

/** Helper for inference at the definition site. */
export function defineLane<Options>(module: LaneModule<Options>): LaneModule<Options> {
  return module;
}

import type { Lots, Micros, Side, Ticks, VenueId } from "../../contracts/index.ts";

/** `cross`: YES at one venue and NO at another of the same topic. */
export type PlantStyle = "yes_basket" | "no_basket" | "cross";

/** Why an apparent arbitrage is none. */
export type DecoyReason = "not_exhaustive" | "fees" | "too_small" | "micro_price";

export interface PlantLeg {
  readonly venue: VenueId;
  readonly event: string;
  readonly symbol: string;
  /** Side of the book that is taken: ASK buys YES, BID buys NO. */
  readonly side: Side;
  /** Worst price of the leg, on the book's own scale. */
  readonly ticks: Ticks;
  readonly lots: Lots;
}

/** A labelled arbitrage, or a trap, that the market put into its books: the answer key for recall and precision. */
export interface Plant {
  readonly id: number;
  /** Venue and event of the first leg. */
  readonly venue: VenueId;
  readonly event: string;
  readonly style: PlantStyle;
  /** Null: genuine. */
  readonly decoy: DecoyReason | null;
  readonly legs: readonly PlantLeg[];
  /** Symbols of the legs, in their order. */
  readonly symbols: readonly string[];
  /** Size on the first leg's scale; every leg has as many contracts. */
  readonly lots: Lots;
  /** Guaranteed profit after fees at that size in whole currency units, exact decimal text; negative for some traps. */
  readonly profit: string;
  readonly from: Micros;
  readonly until: Micros;
  /** A fault concerned it while it stood: it may rightly be missed. */
  readonly disturbed: boolean;
}

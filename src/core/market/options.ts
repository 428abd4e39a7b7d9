import type { Sha256Hex } from "../../contracts/index.ts";

/** What the quote firewall tolerates. Permille are of the payout range (`priceScale`): 20 means a price of 0.02. */
export interface FirewallOptions {
  /** A quote is stale when its continuity was last proved longer ago than this. */
  readonly maxAgeMicros: number;
  /** Best prices below or above this band are micro-price artefacts. */
  readonly microMinPermille: number;
  readonly microMaxPermille: number;
  /** Largest move of the mid in one step; 0 switches the rule off. */
  readonly maxJumpPermille: number;
  /** Further quotes near the new mid that confirm a jump. */
  readonly jumpConfirmations: number;
  /** Bar the quoted side of a book whose other side is empty. */
  readonly requireTwoSides: boolean;
  /** Valid books the size median is taken over, 1 to 8. */
  readonly sizeMedianBooks: number;
  /** Bar a quote until `sizeMedianBooks` valid books were seen (otherwise only its size is withheld). */
  readonly requireSettledSize: boolean;
  /** Clamped levels since the last snapshot that are tolerated. */
  readonly maxClampedLevels: number;
  /** Consecutive disagreements with the venue's own best price that end a book's validity. */
  readonly witnessMismatches: number;
  /** Moves of the venue's own best price without any change of depth that call the depth frozen; 0 = off. */
  readonly frozenWitnessMoves: number;
  /** Let quotes of markets through whose status nobody stated. */
  readonly allowUnknownStatus: boolean;
}

export const DEFAULT_FIREWALL: FirewallOptions = {
  maxAgeMicros: 10_000_000,
  microMinPermille: 20,
  microMaxPermille: 980,
  maxJumpPermille: 250,
  jumpConfirmations: 2,
  requireTwoSides: false,
  sizeMedianBooks: 3,
  requireSettledSize: false,
  maxClampedLevels: 3,
  witnessMismatches: 1,
  frozenWitnessMoves: 2,
  allowUnknownStatus: false,
};

export interface ReplicaOptions {
  /** Bound on books, and on families. */
  readonly maxBooks: number;
  /** Memory for dense ladders; books beyond it stay sparse. */
  readonly denseBudgetBytes: number;
  readonly firewall: FirewallOptions;
  readonly sha256: Sha256Hex;
  /** Venues whose prices are not bounded by a payout of one (FX). */
  readonly unboundedVenues?: readonly string[];
}

/** What the replica reports as it happens; all are also counted by venue and reason. Instants in Micros. */
export interface MarketEvents {
  /** The firewall bars a side, or bars it for another reason than before. */
  quarantine(book: number, side: number, reasonNumber: number, at: number, factSeq: number): void;
  /** A barred side may be used again; the reason is the one it was barred for. */
  release(book: number, side: number, reasonNumber: number, at: number, factSeq: number): void;
  /** A valid book stopped being valid. */
  invalid(book: number, reasonNumber: number, at: number, factSeq: number): void;
  /** Something was not used: a mapper's REJECT, a duplicate frame, an unknown book. `book` may be -1. */
  refused(reasonNumber: number, book: number, at: number, factSeq: number): void;
}

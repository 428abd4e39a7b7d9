import type { BookSide, Family, Lots, Micros, VenueId, WireAction, WireBook } from "../../contracts/index.ts";
import type { Mutation } from "./mutation.ts";

/** What the simulated market does, in venue-neutral words. Encoders turn frames into the bytes of a wire. */

/** Ways in which a venue or its wire misbehaves on purpose. */
export type HazardKind =
  | "drop"
  | "duplicate"
  | "reorder"
  | "malformed"
  | "torn_snapshot"
  | "connection_lost"
  | "stall"
  | "silent_book"
  | "burst"
  | "crossed"
  | "jump"
  | "absurd_size"
  | "zero_size"
  | "negative_level"
  | "tick_size";

/** One simulated order book; the same object is used in every action about it. */
export interface WorldBook extends WireBook {
  /** Position in order of listing, from 0. */
  readonly index: number;
  readonly venue: VenueId;
  readonly connection: number;
  readonly side: BookSide;
}

/** A family's terms with members named by symbol, for whoever assigns book ids. */
export type FamilyTerms = Omit<Family, "members"> & { readonly members: readonly string[] };

interface Stamped {
  /** Receive instant; never decreases from action to action. */
  readonly at: Micros;
  readonly venue: VenueId;
  readonly connection: number;
}

export type Channel = WireAction["channel"];

interface Fault {
  /** Set when this very frame is part of a fault. */
  readonly hazard: HazardKind | null;
  /** What to do to the encoded bytes before they are delivered; null = deliver them as they are. */
  readonly mutation: Mutation | null;
}

type Frame<Kind extends WireAction["kind"]> = Extract<WireAction, { kind: Kind }> & Stamped & Fault;
type BookFrame<Kind extends WireAction["kind"]> = Frame<Kind> & { readonly book: WorldBook };

/** An action that an encoder turns into one wire frame; its venue instant is never after `at`. */
export type FrameAction =
  | BookFrame<"snapshot">
  | BookFrame<"level">
  | BookFrame<"trade">
  | BookFrame<"tick_size">
  | BookFrame<"close">
  | (Frame<"resolve"> & { readonly books: readonly WorldBook[] });

/** A book's terms when it is listed, and again when one of them changed. */
export interface ListingAction extends Stamped {
  readonly kind: "listing";
  readonly book: WorldBook;
}

export interface FamilyAction extends Stamped {
  readonly kind: "family";
  readonly family: FamilyTerms;
}

export interface ConnectionAction extends Stamped {
  readonly kind: "connection";
  readonly state: "opened" | "lost";
}

/** Says that a fault begins; carries no bytes. `book` is null when it concerns a whole connection. */
export interface HazardAction extends Stamped {
  readonly kind: "hazard";
  readonly hazard: HazardKind;
  readonly book: WorldBook | null;
}

export type WorldAction = FrameAction | ListingAction | FamilyAction | ConnectionAction | HazardAction;

export type PlantStyle = "yes_basket" | "no_basket" | "intra_pair";

/** Why an apparent arbitrage is none. */
export type DecoyReason = "not_exhaustive" | "fees" | "too_small" | "stale_leg" | "micro_price";

/** A labelled arbitrage (or trap) that the world put into its books; the answer key for recall and precision. */
export interface Plant {
  readonly id: number;
  /** Null: genuine. */
  readonly decoy: DecoyReason | null;
  /** `FamilyTerms.id`. */
  readonly family: string;
  readonly style: PlantStyle;
  readonly symbols: readonly string[];
  readonly lots: Lots;
  /** Guaranteed profit after fees at `lots`, whole currency units, exact decimal text; negative for some decoys. */
  readonly edge: string;
  readonly from: Micros;
  readonly until: Micros;
  /** A fault touched one of its connections while it was there: it may rightly be missed. */
  readonly disturbed: boolean;
}

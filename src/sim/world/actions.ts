import type {
  BookSide,
  Family,
  Level,
  Listing,
  Lots,
  Micros,
  Side,
  Ticks,
  VenueId,
} from "../../contracts/index.ts";
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
  | "absurd_size"
  | "zero_size"
  | "negative_level"
  | "tick_size";

/** One simulated order book; the same object is used in every action about it. */
export interface WorldBook {
  /** Position in order of listing, from 0. */
  readonly index: number;
  readonly venue: VenueId;
  readonly connection: number;
  readonly symbol: string;
  /** Symbol of the mirrored token of a unified book on a two-token wire; null elsewhere. */
  readonly mirrorSymbol: string | null;
  /** `venue:market`. */
  readonly market: string;
  readonly side: BookSide;
  readonly listing: Listing;
}

/** A family's terms with members named by symbol, for whoever assigns book ids. */
export type FamilyTerms = Omit<Family, "members"> & { readonly members: readonly string[] };

interface Stamped {
  /** Receive instant; never decreases from action to action. */
  readonly at: Micros;
  readonly venue: VenueId;
  readonly connection: number;
}

/** Sequenced venues count each channel of a connection on its own, from 1 after each `connection` opened. */
export type Channel = "book" | "trade" | "life";

interface Frame extends Stamped {
  /** The venue's own instant of the message, at or before `at`. */
  readonly venueAt: Micros;
  readonly channel: Channel;
  /** Position within the channel; -1 on venues without sequence numbers. */
  readonly seq: number;
  /** Set when this very frame is part of a fault. */
  readonly hazard: HazardKind | null;
  /** What to do to the encoded bytes before they are delivered; null = deliver them as they are. */
  readonly mutation: Mutation | null;
}

export interface SnapshotAction extends Frame {
  readonly kind: "snapshot";
  readonly book: WorldBook;
  /** Best first. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface LevelAction extends Frame {
  readonly kind: "level";
  readonly book: WorldBook;
  readonly side: Side;
  readonly ticks: Ticks;
  /** Signed change; wires that send totals use `lots`. */
  readonly lotsChange: Lots;
  /** Total at the level after the change. */
  readonly lots: Lots;
  /** The venue's best prices after the change; -1 = that side is empty. */
  readonly bestBid: number;
  readonly bestAsk: number;
}

export interface TradeAction extends Frame {
  readonly kind: "trade";
  readonly book: WorldBook;
  /** Taker side on the book's own scale: BID = the taker bought. */
  readonly side: Side;
  readonly ticks: Ticks;
  readonly lots: Lots;
  readonly tradeId: number;
}

export interface TickSizeAction extends Frame {
  readonly kind: "tick_size";
  readonly book: WorldBook;
  readonly oldStepTicks: Ticks;
  readonly newStepTicks: Ticks;
}

export interface CloseAction extends Frame {
  readonly kind: "close";
  readonly book: WorldBook;
}

export interface ResolveAction extends Frame {
  readonly kind: "resolve";
  readonly market: string;
  readonly books: readonly WorldBook[];
  /** Decimal in [0, 1]. */
  readonly yesPayout: "0" | "1";
}

/** An action that an encoder turns into one wire frame. */
export type FrameAction =
  | SnapshotAction
  | LevelAction
  | TradeAction
  | TickSizeAction
  | CloseAction
  | ResolveAction;

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

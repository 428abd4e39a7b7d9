import type { FactSink, ObjectFact, Side } from "./fact.ts";
import type { Level } from "./lane.ts";
import type { VenueId } from "./market.ts";
import type { Reason } from "./reasons.ts";
import type { Lots, Micros, Ticks } from "./units.ts";

/** Result of `SymbolIndex.find`: -1 unknown, else book * 2 + (1 when the symbol is the mirrored token). */
export type SymbolHit = number;

/**
 * Symbols of one venue -> books, looked up by the bytes of the frame (no string is made).
 * `learn` assigns a new book to an unknown symbol and announces an instrument with unknown terms (no trade).
 */
export interface SymbolIndex {
  find(bytes: Uint8Array, start: number, end: number): SymbolHit;
  /** -1 when the bound on books is reached. */
  learn(symbol: string, at: Micros): SymbolHit;
  /** Terms of an already assigned or new symbol; announces `market.instruments` when something changed. */
  describe(listing: Listing, at: Micros): number;
}

/** What metadata says of one book; becomes an `Instrument` with its `book` index and `key`. */
export type Listing = Omit<import("./market.ts").Instrument, "book" | "key" | "venue">;

/** Everything a mapper needs from outside. */
export interface MapperEnv {
  /** The venue's id in this run: prefix of its market keys. Several venues may speak the wire of one module. */
  readonly venue: VenueId;
  readonly sink: FactSink;
  readonly symbols: SymbolIndex;
  /** A new subscription: returns its stream index and announces `stream.opened`. */
  openStream(label: string, judged: boolean, why: string, at: Micros): number;
  /** Largest frame that is read, in bytes. */
  readonly maxFrameBytes: number;
}

/**
 * Words of a venue -> facts. Pure over raw bytes apart from what it must remember of a connection (subscription ids).
 * Never throws: what cannot be read becomes a REJECT fact with a reason, and the touched books INVALID.
 */
export interface WireMapper {
  /** One received frame, `bytes[start, end)`, on connection `connection`. */
  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void;
  /** The connection was opened or lost: its streams end, their books become invalid. */
  connection(connection: number, state: "opened" | "lost", at: Micros): void;
  /**
   * When raw frames are mapped again: terms of a market that did not come by a frame, as the journal kept them. A mapper
   * whose frames restate one term of a market needs the others from here.
   */
  restored?(listing: Listing): void;
}

/** Where a recording reader puts what it finds. */
export interface RecordingSink {
  /** A frame as the venue sent it (verbatim, or rebuilt where the recorder dropped the envelope). */
  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void;
  connection(connection: number, state: "opened" | "lost", at: Micros): void;
  /** Packed facts for recordings that hold no frames. */
  readonly facts: FactSink;
  readonly env: MapperEnv;
  object(fact: ObjectFact, at: Micros): void;
  /** This line was not used. The importer prints reason, line number and byte offset. */
  reject(reason: Reason, detail: string): void;
}

/** Reads one recording format, line by line (ndjson, csv) or as a whole (`document`). */
export interface RecordingReader {
  readonly id: string;
  readonly about: string;
  readonly unit: "line" | "document";
  /** Opens a reader for one file. Options come from the command line as text. */
  open(sink: RecordingSink, options: Readonly<Record<string, string>>): RecordingSession;
}

export interface RecordingSession {
  /** One line without its newline, or the whole document. Never throws. */
  accept(bytes: Uint8Array, start: number, end: number): void;
  /** End of file. */
  end(): void;
}

/** Integer scales of a venue's prices and sizes, used for books whose terms are not stated yet. */
export interface VenueScales {
  readonly priceScale: number;
  readonly sizeScale: number;
  readonly currency: string;
}

/**
 * A second, slow reading of the same frames for conformance checks: `JSON.parse` and plain maps, sharing no code with
 * the venue's mapper or EMP's books.
 */
export interface ReferenceFold {
  /** Folds one frame and returns the symbols it touched. Frames it cannot read are ignored. */
  frame(text: string): readonly string[];
  /** Best bid and ask in ticks on the book's own scale; -1 = empty side, null = no snapshot seen. */
  top(symbol: string): { readonly bid: number; readonly ask: number } | null;
}

/** A book as an encoder needs it. */
export interface WireBook {
  readonly symbol: string;
  /** Symbol of the mirrored token of a unified book on a two-token wire; null elsewhere. */
  readonly mirrorSymbol: string | null;
  readonly market: string;
  readonly listing: Listing;
}

interface WireMessage {
  readonly connection: number;
  readonly venueAt: Micros;
  /** Sequenced venues count each channel of a connection on its own, from 1. */
  readonly channel: "book" | "trade" | "life";
  /** -1 on venues without sequence numbers. */
  readonly seq: number;
}

/** What a simulated or embedded venue says, before it is put into the venue's words. Prices on the book's own scale. */
export type WireAction = WireMessage &
  (
    | {
        readonly kind: "snapshot";
        readonly book: WireBook;
        readonly bids: readonly Level[];
        readonly asks: readonly Level[];
      }
    | {
        readonly kind: "level";
        readonly book: WireBook;
        readonly side: Side;
        readonly ticks: Ticks;
        readonly lotsChange: Lots;
        /** Total at the level after the change. */
        readonly lots: Lots;
        /** Best prices after the change; -1 = that side is empty. */
        readonly bestBid: number;
        readonly bestAsk: number;
      }
    | {
        readonly kind: "trade";
        readonly book: WireBook;
        /** Taker side: BID = the taker bought. */
        readonly side: Side;
        readonly ticks: Ticks;
        readonly lots: Lots;
        readonly tradeId: number;
      }
    | {
        readonly kind: "tick_size";
        readonly book: WireBook;
        readonly oldStepTicks: Ticks;
        readonly newStepTicks: Ticks;
      }
    | { readonly kind: "close"; readonly book: WireBook }
    | {
        readonly kind: "resolve";
        readonly market: string;
        readonly books: readonly WireBook[];
        readonly yesPayout: "0" | "1";
      }
  );

/** Actions -> frames in the venue's words; the inverse of its mapper. */
export interface WireEncoder {
  encode(action: WireAction): Uint8Array;
}

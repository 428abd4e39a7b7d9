import { hash } from "node:crypto";
import {
  ASK,
  BID,
  type EmbeddedMarket,
  type Lots,
  type Micros,
  type Side,
  type Ticks,
  type VenueId,
  type WireBook,
} from "../src/contracts/index.ts";
import { SeededRng } from "../src/sim/rng.ts";
import { kalshiEmbedded } from "../venues/kalshi/embedded/module.ts";
import { encodeSubscribed } from "../venues/kalshi/encode.ts";
import { kalshiEncoder } from "../venues/kalshi/encoder.ts";
import { polymarketEmbedded } from "../venues/polymarket/embedded/module.ts";
import { PolymarketEncoder } from "../venues/polymarket/encode.ts";

/**
 * The market of `ingest.ts`, the same in the process that sends and in the one that reads: markets as the venues list
 * them, and for each connection the frames that open it and a cycle of frames that can be sent over and over.
 */

/** Connections of each venue, with so many markets each. Messages go round over all connections. */
const KALSHI_CONNECTIONS = 4;
const POLYMARKET_CONNECTIONS = 5;
const EVENTS_PER_CONNECTION = 8;
const OUTCOMES = 5;
/** Frames of a cycle before it is closed; one in so many Polymarket frames is a whole book. */
const CYCLE = 3_000;
const BOOK_EVERY = 6;
const LEVELS = 40;
const TOUCH = { [BID]: 4_500, [ASK]: 5_500 } as const;
const STEP = 100;
/** Both scaled sizes below are about 50 to 2,000 contracts. */
const UNIT = { kalshi: 100, polymarket: 1_000_000 } as const;
const OPENED = 1_767_571_200_000_000;
const YEAR = 31_536_000_000_000;
/** First sequence number: its ten digits are overwritten in place. */
export const FIRST_SEQ = 1_000_000_000;
const VENUE_AT = (OPENED + 999_999) as Micros;

export type IngestVenue = "kalshi" | "polymarket";

export interface IngestConnection {
  readonly venue: IngestVenue;
  readonly markets: readonly EmbeddedMarket[];
}

/** Connections by number. */
export function connections(): readonly IngestConnection[] {
  const venues: IngestVenue[] = [
    ...Array.from({ length: KALSHI_CONNECTIONS }, () => "kalshi" as const),
    ...Array.from({ length: POLYMARKET_CONNECTIONS }, () => "polymarket" as const),
  ];
  return venues.map((venue, connection) => ({ venue, markets: marketsOf(venue, connection) }));
}

function marketsOf(venue: IngestVenue, connection: number): readonly EmbeddedMarket[] {
  const module = venue === "kalshi" ? kalshiEmbedded : polymarketEmbedded;
  return Array.from({ length: EVENTS_PER_CONNECTION }, (_, index) => {
    const slot = connection * EVENTS_PER_CONNECTION + index;
    const outcomes = Array.from({ length: OUTCOMES }, (_, k) => `Between ${slot + k} and ${slot + k + 1}`);
    const spec = {
      topic: `bench ${slot}`,
      slot,
      generation: 0,
      kind: "bucket",
      title: `Where will bench ${slot} stand?`,
      outcomes,
      rules: "As stated.",
      opensAt: OPENED as Micros,
      closesAt: (OPENED + 20 * YEAR) as Micros,
      variety: slot,
      volume: 1_000,
    } as const;
    return module.list(spec, venue, (text) => hash("sha256", text)).markets;
  }).flat();
}

/** Frames of one connection. Frame `i` of the cycle leaves its books as frame `i` of the next one finds them. */
export interface IngestTape {
  readonly opening: readonly Buffer[];
  readonly cycle: readonly Buffer[];
}

export function tapeOf({ venue, markets }: IngestConnection, connection: number): IngestTape {
  const rng = new SeededRng(`ingest ${connection}`);
  const books = markets.map((market) => new TapeBook(venue, market, rng));
  const first = books.map((book) => book.snapshot());
  const cycle: Buffer[] = [];
  while (cycle.length < CYCLE) {
    const book = books[rng.int(books.length)]!;
    const isBook = venue === "polymarket" && cycle.length % BOOK_EVERY === BOOK_EVERY - 1;
    cycle.push(isBook ? book.snapshot() : book.change(rng));
  }
  for (const book of books) cycle.push(...book.restore());
  const subscribed = Buffer.from(encodeSubscribed({ id: 1, channel: "orderbook_delta", sid: 1 }));
  return { opening: venue === "kalshi" ? [subscribed, ...first] : first, cycle };
}

/** A book of 40 levels a side whose levels come, go and change size; the touch stays. */
class TapeBook {
  readonly #book: WireBook;
  readonly #unit: number;
  readonly #encoder;
  /** Lots by side and distance from the touch; 0 = no level. */
  readonly #lots: [number[], number[]];
  readonly #first: [number[], number[]];

  constructor(venue: IngestVenue, { symbol, mirrorSymbol, listing }: EmbeddedMarket, rng: SeededRng) {
    this.#book = { symbol, mirrorSymbol, market: listing.market, listing };
    this.#unit = UNIT[venue];
    this.#encoder = venue === "kalshi" ? kalshiEncoder : new PolymarketEncoder();
    const side = (): number[] => Array.from({ length: LEVELS }, () => this.#size(rng));
    this.#lots = [side(), side()];
    this.#first = [[...this.#lots[0]], [...this.#lots[1]]];
  }

  snapshot(): Buffer {
    const levels = (side: Side) =>
      this.#lots[side].flatMap((lots, k) =>
        lots === 0 ? [] : [{ ticks: ticksOf(side, k), lots: lots as Lots }],
      );
    const frame = { kind: "snapshot", book: this.#book, bids: levels(BID), asks: levels(ASK) } as const;
    return Buffer.from(this.#encoder.encode({ ...frame, ...HEAD }));
  }

  change(rng: SeededRng): Buffer {
    const side = rng.int(2) as Side;
    // Most of what happens is near the touch.
    const k = Math.min(rng.int(LEVELS), rng.int(LEVELS), rng.int(LEVELS));
    const gone = k > 0 && this.#lots[side][k] !== 0 && rng.int(4) === 0;
    return this.#set(side, k, gone ? 0 : this.#size(rng));
  }

  /** Frames that bring every level back to its first size. */
  restore(): Buffer[] {
    return ([BID, ASK] as const).flatMap((side) =>
      this.#first[side].flatMap((lots, k) =>
        lots === this.#lots[side][k] ? [] : [this.#set(side, k, lots)],
      ),
    );
  }

  #set(side: Side, k: number, lots: number): Buffer {
    const lotsChange = (lots - this.#lots[side][k]!) as Lots;
    this.#lots[side][k] = lots;
    const level = { side, ticks: ticksOf(side, k), lotsChange, lots: lots as Lots };
    const tops = { bestBid: TOUCH[BID], bestAsk: TOUCH[ASK] };
    return Buffer.from(this.#encoder.encode({ kind: "level", book: this.#book, ...level, ...tops, ...HEAD }));
  }

  #size(rng: SeededRng): number {
    return (50 + rng.int(1_950)) * this.#unit + rng.int(100) * (this.#unit / 100);
  }
}

const HEAD = { connection: 0, channel: "book", seq: FIRST_SEQ, venueAt: VENUE_AT } as const;

function ticksOf(side: Side, k: number): Ticks {
  return (TOUCH[side] + (side === BID ? -STEP : STEP) * k) as Ticks;
}

/** Ids of the venues, in the order of the intake. */
export const INGEST_VENUES: readonly VenueId[] = ["kalshi", "polymarket"];

import { hash as digest } from "node:crypto";
import {
  ASK,
  BID,
  formatDecimal,
  type Level,
  type Side,
  type WireAction,
  type WireBook,
  type WireEncoder,
} from "../../src/contracts/index.ts";
import { bookHash, type HashRecipe } from "./hash.ts";
import { PRICE_DIGITS, PRICE_ONE, SIZE_DIGITS } from "./scales.ts";

type LevelChange = Extract<WireAction, { kind: "level" }>;
type Trade = Extract<WireAction, { kind: "trade" }>;
type TickSize = Extract<WireAction, { kind: "tick_size" }>;
type Resolve = Extract<WireAction, { kind: "resolve" }>;

const ENCODER = new TextEncoder();
const EMPTY = -1;

/**
 * Market-channel frames of a simulated venue, in the order of keys and levels the real one uses.
 * The mapper reads them back: `encode.test.ts`. Venue instants lose what is finer than a millisecond.
 */
export class PolymarketEncoder implements WireEncoder {
  readonly #recipe: HashRecipe;

  constructor(recipe: HashRecipe = "v2026") {
    this.#recipe = recipe;
  }

  encode(action: WireAction): Uint8Array {
    return ENCODER.encode(JSON.stringify(this.#message(action)));
  }

  #message(action: WireAction): object {
    switch (action.kind) {
      case "snapshot":
        return encodeBook(action, action.bids, action.asks, this.#recipe);
      case "close":
        // The channel has no word for it: a market that closes has its orders cancelled, so its book comes empty.
        return encodeBook(action, [], [], this.#recipe);
      case "level":
        return encodePriceChange(action);
      case "trade":
        return encodeTrade(action);
      case "tick_size":
        return encodeTickSize(action);
      case "resolve":
        return encodeResolved(action);
    }
  }
}

/** Bids ascending, asks descending: the best price comes last on both sides. */
function encodeBook(
  action: { readonly book: WireBook; readonly venueAt: number },
  bids: readonly Level[],
  asks: readonly Level[],
  recipe: HashRecipe,
): object {
  const { book } = action;
  const message = {
    event_type: "book",
    market: conditionId(book),
    asset_id: book.symbol,
    timestamp: timestamp(action.venueAt),
    hash: "",
    bids: levels(bids, BID),
    asks: levels(asks, ASK),
    ...(recipe === "v2024" ? {} : terms(book)),
  };
  const served = (value: unknown): string => JSON.stringify(value);
  const metadata = recipe === "v2024" ? null : terms(book);
  const hash = bookHash(
    {
      market: served(message.market),
      assetId: served(message.asset_id),
      timestamp: served(message.timestamp),
      bids: served(message.bids),
      asks: served(message.asks),
      minOrderSize: metadata === null ? null : served(metadata.min_order_size),
      tickSize: metadata === null ? null : served(metadata.tick_size),
      negRisk: metadata === null ? null : served(metadata.neg_risk),
      lastTradePrice: metadata === null ? null : served(metadata.last_trade_price),
    },
    recipe,
  );
  return { ...message, hash: hash ?? "" };
}

function terms(book: WireBook) {
  const step = book.listing.tickRanges[0]?.stepTicks ?? PRICE_ONE / 100;
  return {
    min_order_size: size(book.listing.minLots),
    tick_size: price(step),
    neg_risk: false,
    last_trade_price: "",
  };
}

/** Both tokens of the market: the change, and its mirror at 1 - p on the other side. */
function encodePriceChange(action: LevelChange): object {
  const { book, side, ticks, lots, bestBid, bestAsk } = action;
  const own = change(book.symbol, side, ticks, lots, bestBid, bestAsk);
  const changes = [own];
  if (book.mirrorSymbol !== null) {
    const mirrored: Side = side === BID ? ASK : BID;
    const bid = bestAsk === EMPTY ? EMPTY : PRICE_ONE - bestAsk;
    const ask = bestBid === EMPTY ? EMPTY : PRICE_ONE - bestBid;
    changes.push(change(book.mirrorSymbol, mirrored, PRICE_ONE - ticks, lots, bid, ask));
  }
  return {
    market: conditionId(book),
    price_changes: changes,
    timestamp: timestamp(action.venueAt),
    event_type: "price_change",
  };
}

/** The hash of a change is a token for the book after it; without that book it is one for the change. */
function change(symbol: string, side: Side, ticks: number, lots: number, bestBid: number, bestAsk: number) {
  const said = {
    asset_id: symbol,
    price: price(ticks),
    size: size(lots),
    side: side === BID ? "BUY" : "SELL",
  };
  return {
    ...said,
    hash: digest("sha1", JSON.stringify(said)),
    best_bid: bestBid === EMPTY ? "0" : price(bestBid),
    best_ask: bestAsk === EMPTY ? "1" : price(bestAsk),
  };
}

function encodeTrade(action: Trade): object {
  return {
    event_type: "last_trade_price",
    asset_id: action.book.symbol,
    market: conditionId(action.book),
    price: price(action.ticks),
    size: size(action.lots),
    side: action.side === BID ? "BUY" : "SELL",
    fee_rate_bps: "0",
    timestamp: timestamp(action.venueAt),
    transaction_hash: `0x${action.tradeId.toString(16).padStart(64, "0")}`,
  };
}

function encodeTickSize(action: TickSize): object {
  return {
    event_type: "tick_size_change",
    market: conditionId(action.book),
    asset_id: action.book.symbol,
    old_tick_size: price(action.oldStepTicks),
    new_tick_size: price(action.newStepTicks),
    timestamp: timestamp(action.venueAt),
  };
}

/** @throws RangeError when the market has no two tokens: the message names both. */
function encodeResolved(action: Resolve): object {
  const book = action.books[0];
  // A market with separate books has its second token in the second book.
  const mirror = book?.mirrorSymbol ?? action.books[1]?.symbol ?? null;
  if (book === undefined || mirror === null)
    throw new RangeError(`market ${action.market} has no two tokens`);
  const yes = action.yesPayout === "1";
  return {
    event_type: "market_resolved",
    id: conditionId(book),
    market: conditionId(book),
    assets_ids: [book.symbol, mirror],
    winning_asset_id: yes ? book.symbol : mirror,
    winning_outcome: yes ? "Yes" : "No",
    timestamp: timestamp(action.venueAt),
  };
}

function levels(side: readonly Level[], which: Side): readonly { price: string; size: string }[] {
  const sorted = side.toSorted((a, b) => (which === BID ? a.ticks - b.ticks : b.ticks - a.ticks));
  return sorted.map((level) => ({ price: price(level.ticks), size: size(level.lots) }));
}

/** `venue:condition` without its venue. */
function conditionId(book: WireBook): string {
  return book.market.slice(book.market.indexOf(":") + 1);
}

function price(ticks: number): string {
  return formatDecimal(BigInt(ticks), PRICE_DIGITS);
}

function size(lots: number): string {
  return formatDecimal(BigInt(lots), SIZE_DIGITS);
}

/** Milliseconds; the venue knows nothing finer. */
function timestamp(micros: number): string {
  return String(Math.floor(micros / 1000));
}

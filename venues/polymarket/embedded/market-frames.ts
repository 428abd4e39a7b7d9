import type {
  EmbeddedEvent,
  EmbeddedMarket,
  ExchangeChange,
  Micros,
  WireAction,
  WireBook,
} from "../../../src/contracts/index.ts";
import { PolymarketEncoder } from "../encode.ts";
import { PRICE_ONE } from "../scales.ts";
import { millis, priceText } from "./decimals.ts";
import { game } from "./gamma-values.ts";
import { marketNumber, slugOf } from "./identity.ts";
import { questionOf } from "./list.ts";
import { termsOf } from "./terms.ts";

const DECODER = new TextDecoder();
const ENCODER = new PolymarketEncoder();

type Level = Extract<ExchangeChange, { kind: "level" }>;
type Trade = Extract<ExchangeChange, { kind: "trade" }>;
type TickSize = Extract<ExchangeChange, { kind: "tick_size" }>;

/** `price_change` of both tokens. */
export function levelFrame(market: EmbeddedMarket, change: Level, at: Micros): string {
  return text({ ...change, ...message(market, at) });
}

/** `last_trade_price`, in terms of outcome 0. */
export function tradeFrame(market: EmbeddedMarket, change: Trade, at: Micros): string {
  return text({ ...change, ...message(market, at), channel: "trade" });
}

/** `tick_size_change` of one token. */
export function tickFrame(market: EmbeddedMarket, token: string, change: TickSize, at: Micros): string {
  const said = message(market, at);
  return text({ ...change, ...said, book: { ...said.book, symbol: token } });
}

/** `best_bid_ask` of one token; an empty side is empty text. -1 = empty. */
export function topFrame(
  market: EmbeddedMarket,
  token: string,
  bid: number,
  ask: number,
  at: Micros,
): string {
  const own = token === market.symbol;
  const ownBid = own ? bid : ask === -1 ? -1 : PRICE_ONE - ask;
  const ownAsk = own ? ask : bid === -1 ? -1 : PRICE_ONE - bid;
  return JSON.stringify({
    event_type: "best_bid_ask",
    market: market.id,
    asset_id: token,
    best_bid: ownBid === -1 ? "" : priceText(ownBid),
    best_ask: ownAsk === -1 ? "" : priceText(ownAsk),
    spread: ownBid === -1 || ownAsk === -1 ? "" : priceText(ownAsk - ownBid),
    timestamp: String(millis(at)),
  });
}

/** `new_market` of each market of an event. */
export function listedFrames(event: EmbeddedEvent, at: Micros): readonly string[] {
  const { spec } = event;
  const terms = termsOf(spec.variety, spec.kind === "binary");
  const slug = slugOf(spec.title, Number(event.id));
  const fee = terms.fee;
  return event.markets.map((market) => {
    const tokens = [market.symbol, market.mirrorSymbol];
    const question = questionOf(spec, market.outcome);
    return JSON.stringify({
      event_type: "new_market",
      id: String(marketNumber(event.spec, market.outcome)),
      question,
      market: market.id,
      slug: slugOf(question, marketNumber(spec, market.outcome)),
      description: spec.rules,
      assets_ids: tokens,
      outcomes: terms.outcomes,
      event_message: { id: event.id, ticker: slug, slug, title: spec.title, description: spec.rules },
      timestamp: String(millis(at)),
      tags: [terms.tag],
      condition_id: market.id,
      active: true,
      clob_token_ids: tokens,
      ...(terms.secondsDelay > 0 ? gameMembers(spec.closesAt) : NO_GAME),
      order_price_min_tick_size: terms.tick,
      group_item_title: spec.kind === "binary" ? "" : (spec.outcomes[market.outcome] ?? ""),
      taker_base_fee: fee === null ? "0" : "1000",
      fees_enabled: fee !== null,
      fee_schedule:
        fee === null
          ? null
          : {
              exponent: String(fee.exponent),
              rate: String(fee.rate),
              taker_only: fee.takerOnly,
              rebate_rate: String(fee.rebateRate),
            },
    });
  });
}

/** `market_resolved`. An even split names no winner and has no frame: only the catalogue tells it. */
export function resolvedFrame(
  event: EmbeddedEvent,
  market: EmbeddedMarket,
  yesPayout: "0" | "1" | "0.5",
  at: Micros,
): string | null {
  if (yesPayout === "0.5") return null;
  const yes = yesPayout === "1";
  const terms = termsOf(event.spec.variety, event.spec.kind === "binary");
  return JSON.stringify({
    event_type: "market_resolved",
    id: String(marketNumber(event.spec, market.outcome)),
    market: market.id,
    assets_ids: [market.symbol, market.mirrorSymbol],
    winning_asset_id: yes ? market.symbol : market.mirrorSymbol,
    winning_outcome: terms.outcomes[yes ? 0 : 1],
    timestamp: String(millis(at)),
    tags: [terms.tag],
  });
}

const NO_GAME = { sports_market_type: "", line: "", game_start_time: "" };

function gameMembers(startsAt: Micros): object {
  const { sportsMarketType, gameStartTime } = game(startsAt, 0);
  return { ...NO_GAME, sports_market_type: sportsMarketType, game_start_time: gameStartTime };
}

function message(market: EmbeddedMarket, at: Micros) {
  const book: WireBook = {
    symbol: market.symbol,
    mirrorSymbol: market.mirrorSymbol,
    market: market.listing.market,
    listing: market.listing,
  };
  return { connection: 0, venueAt: at, channel: "book", seq: -1, book } as const;
}

function text(action: WireAction): string {
  return DECODER.decode(ENCODER.encode(action));
}

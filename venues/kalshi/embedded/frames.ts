import { ASK, BID, type ExchangeChange, type Level } from "../../../src/contracts/index.ts";
import { PRICE_SCALE } from "../scales.ts";
import { ladder } from "./books.ts";
import { contracts, dollars, millis, rfc3339, seconds, tradeUuid } from "./values.ts";

/**
 * Frames as text, in two parts: the message, written once per change, and the envelope of each subscription. The shapes
 * are those of `../encode.ts`, which the recordings proved; the tests compare the two.
 */

type LevelChange = Extract<ExchangeChange, { kind: "level" }>;
type TradeChange = Extract<ExchangeChange, { kind: "trade" }>;

/** A frame of a numbered channel. */
export function numbered(type: string, sid: number, seq: number, msg: string): string {
  return `{"type":"${type}","sid":${sid},"seq":${seq},"msg":${msg}}`;
}

/** A frame of a channel without numbers. */
export function unnumbered(type: string, sid: number, msg: string): string {
  return `{"type":"${type}","sid":${sid},"msg":${msg}}`;
}

/** A reply to `get_snapshot` names the command. */
export function snapshotReply(id: number, sid: number, seq: number, msg: string): string {
  return `{"type":"orderbook_snapshot","id":${id},"sid":${sid},"seq":${seq},"msg":${msg}}`;
}

/** Message of `orderbook_snapshot`: a side without levels has no key. Levels best first. */
export function snapshotMessage(
  symbol: string,
  marketId: string,
  bids: readonly Level[],
  asks: readonly Level[],
  yesPrice: boolean,
): string {
  const yes = bids.length === 0 ? "" : `,"yes_dollars_fp":${ladder(bids, BID)}`;
  const no = asks.length === 0 ? "" : `,"no_dollars_fp":${ladder(asks, ASK, yesPrice)}`;
  return `{"market_ticker":"${symbol}","market_id":"${marketId}"${yes}${no}}`;
}

/** Message of `orderbook_delta`. @param clientId of the order that caused it, told to its owner only; null = none. */
export function deltaMessage(
  change: LevelChange,
  marketId: string,
  yesPrice: boolean,
  clientId: string | null,
): string {
  const { symbol, side, ticks, lotsChange, at } = change;
  const price = dollars(side === ASK && !yesPrice ? PRICE_SCALE - ticks : ticks);
  const own = clientId === null ? "" : `,"client_order_id":${JSON.stringify(clientId)}`;
  return (
    `{"market_ticker":"${symbol}","market_id":"${marketId}","price_dollars":"${price}",` +
    `"delta_fp":"${contracts(lotsChange)}","side":"${side === ASK ? "no" : "yes"}"${own},` +
    `"ts":"${instant(at)}","ts_ms":${millis(at)}}`
  );
}

/** Message of `trade`. */
export function tradeMessage({ symbol, side, ticks, lots, tradeId, at }: TradeChange): string {
  const taker = side === ASK ? "no" : "yes";
  return (
    `{"trade_id":"${tradeUuid(tradeId)}","market_ticker":"${symbol}","yes_price_dollars":"${dollars(ticks)}",` +
    `"no_price_dollars":"${dollars(PRICE_SCALE - ticks)}","count_fp":"${contracts(lots)}","taker_side":"${taker}",` +
    `"taker_outcome_side":"${taker}","taker_book_side":"${side === ASK ? "ask" : "bid"}","is_block_trade":false,` +
    `"ts":${seconds(at)},"ts_ms":${millis(at)}}`
  );
}

/** What a `ticker` message states. */
export interface TickerState {
  readonly symbol: string;
  readonly marketId: string;
  readonly lastTicks: number;
  readonly bid: Level | undefined;
  readonly ask: Level | undefined;
  readonly volumeLots: number;
  readonly openLots: number;
  readonly lastTradeLots: number;
  readonly at: number;
}

export function tickerMessage(state: TickerState): string {
  const { symbol, marketId, lastTicks, bid, ask, volumeLots, openLots, lastTradeLots, at } = state;
  return JSON.stringify({
    market_id: marketId,
    market_ticker: symbol,
    price_dollars: dollars(lastTicks),
    yes_bid_dollars: dollars(bid?.ticks ?? 0),
    yes_ask_dollars: dollars(ask?.ticks ?? PRICE_SCALE),
    volume_fp: contracts(volumeLots),
    open_interest_fp: contracts(openLots),
    dollar_volume: Math.floor(volumeLots / 100),
    dollar_open_interest: Math.floor(openLots / 100),
    yes_bid_size_fp: contracts(bid?.lots ?? 0),
    yes_ask_size_fp: contracts(ask?.lots ?? 0),
    last_trade_size_fp: contracts(lastTradeLots),
    ts: seconds(at),
    ts_ms: millis(at),
    time: rfc3339(seconds(at) * 1_000_000),
  });
}

let lastAt = -1;
let lastText = "";

/** Many changes share an instant. */
function instant(at: number): string {
  if (at !== lastAt) {
    lastAt = at;
    lastText = rfc3339(at);
  }
  return lastText;
}

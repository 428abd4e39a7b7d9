import { ASK, BID } from "../../../src/contracts/index.ts";
import {
  encodeDelta,
  encodeError,
  encodeEventFee,
  encodeLifecycle,
  encodeOk,
  encodeSnapshot,
  encodeSubscribed,
  encodeTrade,
  encodeUnsubscribed,
} from "../encode.ts";

const ENCODER = new TextEncoder();
const AT = 1_786_410_915_566_273;
const SYMBOL = "KXTEST-26NOV21-T50";

export const text = (value: string): Uint8Array => ENCODER.encode(value);

/** One frame of every kind the adapter reads, of the recorded shape. */
export function sampleFrames(): Uint8Array[] {
  const levels = [
    { ticks: 100, lots: 27_500 },
    { ticks: 4_800, lots: 4_126 },
  ];
  const asks = [
    { ticks: 5_200, lots: 4_126 },
    { ticks: 9_900, lots: 990 },
  ];
  const body = {
    event_type: "determined",
    result: "yes",
    settlement_value: "1.0000",
    determination_ts: 1,
  } as const;
  return [
    encodeSnapshot({ sid: 1, seq: 1, symbol: SYMBOL, bids: levels, asks }),
    encodeSnapshot({ sid: 1, seq: 2, symbol: SYMBOL, bids: [], asks }),
    encodeSnapshot({ sid: 1, seq: 3, symbol: SYMBOL, bids: [], asks: [] }),
    encodeDelta({ sid: 1, seq: 4, symbol: SYMBOL, side: BID, ticks: 4_800, lots: -4_126, venueAt: AT }),
    encodeDelta({ sid: 1, seq: 5, symbol: SYMBOL, side: ASK, ticks: 5_201, lots: 7, venueAt: AT }),
    encodeTrade({
      sid: 2,
      seq: 1,
      symbol: SYMBOL,
      side: ASK,
      ticks: 4_800,
      lots: 9_478,
      venueAt: AT,
      tradeId: "a-1",
    }),
    encodeOk({ id: 3, sid: 1, seq: 6, symbols: [SYMBOL] }),
    encodeSubscribed({ id: 1, channel: "orderbook_delta", sid: 1 }),
    encodeUnsubscribed({ id: 4, sid: 2, seq: 2 }),
    encodeError({ id: 5, code: 7, text: "Unknown subscription ID" }),
    encodeLifecycle({ sid: 3, seq: 1, symbol: SYMBOL, body }),
    encodeEventFee({ sid: 3, seq: 2, eventTicker: "KXTEST-26NOV21", feeType: "quadratic", multiplier: 1 }),
    text(
      `{"type":"orderbook_delta","sid":1,"seq":7,"msg":{"delta_fp":"1.00","market_id":"m","market_ticker":"${SYMBOL}","price_cents":54,"price_dollars":"0.5400","side":"yes","ts":"2026-05-13T13:33:13.232911Z","ts_ms":1778679193232}}`,
    ),
    text(
      `{"type":"ticker","sid":4,"msg":{"market_id":"m","market_ticker":"${SYMBOL}","price_dollars":"0.4800","yes_bid_dollars":"0.4500","volume_fp":"33896.00","dollar_volume":16948,"ts":1669149841,"time":"2022-11-22T20:44:01Z"}}`,
    ),
  ];
}

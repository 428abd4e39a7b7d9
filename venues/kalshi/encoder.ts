import { formatDecimal, type WireAction, type WireEncoder } from "../../src/contracts/index.ts";
import { encodeDelta, encodeLifecycle, encodeSnapshot, encodeTrade } from "./encode.ts";
import { PRICE_DIGITS } from "./scales.ts";

/** Subscription ids of a simulated connection, one per numbered channel. */
const SIDS = { book: 1, trade: 2, life: 3 } as const;

/** Puts the actions of a simulated market into Kalshi's words. */
export const kalshiEncoder: WireEncoder = {
  encode(action: WireAction): Uint8Array {
    const { seq, venueAt } = action;
    const sid = SIDS[action.channel];
    switch (action.kind) {
      case "snapshot":
        return encodeSnapshot({ sid, seq, symbol: action.book.symbol, bids: action.bids, asks: action.asks });
      case "level": {
        const { book, side, ticks, lotsChange } = action;
        return encodeDelta({ sid, seq, symbol: book.symbol, side, ticks, lots: lotsChange, venueAt });
      }
      case "trade": {
        const { book, side, ticks, lots } = action;
        const tradeId = `00000000-0000-4000-8000-${action.tradeId.toString(16).padStart(12, "0")}`;
        return encodeTrade({ sid, seq, symbol: book.symbol, side, ticks, lots, venueAt, tradeId });
      }
      case "tick_size":
        return encodeLifecycle({
          sid,
          seq,
          symbol: action.book.symbol,
          body: {
            event_type: "price_level_structure_updated",
            price_level_structure: "custom",
            price_ranges: [{ start: "0.0000", end: "1.0000", step: dollars(action.newStepTicks) }],
          },
        });
      case "close":
        return encodeLifecycle({ sid, seq, symbol: action.book.symbol, body: { event_type: "deactivated" } });
      case "resolve": {
        const [book] = action.books;
        const seconds = Math.floor(venueAt / 1_000_000);
        return encodeLifecycle({
          sid,
          seq,
          symbol: book?.symbol ?? action.market,
          body: {
            event_type: "settled",
            settled_ts: seconds,
            result: action.yesPayout === "1" ? "yes" : "no",
          },
        });
      }
    }
  },
};

function dollars(ticks: number): string {
  return formatDecimal(BigInt(ticks), PRICE_DIGITS);
}

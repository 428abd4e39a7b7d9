import {
  ASK,
  BID,
  type Level,
  type Lots,
  type Micros,
  type Side,
  type Ticks,
  type WireAction,
  type WireBook,
  type WireEncoder,
} from "../../src/contracts/index.ts";
import { bookJson, priceText, updateJson } from "./book-json.ts";
import { eventPacket, NAMESPACE, PING } from "./packets.ts";

type Sides = readonly [bids: Map<Ticks, Lots>, asks: Map<Ticks, Lots>];

const ENCODER = new TextEncoder();

/**
 * Actions -> socket.io frames. This wire has no level changes: the encoder keeps every book it spoke of and says it
 * whole after each change. For a change of tick or a close it has no word: the keep-alive stands in.
 */
export class LimitlessEncoder implements WireEncoder {
  readonly #books = new Map<string, Sides>();

  encode(action: WireAction): Uint8Array {
    return ENCODER.encode(this.#text(action));
  }

  #text(action: WireAction): string {
    switch (action.kind) {
      case "snapshot": {
        const sides: Sides = [mapOf(action.bids), mapOf(action.asks)];
        this.#books.set(action.book.symbol, sides);
        return this.#book(action.book, sides, action.venueAt);
      }
      case "level": {
        const sides = this.#books.get(action.book.symbol) ?? [new Map(), new Map()];
        this.#books.set(action.book.symbol, sides);
        if (action.lots === 0) sides[action.side].delete(action.ticks);
        else sides[action.side].set(action.ticks, action.lots);
        return this.#book(action.book, sides, action.venueAt);
      }
      case "trade": {
        const { book, side, ticks, lots, tradeId, venueAt } = action;
        const slug = JSON.stringify(slugOf(book.market));
        const word = side === BID ? "BUY" : "SELL";
        return `42${NAMESPACE},["trade",{"marketSlug":${slug},"side":"${word}","price":${priceText(ticks)},"size":${lots},"timestamp":"${isoOf(venueAt)}","tradeId":"${tradeId}"}]`;
      }
      case "resolve": {
        const won = action.yesPayout === "1";
        return eventPacket("marketResolved", {
          slug: slugOf(action.market),
          winningOutcome: won ? "YES" : "NO",
          winningIndex: won ? 0 : 1,
        });
      }
      case "tick_size":
      case "close":
        return PING;
    }
  }

  #book({ symbol, market }: WireBook, sides: Sides, at: Micros): string {
    const book = bookJson(symbol, sorted(sides[BID], BID), sorted(sides[ASK], ASK));
    return `42${NAMESPACE},["orderbookUpdate",${updateJson(slugOf(market), book, isoOf(at))}]`;
  }
}

/** A market's key without the venue's prefix. */
function slugOf(market: string): string {
  return market.slice(market.indexOf(":") + 1);
}

/** An instant as the venue writes it, to the millisecond. */
export function isoOf(at: Micros): string {
  return new Date(Math.floor(at / 1_000)).toISOString();
}

function mapOf(levels: readonly Level[]): Map<Ticks, Lots> {
  return new Map(levels.map(({ ticks, lots }) => [ticks, lots]));
}

function sorted(levels: ReadonlyMap<Ticks, Lots>, side: Side): readonly Level[] {
  return [...levels]
    .map(([ticks, lots]) => ({ ticks, lots }))
    .sort((a, b) => (side === BID ? b.ticks - a.ticks : a.ticks - b.ticks));
}

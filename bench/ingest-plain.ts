import { ASK, BID, type Side } from "../src/contracts/index.ts";
import type { IngestConnection } from "./ingest-market.ts";

interface PlainLevel {
  price: number;
  size: number;
}

interface PlainBook {
  bids: PlainLevel[];
  asks: PlainLevel[];
}

type Pair = readonly [string, string];

interface PlainMessage {
  readonly type?: string;
  readonly seq?: number;
  readonly msg?: {
    readonly market_ticker: string;
    readonly yes_dollars_fp?: readonly Pair[];
    readonly no_dollars_fp?: readonly Pair[];
    readonly price_dollars?: string;
    readonly delta_fp?: string;
    readonly side?: string;
  };
  readonly event_type?: string;
  readonly asset_id?: string;
  readonly bids?: readonly { readonly price: string; readonly size: string }[];
  readonly asks?: readonly { readonly price: string; readonly size: string }[];
  readonly price_changes?: readonly {
    readonly asset_id: string;
    readonly price: string;
    readonly size: string;
    readonly side: string;
  }[];
}

const TICKS = 10_000;

/** The usual design: `JSON.parse`, and a Map of books of sorted level objects. It checks nothing and refuses nothing. */
export class PlainBooks {
  readonly #books = new Map<string, PlainBook>();
  readonly #lastSeq = new Map<number, number>();
  readonly #connections: readonly IngestConnection[];

  constructor(all: readonly IngestConnection[]) {
    this.#connections = all;
  }

  connection(): void {}

  frame(connection: number, _recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    const message = JSON.parse((bytes as Buffer).toString("utf8", start, end)) as PlainMessage;
    if (message.msg === undefined) this.#polymarket(message);
    else this.#kalshi(connection, message, message.msg);
  }

  usable(): number {
    return this.#connections.flatMap(({ markets }) => markets.filter(({ symbol }) => this.#books.has(symbol)))
      .length;
  }

  tops(): readonly (readonly [string, number, number])[] {
    const ticks = (levels: readonly PlainLevel[] | undefined): number =>
      Math.round((levels?.[0]?.price ?? -1 / TICKS) * TICKS);
    return this.#connections.flatMap(({ markets }) =>
      markets.map(({ symbol }): [string, number, number] => {
        const book = this.#books.get(symbol);
        return [symbol, ticks(book?.bids), ticks(book?.asks)];
      }),
    );
  }

  #kalshi(connection: number, { type, seq }: PlainMessage, msg: NonNullable<PlainMessage["msg"]>): void {
    if (seq !== undefined) this.#lastSeq.set(connection, seq);
    if (type === "orderbook_snapshot") {
      const side = (levels: readonly Pair[] | undefined, flip: boolean): PlainLevel[] =>
        (levels ?? []).map(([price, size]) => ({
          price: flip ? 1 - Number(price) : Number(price),
          size: Number(size),
        }));
      this.#replace(msg.market_ticker, side(msg.yes_dollars_fp, false), side(msg.no_dollars_fp, true));
    } else if (type === "orderbook_delta") {
      const isBid = msg.side === "yes";
      const price = isBid ? Number(msg.price_dollars) : 1 - Number(msg.price_dollars);
      change(this.#book(msg.market_ticker), isBid ? BID : ASK, price, Number(msg.delta_fp), true);
    }
  }

  #polymarket({ event_type, asset_id, bids, asks, price_changes }: PlainMessage): void {
    if (event_type === "book") {
      const side = (levels: PlainMessage["bids"]): PlainLevel[] =>
        (levels ?? []).map(({ price, size }) => ({ price: Number(price), size: Number(size) }));
      this.#replace(asset_id ?? "", side(bids), side(asks));
    } else if (event_type === "price_change") {
      for (const { asset_id: asset, side, price, size } of price_changes ?? [])
        change(this.#book(asset), side === "BUY" ? BID : ASK, Number(price), Number(size), false);
    }
  }

  #replace(symbol: string, bids: PlainLevel[], asks: PlainLevel[]): void {
    bids.sort((a, b) => b.price - a.price);
    asks.sort((a, b) => a.price - b.price);
    this.#books.set(symbol, { bids, asks });
  }

  #book(symbol: string): PlainBook {
    const known = this.#books.get(symbol);
    if (known !== undefined) return known;
    const book: PlainBook = { bids: [], asks: [] };
    this.#books.set(symbol, book);
    return book;
  }
}

/** Sets a level's size, or changes it by `size`; binary search, splice. */
function change(book: PlainBook, side: Side, price: number, size: number, relative: boolean): void {
  const levels = side === BID ? book.bids : book.asks;
  const direction = side === BID ? -1 : 1;
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((levels[middle]!.price - price) * direction < -1e-9) low = middle + 1;
    else high = middle;
  }
  const level = levels[low];
  const found = level !== undefined && Math.abs(level.price - price) < 1e-9;
  const total = relative && found ? level.size + size : size;
  if (total < 1e-7) {
    if (found) levels.splice(low, 1);
  } else if (found) level.size = total;
  else levels.splice(low, 0, { price, size: total });
}

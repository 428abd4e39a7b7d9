import type { ReferenceFold } from "../../src/contracts/index.ts";

interface Level {
  readonly price: string;
  readonly size: string;
}

interface Change extends Level {
  readonly asset_id: string;
  readonly side: string;
}

/** What the fold hopes to find; it checks what it needs. */
interface Message {
  readonly event_type?: string;
  readonly asset_id?: string;
  readonly timestamp?: string;
  readonly bids?: readonly Level[];
  readonly asks?: readonly Level[];
  readonly price_changes?: readonly Change[];
  readonly changes?: readonly Level[];
}

interface Book {
  at: number;
  readonly bids: Map<number, number>;
  readonly asks: Map<number, number>;
}

/** Ten-thousandths of a dollar, the scale of EMP's books for this venue. */
const TICKS = 10_000;

/**
 * The market channel read the plain way: `JSON.parse`, a Map a side, the best price by looking at all of them. Every
 * token has a book of its own here, mirrored ones too.
 */
export class PolymarketReferenceFold implements ReferenceFold {
  readonly #books = new Map<string, Book>();

  frame(text: string): readonly string[] {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return [];
    }
    const messages = (Array.isArray(parsed) ? parsed : [parsed]) as readonly (Message | null)[];
    return messages.flatMap((message) => (message === null ? [] : this.#message(message)));
  }

  top(symbol: string): { readonly bid: number; readonly ask: number } | null {
    const book = this.#books.get(symbol);
    if (book === undefined) return null;
    return {
      bid: book.bids.size === 0 ? -1 : Math.max(...book.bids.keys()),
      ask: book.asks.size === 0 ? -1 : Math.min(...book.asks.keys()),
    };
  }

  #message(message: Message): readonly string[] {
    switch (message.event_type) {
      case "book":
        return this.#snapshot(message);
      case "price_change":
        return this.#changes(message);
      case "tick_size_change":
        this.#books.delete(message.asset_id ?? "");
        return [message.asset_id ?? ""];
      default:
        return [];
    }
  }

  #snapshot({ asset_id: asset = "", timestamp, bids = [], asks = [] }: Message): readonly string[] {
    const at = Number(timestamp);
    const known = this.#books.get(asset);
    if (known !== undefined && at < known.at) return [asset];
    this.#books.set(asset, { at, bids: sideOf(bids), asks: sideOf(asks) });
    return [asset];
  }

  #changes(message: Message): readonly string[] {
    const { asset_id = "", price_changes, changes, timestamp } = message;
    const old = changes?.map((change) => ({ ...change, asset_id })) ?? [message];
    const all = (price_changes ?? old) as readonly Change[];
    for (const { asset_id: asset, price, size, side } of all) {
      const book = this.#books.get(asset);
      if (book === undefined) continue;
      if (Number(timestamp) < book.at) {
        this.#books.delete(asset);
        continue;
      }
      book.at = Number(timestamp);
      const levels = side === "BUY" ? book.bids : book.asks;
      if (Number(size) === 0) levels.delete(ticks(price));
      else levels.set(ticks(price), Number(size));
    }
    return all.map((change) => change.asset_id);
  }
}

function sideOf(levels: readonly Level[]): Map<number, number> {
  return new Map(
    levels.filter(({ size }) => Number(size) > 0).map(({ price, size }) => [ticks(price), Number(size)]),
  );
}

function ticks(price: string): number {
  return Math.round(Number(price) * TICKS);
}

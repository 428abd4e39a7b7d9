import type { ReferenceFold } from "../../src/contracts/index.ts";

interface Level {
  readonly price: number | string;
  readonly size: number | string;
}

interface Book {
  readonly tokenId?: string;
  readonly bids?: readonly Level[];
  readonly asks?: readonly Level[];
}

/** Thousandths of a dollar, the scale of EMP's books for this venue. */
const TICKS = 1_000;
const EVENT = '42/markets,["orderbookUpdate",';

/** Book updates and polled books read the plain way: `JSON.parse`, and the best price by looking at all of them. */
export class LimitlessReferenceFold implements ReferenceFold {
  readonly #tops = new Map<string, { readonly bid: number; readonly ask: number }>();

  frame(text: string): readonly string[] {
    const isEvent = text.startsWith(EVENT);
    if (!isEvent && !text.startsWith("{")) return [];
    let book: Book | undefined;
    try {
      book = isEvent
        ? (JSON.parse(text.slice(text.indexOf("["))) as readonly [string, { readonly orderbook?: Book }])[1]
            .orderbook
        : (JSON.parse(text) as Book);
    } catch {
      return [];
    }
    const { tokenId, bids, asks } = book ?? {};
    if (tokenId === undefined || bids === undefined || asks === undefined) return [];
    this.#tops.set(tokenId, { bid: Math.max(-1, ...pricesOf(bids)), ask: least(pricesOf(asks)) });
    return [tokenId];
  }

  top(symbol: string): { readonly bid: number; readonly ask: number } | null {
    return this.#tops.get(symbol) ?? null;
  }
}

function pricesOf(levels: readonly Level[]): readonly number[] {
  return levels.filter(({ size }) => Number(size) > 0).map(({ price }) => Math.round(Number(price) * TICKS));
}

function least(prices: readonly number[]): number {
  return prices.length === 0 ? -1 : Math.min(...prices);
}

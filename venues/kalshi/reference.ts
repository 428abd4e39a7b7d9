import type { ReferenceFold } from "../../src/contracts/index.ts";

/** One market as the venue keeps it: two ladders of bids, price text -> hundredths of a contract. */
interface ReferenceBook {
  readonly yes: Map<string, number>;
  readonly no: Map<string, number>;
}

interface LooseFrame {
  readonly type?: string;
  readonly msg?: {
    readonly market_ticker?: string;
    readonly yes_dollars_fp?: readonly (readonly [string, string])[];
    readonly no_dollars_fp?: readonly (readonly [string, string])[];
    readonly side?: "yes" | "no";
    readonly price_dollars?: string;
    readonly delta_fp?: string;
  };
}

const hundredths = (text: string): number => Math.round(Number(text) * 100);
const tenThousandths = (text: string): number => Math.round(Number(text) * 10_000);

/**
 * The slow second opinion: `JSON.parse`, maps keyed by price text, best price by looking at every level.
 * Shares nothing with the mapper; trusts what it is given, so it is no parser for hostile input.
 */
export class KalshiReference implements ReferenceFold {
  readonly #books = new Map<string, ReferenceBook>();

  frame(text: string): readonly string[] {
    try {
      return this.#fold(JSON.parse(text) as LooseFrame);
    } catch {
      return [];
    }
  }

  top(symbol: string): { readonly bid: number; readonly ask: number } | null {
    const book = this.#books.get(symbol);
    if (book === undefined) return null;
    const yes = Math.max(-1, ...[...book.yes.keys()].map(tenThousandths));
    const no = Math.max(-1, ...[...book.no.keys()].map(tenThousandths));
    return { bid: yes, ask: no === -1 ? -1 : 10_000 - no };
  }

  #fold({ type, msg }: LooseFrame): readonly string[] {
    const symbol = msg?.market_ticker;
    if (msg === undefined || symbol === undefined) return [];
    if (type === "orderbook_snapshot") {
      const ladder = (levels: readonly (readonly [string, string])[] = []) =>
        new Map(levels.map(([price, size]) => [price, hundredths(size)]));
      this.#books.set(symbol, { yes: ladder(msg.yes_dollars_fp), no: ladder(msg.no_dollars_fp) });
      return [symbol];
    }
    const { side, price_dollars: price, delta_fp: delta } = msg;
    const ladder = side === undefined ? undefined : this.#books.get(symbol)?.[side];
    if (type !== "orderbook_delta" || ladder === undefined || price === undefined || delta === undefined)
      return [];
    const size = (ladder.get(price) ?? 0) + hundredths(delta);
    if (size > 0) ladder.set(price, size);
    else ladder.delete(price);
    return [symbol];
  }
}

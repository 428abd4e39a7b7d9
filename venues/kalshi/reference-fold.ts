import type { ReferenceFold } from "../../src/contracts/index.ts";

interface Ladders {
  readonly yes: Map<number, number>;
  readonly no: Map<number, number>;
}

/**
 * Kalshi's book read the slow way: two maps of bids in integers of 1e-4 dollar and 1e-2 contract.
 * It follows facts about the tape only: absent key = empty side, deltas are signed, an ask is 1 minus the best NO bid,
 * a level is never below zero.
 */
export class KalshiReferenceFold implements ReferenceFold {
  readonly #books = new Map<string, Ladders>();

  frame(text: string): readonly string[] {
    const frame = parse(text);
    const message = frame?.["msg"];
    if (!isRecord(message) || typeof message["market_ticker"] !== "string") return [];
    const ticker = message["market_ticker"];
    if (frame?.["type"] === "orderbook_snapshot") {
      this.#books.set(ticker, {
        yes: ladder(message["yes_dollars_fp"]),
        no: ladder(message["no_dollars_fp"]),
      });
      return [ticker];
    }
    const book = this.#books.get(ticker);
    if (frame?.["type"] !== "orderbook_delta" || book === undefined) return [];
    const levels = message["side"] === "yes" ? book.yes : book.no;
    const price = scaled(message["price_dollars"], 4);
    const size = Math.max(0, (levels.get(price) ?? 0) + scaled(message["delta_fp"], 2));
    if (size === 0) levels.delete(price);
    else levels.set(price, size);
    return [ticker];
  }

  top(symbol: string): { readonly bid: number; readonly ask: number } | null {
    const book = this.#books.get(symbol);
    if (book === undefined) return null;
    const yes = best(book.yes);
    const no = best(book.no);
    return { bid: yes, ask: no === -1 ? -1 : 10_000 - no };
  }
}

function best(levels: Map<number, number>): number {
  let price = -1;
  for (const candidate of levels.keys()) if (candidate > price) price = candidate;
  return price;
}

function ladder(value: unknown): Map<number, number> {
  const levels = new Map<number, number>();
  if (!Array.isArray(value)) return levels;
  for (const level of value as unknown[]) {
    if (!Array.isArray(level)) continue;
    const size = scaled(level[1], 2);
    if (size > 0) levels.set(scaled(level[0], 4), size);
  }
  return levels;
}

/** "-9.90" at 2 places -> -990, by text alone. */
function scaled(value: unknown, places: number): number {
  const [whole = "0", fraction = ""] = String(value).split(".");
  return Number.parseInt(whole + fraction.padEnd(places, "0").slice(0, places), 10);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

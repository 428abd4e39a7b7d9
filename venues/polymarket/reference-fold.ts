import type { ReferenceFold } from "../../src/contracts/index.ts";

interface Ladders {
  readonly bids: Map<number, bigint>;
  readonly asks: Map<number, bigint>;
}

/**
 * Polymarket's book per token read the slow way: maps of price (1e-4) to size (1e-6), replaced by `book`, changed by
 * both forms of `price_change`. Frames may be arrays.
 */
export class PolymarketReferenceFold implements ReferenceFold {
  readonly #books = new Map<string, Ladders>();

  frame(text: string): readonly string[] {
    const touched = new Set<string>();
    for (const event of events(text)) {
      if (event["event_type"] === "book") this.#snapshot(event, touched);
      else if (event["event_type"] === "price_change") this.#changes(event, touched);
      else if (event["event_type"] === "tick_size_change") this.#books.delete(String(event["asset_id"]));
    }
    return [...touched];
  }

  top(symbol: string): { readonly bid: number; readonly ask: number } | null {
    const book = this.#books.get(symbol);
    if (book === undefined) return null;
    return {
      bid: Math.max(-1, ...book.bids.keys()),
      ask: book.asks.size === 0 ? -1 : Math.min(...book.asks.keys()),
    };
  }

  #snapshot(event: Record<string, unknown>, touched: Set<string>): void {
    const asset = String(event["asset_id"]);
    this.#books.set(asset, {
      bids: ladder(event["bids"] ?? event["buys"]),
      asks: ladder(event["asks"] ?? event["sells"]),
    });
    touched.add(asset);
  }

  #changes(event: Record<string, unknown>, touched: Set<string>): void {
    const listed = event["price_changes"] ?? event["changes"] ?? [event];
    for (const change of Array.isArray(listed) ? (listed as Record<string, unknown>[]) : []) {
      const asset = String(change["asset_id"] ?? event["asset_id"]);
      const book = this.#books.get(asset);
      if (book === undefined) continue;
      const levels = change["side"] === "BUY" ? book.bids : book.asks;
      const size = scaled(change["size"], 6);
      if (size === 0n) levels.delete(Number(scaled(change["price"], 4)));
      else levels.set(Number(scaled(change["price"], 4)), size);
      touched.add(asset);
    }
  }
}

function ladder(value: unknown): Map<number, bigint> {
  const levels = new Map<number, bigint>();
  for (const level of Array.isArray(value) ? (value as Record<string, unknown>[]) : []) {
    const size = scaled(level["size"], 6);
    if (size > 0n) levels.set(Number(scaled(level["price"], 4)), size);
  }
  return levels;
}

function scaled(value: unknown, places: number): bigint {
  const [whole = "0", fraction = ""] = String(value).split(".");
  return BigInt(whole + fraction.padEnd(places, "0").slice(0, places));
}

function events(text: string): readonly Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).filter(
      (item): item is Record<string, unknown> => typeof item === "object" && item !== null,
    );
  } catch {
    return [];
  }
}

import type { ListedBook } from "../../../src/contracts/index.ts";

/** What the session has to know of a market beyond its book: tokens, and what an order is signed for. */
export interface MarketTokens {
  /** Token of outcome 0: the book's symbol. */
  readonly symbol: string;
  readonly mirror: string | null;
  readonly conditionId: string;
  /** Null: not stated, so nothing can be signed for it. */
  readonly negRisk: boolean | null;
  /** Protocol of the market: "v1", "v2", or null when not stated. */
  readonly version: string | null;
}

interface Entry {
  readonly market: MarketTokens;
  open: boolean;
  weight: number;
  /** Number of the catalogue reading that showed it last. */
  seenIn: number;
}

/** The markets of the catalogue by token, bounded. */
export class Directory {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();
  readonly #byMirror = new Map<string, string>();
  /** Markets left out for want of room since the last reset. */
  leftOut = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get isFull(): boolean {
    return this.#entries.size >= this.#limit;
  }

  /** By the symbol of its book. */
  get(symbol: string): MarketTokens | undefined {
    return this.#entries.get(symbol)?.market;
  }

  /** By either of its tokens. */
  ofToken(token: string): MarketTokens | undefined {
    return this.get(token) ?? this.get(this.#byMirror.get(token) ?? "");
  }

  /** Takes a market in; what is to be told of it, null when nothing changed or there is no room. */
  put(market: MarketTokens, open: boolean, weight: number, reading: number): ListedBook | null {
    const { symbol } = market;
    const known = this.#entries.get(symbol);
    if (known === undefined && this.isFull) {
      this.leftOut++;
      return null;
    }
    this.#entries.set(symbol, { market, open, weight, seenIn: reading });
    if (market.mirror !== null) this.#byMirror.set(market.mirror, symbol);
    return known?.open === open && known.weight === weight ? null : { symbol, open, weight };
  }

  /** It trades no more. */
  close(symbol: string): ListedBook | null {
    const entry = this.#entries.get(symbol);
    if (entry === undefined || !entry.open) return null;
    entry.open = false;
    return { symbol, open: false, weight: entry.weight };
  }

  /** Open markets that a reading did not show. */
  unseen(reading: number): readonly MarketTokens[] {
    const found: MarketTokens[] = [];
    for (const { market, open, seenIn } of this.#entries.values())
      if (open && seenIn !== reading) found.push(market);
    return found;
  }

  /** Forgets markets that are closed and were not shown by the last readings. */
  forgetClosed(before: number): void {
    for (const [symbol, { market, open, seenIn }] of this.#entries) {
      if (open || seenIn >= before) continue;
      this.#entries.delete(symbol);
      if (market.mirror !== null) this.#byMirror.delete(market.mirror);
    }
  }
}

import { createHash } from "node:crypto";

interface Level {
  readonly price: number;
  readonly size: number;
}

/** A normalised event, as most engines pass it from adapter to core. */
export type ObjectFact =
  | {
      readonly kind: "snapshot";
      readonly market: string;
      readonly bids: Level[];
      readonly asks: Level[];
      readonly at: number;
      readonly seq: number;
    }
  | {
      readonly kind: "change";
      readonly market: string;
      readonly side: "bid" | "ask";
      readonly price: number;
      readonly delta: number;
      readonly at: number;
      readonly venueAt: number;
      readonly seq: number;
    };

interface Book {
  readonly market: string;
  bids: Level[];
  asks: Level[];
  /** Copies of the last three valid books: size comes from their median. */
  recent: { readonly bids: readonly Level[]; readonly asks: readonly Level[] }[];
  mid: number | null;
  reason: string | null;
}

interface KalshiMessage {
  readonly type: string;
  readonly sid?: number;
  readonly seq?: number;
  readonly msg?: {
    readonly market_ticker: string;
    readonly yes_dollars_fp?: readonly (readonly [string, string])[];
    readonly no_dollars_fp?: readonly (readonly [string, string])[];
    readonly price_dollars?: string;
    readonly delta_fp?: string;
    readonly side?: string;
    readonly ts_ms?: number;
  };
}

const CHECKPOINT = 1000;
const TOP = 8;

/**
 * The usual design with the same duties, written for comparison: JSON.parse, a normalised event object, books as sorted
 * arrays of objects, sequence check, firewall with quarantine on change, the last three valid books for the size median,
 * a lane over the changed market, latency samples, and a hash over decisions and the state of the books every 1,000
 * events. It is slower than a library would make it nowhere on purpose, and less exact: its numbers are floats.
 */
export class ObjectDesign {
  readonly #books = new Map<string, Book>();
  readonly #lastSeq = new Map<number, number>();
  readonly #counts = new Map<string, number>();
  #latency: number[] = [];
  #decisions: unknown[] = [];
  #link = "";
  #events = 0;

  /** One raw frame. */
  frame(text: string, recvAt: number): void {
    const message = JSON.parse(text) as KalshiMessage;
    this.#sequence(message);
    const fact = objectFactOf(message, recvAt);
    if (fact !== null) this.fact(fact);
  }

  fact(fact: ObjectFact): void {
    const book = fact.kind === "snapshot" ? this.#replace(fact) : this.#change(fact);
    if (book !== null) this.#judge(book, fact.at);
    if (fact.kind === "change") this.#sample(fact.at - fact.venueAt);
    if (++this.#events % CHECKPOINT === 0) this.#checkpoint();
  }

  digest(): string {
    this.#checkpoint();
    return this.#link;
  }

  #sequence({ sid, seq }: KalshiMessage): void {
    if (sid === undefined || seq === undefined) return;
    const last = this.#lastSeq.get(sid);
    if (last !== undefined && seq !== last + 1) this.#count("gap");
    this.#lastSeq.set(sid, seq);
  }

  #replace(fact: Extract<ObjectFact, { kind: "snapshot" }>): Book {
    const known = this.#books.get(fact.market);
    const book = known ?? { market: fact.market, bids: [], asks: [], recent: [], mid: null, reason: null };
    book.bids = fact.bids;
    book.asks = fact.asks;
    this.#books.set(fact.market, book);
    return book;
  }

  #change(fact: Extract<ObjectFact, { kind: "change" }>): Book | null {
    const book = this.#books.get(fact.market);
    if (book === undefined) return null;
    const isBid = fact.side === "bid";
    const levels = isBid ? book.bids : book.asks;
    const at = levels.findIndex((level) => Math.abs(level.price - fact.price) < 1e-9);
    if (at !== -1) {
      const size = levels[at]!.size + fact.delta;
      if (size <= 0.004) levels.splice(at, 1);
      else levels[at] = { price: fact.price, size };
      return book;
    }
    const before = levels.findIndex((level) => (isBid ? level.price < fact.price : level.price > fact.price));
    levels.splice(before === -1 ? levels.length : before, 0, { price: fact.price, size: fact.delta });
    return book;
  }

  #judge(book: Book, at: number): void {
    const quote = { market: book.market, bid: book.bids[0], ask: book.asks[0], at };
    const reason = inspect(book, quote);
    if (reason !== book.reason) {
      this.#decisions.push({
        kind: reason === null ? "release" : "quarantine",
        market: book.market,
        reason,
        at,
      });
      book.reason = reason;
    }
    if (reason !== null) {
      this.#count(reason);
      return;
    }
    book.recent.push({ bids: book.bids.slice(0, TOP), asks: book.asks.slice(0, TOP) });
    if (book.recent.length > 3) book.recent.shift();
    const cost = quote.ask!.price + (1 - quote.bid!.price);
    if (cost < 1)
      this.#decisions.push({ kind: "finding", market: book.market, cost, size: median(book.recent) });
  }

  #sample(micros: number): void {
    this.#latency.push(micros);
    if (this.#latency.length > 10_000) this.#latency = this.#latency.slice(5_000);
  }

  #checkpoint(): void {
    const state = [...this.#books.values()].map(({ market, bids, asks }) => ({ market, bids, asks }));
    this.#link = createHash("sha256")
      .update(this.#link + JSON.stringify({ decisions: this.#decisions, state }))
      .digest("hex");
    this.#decisions = [];
  }

  #count(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }
}

/** A frame as this design's normalised event; null for frames without book content. */
export function objectFactOf({ type, msg, seq = -1 }: KalshiMessage, at: number): ObjectFact | null {
  if (msg === undefined) return null;
  const market = msg.market_ticker;
  if (type === "orderbook_snapshot") {
    const level = (price: number, size: string): Level => ({ price, size: Number(size) });
    const bids = (msg.yes_dollars_fp ?? []).map(([price, size]) => level(Number(price), size));
    const asks = (msg.no_dollars_fp ?? []).map(([price, size]) => level(1 - Number(price), size));
    return {
      kind: "snapshot",
      market,
      bids: bids.sort((a, b) => b.price - a.price),
      asks: asks.sort((a, b) => a.price - b.price),
      at,
      seq,
    };
  }
  if (type !== "orderbook_delta") return null;
  const isBid = msg.side === "yes";
  const price = isBid ? Number(msg.price_dollars) : 1 - Number(msg.price_dollars);
  return {
    kind: "change",
    market,
    side: isBid ? "bid" : "ask",
    price,
    delta: Number(msg.delta_fp),
    at,
    venueAt: (msg.ts_ms ?? 0) * 1000,
    seq,
  };
}

function inspect(
  book: Book,
  { bid, ask }: { readonly bid: Level | undefined; readonly ask: Level | undefined },
): string | null {
  if (bid === undefined || ask === undefined) return "one_sided";
  if (bid.price >= ask.price) return "crossed";
  if (bid.size <= 0 || ask.size <= 0) return "size";
  if (ask.price < 0.02 || bid.price > 0.98) return "micro_price";
  const mid = (bid.price + ask.price) / 2;
  const jumped = book.mid !== null && Math.abs(mid - book.mid) > 0.25;
  book.mid = mid;
  return jumped ? "jump" : null;
}

function median(recent: Book["recent"]): number {
  const sizes = recent.map(({ bids, asks }) => Math.min(bids[0]?.size ?? 0, asks[0]?.size ?? 0));
  return sizes.sort((a, b) => a - b)[sizes.length >> 1] ?? 0;
}

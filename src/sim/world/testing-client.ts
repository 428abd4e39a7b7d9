import { BID } from "../../contracts/index.ts";
import type { FamilyTerms, FrameAction, WorldAction, WorldBook } from "./actions.ts";

/** What a careful client knows from the delivered frames alone. Written apart from the world's own books. */
export class Client {
  readonly books = new Map<
    string,
    { bids: Map<number, number>; asks: Map<number, number>; valid: boolean }
  >();
  readonly families = new Map<string, FamilyTerms>();
  readonly listed = new Map<string, WorldBook>();
  readonly expected = new Map<string, number>();
  readonly gaps: string[] = [];
  mismatches = 0;

  see(action: WorldAction): void {
    if (action.kind === "listing") this.listed.set(action.book.symbol, action.book);
    else if (action.kind === "family") this.families.set(action.family.id, action.family);
    else if (action.kind === "connection") this.#drop(action.connection, true);
    else if (action.kind !== "hazard") this.#frame(action);
  }

  best(symbol: string, side: "bids" | "asks"): number | null {
    const book = this.books.get(symbol);
    if (book === undefined || !book.valid || book[side].size === 0) return null;
    return side === "bids" ? Math.max(...book.bids.keys()) : Math.min(...book.asks.keys());
  }

  #frame(action: FrameAction): void {
    const key = `${action.connection}/${action.channel}`;
    if (action.mutation !== null) {
      this.#drop(action.connection, false);
      return;
    }
    if (action.seq !== -1) {
      const expected = (this.expected.get(key) ?? 0) + 1;
      if (action.seq < expected) return;
      if (action.seq > expected) {
        this.gaps.push(key);
        this.#drop(action.connection, false);
      }
      this.expected.set(key, action.seq);
    }
    if (action.kind === "snapshot") {
      const bids = new Map(action.bids.map((l) => [l.ticks as number, l.lots as number]));
      const asks = new Map(action.asks.map((l) => [l.ticks as number, l.lots as number]));
      this.books.set(action.book.symbol, { bids, asks, valid: true });
    } else if (action.kind === "tick_size" || action.kind === "close") {
      const book = this.books.get(action.book.symbol);
      if (book !== undefined) book.valid = false;
    } else if (action.kind === "level") this.#level(action);
  }

  #level(action: FrameAction & { kind: "level" }): void {
    const book = this.books.get(action.book.symbol);
    if (book === undefined || !book.valid) return;
    const side = action.side === BID ? book.bids : book.asks;
    if (action.lots === 0) side.delete(action.ticks);
    else side.set(action.ticks, action.lots);
    const bid = this.best(action.book.symbol, "bids") ?? -1;
    const ask = this.best(action.book.symbol, "asks") ?? -1;
    if (bid !== action.bestBid || ask !== action.bestAsk) this.mismatches++;
  }

  #drop(connection: number, restart: boolean): void {
    for (const [symbol, book] of this.books)
      if (this.listed.get(symbol)?.connection === connection) book.valid = false;
    if (!restart) return;
    for (const channel of ["book", "trade", "life"]) this.expected.set(`${connection}/${channel}`, 0);
  }
}

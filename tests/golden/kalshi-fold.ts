/** Best prices of a book in integers of 1e-4 dollar; -1 = that side is empty. */
export interface Top {
  readonly bid: number;
  readonly ask: number;
}

interface Ladders {
  readonly yes: Map<number, number>;
  readonly no: Map<number, number>;
}

/** What the fold takes from a line of a recording, either kind. */
export interface TapeMessage {
  readonly type: string;
  readonly seq: number | null;
  readonly msg: Readonly<Record<string, unknown>>;
}

/** Reads a line of either recorder; null when it carries no venue message. */
export function messageOf(line: string): TapeMessage | null {
  const value = JSON.parse(line) as Record<string, unknown>;
  const frame = (value["event"] ?? value) as Record<string, unknown>;
  const { type, seq, msg } = frame;
  if (typeof type !== "string" || typeof msg !== "object" || msg === null) return null;
  return { type, seq: typeof seq === "number" ? seq : null, msg: msg as TapeMessage["msg"] };
}

/**
 * The whole arithmetic of a Kalshi book, written once more with nothing but maps of integers: both ladders are bids,
 * an absent ladder is empty, a delta is signed, an ask is one minus the best NO bid.
 */
export class KalshiFold {
  readonly #books = new Map<string, Ladders>();
  trades = 0;
  inside = 0;
  atTouch = 0;

  /** A recording ended: nothing is known of what follows. */
  forget(): void {
    this.#books.clear();
  }

  /** Folds a message; the ticker whose book it touched, null when it touched none that is known. */
  fold({ type, msg }: TapeMessage): string | null {
    const ticker = String(msg["market_ticker"]);
    if (type === "orderbook_snapshot") {
      this.#books.set(ticker, { yes: ladder(msg["yes_dollars_fp"]), no: ladder(msg["no_dollars_fp"]) });
      return ticker;
    }
    const book = this.#books.get(ticker);
    if (book === undefined) return null;
    if (type === "trade") this.#trade(ticker, integer(msg["yes_price_dollars"], 4));
    if (type !== "orderbook_delta") return null;
    const side = msg["side"] === "yes" ? book.yes : book.no;
    const price = integer(msg["price_dollars"], 4);
    const size = (side.get(price) ?? 0) + integer(msg["delta_fp"], 2);
    if (size > 0) side.set(price, size);
    else side.delete(price);
    return ticker;
  }

  top(ticker: string): Top {
    const { yes, no } = this.#books.get(ticker)!;
    const bestNo = highest(no);
    return { bid: highest(yes), ask: bestNo === -1 ? -1 : 10_000 - bestNo };
  }

  #trade(ticker: string, price: number): void {
    const { bid, ask } = this.top(ticker);
    this.trades++;
    if (price >= bid && (ask === -1 || price <= ask)) this.inside++;
    if (price === bid || price === ask) this.atTouch++;
  }
}

function highest(side: ReadonlyMap<number, number>): number {
  let best = -1;
  for (const price of side.keys()) if (price > best) best = price;
  return best;
}

function ladder(value: unknown): Map<number, number> {
  const levels = (value ?? []) as readonly (readonly [string, string])[];
  return new Map(levels.map(([price, size]) => [integer(price, 4), integer(size, 2)]));
}

/** "-9.90" with 2 places is -990. */
function integer(text: unknown, places: number): number {
  const [whole = "", fraction = ""] = String(text).split(".");
  return Number(whole + fraction.padEnd(places, "0"));
}

import { ASK, type ExchangeChange, type Micros } from "../../../src/contracts/index.ts";
import { PRICE_SCALE } from "../scales.ts";
import { contracts, dollars, rfc3339, tradeUuid } from "./values.ts";

/** Trades and fills remembered; the oldest are forgotten. */
const MAX_TRADES = 20_000;
const MAX_FILLS = 20_000;

type Trade = Extract<ExchangeChange, { kind: "trade" }>;

/** The public prints of the venue, newest last, and which print each private fill belongs to. */
export class Tape {
  readonly #trades: Trade[] = [];
  readonly #fills = new Map<string, string>();

  trade(trade: Trade): void {
    this.#trades.push(trade);
    // Dropped in blocks: shifting a long array one by one is slow.
    if (this.#trades.length >= MAX_TRADES + MAX_TRADES / 10) this.#trades.splice(0, MAX_TRADES / 10);
  }

  /** The exchange announces a fill right after its print. */
  fill(id: string): void {
    const last = this.#trades.at(-1);
    if (last === undefined) return;
    this.#fills.set(id, tradeUuid(last.tradeId));
    if (this.#fills.size <= MAX_FILLS) return;
    const oldest = this.#fills.keys().next().value;
    if (oldest !== undefined) this.#fills.delete(oldest);
  }

  /** Id of the print a fill belongs to; null when it was forgotten. */
  tradeOf(fillId: string): string | null {
    return this.#fills.get(fillId) ?? null;
  }

  /** Newest first. @param before only trades numbered below it; 0 = all. */
  page(symbol: string | null, range: Range, before: number, limit: number): TradePage {
    const rows: Readonly<Record<string, unknown>>[] = [];
    let last = 0;
    for (let i = this.#trades.length - 1; i >= 0; i--) {
      const trade = this.#trades[i]!;
      if ((before > 0 && trade.tradeId >= before) || (symbol !== null && trade.symbol !== symbol)) continue;
      if (trade.at < range.from || trade.at > range.to) continue;
      if (rows.length === limit) return { rows, next: last };
      rows.push(restTrade(trade));
      last = trade.tradeId;
    }
    return { rows, next: 0 };
  }
}

/** Instants in microseconds, both included. */
export interface Range {
  readonly from: Micros;
  readonly to: Micros;
}

export interface TradePage {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Number to go on below; 0 = that was all. */
  readonly next: number;
}

function restTrade({ symbol, side, ticks, lots, tradeId, at }: Trade): Readonly<Record<string, unknown>> {
  const taker = side === ASK ? "no" : "yes";
  return {
    count_fp: contracts(lots),
    created_time: rfc3339(at),
    is_block_trade: false,
    no_price_dollars: dollars(PRICE_SCALE - ticks),
    taker_book_side: side === ASK ? "ask" : "bid",
    taker_outcome_side: taker,
    taker_side: taker,
    ticker: symbol,
    trade_id: tradeUuid(tradeId),
    yes_price_dollars: dollars(ticks),
  };
}

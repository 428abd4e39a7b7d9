import { type EmbeddedExchange, type Micros, notional, type Ticks } from "../../../src/contracts/index.ts";
import { PRICE_SCALE, SIZE_SCALE } from "../scales.ts";
import { marketSums } from "./ledger.ts";
import type { Determination } from "./market-state.ts";
import { contracts, money, rfc3339 } from "./values.ts";

/** Settlements remembered per account. */
const MAX_ROWS = 2_000;
const CENT = 10_000_000_000n;

/** What each account was paid for markets that ended. */
export class Settlements {
  readonly #exchange: EmbeddedExchange;
  readonly #accounts: readonly string[];
  readonly #rows = new Map<string, Readonly<Record<string, unknown>>[]>();

  constructor(exchange: EmbeddedExchange, accounts: Iterable<string>) {
    this.#exchange = exchange;
    this.#accounts = [...accounts];
  }

  /** A market was resolved; the exchange has paid already. */
  resolved(symbol: string, event: string, { result, value }: Determination, at: Micros): void {
    for (const account of this.#accounts) {
      const sums = marketSums(this.#exchange.fills(account)).get(symbol);
      if (sums === undefined) continue;
      const yesTicks = Math.round(Number(value) * PRICE_SCALE);
      const paid = (lots: number, ticks: number): bigint =>
        notional(ticks as Ticks, lots as never, PRICE_SCALE, SIZE_SCALE);
      const net = sums.yesLots - sums.noLots;
      const revenue = net >= 0 ? paid(net, yesTicks) : paid(-net, PRICE_SCALE - yesTicks);
      const rows = this.#rows.get(account) ?? [];
      rows.push({
        event_ticker: event,
        exchange_index: 0,
        fee_cost: money(sums.fees, 6),
        market_result: result,
        no_count_fp: contracts(sums.noLots),
        no_total_cost_dollars: money(sums.noCost, 6),
        revenue: Number(revenue / CENT),
        settled_time: rfc3339(at),
        ticker: symbol,
        value: Math.round(Number(value) * 100),
        yes_count_fp: contracts(sums.yesLots),
        yes_total_cost_dollars: money(sums.yesCost, 6),
      });
      if (rows.length > MAX_ROWS) rows.shift();
      this.#rows.set(account, rows);
    }
  }

  /** Newest first. */
  of(account: string): readonly Readonly<Record<string, unknown>>[] {
    return (this.#rows.get(account) ?? []).toReversed();
  }
}

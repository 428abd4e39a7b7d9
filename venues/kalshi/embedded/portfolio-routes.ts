import {
  type Clock,
  type EmbeddedExchange,
  type ExchangeOrder,
  notional,
  PICO_DIGITS,
  parseDecimal,
  type ServedAnswer,
  type Sha256Hex,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { PRICE_SCALE, SIZE_SCALE } from "../scales.ts";
import { answer, NOT_FOUND } from "./answers.ts";
import { decodeCursor, encodeCursor } from "./catalogue.ts";
import { exposureOf, type MarketSums, marketSums, NO_SUMS, orderSums } from "./ledger.ts";
import { restFill, restOrder, userId, wireStatusOf } from "./order-json.ts";
import type { OrderNames } from "./order-names.ts";
import { Query } from "./query.ts";
import type { Settlements } from "./settlements.ts";
import type { Tape } from "./tape.ts";
import { contracts, money, rfc3339, seconds, uuidOf } from "./values.ts";

const MAX_ROWS = 1_000;
const DEFAULT_ROWS = 100;
const CENT = 10_000_000_000n;

type Fields = Readonly<Record<string, unknown>>;

export interface PortfolioParts {
  readonly exchange: EmbeddedExchange;
  readonly clock: Clock;
  readonly sha256: Sha256Hex;
  readonly names: OrderNames;
  readonly tape: Tape;
  readonly settlements: Settlements;
}

/** What an account may read of itself. */
export class PortfolioRoutes {
  readonly #parts: PortfolioParts;

  constructor(parts: PortfolioParts) {
    this.#parts = parts;
  }

  /** @param name path below `/trade-api/v2/portfolio/`, split. @returns null for a path that is not served. */
  get([name, id, ...more]: readonly string[], account: string, path: string): ServedAnswer | null {
    if (more.length > 0 || (id !== undefined && name !== "orders")) return null;
    switch (name) {
      case "orders":
        return id === undefined ? this.#orders(account, path) : this.#order(account, id);
      case "fills":
        return this.#fills(account, path);
      case "positions":
        return this.#positions(account);
      case "balance":
        return this.#balance(account);
      case "settlements":
        return paged("settlements", this.#parts.settlements.of(account), new Query("GetSettlements", path));
      default:
        return null;
    }
  }

  #orders(account: string, path: string): ServedAnswer {
    const { exchange, names } = this.#parts;
    const query = new Query("GetOrders", path);
    const [ticker, event, status] = [query.text("ticker"), query.text("event_ticker"), query.text("status")];
    const from = query.instant("min_ts", "MinTs") ?? 0;
    const to = query.instant("max_ts", "MaxTs") ?? Number.MAX_SAFE_INTEGER;
    const sums = orderSums(exchange.fills(account));
    const user = userId(this.#parts.sha256, account);
    const chosen = exchange
      .orders(account)
      .filter(
        (order) =>
          !names.isReplaced(order) &&
          (ticker === null || order.symbol === ticker) &&
          (event === null || exchange.market(order.symbol)?.market.event === event) &&
          (status === null || wireStatusOf(order) === status) &&
          order.createdAt >= from &&
          order.createdAt <= to,
      )
      .toReversed();
    return paged("orders", chosen, query, (order) =>
      restOrder(order, names.of(order), sums.get(order.id) ?? NO_SUMS, user),
    );
  }

  #order(account: string, id: string): ServedAnswer {
    const { exchange, names, sha256 } = this.#parts;
    const name = names.find(account, id);
    const order: ExchangeOrder | undefined =
      name === null ? undefined : exchange.orders(account).find((each) => each.id === name.exchangeId);
    if (name === null || order === undefined) return NOT_FOUND;
    const sums = orderSums(exchange.fills(account)).get(order.id) ?? NO_SUMS;
    return answer(200, { order: restOrder(order, name, sums, userId(sha256, account)) });
  }

  #fills(account: string, path: string): ServedAnswer {
    const { exchange, names, tape, sha256 } = this.#parts;
    const query = new Query("GetFills", path);
    const [ticker, orderId] = [query.text("ticker"), query.text("order_id")];
    const from = query.instant("min_ts", "MinTs") ?? 0;
    const to = query.instant("max_ts", "MaxTs") ?? Number.MAX_SAFE_INTEGER;
    const chosen = exchange
      .fills(account)
      .map((fill) => ({ fill, name: names.of({ id: fill.orderId, account, clientId: fill.clientId }) }))
      .filter(
        ({ fill, name }) =>
          (ticker === null || fill.symbol === ticker) &&
          (orderId === null || name.id === orderId) &&
          fill.at >= from &&
          fill.at <= to,
      )
      .toReversed();
    return paged("fills", chosen, query, ({ fill, name }) =>
      restFill(fill, name, tape.tradeOf(fill.id) ?? uuidOf(sha256, `${exchange.venue}/fill/${fill.id}`)),
    );
  }

  #positions(account: string): ServedAnswer {
    const { exchange } = this.#parts;
    const all = marketSums(exchange.fills(account));
    const markets: Fields[] = [];
    const events = new Map<string, Totals>();
    for (const [symbol, lots] of exchange.positions(account)) {
      const sums = all.get(symbol);
      const event = exchange.market(symbol)?.market.event;
      if (sums === undefined || event === undefined) continue;
      markets.push(marketPosition(symbol, lots, sums));
      const totals = events.get(event) ?? { cost: 0n, shares: 0, exposure: 0n, realised: 0n, fees: 0n };
      addTo(totals, sums, lots);
      events.set(event, totals);
    }
    const eventRows = [...events].map(([event, totals]) => eventPosition(event, totals));
    return answer(200, { cursor: "", event_positions: eventRows, market_positions: markets });
  }

  #balance(account: string): ServedAnswer {
    const { exchange, clock } = this.#parts;
    const cash = parseDecimal(exchange.cash(account), PICO_DIGITS) ?? 0n;
    let value = 0n;
    for (const [symbol, lots] of exchange.positions(account)) {
      const last = exchange.market(symbol)?.lastTradeTicks ?? 0;
      const ticks = (lots < 0 ? PRICE_SCALE - last : last) as Ticks;
      value += notional(ticks, Math.abs(lots) as typeof lots, PRICE_SCALE, SIZE_SCALE);
    }
    const dollars = money(cash, 4);
    return answer(200, {
      balance: Number(cash / CENT),
      balance_breakdown: [{ balance: dollars, exchange_index: 0 }],
      balance_dollars: dollars,
      portfolio_value: Number(value / CENT),
      updated_ts: seconds(clock.now()),
    });
  }
}

interface Totals {
  cost: bigint;
  shares: number;
  exposure: bigint;
  realised: bigint;
  fees: bigint;
}

function addTo(totals: Totals, sums: MarketSums, lots: number): void {
  const { exposure, realised } = exposureOf(sums);
  totals.cost += sums.yesCost + sums.noCost;
  totals.shares += Math.abs(lots);
  totals.exposure += exposure;
  totals.realised += realised;
  totals.fees += sums.fees;
}

function marketPosition(symbol: string, lots: number, sums: MarketSums): Fields {
  const { exposure, realised } = exposureOf(sums);
  return {
    exchange_index: 0,
    fees_paid_dollars: money(sums.fees, 6),
    last_updated_ts: rfc3339(sums.lastAt),
    market_exposure_dollars: money(exposure, 6),
    position_fp: contracts(lots),
    realized_pnl_dollars: money(realised, 6),
    ticker: symbol,
    total_traded_dollars: money(sums.yesCost + sums.noCost, 6),
  };
}

function eventPosition(event: string, totals: Totals): Fields {
  return {
    event_exposure_dollars: money(totals.exposure, 6),
    event_ticker: event,
    fees_paid_dollars: money(totals.fees, 6),
    realized_pnl_dollars: money(totals.realised, 6),
    total_cost_dollars: money(totals.cost, 6),
    total_cost_shares_fp: contracts(totals.shares),
  };
}

/** Rows are newest first; the cursor counts from the oldest, so that new rows do not shift a page. */
function paged<T>(
  name: string,
  rows: readonly T[],
  query: Query,
  show: (row: T) => unknown = (row) => row,
): ServedAnswer {
  const limit = query.count("limit", "Limit", 1, MAX_ROWS, DEFAULT_ROWS);
  const left = decodeCursor(query.text("cursor")) || rows.length;
  const start = Math.max(0, rows.length - left);
  const page = rows.slice(start, start + limit).map(show);
  const after = rows.length - start - page.length;
  return answer(200, { cursor: after === 0 ? "" : encodeCursor(after), [name]: page });
}

import {
  ASK,
  BID,
  type Clock,
  type EmbeddedExchange,
  type ExchangeFill,
  type ExchangeOrder,
  type Lots,
  type Micros,
  type OrderRefusal,
  type OrderRequest,
  type Sha256Hex,
  type Side,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { exchangeError, type WireError } from "./answers.ts";
import { costOf, feeOf } from "./ledger.ts";
import { direction, remainingLots } from "./order-json.ts";
import type { OrderName, OrderNames } from "./order-names.ts";
import type { AmendRequest, CreateRequest } from "./order-request.ts";
import { contracts, millis, money, uuidOf } from "./values.ts";

/** What became of an order call: the fields of a good answer, or what was refused. */
export type Placed =
  | { readonly ok: true; readonly status: number; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly status: number; readonly error: WireError };

const MARKET_INACTIVE: Placed = { ok: false, status: 400, error: exchangeError("MARKET_INACTIVE") };
const UNKNOWN_ORDER: Placed = { ok: false, status: 404, error: exchangeError("not_found") };

/** Carries out orders at the exchange and words its answers. */
export class OrderDesk {
  readonly #exchange: EmbeddedExchange;
  readonly #names: OrderNames;
  readonly #clock: Clock;
  readonly #sha256: Sha256Hex;
  #void = 0;

  constructor(exchange: EmbeddedExchange, names: OrderNames, clock: Clock, sha256: Sha256Hex) {
    this.#exchange = exchange;
    this.#names = names;
    this.#clock = clock;
    this.#sha256 = sha256;
  }

  create(account: string, request: CreateRequest): Placed {
    const { ticker: symbol, side, ticks, clientId } = request;
    const lots = request.reduceOnly ? this.#reducing(account, request) : request.lots;
    if (lots === 0) return this.#nothing(account, clientId);
    let limit: { ticks: number; cut: boolean } | null = { ticks, cut: false };
    if (request.selfTrade === "taker_at_cross") limit = this.#beforeOwn(account, symbol, side, ticks);
    if (limit === null) return this.#nothing(account, clientId);
    const times = { fill_or_kill: "fok", good_till_canceled: "gtc", immediate_or_cancel: "ioc" } as const;
    const time = request.expiresAt === null ? times[request.timeInForce] : "gtd";
    const answer = this.#exchange.submit({
      account,
      clientId,
      symbol,
      side,
      ticks: limit.ticks as Ticks,
      lots: lots as Lots,
      timeInForce: limit.cut && time !== "fok" ? "ioc" : time,
      postOnly: request.postOnly,
      expiresAt: request.expiresAt as Micros | null,
    });
    if (!answer.ok) return refusal(answer.why);
    return this.#traded(201, answer.order, this.#names.of(answer.order), answer.fills);
  }

  cancel(account: string, id: string): Placed {
    const name = this.#names.find(account, id);
    const before = name === null ? undefined : this.#orderOf(name);
    if (name === null || before === undefined) return UNKNOWN_ORDER;
    const status = this.#exchange.market(before.symbol)?.status;
    if (status !== "open" && status !== "paused") return MARKET_INACTIVE;
    const cancelled = this.#exchange.cancel(account, name.exchangeId);
    if (cancelled === null) return UNKNOWN_ORDER;
    const reduced = contracts(cancelled.lots - cancelled.filledLots);
    return this.#done(200, name, { reduced_by: reduced });
  }

  cancelAll(account: string): void {
    this.#exchange.cancelAll(account, null);
  }

  /**
   * A new price or size under the same order id. The exchange behind cannot change an order in place: it is cancelled
   * and entered anew, so its place in the queue is always lost; the real venue keeps it when only the size shrinks.
   */
  amend(account: string, id: string, request: AmendRequest): Placed {
    const name = this.#names.find(account, id);
    const order = name === null ? undefined : this.#orderOf(name);
    if (name === null || order === undefined || order.status !== "resting") return UNKNOWN_ORDER;
    if (order.symbol !== request.ticker || order.side !== request.side)
      return { ok: false, status: 400, error: exchangeError("invalid_order") };
    const lots = request.lots - order.filledLots - name.filledBefore;
    if (lots <= 0) return this.cancel(account, id);
    return this.#replace(name, order, request.ticks, lots, request.clientId);
  }

  decrease(account: string, id: string, by: number | null, to: number | null): Placed {
    const name = this.#names.find(account, id);
    const order = name === null ? undefined : this.#orderOf(name);
    if (name === null || order === undefined || order.status !== "resting") return UNKNOWN_ORDER;
    const left = remainingLots(order);
    const lots = to ?? left - by!;
    if (lots <= 0) return this.cancel(account, id);
    if (lots >= left) return { ok: false, status: 400, error: exchangeError("invalid_order") };
    return this.#replace(name, order, order.ticks, lots, null);
  }

  #replace(
    name: OrderName,
    order: ExchangeOrder,
    ticks: number,
    lots: number,
    clientId: string | null,
  ): Placed {
    const status = this.#exchange.market(order.symbol)?.status;
    if (status !== "open") return refusal(status === "paused" ? "paused" : "closed");
    const request: OrderRequest = {
      account: order.account,
      clientId,
      symbol: order.symbol,
      side: order.side,
      ticks: ticks as Ticks,
      lots: lots as Lots,
      timeInForce: "gtc",
      postOnly: false,
      expiresAt: null,
    };
    if (this.#exchange.cancel(order.account, order.id) === null) return UNKNOWN_ORDER;
    const answer = this.#exchange.submit(request);
    const filledBefore = order.filledLots + name.filledBefore;
    if (answer.ok) {
      const renamed = this.#names.replace(name, answer.order, clientId ?? name.clientId, filledBefore);
      return this.#traded(200, answer.order, renamed, answer.fills);
    }
    const rest = (order.lots - order.filledLots) as Lots;
    const back = this.#exchange.submit({ ...request, clientId: null, ticks: order.ticks, lots: rest });
    if (back.ok) this.#names.replace(name, back.order, name.clientId, filledBefore);
    return refusal(answer.why);
  }

  #orderOf(name: OrderName): ExchangeOrder | undefined {
    return this.#exchange.orders(name.account).find(({ id }) => id === name.exchangeId);
  }

  /** Lots that only make the position smaller. */
  #reducing(account: string, { ticker, side, lots }: CreateRequest): number {
    const position = this.#exchange.positions(account).get(ticker) ?? 0;
    return Math.max(0, Math.min(lots, side === BID ? -position : position));
  }

  /**
   * Where a taker stops before its own resting orders. @returns the worst price that meets none of them, `cut` when
   * the rest is then cancelled; null when the very best price is its own.
   */
  #beforeOwn(
    account: string,
    symbol: string,
    side: Side,
    ticks: number,
  ): { readonly ticks: number; readonly cut: boolean } | null {
    const sign = side === BID ? 1 : -1;
    let own: number | null = null;
    for (const order of this.#exchange.orders(account)) {
      if (order.status !== "resting" || order.symbol !== symbol || order.side === side) continue;
      if (sign * (ticks - order.ticks) >= 0 && (own === null || sign * (own - order.ticks) > 0))
        own = order.ticks;
    }
    if (own === null) return { ticks, cut: false };
    let limit: number | null = null;
    for (const level of this.#exchange.levels(symbol, side === BID ? ASK : BID)) {
      if (sign * (own - level.ticks) <= 0) break;
      limit = level.ticks;
    }
    return limit === null ? null : { ticks: limit, cut: true };
  }

  /** Taken and cancelled at once without touching the book. */
  #nothing(account: string, clientId: string | null): Placed {
    const id = uuidOf(this.#sha256, `${account}/void/${++this.#void}`);
    const name = { id, account, exchangeId: "", clientId, filledBefore: 0 };
    return this.#done(201, name, { fill_count: "0.00", remaining_count: "0.00" });
  }

  #traded(status: number, order: ExchangeOrder, name: OrderName, fills: readonly ExchangeFill[]): Placed {
    const lots = fills.reduce((sum, fill) => sum + fill.lots, 0);
    const cost = fills.reduce((sum, fill) => sum + costOf(fill), 0n);
    const fees = fills.reduce((sum, fill) => sum + feeOf(fill), 0n);
    const averages =
      lots === 0
        ? {}
        : { average_fee_paid: average(fees, lots), average_fill_price: this.#price(order.side, cost, lots) };
    return this.#done(status, name, {
      ...averages,
      fill_count: contracts(order.filledLots + name.filledBefore),
      remaining_count: contracts(remainingLots(order)),
    });
  }

  /** On the YES scale, like the order's own price. */
  #price(side: Side, cost: bigint, lots: number): string {
    const yes = direction(side).outcome === "yes" ? cost : BigInt(lots) * 10_000_000_000n - cost;
    return average(yes, lots);
  }

  #done(status: number, name: OrderName, fields: Readonly<Record<string, unknown>>): Placed {
    const client = name.clientId === null ? {} : { client_order_id: name.clientId };
    return {
      ok: true,
      status,
      fields: { ...client, ...fields, order_id: name.id, ts_ms: millis(this.#clock.now()) },
    };
  }
}

/** Money per contract with four decimals, rounded down. */
function average(pico: bigint, lots: number): string {
  return money((pico * 100n) / BigInt(lots), 4);
}

/** The exchange's refusals in the venue's words (recorded, but `MARKET_INACTIVE` and the pause: documentation). */
function refusal(why: OrderRefusal): Placed {
  const plain = (status: number, code: string): Placed => ({ ok: false, status, error: exchangeError(code) });
  const invalid = (details: string): Placed => ({
    ok: false,
    status: 400,
    error: { code: "invalid_order", message: "invalid order", details },
  });
  switch (why) {
    case "no_market":
      return plain(404, "market_not_found");
    case "closed":
      return MARKET_INACTIVE;
    case "paused":
      return plain(400, "trading_is_paused");
    case "tick":
      return plain(400, "invalid_price");
    case "min_size":
      return invalid("invalid count");
    case "funds":
      return plain(400, "insufficient_balance");
    case "post_only":
      return invalid("post only cross");
    case "no_fill":
      return plain(400, "fill_or_kill_insufficient_resting_volume");
    case "duplicate":
      return plain(409, "order_already_exists");
    case "expiry":
      return invalid("expiration time is in the past");
  }
}

import { z } from "zod";
import type { EmbeddedExchange, ServedAnswer, ServedRequest } from "../../../src/contracts/index.ts";
import { json, refusal, Text } from "./answers.ts";
import type { Client, Credentials } from "./auth.ts";
import type { Maintenance } from "./maintenance.ts";
import type { OrderEntry } from "./order-entry.ts";
import type { OrderRegistry, WireOrder } from "./order-registry.ts";
import { bodyOf } from "./paths.ts";
import type { Grant, SignerLimits } from "./signer-limits.ts";

const MAX_ORDERS = 15;
const MAX_CANCELS = 3_000;
const ORDER_ID = /^0x[0-9a-f]{64}$/i;

const CancelOne = z.object({ orderID: z.string() });
const CancelMany = z.array(z.string());
const CancelMarket = z.object({ market: z.string().optional(), asset_id: z.string().optional() });

interface Cancelled {
  readonly canceled: string[];
  readonly not_canceled: Record<string, string>;
}

/** Calls that place and cancel orders, with the limits of their signer. */
export class OrderApi {
  readonly #exchange: EmbeddedExchange;
  readonly #entry: OrderEntry;
  readonly #registry: OrderRegistry;
  readonly #maintenance: Maintenance;
  /** Null: not enforced. */
  readonly #limits: SignerLimits | null;

  constructor(
    exchange: EmbeddedExchange,
    entry: OrderEntry,
    registry: OrderRegistry,
    maintenance: Maintenance,
    limits: SignerLimits | null,
  ) {
    this.#exchange = exchange;
    this.#entry = entry;
    this.#registry = registry;
    this.#maintenance = maintenance;
    this.#limits = limits;
  }

  /** Null: not one of these. */
  answer(
    request: ServedRequest,
    path: string,
    client: Client,
    credentials: Credentials,
  ): ServedAnswer | null {
    switch (`${request.method} ${path}`) {
      case "POST /order":
        return this.#post(client, credentials, bodyOf(request.body));
      case "POST /orders":
        return this.#postMany(client, credentials, bodyOf(request.body));
      case "DELETE /order":
        return this.#cancelOne(client, bodyOf(request.body));
      case "DELETE /orders":
        return this.#cancelMany(client, bodyOf(request.body));
      case "DELETE /cancel-all":
        return this.#sweep(client, () => true);
      case "DELETE /cancel-market-orders":
        return this.#cancelMarket(client, bodyOf(request.body));
      default:
        return null;
    }
  }

  /** Takes back everything of an account, also what still waits. @returns ids. */
  cancelAll(account: string): readonly string[] {
    return this.#cancelWhere(account, () => true);
  }

  #post(client: Client, credentials: Credentials, payload: unknown): ServedAnswer {
    const closed = this.#maintenance.refuses(isPostOnly(payload) ? "post_only" : "post");
    if (closed !== null) return closed;
    const grant = this.#take(client, "orders", 1);
    if (!grant.ok) return grant.answer;
    const entry = this.#entry.post(client, credentials, payload);
    if (entry.ok) return json(200, entry.body, grant.headers);
    return refusal(entry.status, entry.error, grant.headers);
  }

  /** A refused leg has no order id and says why; the others stand. */
  #postMany(client: Client, credentials: Credentials, payload: unknown): ServedAnswer {
    if (!Array.isArray(payload) || payload.length === 0) return refusal(400, Text.ORDER_PAYLOAD);
    const legs: readonly unknown[] = payload;
    if (legs.length > MAX_ORDERS)
      return refusal(400, `Too many orders in payload: ${legs.length}, max allowed: ${MAX_ORDERS}`);
    const closed = this.#maintenance.refuses(legs.every(isPostOnly) ? "post_only" : "post");
    if (closed !== null) return closed;
    const grant = this.#take(client, "orders", legs.length);
    if (!grant.ok) return grant.answer;
    const answers = legs.map((leg) => {
      const entry = this.#entry.post(client, credentials, leg);
      if (entry.ok) return entry.body;
      const { error } = entry;
      return { errorMsg: error, orderID: "", takingAmount: "", makingAmount: "", status: "", success: true };
    });
    return json(200, answers, grant.headers);
  }

  #cancelOne(client: Client, payload: unknown): ServedAnswer {
    const parsed = CancelOne.safeParse(payload);
    if (!parsed.success) return refusal(400, Text.ORDER_PAYLOAD);
    return this.#cancelIds(client, [parsed.data.orderID]);
  }

  #cancelMany(client: Client, payload: unknown): ServedAnswer {
    const parsed = CancelMany.safeParse(payload);
    if (!parsed.success || parsed.data.length === 0) return refusal(400, Text.ORDER_PAYLOAD);
    if (parsed.data.length > MAX_CANCELS)
      return refusal(400, `Too many orders in payload, max allowed: ${MAX_CANCELS}`);
    return this.#cancelIds(client, [...new Set(parsed.data)]);
  }

  #cancelIds(client: Client, ids: readonly string[]): ServedAnswer {
    if (!ids.every((id) => ORDER_ID.test(id))) return refusal(400, Text.ORDER_ID);
    const closed = this.#maintenance.refuses("cancel");
    if (closed !== null) return closed;
    const grant = this.#take(client, "cancels", ids.length);
    if (!grant.ok) return grant.answer;
    const result: Cancelled = { canceled: [], not_canceled: {} };
    for (const id of ids) {
      if (this.#cancel(client.account, id)) result.canceled.push(id);
      else result.not_canceled[id] = Text.NOT_CANCELLED;
    }
    return json(200, result, grant.headers);
  }

  #cancelMarket(client: Client, payload: unknown): ServedAnswer {
    const parsed = CancelMarket.safeParse(payload);
    if (!parsed.success) return refusal(400, Text.ORDER_PAYLOAD);
    const { market, asset_id: asset } = parsed.data;
    if ((market ?? "") === "" && (asset ?? "") === "") return refusal(400, Text.ORDER_PAYLOAD);
    return this.#sweep(
      client,
      (order) =>
        ((market ?? "") === "" || order.conditionId === market) &&
        ((asset ?? "") === "" || order.token === asset),
    );
  }

  /** A sweep costs one, and one for each order it took: it never fails for what it took. */
  #sweep(client: Client, wanted: (order: WireOrder) => boolean): ServedAnswer {
    const closed = this.#maintenance.refuses("cancel");
    if (closed !== null) return closed;
    const grant = this.#take(client, "cancels", 1);
    if (!grant.ok) return grant.answer;
    const canceled = this.#cancelWhere(client.account, wanted);
    this.#limits?.charge(client.account, "cancels", canceled.length);
    return json(200, { canceled, not_canceled: {} }, grant.headers);
  }

  #cancelWhere(account: string, wanted: (order: WireOrder) => boolean): string[] {
    const orders = [...this.#entry.waiting(account), ...this.#registry.resting(account)];
    return orders.filter((order) => wanted(order) && this.#cancel(account, order.id)).map(({ id }) => id);
  }

  #cancel(account: string, id: string): boolean {
    if (this.#entry.withdraw(account, id)) return true;
    const order = this.#registry.get(id);
    if (order?.account !== account || order.exchangeId === null) return false;
    return this.#exchange.cancel(account, order.exchangeId) !== null;
  }

  #take(client: Client, what: "orders" | "cancels", cost: number): Grant {
    return this.#limits?.take(client.account, what, cost) ?? { ok: true, headers: {} };
  }
}

function isPostOnly(payload: unknown): boolean {
  return (
    typeof payload === "object" && payload !== null && (payload as { postOnly?: unknown }).postOnly === true
  );
}

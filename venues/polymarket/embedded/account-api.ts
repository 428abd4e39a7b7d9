import { z } from "zod";
import type { EmbeddedExchange, ServedAnswer, ServedRequest, Timers } from "../../../src/contracts/index.ts";
import { openOrderDocument, stageOf, tradeDocument } from "./account-docs.ts";
import { json, refusal, Text } from "./answers.ts";
import type { Auth, Client, Credentials } from "./auth.ts";
import { seconds } from "./decimals.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { OrderRegistry, WireOrder } from "./order-registry.ts";
import { Contract } from "./order-signing.ts";
import { bodyOf, readOffset, type Target, writeOffset } from "./paths.ts";

const PAGE = 500;
const MONEY_UNIT = 1_000_000n;
const UNLIMITED = ((1n << 256n) - 1n).toString();
const ORDER_ID = /^0x[0-9a-f]{64}$/i;

const Heartbeat = z.object({ heartbeat_id: z.string().nullish() });

/** What an account asks about itself: keys, orders, trades, balances, beats. */
export class AccountApi {
  readonly #exchange: EmbeddedExchange;
  readonly #clock: Timers;
  readonly #auth: Auth;
  readonly #registry: OrderRegistry;
  readonly #heartbeats: Heartbeats;

  constructor(
    exchange: EmbeddedExchange,
    clock: Timers,
    auth: Auth,
    registry: OrderRegistry,
    heartbeats: Heartbeats,
  ) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#auth = auth;
    this.#registry = registry;
    this.#heartbeats = heartbeats;
  }

  /** Calls signed by the wallet itself; null: not one of these. */
  wallet(request: ServedRequest, path: string): ServedAnswer | null {
    const creates = request.method === "POST" && path === "/auth/api-key";
    if (!creates && !(request.method === "GET" && path === "/auth/derive-api-key")) return null;
    const signed = this.#auth.l1(request);
    if (signed === null) return refusal(401, Text.L1);
    const { client, nonce } = signed;
    const key = creates ? this.#auth.create(client, nonce) : this.#auth.derive(client, nonce);
    return key === null ? refusal(400, creates ? Text.CREATE_KEY : Text.DERIVE_KEY) : json(200, key);
  }

  /** Calls with an API key; null: not one of these. */
  answer(
    request: ServedRequest,
    { path, query }: Target,
    client: Client,
    credentials: Credentials,
  ): ServedAnswer | null {
    switch (`${request.method} ${path}`) {
      case "GET /auth/api-keys":
        return json(200, { apiKeys: [...client.keys.values()].map(({ apiKey }) => apiKey) });
      case "DELETE /auth/api-key":
        this.#auth.remove(credentials);
        return json(200, "OK");
      case "GET /auth/ban-status/closed-only":
        return json(200, { closed_only: false });
      case "GET /data/orders":
        return this.#orders(client, query);
      case "GET /data/trades":
        return this.#trades(client, query);
      case "GET /balance-allowance":
      case "GET /balance-allowance/update":
        return this.#balance(client, query);
      case "POST /v1/heartbeats":
        return this.#beat(client, request.body);
    }
    const id = path.startsWith("/data/order/") ? path.slice("/data/order/".length) : null;
    return id === null || request.method !== "GET" ? null : this.#order(client, id);
  }

  #order(client: Client, id: string): ServedAnswer {
    if (!ORDER_ID.test(id)) return refusal(400, Text.ORDER_ID);
    const order = this.#registry.get(id);
    return order?.account === client.account
      ? json(200, openOrderDocument(order))
      : refusal(404, Text.NO_ORDER);
  }

  #orders(client: Client, query: URLSearchParams): ServedAnswer {
    const wanted = filterOf(query, "id", "market", "asset_id");
    const found = this.#registry.resting(client.account).filter((order) => wanted(orderKeys(order)));
    return page(found.map(openOrderDocument), query, "invalid order params payload");
  }

  /** Newest first. */
  #trades(client: Client, query: URLSearchParams): ServedAnswer {
    const now = this.#clock.now();
    const wanted = filterOf(query, "id", "market", "asset_id", "maker_address");
    const before = Number(query.get("before") ?? Number.POSITIVE_INFINITY);
    const after = Number(query.get("after") ?? 0);
    const found: object[] = [];
    for (const fill of this.#exchange.fills(client.account).toReversed()) {
      const order = this.#registry.of(fill.clientId, fill.orderId);
      const at = seconds(fill.at);
      if (order === undefined || at > before || at < after) continue;
      const document = tradeDocument(fill, order, stageOf(fill, now), now) as Record<string, unknown>;
      if (wanted(document)) found.push(document);
    }
    return page(found, query, "Invalid trade params payload");
  }

  #balance(client: Client, query: URLSearchParams): ServedAnswer {
    const asset = query.get("asset_type");
    if (asset !== "COLLATERAL" && asset !== "CONDITIONAL") return refusal(400, Text.ASSET_TYPE);
    const allowances = {
      [Contract.CTF_V2]: UNLIMITED,
      [Contract.NEG_RISK_V2]: UNLIMITED,
      [Contract.V3]: UNLIMITED,
    };
    if (asset === "COLLATERAL")
      return json(200, { balance: millionths(this.#exchange.cash(client.account)), allowances });
    const token = query.get("token_id") ?? "";
    const state = this.#exchange.market(token);
    if (state === undefined) return refusal(400, Text.TOKEN);
    const { symbol } = state.market;
    const position = this.#exchange.positions(client.account).get(symbol) ?? 0;
    return json(200, { balance: String(Math.max(0, token === symbol ? position : -position)), allowances });
  }

  #beat(client: Client, body: string): ServedAnswer {
    const parsed = Heartbeat.safeParse(bodyOf(body));
    if (!parsed.success) return refusal(400, Text.PAYLOAD);
    const { ok, id } = this.#heartbeats.beat(client.account, parsed.data.heartbeat_id ?? "");
    return ok ? json(200, { heartbeat_id: id }) : json(400, { error: Text.HEARTBEAT, heartbeat_id: id });
  }
}

function orderKeys(order: WireOrder): Record<string, unknown> {
  return { id: order.id, market: order.conditionId, asset_id: order.token };
}

/** Every named parameter that is there must be equal. */
function filterOf(query: URLSearchParams, ...names: readonly string[]) {
  const wanted = names.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [{ name, value }];
  });
  return (keys: Record<string, unknown>): boolean => wanted.every(({ name, value }) => keys[name] === value);
}

function page(documents: readonly object[], query: URLSearchParams, invalid: string): ServedAnswer {
  const from = readOffset(query.get("next_cursor"));
  if (from === null) return refusal(400, invalid);
  const data = documents.slice(from, from + PAGE);
  const next = writeOffset(from + PAGE < documents.length ? from + PAGE : null);
  return json(200, { limit: PAGE, count: data.length, next_cursor: next, data });
}

/** Decimal text of money -> millionths, rounded down. */
function millionths(text: string): string {
  const [whole = "0", fraction = ""] = text.split(".");
  if (whole.startsWith("-")) return "0";
  return (BigInt(whole) * MONEY_UNIT + BigInt(fraction.slice(0, 6).padEnd(6, "0"))).toString();
}

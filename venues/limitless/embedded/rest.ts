import {
  ASK,
  BID,
  type EmbeddedExchange,
  type ExchangeMarket,
  type ServedAnswer,
  type ServedRequest,
  type Sha256Hex,
} from "../../../src/contracts/index.ts";
import { bookJson } from "../book-json.ts";
import { json, NOT_FOUND, refusal } from "./answers.ts";
import { eventDoc, isActive, marketDoc } from "./market-json.ts";
import { EMBEDDED_MIN_SIZE } from "./terms.ts";

const MAX_LIMIT = 25;
const USUAL_LIMIT = 10;

/** Markets by slug. */
export type Lookup = (slug: string) => ExchangeMarket | undefined;

/** A book as the venue writes it. */
export function bookText(exchange: EmbeddedExchange, symbol: string): string {
  const terms = { maxSpread: "0.035", minSize: EMBEDDED_MIN_SIZE };
  return bookJson(symbol, exchange.levels(symbol, BID), exchange.levels(symbol, ASK), terms);
}

/** The public REST interface: `/markets/active`, `/markets/{slug}` and `/markets/{slug}/orderbook`. */
export class RestApi {
  readonly #exchange: EmbeddedExchange;
  readonly #lookup: Lookup;
  readonly #sha256: Sha256Hex;

  constructor(exchange: EmbeddedExchange, lookup: Lookup, sha256: Sha256Hex) {
    this.#exchange = exchange;
    this.#lookup = lookup;
    this.#sha256 = sha256;
  }

  answer({ method, path }: ServedRequest): ServedAnswer {
    const { pathname, searchParams } = new URL(`http://embedded${path}`);
    const parts = pathname.split("/").slice(1);
    if (method !== "GET" || parts[0] !== "markets") return NOT_FOUND;
    if (parts[1] === "active" && parts.length === 2) return this.#active(searchParams);
    if (parts.length === 2) return this.#one(decoded(parts[1] ?? ""));
    return parts.length === 3 && parts[2] === "orderbook" ? this.#book(decoded(parts[1] ?? "")) : NOT_FOUND;
  }

  #active(query: URLSearchParams): ServedAnswer {
    const page = wholeOf(query.get("page"), 1);
    const limit = wholeOf(query.get("limit"), USUAL_LIMIT);
    if (page === null || limit === null || limit > MAX_LIMIT)
      return refusal(400, `limit must not be greater than ${MAX_LIMIT}`, "Bad Request");
    const events = this.#exchange.events().filter((event) => isActive(this.#exchange, event));
    const data = events
      .slice((page - 1) * limit, page * limit)
      .map((event) => eventDoc(this.#exchange, event, this.#sha256));
    return json(200, JSON.stringify({ data, totalMarketsCount: events.length }));
  }

  #one(slug: string): ServedAnswer {
    const event = this.#exchange.event(slug);
    const group = event === undefined ? null : eventDoc(this.#exchange, event, this.#sha256);
    if (group !== null) return json(200, JSON.stringify(group));
    const state = this.#lookup(slug);
    const own = state === undefined ? undefined : this.#exchange.event(state.market.event);
    if (state === undefined || own === undefined) return NOT_FOUND;
    return json(200, JSON.stringify(marketDoc(this.#exchange, own, state, this.#sha256)));
  }

  #book(slug: string): ServedAnswer {
    const state = this.#lookup(slug);
    return state === undefined ? NOT_FOUND : json(200, bookText(this.#exchange, state.market.symbol));
  }
}

/** Null unless it is a whole number from 1; `usual` when it is not given. */
function wholeOf(text: string | null, usual: number): number | null {
  if (text === null) return usual;
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

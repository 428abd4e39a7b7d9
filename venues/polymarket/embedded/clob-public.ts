import {
  ASK,
  BID,
  type EmbeddedExchange,
  type ExchangeMarket,
  type ServedAnswer,
  type ServedRequest,
  type Timers,
} from "../../../src/contracts/index.ts";
import { PRICE_ONE } from "../scales.ts";
import { json, jsonText, plain, refusal, Text } from "./answers.ts";
import type { BookTexts } from "./book-texts.ts";
import { type ClobDocs, listedMarkets } from "./clob-docs.ts";
import { priceText, seconds } from "./decimals.ts";
import type { Directory, Listed } from "./directory.ts";
import { bodyOf, readOffset, type Target, writeOffset } from "./paths.ts";
import { termsOf } from "./terms.ts";

const MAX_BATCH = 500;
const PAGE = 1000;
const TOKEN = /^\d{1,78}$/;
const CONDITION = /^0x[0-9a-f]{64}$/i;

/** Best prices of a token on its own scale; -1 = that side is empty. */
interface Top {
  readonly bid: number;
  readonly ask: number;
}

/** What one token has to say; null = there is nothing. */
type Reading = (state: ExchangeMarket, token: string, side: string | null) => unknown;

/** Everything of the CLOB that needs no key. */
export class ClobPublic {
  readonly #exchange: EmbeddedExchange;
  readonly #directory: Directory;
  readonly #books: BookTexts;
  readonly #docs: ClobDocs;
  readonly #clock: Timers;

  constructor(
    exchange: EmbeddedExchange,
    directory: Directory,
    books: BookTexts,
    docs: ClobDocs,
    clock: Timers,
  ) {
    this.#exchange = exchange;
    this.#directory = directory;
    this.#books = books;
    this.#docs = docs;
    this.#clock = clock;
  }

  /** Null: not one of these. */
  answer(request: ServedRequest, target: Target, orderVersion: number): ServedAnswer | null {
    const { path } = target;
    if (request.method === "POST") return this.#batch(path, request.body);
    if (request.method !== "GET") return null;
    switch (path) {
      case "/ok":
        return plain(200, "OK");
      case "/time":
        return plain(200, String(seconds(this.#clock.now())));
      case "/version":
        return json(200, { version: orderVersion });
      case "/book":
        return this.#book(target);
      case "/markets":
      case "/sampling-markets":
        return this.#markets(target, (listed) => this.#docs.long(listed));
      case "/simplified-markets":
      case "/sampling-simplified-markets":
        return this.#markets(target, (listed) => this.#docs.simplified(listed));
      case "/prices-history":
        return this.#history(target);
    }
    return this.#ofToken(target) ?? this.#ofMarket(path);
  }

  /** The market of a token while it has a book: not after it was proposed or resolved. */
  #trading(token: string): ExchangeMarket | undefined {
    const state = this.#exchange.market(token);
    return state?.status === "open" || state?.status === "paused" ? state : undefined;
  }

  #book({ query }: Target): ServedAnswer {
    const token = query.get("token_id") ?? "";
    if (!TOKEN.test(token)) return refusal(400, Text.TOKEN);
    const state = this.#trading(token);
    return state === undefined ? refusal(404, Text.NO_BOOK) : jsonText(200, this.#books.text(state, token));
  }

  #ofToken({ path, query }: Target): ServedAnswer | null {
    const read = this.#reading(path);
    if (read === null) return null;
    const token = query.get("token_id") ?? "";
    if (!TOKEN.test(token)) return refusal(400, Text.TOKEN);
    const side = query.get("side");
    if (path === "/price" && side !== "BUY" && side !== "SELL") return refusal(400, Text.SIDE);
    const terms = path === "/tick-size" || path === "/neg-risk" || path === "/fee-rate";
    const state = terms ? this.#exchange.market(token) : this.#trading(token);
    if (state === undefined) return refusal(404, terms ? Text.NO_MARKET : Text.NO_BOOK);
    return json(200, read(state, token, side));
  }

  #reading(path: string): Reading | null {
    switch (path) {
      case "/price":
        return (state, token, side) => ({ price: priceOf(this.#top(state, token), side) });
      case "/midpoint":
        return (state, token) => ({ mid: middle(this.#top(state, token)) });
      case "/spread":
        return (state, token) => ({ spread: spread(this.#top(state, token)) });
      case "/last-trade-price":
        return (state) => ({ price: lastPrice(state), side: "BUY" });
      case "/tick-size":
        return (state) => ({ minimum_tick_size: state.stepTicks / PRICE_ONE });
      case "/neg-risk":
        return (state) => ({ neg_risk: this.#isNegRisk(state) });
      case "/fee-rate":
        return (state) => ({ base_fee: this.#hasFee(state) ? 1000 : 0 });
      default:
        return null;
    }
  }

  #ofMarket(path: string): ServedAnswer | null {
    const [name, id, more] = path.split("/").slice(1);
    if (id === undefined || more !== undefined) return null;
    if (name === "markets-by-token") {
      const listed = this.#directory.byToken(id);
      if (listed === undefined) return refusal(404, Text.NO_MARKET);
      const { symbol, mirrorSymbol } = listed.state.market;
      return json(200, {
        condition_id: listed.state.market.id,
        primary_token_id: symbol,
        secondary_token_id: mirrorSymbol,
      });
    }
    if (name !== "markets" && name !== "clob-markets") return null;
    if (!CONDITION.test(id)) return refusal(400, Text.MARKET);
    const listed = this.#directory.byCondition(id);
    if (listed === undefined) return refusal(404, Text.NO_MARKET);
    return json(200, name === "markets" ? this.#docs.long(listed) : this.#docs.compact(listed));
  }

  #markets({ query }: Target, document: (listed: Listed) => object): ServedAnswer {
    const from = readOffset(query.get("next_cursor"));
    if (from === null) return refusal(400, "invalid next_cursor");
    const found = listedMarkets(this.#directory, from, PAGE + 1);
    const data = found.slice(0, PAGE).map(document);
    const next = writeOffset(found.length > PAGE ? from + PAGE : null);
    return json(200, { limit: PAGE, count: data.length, next_cursor: next, data });
  }

  /** Midpoints, of which only the present one is known here. */
  #history({ query }: Target): ServedAnswer {
    const token = query.get("market") ?? "";
    const state = this.#exchange.market(token);
    const mid = state === undefined ? "" : middle(this.#top(state, token));
    const history = mid === "" ? [] : [{ t: seconds(this.#clock.now()), p: Number(mid) }];
    return json(200, { history });
  }

  #batch(path: string, body: string): ServedAnswer | null {
    const answer = BATCHES.get(path);
    if (answer === undefined) return null;
    const asked = bodyOf(body);
    if (!Array.isArray(asked)) return refusal(400, Text.PAYLOAD);
    if (asked.length > MAX_BATCH) return refusal(400, Text.TOO_LARGE);
    const items: { readonly token: string; readonly side: string | null }[] = [];
    for (const item of asked as unknown[]) {
      const token = text(item, "token_id");
      if (token === null || !TOKEN.test(token)) return refusal(400, Text.PAYLOAD);
      items.push({ token, side: text(item, "side") });
    }
    if (path === "/books") return this.#bookBatch(items.map(({ token }) => token));
    if (path === "/prices" && items.some(({ side }) => side !== "BUY" && side !== "SELL"))
      return refusal(400, Text.SIDE);
    const found: Record<string, unknown> = {};
    for (const { token, side } of items) {
      const state = this.#trading(token);
      if (state !== undefined) found[token] = answer(this.#top(state, token), side, found[token]);
    }
    return json(200, found);
  }

  /** Unknown tokens are left out, a token asked for twice comes once, and the order is the server's own. */
  #bookBatch(tokens: readonly string[]): ServedAnswer {
    const texts: string[] = [];
    for (const token of [...new Set(tokens)].sort()) {
      const state = this.#trading(token);
      if (state !== undefined) texts.push(this.#books.text(state, token));
    }
    return jsonText(200, `[${texts.join(",")}]`);
  }

  #top(state: ExchangeMarket, token: string): Top {
    const { symbol } = state.market;
    const bid = this.#exchange.levels(symbol, BID)[0]?.ticks ?? -1;
    const ask = this.#exchange.levels(symbol, ASK)[0]?.ticks ?? -1;
    if (token === symbol) return { bid, ask };
    return { bid: ask === -1 ? -1 : PRICE_ONE - ask, ask: bid === -1 ? -1 : PRICE_ONE - bid };
  }

  #isNegRisk(state: ExchangeMarket): boolean {
    return this.#exchange.event(state.market.event)?.spec.kind !== "binary";
  }

  #hasFee(state: ExchangeMarket): boolean {
    const spec = this.#exchange.event(state.market.event)?.spec;
    return spec !== undefined && termsOf(spec.variety, spec.kind === "binary").fee !== null;
  }
}

/** Answers for many tokens at once, by path. */
const BATCHES = new Map<string, (top: Top, side: string | null, before: unknown) => unknown>([
  ["/books", () => null],
  [
    "/prices",
    (top, side, before) => ({ ...(before as object | undefined), [side ?? "BUY"]: priceOf(top, side) }),
  ],
  ["/midpoints", (top) => middle(top)],
  ["/spreads", (top) => spread(top)],
]);

/** The price of a side is the best resting one of that side: BUY the best bid, SELL the best ask. */
function priceOf({ bid, ask }: Top, side: string | null): string {
  const ticks = side === "SELL" ? ask : bid;
  return ticks === -1 ? "0" : priceText(ticks);
}

function middle({ bid, ask }: Top): string {
  if (bid === -1 || ask === -1) return "";
  return String((bid + ask) / 2 / PRICE_ONE);
}

function spread({ bid, ask }: Top): string {
  return bid === -1 || ask === -1 ? "" : priceText(ask - bid);
}

/** The market's last price, in terms of outcome 0 for both tokens. */
function lastPrice(state: ExchangeMarket): string {
  return state.lastTradeTicks === null ? "0" : priceText(state.lastTradeTicks);
}

function text(value: unknown, key: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const found = (value as Record<string, unknown>)[key];
  return typeof found === "string" ? found : null;
}

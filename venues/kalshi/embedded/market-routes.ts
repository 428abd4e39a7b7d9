import type { EmbeddedExchange, Micros, ServedAnswer, Sha256Hex } from "../../../src/contracts/index.ts";
import { answer, NOT_FOUND, parameterError, textAnswer } from "./answers.ts";
import { restBook } from "./books.ts";
import { type Catalogue, decodeCursor, encodeCursor, type Filter } from "./catalogue.ts";
import { COMBOS_PER_EVENT, comboText } from "./combos.ts";
import { Query } from "./query.ts";
import type { Tape } from "./tape.ts";

const MAX_EVENTS = 200;
const MAX_MARKETS = 1_000;
const DEFAULT_MARKETS = 100;
const MAX_BOOKS = 100;
const MAX_DEPTH = 100;
/** Rows of an event have a place of their own in a cursor. */
const ROWS_PER_EVENT = 1_000;
const ALL_DAY = [{ open_time: "00:00", close_time: "24:00" }];
const DAYS = ["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"];

/** Market data that anyone may read. */
export class MarketRoutes {
  readonly #exchange: EmbeddedExchange;
  readonly #catalogue: Catalogue;
  readonly #tape: Tape;
  readonly #sha256: Sha256Hex;

  constructor(exchange: EmbeddedExchange, catalogue: Catalogue, tape: Tape, sha256: Sha256Hex) {
    this.#exchange = exchange;
    this.#catalogue = catalogue;
    this.#tape = tape;
    this.#sha256 = sha256;
  }

  /** @param parts path below `/trade-api/v2/`, split. @returns null for a path that is not served here. */
  get(parts: readonly string[], path: string): ServedAnswer | null {
    const [area, name, rest] = parts;
    if (parts.length > 3 || (rest !== undefined && rest !== "orderbook")) return null;
    switch (area) {
      case "exchange":
        return rest === undefined ? exchangeAnswer(name) : null;
      case "series":
        return rest === undefined ? this.#series(name, path) : null;
      case "events":
        return rest === undefined ? this.#events(name, path) : null;
      case "markets":
        return rest === "orderbook" ? this.#book(name!, path) : this.#markets(name, path);
      default:
        return null;
    }
  }

  #series(name: string | undefined, path: string): ServedAnswer {
    if (name === "fee_changes") return answer(200, { series_fee_change_arr: [] });
    const series = this.#catalogue.series();
    if (name !== undefined) {
      const record = series.get(name);
      return record === undefined ? NOT_FOUND : answer(200, { series: record });
    }
    const query = new Query("GetSeriesList", path);
    const category = query.text("category");
    const chosen = [...series.values()].filter(
      (record) => category === null || record["category"] === category,
    );
    return answer(200, { series: chosen });
  }

  #events(name: string | undefined, path: string): ServedAnswer {
    if (name === "fee_changes") return answer(200, { cursor: "", event_fee_changes: [] });
    const query = new Query("GetEvents", path);
    const nested = query.flag("with_nested_markets");
    if (name !== undefined) return this.#event(name, nested);
    const limit = query.count("limit", "Limit", 1, MAX_EVENTS, MAX_EVENTS);
    const filter = { ...filterOf(query), event: null };
    const page = this.#catalogue.eventPage(filter, decodeCursor(query.text("cursor")), limit, nested);
    return textAnswer(200, `{"cursor":"${page.cursor}","events":[${page.texts.join()}]}`);
  }

  #event(ticker: string, nested: boolean): ServedAnswer {
    const event = this.#catalogue.event(ticker);
    if (event === undefined) return NOT_FOUND;
    const beside = nested ? "" : `,"markets":[${this.#catalogue.marketTexts(event).join()}]`;
    return textAnswer(200, `{"event":${this.#catalogue.eventText(event, nested)}${beside}}`);
  }

  #markets(name: string | undefined, path: string): ServedAnswer {
    if (name === undefined) return this.#marketPage(path);
    if (name === "orderbooks") return this.#books(path);
    if (name === "trades") return this.#trades(path);
    const text = this.#catalogue.marketText(name);
    return text === null ? NOT_FOUND : textAnswer(200, `{"market":${text}}`);
  }

  #marketPage(path: string): ServedAnswer {
    const query = new Query("GetMarkets", path);
    const limit = query.count("limit", "Limit", 1, MAX_MARKETS, DEFAULT_MARKETS);
    const filter = filterOf(query);
    const combos = query.text("mve_filter") ?? "all";
    const after = decodeCursor(query.text("cursor"));
    const texts: string[] = [];
    let last = 0;
    for (const { sequence, event, markets } of this.#catalogue.matchingMarkets(
      filter,
      Math.floor(after / ROWS_PER_EVENT),
    )) {
      const rows = combos === "only" ? [] : [...markets];
      if (combos !== "exclude" && isUnfiltered(filter))
        for (let i = 0; i < COMBOS_PER_EVENT; i++)
          rows.push({ index: event.markets.length + i, text: () => comboText(event, i, this.#sha256) });
      for (const { index, text } of rows) {
        const position = sequence * ROWS_PER_EVENT + index + 1;
        if (position <= after) continue;
        if (texts.length === limit)
          return textAnswer(200, `{"cursor":"${encodeCursor(last)}","markets":[${texts.join()}]}`);
        texts.push(text());
        last = position;
      }
    }
    return textAnswer(200, `{"cursor":"","markets":[${texts.join()}]}`);
  }

  #book(ticker: string, path: string): ServedAnswer {
    if (this.#catalogue.market(ticker) === undefined) return NOT_FOUND;
    const depth = new Query("GetMarketOrderbook", path).count("depth", "Depth", 0, MAX_DEPTH, 0);
    return textAnswer(200, `{"orderbook_fp":${restBook(this.#exchange, ticker, depth)}}`);
  }

  /** Tickers that are not known are left out of the answer. */
  #books(path: string): ServedAnswer {
    const tickers = new Query("GetMarketOrderbooks", path).list("tickers");
    if (tickers === null) return parameterError("GetMarketOrderbooks", "Tickers", "required");
    if (tickers.size > MAX_BOOKS) return parameterError("GetMarketOrderbooks", "Tickers", "max");
    const books = [...tickers].flatMap((ticker) =>
      this.#catalogue.market(ticker) === undefined
        ? []
        : `{"orderbook_fp":${restBook(this.#exchange, ticker, 0)},"ticker":"${ticker}"}`,
    );
    return textAnswer(200, `{"orderbooks":[${books.join()}]}`);
  }

  #trades(path: string): ServedAnswer {
    const query = new Query("GetTrades", path);
    const limit = query.count("limit", "Limit", 1, MAX_MARKETS, DEFAULT_MARKETS);
    const from = (query.instant("min_ts", "MinTs") ?? 0) as Micros;
    const to = (query.instant("max_ts", "MaxTs") ?? Number.MAX_SAFE_INTEGER) as Micros;
    const before = decodeCursor(query.text("cursor"));
    const { rows, next } = this.#tape.page(query.text("ticker"), { from, to }, before, limit);
    return answer(200, { cursor: next === 0 ? "" : encodeCursor(next), trades: rows });
  }
}

function exchangeAnswer(name: string | undefined): ServedAnswer | null {
  if (name === "status") return answer(200, { exchange_active: true, trading_active: true });
  if (name !== "schedule") return null;
  const week = Object.fromEntries(DAYS.map((day) => [day, ALL_DAY]));
  const hours = { ...week, end_time: "2100-01-01T00:00:00Z", start_time: "2026-01-01T00:00:00Z" };
  return answer(200, { schedule: { maintenance_windows: [], standard_hours: [hours] } });
}

function filterOf(query: Query): Filter {
  return {
    statuses: query.statuses(),
    series: query.text("series_ticker"),
    event: query.text("event_ticker"),
    tickers: query.list("tickers"),
    updatedFrom: query.instant("min_updated_ts", "MinUpdatedTs"),
    closesFrom: query.instant("min_close_ts", "MinCloseTs"),
    closesTo: query.instant("max_close_ts", "MaxCloseTs"),
  };
}

/** Combinations stand in whole listings and in listings of open markets. */
function isUnfiltered({ statuses, series, event, tickers, updatedFrom }: Filter): boolean {
  return (
    (statuses?.has("active") ?? true) &&
    series === null &&
    event === null &&
    tickers === null &&
    updatedFrom === null
  );
}

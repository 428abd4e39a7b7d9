import type {
  Clock,
  EmbeddedEvent,
  EmbeddedExchange,
  ExchangeMarket,
  Micros,
} from "../../../src/contracts/index.ts";
import { MarketJson } from "./market-json.ts";
import { type EventState, MarketStates, type WireStatus, wireStatus } from "./market-state.ts";
import { rfc3339 } from "./values.ts";

/** A new market cannot be queried by itself this long after its `created` event. */
const UNINDEXED_MICROS = 250_000;

/** What a listing is narrowed to; null = not narrowed. Instants in microseconds, both ends included. */
export interface Filter {
  readonly statuses: ReadonlySet<WireStatus> | null;
  readonly series: string | null;
  readonly event: string | null;
  readonly tickers: ReadonlySet<string> | null;
  readonly updatedFrom: number | null;
  readonly closesFrom: number | null;
  readonly closesTo: number | null;
}

/** One page of texts; `cursor` empty = the last. */
export interface Page {
  readonly texts: readonly string[];
  readonly cursor: string;
}

/** Events, series and markets as REST shows them. */
export class Catalogue {
  readonly states = new MarketStates();
  readonly #exchange: EmbeddedExchange;
  readonly #clock: Clock;
  readonly #json: MarketJson;

  constructor(exchange: EmbeddedExchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#json = new MarketJson(exchange, this.states);
    // Listed before the server opened: known to everyone for long.
    for (const event of exchange.events()) this.states.ofEvent(event, clock.now() - UNINDEXED_MICROS);
  }

  /** The event was listed just now. */
  listed(event: EmbeddedEvent): EventState {
    return this.states.ofEvent(event, this.#clock.now());
  }

  event(ticker: string): EmbeddedEvent | undefined {
    return this.#exchange.event(ticker);
  }

  market(ticker: string): ExchangeMarket | undefined {
    return this.#exchange.market(ticker);
  }

  stateOf(event: EmbeddedEvent): EventState {
    return this.states.ofEvent(event, this.#clock.now());
  }

  /** A market record, null when it is not known or not yet to be queried by itself. */
  marketText(ticker: string): string | null {
    const market = this.market(ticker);
    const event = market === undefined ? undefined : this.event(market.market.event);
    if (market === undefined || event === undefined) return null;
    const state = this.stateOf(event);
    const now = this.#clock.now();
    return now - state.listedAt < UNINDEXED_MICROS ? null : this.#json.text(market, state, now);
  }

  /** An event record, with its markets inside when `nested`. */
  eventText(event: EmbeddedEvent, nested: boolean): string {
    const { records } = this.stateOf(event);
    const changing = `"last_updated_ts":"${rfc3339(this.#updatedAt(event))}"`;
    const fixed = JSON.stringify(records.event);
    const markets = nested ? `,"markets":[${this.marketTexts(event).join()}]` : "";
    return `${fixed.slice(0, -1)},${changing}${markets}}`;
  }

  marketTexts(event: EmbeddedEvent): readonly string[] {
    const state = this.stateOf(event);
    const now = this.#clock.now();
    return this.#marketsOf(event).map((market) => this.#json.text(market, state, now));
  }

  /** Series of the events now held, each once. */
  series(): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
    const series = new Map<string, Readonly<Record<string, unknown>>>();
    for (const event of this.#exchange.events()) {
      const { seriesTicker, series: record } = this.stateOf(event).records;
      series.set(seriesTicker, record);
    }
    return series;
  }

  /** Events after position `after`, at most `limit`. An event matches if any of its markets does. */
  eventPage(filter: Filter, after: number, limit: number, nested: boolean): Page {
    const texts: string[] = [];
    let last = after;
    for (const event of this.#exchange.events()) {
      const { sequence } = this.stateOf(event);
      if (sequence <= after || !this.#eventMatches(event, filter)) continue;
      if (texts.length === limit) return { texts, cursor: encodeCursor(last) };
      texts.push(this.eventText(event, nested));
      last = sequence;
    }
    return { texts, cursor: "" };
  }

  /** Events after position `after` with those of their markets that match, for listings by market. */
  *matchingMarkets(filter: Filter, after: number): Generator<MatchingEvent> {
    const now = this.#clock.now();
    for (const event of this.#exchange.events()) {
      const state = this.stateOf(event);
      if (state.sequence < after || (filter.event !== null && filter.event !== event.id)) continue;
      if (filter.series !== null && filter.series !== state.records.seriesTicker) continue;
      const markets = this.#marketsOf(event).filter(
        (market) =>
          (filter.tickers === null || filter.tickers.has(market.market.symbol)) &&
          this.#matches(market, filter),
      );
      const texts = markets.map((market) => ({
        index: market.market.outcome,
        text: () => this.#json.text(market, state, now),
      }));
      yield { sequence: state.sequence, event, markets: texts };
    }
  }

  #eventMatches(event: EmbeddedEvent, filter: Filter): boolean {
    const { seriesTicker } = this.stateOf(event).records;
    if (filter.series !== null && filter.series !== seriesTicker) return false;
    if (filter.tickers !== null && !filter.tickers.has(event.id)) return false;
    return this.#marketsOf(event).some((market) => this.#matches(market, filter));
  }

  #matches(market: ExchangeMarket, filter: Filter): boolean {
    const state = this.states.of(market.market);
    const { statuses, updatedFrom, closesFrom, closesTo } = filter;
    const closesAt = this.states.closesAt(market);
    return (
      (statuses === null || statuses.has(wireStatus(market, state, this.#clock.now()))) &&
      (updatedFrom === null || state.updatedAt >= updatedFrom) &&
      (closesFrom === null || closesAt >= closesFrom) &&
      (closesTo === null || closesAt <= closesTo)
    );
  }

  #marketsOf(event: EmbeddedEvent): readonly ExchangeMarket[] {
    return event.markets.flatMap(({ symbol }) => this.market(symbol) ?? []);
  }

  #updatedAt(event: EmbeddedEvent): Micros {
    return Math.max(0, ...event.markets.map((market) => this.states.of(market).updatedAt)) as Micros;
  }
}

export interface MatchingEvent {
  readonly sequence: number;
  readonly event: EmbeddedEvent;
  readonly markets: readonly { readonly index: number; text(): string }[];
}

/** A position in a listing as an opaque text. */
export function encodeCursor(position: number): string {
  return Buffer.from(`p${position}`).toString("base64url");
}

/** The position a cursor names. Garbage is taken as the beginning, without complaint, as the venue does. */
export function decodeCursor(cursor: string | null): number {
  const text = Buffer.from(cursor ?? "", "base64url").toString("latin1");
  return /^p\d{1,15}$/.test(text) ? Number(text.slice(1)) : 0;
}

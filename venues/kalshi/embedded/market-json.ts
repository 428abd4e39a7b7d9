import {
  ASK,
  BID,
  type EmbeddedExchange,
  type EmbeddedMarket,
  type ExchangeMarket,
  type Level,
} from "../../../src/contracts/index.ts";
import { PRICE_SCALE } from "../scales.ts";
import { type EventState, type MarketState, type MarketStates, wireStatus } from "./market-state.ts";
import { contracts, dollars, rfc3339 } from "./values.ts";

const EXPECTED_AFTER_CLOSE_MICROS = 300_000_000;
const LATEST_AFTER_CLOSE_MICROS = 7 * 86_400_000_000;
/** Days with the volume of the last one before the server began to count. */
const DAYS_BEFORE = 3;

/** Market records as JSON text. What never changes of a market is written once and kept as long as the market. */
export class MarketJson {
  readonly #exchange: EmbeddedExchange;
  readonly #states: MarketStates;
  readonly #fixed = new WeakMap<EmbeddedMarket, string>();

  constructor(exchange: EmbeddedExchange, states: MarketStates) {
    this.#exchange = exchange;
    this.#states = states;
  }

  text(market: ExchangeMarket, event: EventState, now: number): string {
    const { market: listed } = market;
    let fixed = this.#fixed.get(listed);
    if (fixed === undefined) {
      fixed = JSON.stringify(event.records.markets[listed.outcome]);
      this.#fixed.set(listed, fixed);
    }
    const changing = JSON.stringify(this.#changing(market, event, now));
    return `${fixed.slice(0, -1)},${changing.slice(1)}`;
  }

  #changing(market: ExchangeMarket, event: EventState, now: number): Readonly<Record<string, unknown>> {
    const { symbol } = market.market;
    const state = this.#states.of(market.market);
    const close = this.#states.closesAt(market);
    const grid = state.grid ?? event.records.grid;
    return {
      close_time: rfc3339(close),
      expected_expiration_time: rfc3339(close + EXPECTED_AFTER_CLOSE_MICROS),
      expiration_time: rfc3339(close + LATEST_AFTER_CLOSE_MICROS),
      latest_expiration_time: rfc3339(close + LATEST_AFTER_CLOSE_MICROS),
      occurrence_datetime: rfc3339(close + EXPECTED_AFTER_CLOSE_MICROS),
      price_level_structure: grid.structure,
      price_ranges: grid.ranges,
      status: wireStatus(market, state, now),
      updated_time: rfc3339(state.updatedAt),
      ...top(this.#exchange.levels(symbol, BID)[0], this.#exchange.levels(symbol, ASK)[0]),
      ...traded(market, state, event),
      ...settled(state),
    };
  }
}

/** An empty side shows the worst price with size 0.00: the size decides. */
function top(bid: Level | undefined, ask: Level | undefined): Readonly<Record<string, string>> {
  const yesBid = bid?.ticks ?? 0;
  const yesAsk = ask?.ticks ?? PRICE_SCALE;
  return {
    no_ask_dollars: dollars(PRICE_SCALE - yesBid),
    no_bid_dollars: dollars(PRICE_SCALE - yesAsk),
    yes_ask_dollars: dollars(yesAsk),
    yes_ask_size_fp: contracts(ask?.lots ?? 0),
    yes_bid_dollars: dollars(yesBid),
    yes_bid_size_fp: contracts(bid?.lots ?? 0),
  };
}

/** A contract moves one dollar between its two sides, so a day's money is a day's contracts. */
function traded(
  market: ExchangeMarket,
  state: MarketState,
  event: EventState,
): Readonly<Record<string, string>> {
  const last = dollars(market.lastTradeTicks ?? 0);
  const dayLots = event.dayLots + state.tradedLots;
  return {
    last_price_dollars: last,
    open_interest_fp: contracts(Math.floor(event.dayLots / 4)),
    previous_price_dollars: last,
    previous_yes_ask_dollars: last,
    previous_yes_bid_dollars: last,
    volume_24h_fp: contracts(dayLots),
    volume_fp: contracts(dayLots + event.dayLots * DAYS_BEFORE),
  };
}

function settled(state: MarketState): Readonly<Record<string, unknown>> {
  const { settlement } = state;
  if (settlement === null) return { expiration_value: "", result: "" };
  const { phase, determination, at } = settlement;
  return {
    expiration_value: determination.result,
    result: determination.result,
    settlement_value_dollars: determination.value,
    ...(phase === "finalized" ? { settlement_ts: rfc3339(at) } : {}),
  };
}

import {
  ASK,
  BID,
  type EmbeddedEvent,
  type EmbeddedExchange,
  type ExchangeMarket,
  type Micros,
  type Sha256Hex,
} from "../../../src/contracts/index.ts";
import { PRICE_ONE } from "../scales.ts";
import type { Directory } from "./directory.ts";
import {
  eventTail,
  game,
  instant,
  lifecycle,
  marketTraded,
  outcomePrices,
  stringList,
  tagOf,
  traded,
  umaHistory,
} from "./gamma-values.ts";
import { marketIds, marketNumber, negRiskMarketId, questionId, slugOf } from "./identity.ts";
import { MIN_SHARES, OTHER, questionOf, wholeSecond } from "./list.ts";
import { termsOf } from "./terms.ts";

/** Gamma's documents of an event and its markets, in the keys and value forms of the recorded ones. */
export class GammaDocs {
  readonly #exchange: EmbeddedExchange;
  readonly #directory: Directory;
  readonly #sha256: Sha256Hex;

  constructor(exchange: EmbeddedExchange, directory: Directory, sha256: Sha256Hex) {
    this.#exchange = exchange;
    this.#directory = directory;
    this.#sha256 = sha256;
  }

  /** An event with its markets as of `at`. */
  event(event: EmbeddedEvent, at: Micros): object {
    const { spec } = event;
    const markets: object[] = [];
    for (let outcome = 0; outcome < event.markets.length; outcome++) {
      const document = this.#market(event, outcome, at);
      if (document !== null) markets.push(document);
    }
    if (spec.kind === "open_bucket") markets.push(this.#placeholder(event, at));
    return { ...this.#eventHead(event, at), markets, tags: [tagOf(event)], ...eventTail(event) };
  }

  /** One market with the event it belongs to; null when the exchange no longer knows it. */
  market(event: EmbeddedEvent, outcome: number, at: Micros): object | null {
    const document = this.#market(event, outcome, at);
    return document === null
      ? null
      : { ...document, events: [{ ...this.#eventHead(event, at), ...eventTail(event) }] };
  }

  /** Whether every market of it is closed. */
  closed(event: EmbeddedEvent): boolean {
    return event.markets.every((market) => this.#exchange.market(market.symbol)?.status === "resolved");
  }

  #eventHead(event: EmbeddedEvent, at: Micros): object {
    const { spec } = event;
    const slug = slugOf(spec.title, Number(event.id));
    const risk = spec.kind === "binary" ? {} : { negRiskMarketID: negRiskMarketId(spec, this.#sha256) };
    return {
      id: event.id,
      ticker: slug,
      slug,
      title: spec.title,
      description: spec.rules,
      resolutionSource: "",
      startDate: instant(spec.opensAt),
      creationDate: instant(spec.opensAt),
      endDate: instant(wholeSecond(spec.closesAt)),
      image: "",
      icon: "",
      active: true,
      closed: this.closed(event),
      archived: false,
      new: false,
      featured: false,
      restricted: true,
      ...traded(spec.volume),
      openInterest: 0,
      createdAt: instant(spec.opensAt),
      updatedAt: instant(at),
      enableOrderBook: true,
      negRisk: spec.kind !== "binary",
      ...risk,
      commentCount: 0,
    };
  }

  #market(event: EmbeddedEvent, outcome: number, at: Micros): object | null {
    const { spec } = event;
    const market = event.markets[outcome];
    const state = market === undefined ? undefined : this.#exchange.market(market.symbol);
    if (market === undefined || state === undefined) return null;
    const terms = termsOf(spec.variety, spec.kind === "binary");
    return {
      ...this.#question(event, outcome, at),
      conditionId: market.id,
      outcomes: stringList(terms.outcomes),
      outcomePrices: outcomePrices(state),
      ...lifecycle(state, this.#directory.closedAt(market.symbol)),
      enableOrderBook: true,
      orderPriceMinTickSize: state.stepTicks / PRICE_ONE,
      orderMinSize: MIN_SHARES,
      clobTokenIds: stringList([market.symbol, market.mirrorSymbol ?? ""]),
      ...marketTraded(spec.volume / event.markets.length),
      makerBaseFee: 1000,
      takerBaseFee: 1000,
      acceptingOrders: state.status === "open",
      acceptingOrdersTimestamp: instant(wholeSecond(spec.opensAt)),
      ...this.#displayed(state),
      clearBookOnStart: terms.secondsDelay > 0,
      ...(terms.secondsDelay > 0 ? game(spec.closesAt, terms.secondsDelay) : {}),
      negRiskOther: false,
      ...umaHistory(state, spec.variety),
      feesEnabled: terms.fee !== null,
      feeType: terms.feeType,
      ...(terms.fee === null ? {} : { feeSchedule: terms.fee }),
    };
  }

  /** What an open event does not name: a question without tokens, whose meaning shrinks when a name is added. */
  #placeholder(event: EmbeddedEvent, at: Micros): object {
    return {
      ...this.#question(event, event.markets.length, at),
      conditionId: marketIds(event.spec, event.markets.length, this.#sha256).conditionId,
      outcomes: '["Yes", "No"]',
      outcomePrices: '["0", "0"]',
      active: false,
      closed: false,
      enableOrderBook: false,
      orderPriceMinTickSize: 0.01,
      orderMinSize: MIN_SHARES,
      acceptingOrders: true,
      negRiskOther: true,
      umaResolutionStatuses: "[]",
      feesEnabled: false,
      feeType: null,
    };
  }

  #question(event: EmbeddedEvent, outcome: number, at: Micros): object {
    const { spec } = event;
    const risk = spec.kind === "binary" ? null : negRiskMarketId(spec, this.#sha256);
    const number = marketNumber(spec, outcome);
    const question = questionOf(spec, outcome);
    return {
      id: String(number),
      question,
      slug: slugOf(question, number),
      resolutionSource: "",
      endDate: instant(wholeSecond(spec.closesAt)),
      startDate: instant(spec.opensAt),
      image: "",
      icon: "",
      description: spec.rules,
      marketMakerAddress: "",
      createdAt: instant(spec.opensAt),
      updatedAt: instant(at),
      new: false,
      featured: false,
      archived: false,
      restricted: true,
      groupItemTitle: spec.kind === "binary" ? "" : (spec.outcomes[outcome] ?? OTHER),
      groupItemThreshold: String(outcome),
      questionID: questionId(spec, outcome, risk, this.#sha256),
      endDateIso: instant(spec.closesAt).slice(0, 10),
      startDateIso: instant(spec.opensAt).slice(0, 10),
      hasReviewedDates: true,
      negRisk: risk !== null,
      ...(risk === null ? {} : { negRiskMarketID: risk }),
      ready: false,
      funded: false,
      cyom: false,
      pagerDutyNotificationEnabled: false,
      approved: true,
      rewardsMinSize: 0,
      rewardsMaxSpread: 0,
      automaticallyActive: true,
      manualActivation: false,
      pendingDeployment: false,
      deploying: false,
      rfqEnabled: false,
      holdingRewardsEnabled: false,
      requiresTranslation: false,
    };
  }

  /** Display prices. They are as old as the page they stand on: never good for a trade. */
  #displayed(state: ExchangeMarket): object {
    const { symbol } = state.market;
    const bid = this.#exchange.levels(symbol, BID)[0]?.ticks ?? 0;
    const ask = this.#exchange.levels(symbol, ASK)[0]?.ticks ?? PRICE_ONE;
    return {
      spread: (ask - bid) / PRICE_ONE,
      lastTradePrice: (state.lastTradeTicks ?? 0) / PRICE_ONE,
      bestBid: bid / PRICE_ONE,
      bestAsk: ask / PRICE_ONE,
    };
  }
}

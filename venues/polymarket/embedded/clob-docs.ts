import { ASK, BID, type EmbeddedExchange, type Sha256Hex } from "../../../src/contracts/index.ts";
import { PRICE_ONE } from "../scales.ts";
import { seconds } from "./decimals.ts";
import type { Directory, Listed } from "./directory.ts";
import { marketNumber, negRiskMarketId, questionId, slugOf } from "./identity.ts";
import { MIN_SHARES, questionOf, wholeSecond } from "./list.ts";
import { termsOf } from "./terms.ts";

const LEGACY_FEE = 1000;

/** Market objects of the CLOB: the long form of `/markets`, the simplified one, and the compact `/clob-markets/{id}`. */
export class ClobDocs {
  readonly #exchange: EmbeddedExchange;
  readonly #sha256: Sha256Hex;

  constructor(exchange: EmbeddedExchange, sha256: Sha256Hex) {
    this.#exchange = exchange;
    this.#sha256 = sha256;
  }

  long({ event, state }: Listed): object {
    const { spec } = event;
    const { outcome } = state.market;
    const terms = termsOf(spec.variety, spec.kind === "binary");
    const risk = spec.kind === "binary" ? null : negRiskMarketId(spec, this.#sha256);
    const question = questionOf(spec, outcome);
    return {
      enable_order_book: state.status !== "resolved",
      active: true,
      closed: state.status === "resolved",
      archived: false,
      accepting_orders: state.status === "open",
      accepting_order_timestamp: iso(wholeSecond(spec.opensAt)),
      minimum_order_size: MIN_SHARES,
      minimum_tick_size: state.stepTicks / PRICE_ONE,
      condition_id: state.market.id,
      question_id: questionId(spec, outcome, risk, this.#sha256),
      question,
      description: spec.rules,
      market_slug: slugOf(question, marketNumber(spec, outcome)),
      end_date_iso: iso(wholeSecond(spec.closesAt)),
      game_start_time: terms.secondsDelay > 0 ? iso(wholeSecond(spec.closesAt)) : null,
      seconds_delay: terms.secondsDelay,
      fpmm: "",
      maker_base_fee: 0,
      taker_base_fee: terms.fee === null ? 0 : LEGACY_FEE,
      notifications_enabled: true,
      neg_risk: risk !== null,
      neg_risk_market_id: risk ?? "",
      neg_risk_request_id: "",
      icon: "",
      image: "",
      rewards: { rates: null, min_size: 0, max_spread: 0 },
      is_50_50_outcome: state.yesPayout === "0.5",
      tokens: this.#tokens({ event, state }),
      tags: [terms.tag],
    };
  }

  simplified(listed: Listed): object {
    const { state } = listed;
    return {
      condition_id: state.market.id,
      rewards: { rates: null, min_size: 0, max_spread: 0 },
      tokens: this.#tokens(listed),
      active: true,
      closed: state.status === "resolved",
      archived: false,
      accepting_orders: state.status === "open",
    };
  }

  compact({ event, state }: Listed): object {
    const { spec } = event;
    const terms = termsOf(spec.variety, spec.kind === "binary");
    const { market } = state;
    return {
      gst: terms.secondsDelay > 0 ? iso(wholeSecond(spec.closesAt)) : null,
      r: null,
      t: [
        { t: market.symbol, o: terms.outcomes[0] },
        { t: market.mirrorSymbol ?? "", o: terms.outcomes[1] },
      ],
      c: market.id,
      mos: MIN_SHARES,
      mts: state.stepTicks / PRICE_ONE,
      mbf: LEGACY_FEE,
      tbf: LEGACY_FEE,
      nr: spec.kind !== "binary",
      rfqe: false,
      itode: false,
      ibce: false,
      ao: state.status === "open",
      aot: seconds(spec.opensAt),
      cbos: terms.secondsDelay > 0,
      sd: terms.secondsDelay,
      v: "v1",
      ...(terms.fee === null
        ? {}
        : { fd: { r: terms.fee.rate, e: terms.fee.exponent, to: terms.fee.takerOnly } }),
    };
  }

  #tokens({ event, state }: Listed): object[] {
    const [first, second] = termsOf(event.spec.variety, event.spec.kind === "binary").outcomes;
    const { symbol, mirrorSymbol } = state.market;
    const bid = this.#exchange.levels(symbol, BID)[0]?.ticks ?? 0;
    const ask = this.#exchange.levels(symbol, ASK)[0]?.ticks ?? PRICE_ONE;
    const middle = (bid + ask) / 2 / PRICE_ONE;
    const yes = state.yesPayout === null ? middle : Number(state.yesPayout);
    return [
      { token_id: symbol, outcome: first, price: yes, winner: state.yesPayout === "1" },
      { token_id: mirrorSymbol ?? "", outcome: second, price: 1 - yes, winner: state.yesPayout === "0" },
    ];
  }
}

/** Every listed market in order of its event, for the cursor pages of the CLOB. */
export function listedMarkets(directory: Directory, from: number, limit: number): readonly Listed[] {
  const found: Listed[] = [];
  let skip = from;
  for (const event of directory.events) {
    if (skip >= event.markets.length) {
      skip -= event.markets.length;
      continue;
    }
    for (const market of event.markets.slice(skip)) {
      const listed = directory.byToken(market.symbol);
      if (listed !== undefined) found.push(listed);
      if (found.length === limit) return found;
    }
    skip = 0;
  }
  return found;
}

function iso(at: number): string {
  return `${new Date(Math.floor(at / 1000)).toISOString().slice(0, 19)}Z`;
}

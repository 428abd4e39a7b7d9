import {
  ASK,
  BID,
  type EmbeddedExchange,
  type ExchangeMarket,
  type Level,
  type Side,
  type Timers,
} from "../../../src/contracts/index.ts";
import { bookHash, type HashRecipe } from "../hash.ts";
import { PRICE_ONE } from "../scales.ts";
import { millis, priceText, sizeText } from "./decimals.ts";
import { MIN_SHARES } from "./list.ts";

const EMPTY: readonly Level[] = [];

interface Kept {
  /** Instant of the last change, in milliseconds: the book's own time stamp. */
  at: number;
  /** Of outcome 0 and outcome 1; null = to be made. */
  readonly texts: [string | null, string | null];
}

/**
 * The book object of each token as JSON text, made at most once per change and shared by every reader. There is one
 * book per market: that of outcome 1 is its exact mirror, a bid at p for an ask at 1 - p.
 */
export class BookTexts {
  readonly #exchange: EmbeddedExchange;
  readonly #clock: Timers;
  readonly #recipe: HashRecipe;
  readonly #kept = new Map<string, Kept>();

  constructor(exchange: EmbeddedExchange, clock: Timers, recipe: HashRecipe) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#recipe = recipe;
  }

  /** The book of this symbol moved now. */
  touch(symbol: string): void {
    const at = millis(this.#clock.now());
    const kept = this.#kept.get(symbol);
    if (kept === undefined) {
      this.#kept.set(symbol, { at, texts: [null, null] });
      return;
    }
    kept.at = at;
    kept.texts[0] = null;
    kept.texts[1] = null;
  }

  /** The market is gone. */
  forget(symbol: string): void {
    this.#kept.delete(symbol);
  }

  /** The book of a token as it stands; a market that trades no more has an empty one. */
  text(state: ExchangeMarket, token: string): string {
    const { symbol } = state.market;
    const mirrored = token !== symbol;
    const kept = this.#keptOf(symbol);
    const which = mirrored ? 1 : 0;
    const known = kept.texts[which];
    if (known !== null) return known;
    const text = this.#make(state, token, mirrored, kept.at);
    kept.texts[which] = text;
    return text;
  }

  #keptOf(symbol: string): Kept {
    const known = this.#kept.get(symbol);
    if (known !== undefined) return known;
    const made: Kept = { at: millis(this.#clock.now()), texts: [null, null] };
    this.#kept.set(symbol, made);
    return made;
  }

  #isNegRisk(state: ExchangeMarket): boolean {
    const event = this.#exchange.event(state.market.event);
    return event !== undefined && event.spec.kind !== "binary";
  }

  #make(state: ExchangeMarket, token: string, mirrored: boolean, at: number): string {
    const trades = state.status === "open" || state.status === "paused";
    const side = (which: Side): readonly Level[] =>
      trades ? this.#exchange.levels(state.market.symbol, which) : EMPTY;
    const bids = mirrored ? levelsText(side(ASK), true) : levelsText(side(BID), false);
    const asks = mirrored ? levelsText(side(BID), true) : levelsText(side(ASK), false);
    const market = quoted(state.market.id);
    const assetId = quoted(token);
    const timestamp = quoted(String(at));
    const terms = this.#recipe === "v2024" ? null : termsOf(state, this.#isNegRisk(state));
    const hash = bookHash(
      {
        market,
        assetId,
        timestamp,
        bids,
        asks,
        minOrderSize: terms === null ? null : terms.minOrderSize,
        tickSize: terms === null ? null : terms.tickSize,
        negRisk: terms === null ? null : terms.negRisk,
        lastTradePrice: terms === null ? null : terms.lastTradePrice,
      },
      this.#recipe,
    );
    const tail =
      terms === null
        ? ""
        : `,"min_order_size":${terms.minOrderSize},"tick_size":${terms.tickSize},"neg_risk":${terms.negRisk},` +
          `"last_trade_price":${terms.lastTradePrice}`;
    return (
      `{"market":${market},"asset_id":${assetId},"timestamp":${timestamp},"hash":"${hash ?? ""}",` +
      `"bids":${bids},"asks":${asks}${tail}}`
    );
  }
}

function termsOf(state: ExchangeMarket, negRisk: boolean) {
  return {
    minOrderSize: quoted(String(MIN_SHARES)),
    tickSize: quoted(priceText(state.stepTicks)),
    negRisk: String(negRisk),
    lastTradePrice: quoted(state.lastTradeTicks === null ? "" : priceText(state.lastTradeTicks)),
  };
}

/** Best first -> best last, as the venue writes both sides; a mirrored level stands at 1 - p. */
function levelsText(levels: readonly Level[], mirrored: boolean): string {
  let text = "[";
  for (let at = levels.length - 1; at >= 0; at--) {
    const { ticks, lots } = levels[at]!;
    const price = priceText(mirrored ? PRICE_ONE - ticks : ticks);
    text += `{"price":"${price}","size":"${sizeText(lots)}"}${at === 0 ? "" : ","}`;
  }
  return `${text}]`;
}

function quoted(text: string): string {
  return `"${text}"`;
}

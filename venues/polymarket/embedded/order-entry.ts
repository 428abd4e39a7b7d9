import {
  ASK,
  BID,
  type Cancel,
  type EmbeddedExchange,
  type ExchangeMarket,
  type Micros,
  type Timers,
} from "../../../src/contracts/index.ts";
import { Text } from "./answers.ts";
import type { Client, Credentials } from "./auth.ts";
import {
  duplicated,
  type Entry,
  matchedAnswer,
  noBook,
  refused,
  refusedBy,
  waitingAnswer,
} from "./order-answers.ts";
import type { OrderRegistry, WireOrder } from "./order-registry.ts";
import { type PostOrder, readPostOrder } from "./order-schema.ts";
import { judgeSignature } from "./order-signing.ts";
import { type OrderTerms, termsOfOrder, tooSmallToTake } from "./order-terms.ts";
import { termsOf } from "./terms.ts";

const SECOND = 1_000_000;
/** A dated order needs this much life, and the book drops it a minute early. */
const LEAST_LIFE_SECONDS = 180;
const DROPPED_EARLY_SECONDS = 60;
const MAX_DELAYED = 10_000;

/** Told about orders that end without the exchange ever having known them. */
export interface EntryListener {
  delayed(order: WireOrder): void;
  killed(order: WireOrder, why: string): void;
}

interface Delayed {
  readonly order: WireOrder;
  readonly stop: Cancel;
}

/** Takes signed orders: everything the venue checks before matching, then the exchange. */
export class OrderEntry {
  readonly #exchange: EmbeddedExchange;
  readonly #clock: Timers;
  readonly #registry: OrderRegistry;
  readonly #listener: EntryListener;
  readonly #delayed = new Map<string, Delayed>();
  /** Order version in force. */
  version: 2 | 3 = 2;

  constructor(exchange: EmbeddedExchange, clock: Timers, registry: OrderRegistry, listener: EntryListener) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#registry = registry;
    this.#listener = listener;
  }

  /** One order of a payload. */
  post(client: Client, credentials: Credentials, payload: unknown): Entry {
    const post = readPostOrder(payload);
    if (post === "old") return refused(Text.VERSION);
    if (post === null) return refused(Text.ORDER_PAYLOAD);
    const stranger = strangerTo(post, client, credentials);
    if (stranger !== null) return refused(stranger);
    const state = this.#exchange.market(post.order.tokenId);
    const event = state === undefined ? undefined : this.#exchange.event(state.market.event);
    if (state === undefined || event === undefined) return refused(Text.TOKEN);
    const verdict = judgeSignature(post.order, this.version, event.spec.kind !== "binary");
    if (!verdict.ok) return refused(verdict.why === "version" ? Text.VERSION : Text.SIGNATURE);
    const terms = termsOfOrder(post, state, verdict.id);
    if (typeof terms === "string") return refused(terms);
    const crosses = this.#crosses(state, terms);
    const wrong = this.#refusal(client, post, state, terms, crosses);
    if (wrong !== null) return wrong;
    if (this.#registry.get(verdict.id) !== undefined) return duplicated(verdict.id);
    const { secondsDelay, outcomes } = termsOf(event.spec.variety, event.spec.kind === "binary");
    const outcome = outcomes[post.order.tokenId === state.market.symbol ? 0 : 1];
    const order = this.#order(client, credentials, post, state, terms, verdict.id, outcome);
    if (secondsDelay > 0 && crosses && this.#delayed.size < MAX_DELAYED)
      return this.#delay(order, post, terms, secondsDelay);
    return this.#submit(order, post, terms);
  }

  /** Takes back an order that still waits; false when it does not. */
  withdraw(account: string, id: string): boolean {
    const waiting = this.#delayed.get(id);
    if (waiting === undefined || waiting.order.account !== account) return false;
    this.#delayed.delete(id);
    waiting.stop();
    waiting.order.status = "CANCELED";
    this.#listener.killed(waiting.order, "CANCELED");
    return true;
  }

  /** Ids of orders that still wait. */
  waiting(account: string): readonly WireOrder[] {
    const found: WireOrder[] = [];
    for (const { order } of this.#delayed.values()) if (order.account === account) found.push(order);
    return found;
  }

  close(): void {
    for (const { stop } of this.#delayed.values()) stop();
    this.#delayed.clear();
  }

  #refusal(
    client: Client,
    post: PostOrder,
    state: ExchangeMarket,
    terms: OrderTerms,
    crosses: boolean,
  ): Entry | null {
    if (state.status === "paused") return refused(Text.NOT_READY);
    if (state.status !== "open") return noBook();
    const kills = post.orderType === "FOK" || post.orderType === "FAK";
    if (post.postOnly && kills) return refused(Text.ORDER_PAYLOAD);
    if (post.postOnly && crosses) return refused(Text.POST_ONLY);
    if (!this.#expires(post)) return refused(Text.EXPIRATION);
    const small = tooSmallToTake(post, terms, crosses);
    if (small !== null) return refused(small);
    const { side, tokenId } = post.order;
    return side === "SELL" && this.#held(client.account, state, tokenId) < terms.lots
      ? refused(Text.FUNDS)
      : null;
  }

  /** Only dated orders have an expiration, and one far enough away. */
  #expires({ orderType, expiration }: PostOrder): boolean {
    if (orderType !== "GTD") return expiration === 0;
    return expiration >= this.#clock.now() / SECOND + LEAST_LIFE_SECONDS;
  }

  /** Lots of a token that are there to be sold: what is held, less what rests for sale. */
  #held(account: string, state: ExchangeMarket, token: string): number {
    const { symbol } = state.market;
    const position = this.#exchange.positions(account).get(symbol) ?? 0;
    let held = token === symbol ? position : -position;
    for (const order of this.#registry.resting(account))
      if (order.token === token && order.side === "SELL") held -= order.lots - order.matchedLots;
    return held;
  }

  #crosses(state: ExchangeMarket, terms: OrderTerms): boolean {
    const buys = terms.bookSide === BID;
    const best = this.#exchange.levels(state.market.symbol, buys ? ASK : BID)[0];
    if (best === undefined) return false;
    return buys ? best.ticks <= terms.bookTicks : best.ticks >= terms.bookTicks;
  }

  #order(
    client: Client,
    credentials: Credentials,
    post: PostOrder,
    state: ExchangeMarket,
    terms: OrderTerms,
    id: string,
    outcome: string,
  ): WireOrder {
    const { tokenId, side } = post.order;
    return {
      id,
      account: client.account,
      owner: credentials.apiKey,
      maker: post.order.maker,
      token: tokenId,
      symbol: state.market.symbol,
      conditionId: state.market.id,
      outcome,
      side,
      ticks: terms.tokenTicks,
      lots: terms.lots,
      orderType: post.orderType,
      expiration: String(post.expiration),
      createdAt: this.#clock.now(),
      exchangeId: null,
      matchedLots: 0,
      status: "LIVE",
      trades: [],
    };
  }

  /** A marketable order of a game waits before it is matched: the answer is no fill. */
  #delay(order: WireOrder, post: PostOrder, terms: OrderTerms, secondsDelay: number): Entry {
    order.status = "DELAYED";
    this.#registry.add(order);
    const stop = this.#clock.after(secondsDelay * SECOND, () => {
      this.#delayed.delete(order.id);
      const entry = this.#submit(order, post, terms);
      if (entry.ok) return;
      order.status = "CANCELED";
      this.#registry.add(order);
      this.#listener.killed(order, `CANCELED_${entry.error}`);
    });
    this.#delayed.set(order.id, { order, stop });
    this.#listener.delayed(order);
    return { ok: true, body: waitingAnswer(order, "delayed") };
  }

  #submit(order: WireOrder, post: PostOrder, terms: OrderTerms): Entry {
    order.status = "LIVE";
    this.#registry.add(order);
    const answer = this.#exchange.submit({
      account: order.account,
      clientId: order.id,
      symbol: order.symbol,
      side: terms.bookSide,
      ticks: terms.bookTicks,
      lots: terms.lots,
      timeInForce: TIME_IN_FORCE[order.orderType],
      postOnly: post.postOnly,
      expiresAt:
        order.orderType === "GTD" ? (((post.expiration - DROPPED_EARLY_SECONDS) * SECOND) as Micros) : null,
    });
    if (!answer.ok) {
      this.#registry.remove(order.id);
      return refusedBy(answer.why, order, this.#exchange.market(order.symbol));
    }
    this.#registry.update(answer.order);
    if (answer.fills.length > 0) return { ok: true, body: matchedAnswer(order, answer.fills) };
    if (order.orderType === "FAK") return refused(Text.FAK);
    return { ok: true, body: waitingAnswer(order, "live") };
  }
}

const TIME_IN_FORCE = { GTC: "gtc", GTD: "gtd", FAK: "ioc", FOK: "fok" } as const;

/** Signer, maker and owner must be the client's own; the refusal, or null. */
function strangerTo(post: PostOrder, client: Client, credentials: Credentials): string | null {
  const { signer, maker, signatureType } = post.order;
  if (post.owner !== credentials.apiKey) return Text.OWNER;
  if (signer.toLowerCase() !== client.address) return Text.SIGNER;
  const holder = signatureType === 0 ? client.address : client.funder;
  return maker.toLowerCase() === holder ? null : Text.OWNER;
}

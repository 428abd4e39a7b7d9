import type {
  Cancel,
  EmbeddedExchange,
  ExchangeChange,
  ExchangeMarket,
  Micros,
  ServedPeer,
  ServedSocket,
  Timers,
} from "../../../src/contracts/index.ts";
import type { BookTexts } from "./book-texts.ts";
import { readFirstMarket, readMarketOperation } from "./channel-messages.ts";
import { IdleCut, type Watched } from "./idle-cut.ts";
import { levelFrame, listedFrames, resolvedFrame, tickFrame, topFrame, tradeFrame } from "./market-frames.ts";

/** Tokens of one connection; further ones are left out in silence. */
const MAX_TOKENS = 500;
/** Initial books come as arrays; one is sent when it has grown to this many characters. */
const ARRAY_CHARS = 128 * 1024;
const PROTOCOL_ERROR = 1002;

interface Connection extends Watched {
  /** Subscribed tokens, each with the symbol of its market's book. */
  readonly tokens: Map<string, string>;
  /** A first frame was accepted. */
  open: boolean;
  custom: boolean;
}

/** Who hears of a market, and the best prices they were last told. */
interface Audience {
  readonly connections: Set<Connection>;
  bid: number;
  ask: number;
}

/** `/ws/market`: books, level changes, prints and terms of the tokens a connection asked for. */
export class MarketChannel {
  readonly #exchange: EmbeddedExchange;
  readonly #clock: Timers;
  readonly #books: BookTexts;
  /** By symbol of the market's book. */
  readonly #audiences = new Map<string, Audience>();
  readonly #idle: IdleCut<Connection>;
  /** Markets whose book is to be sent whole once the exchange has come to rest. */
  readonly #due = new Set<string>();
  #flush: Cancel | null = null;

  constructor(exchange: EmbeddedExchange, clock: Timers, books: BookTexts) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#books = books;
    this.#idle = new IdleCut(clock, (connection) => this.#leave(connection));
  }

  get size(): number {
    return this.#idle.connections.size;
  }

  open(peer: ServedPeer): ServedSocket {
    const connection: Connection = {
      peer,
      lastHeardAt: this.#clock.now(),
      tokens: new Map(),
      open: false,
      custom: false,
    };
    this.#idle.add(connection);
    return {
      message: (text) => this.#message(connection, text),
      pong: () => {
        connection.lastHeardAt = this.#clock.now();
      },
      closed: () => {
        this.#idle.remove(connection);
        this.#leave(connection);
      },
    };
  }

  /** Passes on what happened at the exchange. */
  apply(change: ExchangeChange): void {
    const now = this.#clock.now();
    switch (change.kind) {
      case "level":
        this.#level(change, now);
        break;
      case "trade":
        this.#ofMarket(change.symbol, (audience, state) => {
          const frame = tradeFrame(state.market, change, now);
          for (const { peer } of audience.connections) peer.send(frame);
          this.#bookDue(change.symbol);
        });
        break;
      case "tick_size":
        this.#ofMarket(change.symbol, (audience, { market }) => {
          this.#toTokens(audience, market, false, (token) => tickFrame(market, token, change, now));
          this.#bookDue(change.symbol);
        });
        break;
      case "status":
        this.#ofMarket(change.symbol, () => this.#bookDue(change.symbol));
        break;
      case "resolved":
        this.#resolved(change, now);
        break;
      case "listed": {
        const frames = [...this.#idle.connections].some(({ custom }) => custom)
          ? listedFrames(change.event, now)
          : [];
        for (const frame of frames)
          for (const { custom, peer } of this.#idle.connections) if (custom) peer.send(frame);
        break;
      }
      case "order":
      case "fill":
    }
  }

  close(): void {
    this.#flush?.();
    this.#flush = null;
    this.#idle.close();
    this.#audiences.clear();
  }

  #message(connection: Connection, text: string): void {
    connection.lastHeardAt = this.#clock.now();
    if (text === "PING") connection.peer.send("PONG");
    else if (connection.open) this.#operate(connection, text);
    else this.#begin(connection, text);
  }

  #begin(connection: Connection, text: string): void {
    const first = readFirstMarket(text);
    if (first === null) {
      connection.peer.close(PROTOCOL_ERROR, "invalid subscription");
      return;
    }
    connection.open = true;
    connection.custom = first.custom_feature_enabled === true;
    const joined = this.#join(connection, first.assets_ids);
    if (first.initial_dump !== false) this.#sendBooks(connection, joined);
  }

  /** What cannot be read is passed over; a token that is subscribed already brings nothing. */
  #operate(connection: Connection, text: string): void {
    const operation = readMarketOperation(text);
    if (operation === null) return;
    if (operation.custom_feature_enabled !== undefined) connection.custom = operation.custom_feature_enabled;
    if (operation.operation === "subscribe") {
      this.#sendBooks(connection, this.#join(connection, operation.assets_ids));
      return;
    }
    for (const token of operation.assets_ids) {
      const symbol = connection.tokens.get(token);
      if (symbol === undefined) continue;
      connection.tokens.delete(token);
      if (![...connection.tokens.values()].includes(symbol)) this.#part(connection, symbol);
    }
  }

  /** @returns the tokens that are new to the connection and known to the venue. */
  #join(connection: Connection, tokens: readonly string[]): readonly string[] {
    const joined: string[] = [];
    for (const token of tokens) {
      if (connection.tokens.size >= MAX_TOKENS) break;
      const state = connection.tokens.has(token) ? undefined : this.#exchange.market(token);
      if (state === undefined) continue;
      const { symbol } = state.market;
      connection.tokens.set(token, symbol);
      joined.push(token);
      const audience = this.#audiences.get(symbol);
      if (audience === undefined)
        this.#audiences.set(symbol, { connections: new Set([connection]), bid: -1, ask: -1 });
      else audience.connections.add(connection);
    }
    return joined;
  }

  #leave(connection: Connection): void {
    for (const symbol of connection.tokens.values()) this.#part(connection, symbol);
    connection.tokens.clear();
  }

  #part(connection: Connection, symbol: string): void {
    const audience = this.#audiences.get(symbol);
    audience?.connections.delete(connection);
    if (audience?.connections.size === 0) this.#audiences.delete(symbol);
  }

  /** Books as arrays, in frames of bounded length. */
  #sendBooks(connection: Connection, tokens: readonly string[]): void {
    let batch: string[] = [];
    let chars = 0;
    const send = (): void => {
      if (batch.length > 0) connection.peer.send(`[${batch.join(",")}]`);
      batch = [];
      chars = 0;
    };
    for (const token of tokens) {
      const state = this.#exchange.market(token);
      if (state === undefined) continue;
      const frame = bookFrame(this.#books.text(state, token));
      batch.push(frame);
      chars += frame.length;
      if (chars >= ARRAY_CHARS) send();
    }
    send();
  }

  #level(change: Extract<ExchangeChange, { kind: "level" }>, now: Micros): void {
    this.#ofMarket(change.symbol, (audience, { market }) => {
      const frame = levelFrame(market, change, now);
      for (const { peer } of audience.connections) peer.send(frame);
      const { bestBid, bestAsk } = change;
      if (audience.bid === bestBid && audience.ask === bestAsk) return;
      audience.bid = bestBid;
      audience.ask = bestAsk;
      this.#toTokens(audience, market, true, (token) => topFrame(market, token, bestBid, bestAsk, now));
    });
  }

  #resolved(change: Extract<ExchangeChange, { kind: "resolved" }>, now: Micros): void {
    this.#ofMarket(change.symbol, (audience, { market }) => {
      const event = this.#exchange.event(market.event);
      const frame = event === undefined ? null : resolvedFrame(event, market, change.yesPayout, now);
      if (frame === null) return;
      for (const { custom, peer } of audience.connections) if (custom) peer.send(frame);
    });
  }

  #ofMarket(symbol: string, tell: (audience: Audience, state: ExchangeMarket) => void): void {
    const audience = this.#audiences.get(symbol);
    const state = audience === undefined ? undefined : this.#exchange.market(symbol);
    if (audience !== undefined && state !== undefined) tell(audience, state);
  }

  /** One frame per token, made once, to everybody who is subscribed to that token. */
  #toTokens(
    audience: Audience,
    market: ExchangeMarket["market"],
    customOnly: boolean,
    make: (token: string) => string,
  ): void {
    for (const token of [market.symbol, market.mirrorSymbol]) {
      if (token === null) continue;
      let frame: string | null = null;
      for (const { custom, tokens, peer } of audience.connections) {
        if (!tokens.has(token) || (customOnly && !custom)) continue;
        frame ??= make(token);
        peer.send(frame);
      }
    }
  }

  #bookDue(symbol: string): void {
    this.#due.add(symbol);
    this.#flush ??= this.#clock.after(0, () => this.#sendDue());
  }

  /** Whole books of the markets that traded or changed their terms, as they stand by now. */
  #sendDue(): void {
    this.#flush = null;
    for (const symbol of this.#due)
      this.#ofMarket(symbol, (audience, state) =>
        this.#toTokens(audience, state.market, false, (token) => bookFrame(this.#books.text(state, token))),
      );
    this.#due.clear();
  }
}

function bookFrame(text: string): string {
  return `{"event_type":"book",${text.slice(1)}`;
}

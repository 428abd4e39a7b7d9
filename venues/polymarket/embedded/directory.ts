import type {
  EmbeddedEvent,
  EmbeddedExchange,
  ExchangeChange,
  ExchangeMarket,
  Micros,
} from "../../../src/contracts/index.ts";

const PRUNE_EVERY = 512;

/** A market with the event it belongs to, as both stand now. */
export interface Listed {
  readonly event: EmbeddedEvent;
  readonly state: ExchangeMarket;
}

/** Finds events and markets by the venue's ids. Bounded by what the exchange still knows. */
export class Directory {
  readonly #exchange: EmbeddedExchange;
  readonly #forgotten: (symbol: string) => void;
  /** In order of their numbers. */
  readonly #events: EmbeddedEvent[] = [];
  readonly #symbols = new Map<string, string>();
  readonly #closedAt = new Map<string, Micros>();
  #sinceCleared = 0;
  /** Counts events that came or went. */
  version = 0;

  /** @param forgotten hears of markets that the exchange knows no more. */
  constructor(exchange: EmbeddedExchange, forgotten: (symbol: string) => void) {
    this.#exchange = exchange;
    this.#forgotten = forgotten;
    for (const event of exchange.events()) this.#events.push(event);
    this.#events.sort((a, b) => Number(a.id) - Number(b.id));
    for (const event of this.#events) this.#name(event);
  }

  /** Keeps up with the exchange. */
  apply(change: ExchangeChange): void {
    if (change.kind === "listed") this.#add(change.event);
    else if (change.kind === "resolved") this.#close(change.symbol, change.at);
    else if (change.kind === "status") {
      if (change.status === "closed") this.#close(change.symbol, change.at);
      else this.#closedAt.delete(change.symbol);
    }
  }

  /** Every event, lowest number first; some may be forgotten by the exchange already. */
  get events(): readonly EmbeddedEvent[] {
    return this.#events;
  }

  event(id: string): EmbeddedEvent | undefined {
    return this.#exchange.event(id);
  }

  /** By either token. */
  byToken(token: string): Listed | undefined {
    const state = this.#exchange.market(token);
    const event = state === undefined ? undefined : this.#exchange.event(state.market.event);
    return state === undefined || event === undefined ? undefined : { event, state };
  }

  byCondition(conditionId: string): Listed | undefined {
    const symbol = this.#symbols.get(conditionId);
    return symbol === undefined ? undefined : this.byToken(symbol);
  }

  /** When it closed; null while it has not. */
  closedAt(symbol: string): Micros | null {
    return this.#closedAt.get(symbol) ?? null;
  }

  #add(event: EmbeddedEvent): void {
    if (++this.#sinceCleared >= PRUNE_EVERY) this.#prune();
    const number = Number(event.id);
    let at = this.#events.length;
    while (at > 0 && Number(this.#events[at - 1]!.id) > number) at--;
    this.#events.splice(at, 0, event);
    this.#name(event);
    this.version++;
  }

  #close(symbol: string, at: Micros): void {
    if (!this.#closedAt.has(symbol)) this.#closedAt.set(symbol, at);
  }

  #name(event: EmbeddedEvent): void {
    for (const market of event.markets) this.#symbols.set(market.id, market.symbol);
  }

  /** Lets go of what the exchange has forgotten. */
  #prune(): void {
    this.#sinceCleared = 0;
    let kept = 0;
    for (const event of this.#events) {
      if (this.#exchange.event(event.id) !== undefined) this.#events[kept++] = event;
      else
        for (const market of event.markets) {
          this.#symbols.delete(market.id);
          this.#closedAt.delete(market.symbol);
          this.#forgotten(market.symbol);
        }
    }
    this.#events.length = kept;
    this.version++;
  }
}

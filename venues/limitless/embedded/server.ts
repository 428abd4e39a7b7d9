import type {
  Cancel,
  EmbeddedEnv,
  EmbeddedServer,
  ExchangeChange,
  ExchangeMarket,
  FaultAnswer,
  ServedAnswer,
  ServedPeer,
  ServedRequest,
  ServedSocket,
} from "../../../src/contracts/index.ts";
import { updateJson } from "../book-json.ts";
import { isoOf } from "../encode.ts";
import { NAMESPACE, SOCKET_PATH } from "../packets.ts";
import { NOT_FOUND, refusal, TOO_MANY, wordFault } from "./answers.ts";
import { Connection } from "./connection.ts";
import { bookText, RestApi } from "./rest.ts";

/** Docs, api-reference: calls 300 ms apart. How strictly is not said; here a handful may come together. */
const SPACING_MICROS = 300_000;
const BURST = 4;
const MAX_SOCKETS = 1_024;
/** Changes of one book within this time go out as one update. */
const FLUSH_MICROS = 20_000;
const PRUNE_LEAST = 1_000;
const GOING_AWAY = 1001;

export interface LimitlessServerOptions {
  /** Whether a subscription is answered with the books as they stand. The venue does not say. */
  readonly snapshotOnSubscribe: boolean;
}

/**
 * Limitless's public hosts over an exchange: `rest` (catalogue and books) and `ws` (socket.io). Left out: accounts,
 * orders, AMM markets and oracle prices.
 */
export class LimitlessServer implements EmbeddedServer {
  readonly #env: EmbeddedEnv;
  readonly #options: LimitlessServerOptions;
  readonly #rest: RestApi;
  readonly #symbols = new Map<string, string>();
  readonly #connections = new Set<Connection>();
  /** Symbols whose book is to be sent. */
  readonly #due = new Set<string>();
  readonly #silence: Cancel;
  #flush: Cancel | null = null;
  #sids = 0;
  /** Slugs of forgotten markets are dropped when there are this many. */
  #pruneAt = PRUNE_LEAST;
  /** When the next request would be due if requests were evenly spaced. */
  #nextAt = 0;

  constructor(env: EmbeddedEnv, options: LimitlessServerOptions = { snapshotOnSubscribe: true }) {
    this.#env = env;
    this.#options = options;
    this.#rest = new RestApi(env.exchange, (slug) => this.#market(slug), env.sha256);
    for (const event of env.exchange.events()) this.#listed(event.markets);
    this.#silence = env.exchange.listen((change) => this.#apply(change));
  }

  request(host: string, request: ServedRequest, reply: (answer: ServedAnswer) => void): void {
    const answer = host !== "rest" ? NOT_FOUND : this.#admits() ? this.#rest.answer(request) : TOO_MANY;
    reply(this.#dated(answer));
  }

  socket(host: string, request: ServedRequest, peer: ServedPeer): ServedSocket | ServedAnswer {
    if (host !== "ws") return this.#dated(NOT_FOUND);
    if (request.path !== SOCKET_PATH) return this.#dated(refusal(400, "Transport unknown", "Bad Request"));
    if (this.#connections.size >= MAX_SOCKETS) return this.#dated(TOO_MANY);
    const connection = new Connection(peer, this.#env.clock, `embedded-${++this.#sids}`, {
      subscribed: (subscriber) => {
        if (!this.#options.snapshotOnSubscribe) return;
        for (const slug of subscriber.slugs) {
          const market = this.#market(slug);
          if (market !== undefined) subscriber.packet(this.#update(market));
        }
      },
      closed: (gone) => this.#connections.delete(gone),
    });
    this.#connections.add(connection);
    return connection;
  }

  faultAnswer(fault: FaultAnswer): ServedAnswer {
    return this.#dated(wordFault(fault));
  }

  close(): void {
    this.#silence();
    this.#flush?.();
    for (const connection of [...this.#connections]) connection.end(GOING_AWAY, "server shutting down");
  }

  #market(slug: string): ExchangeMarket | undefined {
    const symbol = this.#symbols.get(slug);
    const market = symbol === undefined ? undefined : this.#env.exchange.market(symbol);
    if (market === undefined) this.#symbols.delete(slug);
    return market;
  }

  #listed(markets: readonly ExchangeMarket["market"][]): void {
    for (const { id, symbol } of markets) this.#symbols.set(id, symbol);
    if (this.#symbols.size < this.#pruneAt) return;
    for (const slug of [...this.#symbols.keys()]) this.#market(slug);
    this.#pruneAt = 2 * this.#symbols.size + PRUNE_LEAST;
  }

  #apply(change: ExchangeChange): void {
    switch (change.kind) {
      case "level":
      case "status":
        this.#due.add(change.symbol);
        this.#flush ??= this.#env.clock.after(FLUSH_MICROS, () => this.#sendDue());
        break;
      case "listed":
        this.#listed(change.event.markets);
        this.#lifecycle("marketCreated", { slug: change.event.id, title: change.event.spec.title });
        break;
      case "resolved":
        this.#resolved(change);
        break;
      case "trade":
      case "tick_size":
      case "order":
      case "fill":
    }
  }

  #resolved({ symbol, yesPayout }: Extract<ExchangeChange, { kind: "resolved" }>): void {
    const slug = this.#env.exchange.market(symbol)?.market.id;
    if (slug === undefined) return;
    const winningIndex = yesPayout === "0.5" ? null : yesPayout === "1" ? 0 : 1;
    const winningOutcome = winningIndex === null ? null : winningIndex === 0 ? "YES" : "NO";
    this.#lifecycle("marketResolved", { slug, winningOutcome, winningIndex });
  }

  #lifecycle(name: string, payload: unknown): void {
    for (const connection of this.#connections) if (connection.lifecycle) connection.event(name, payload);
  }

  #sendDue(): void {
    this.#flush = null;
    for (const symbol of this.#due) {
      const market = this.#env.exchange.market(symbol);
      if (market === undefined) continue;
      let packet: string | null = null;
      for (const connection of this.#connections) {
        if (!connection.slugs.has(market.market.id)) continue;
        packet ??= this.#update(market);
        connection.packet(packet);
      }
    }
    this.#due.clear();
  }

  #update({ market }: ExchangeMarket): string {
    const now = isoOf(this.#env.clock.now());
    const body = updateJson(market.id, bookText(this.#env.exchange, market.symbol), now);
    return `42${NAMESPACE},["orderbookUpdate",${body}]`;
  }

  /** Whether a request keeps the published distance; one that does not is refused and takes nothing. */
  #admits(): boolean {
    if (!this.#env.rateLimits) return true;
    const now = this.#env.clock.now();
    const dueAt = Math.max(this.#nextAt, now);
    if (dueAt - now > (BURST - 1) * SPACING_MICROS) return false;
    this.#nextAt = dueAt + SPACING_MICROS;
    return true;
  }

  /** Every answer states the venue's clock. */
  #dated(answer: ServedAnswer): ServedAnswer {
    const date = new Date(Math.floor(this.#env.clock.now() / 1_000)).toUTCString();
    return { ...answer, headers: { date, ...answer.headers } };
  }
}

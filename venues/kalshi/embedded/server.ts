import type {
  Cancel,
  EmbeddedEnv,
  EmbeddedServer,
  ExchangeChange,
  FaultAnswer,
  ServedAnswer,
  ServedPeer,
  ServedRequest,
  ServedSocket,
} from "../../../src/contracts/index.ts";
import { answer } from "./answers.ts";
import { Audience } from "./audience.ts";
import { KeyRing, UNSIGNED } from "./auth.ts";
import { Catalogue } from "./catalogue.ts";
import { Connection } from "./connection.ts";
import { faultAnswer, UNKNOWN_PATH } from "./faults.ts";
import { Lifecycle } from "./lifecycle.ts";
import { MarketRoutes } from "./market-routes.ts";
import { OrderDesk } from "./order-desk.ts";
import { OrderNames } from "./order-names.ts";
import { OrderRoutes } from "./order-routes.ts";
import { PortfolioRoutes } from "./portfolio-routes.ts";
import { Router } from "./router.ts";
import { Settlements } from "./settlements.ts";
import { Streams } from "./streams.ts";
import { Tape } from "./tape.ts";
import { httpDate, millis } from "./values.ts";

const SOCKET_PATH = "/trade-api/ws/v2";
const MAX_CONNECTIONS = 1_000;
/** Close code for a server that goes away. */
const GOING_AWAY = 1001;

/** Speaks Kalshi's REST and websocket over one exchange. */
export class KalshiServer implements EmbeddedServer {
  readonly #env: EmbeddedEnv;
  readonly #keys: KeyRing;
  readonly #router: Router;
  readonly #streams: Streams;
  readonly #lifecycle: Lifecycle;
  readonly #audience = new Audience();
  readonly #tape = new Tape();
  readonly #connections = new Set<Connection>();
  readonly #unlisten: Cancel;

  constructor(env: EmbeddedEnv) {
    const { exchange, clock, rng, sha256, rateLimits } = env;
    const catalogue = new Catalogue(exchange, clock);
    const names = new OrderNames(exchange, sha256);
    const settlements = new Settlements(exchange, env.accounts.keys());
    const [audience, tape] = [this.#audience, this.#tape];
    const desk = new OrderDesk(exchange, names, clock, sha256);
    this.#env = env;
    this.#keys = new KeyRing(env.accounts);
    this.#router = new Router({
      keys: this.#keys,
      clock,
      rateLimits,
      markets: new MarketRoutes(exchange, catalogue, tape, sha256),
      portfolio: new PortfolioRoutes({ exchange, clock, sha256, names, tape, settlements }),
      orders: new OrderRoutes(desk),
    });
    const streamRng = rng.fork("kalshi streams");
    this.#streams = new Streams({
      exchange,
      clock,
      rng: streamRng,
      sha256,
      audience,
      catalogue,
      names,
      tape,
    });
    const lifecycleRng = rng.fork("kalshi lifecycle");
    this.#lifecycle = new Lifecycle({ catalogue, clock, rng: lifecycleRng, audience, settlements });
    this.#unlisten = exchange.listen((change) => this.#changed(change));
  }

  request(_host: string, request: ServedRequest, reply: (answer: ServedAnswer) => void): void {
    reply(this.#router.answer(request));
  }

  socket(_host: string, request: ServedRequest, peer: ServedPeer): ServedSocket | ServedAnswer {
    const now = this.#env.clock.now();
    const refuse = (given: ServedAnswer): ServedAnswer => ({
      ...given,
      headers: { date: httpDate(now), ...given.headers },
    });
    if (request.path.split("?", 1)[0] !== SOCKET_PATH) return refuse(UNKNOWN_PATH);
    const caller = this.#keys.caller(request, millis(now));
    if (caller.kind === "anonymous") return refuse(UNSIGNED);
    if (caller.kind === "refused") return refuse(caller.answer);
    if (this.#connections.size >= MAX_CONNECTIONS) return refuse(answer(429, { error: "too many requests" }));
    const connection = new Connection(
      {
        exchange: this.#env.exchange,
        clock: this.#env.clock,
        rng: this.#env.rng.fork("kalshi commands"),
        audience: this.#audience,
        marketId: (symbol) => this.#streams.marketId(symbol),
        ticker: (symbol) => this.#streams.ticker(symbol),
        closed: (ended) => this.#connections.delete(ended),
      },
      peer,
      caller.account,
    );
    this.#connections.add(connection);
    return connection;
  }

  faultAnswer(fault: FaultAnswer): ServedAnswer {
    const given = faultAnswer(fault);
    return { ...given, headers: { date: httpDate(this.#env.clock.now()), ...given.headers } };
  }

  close(): void {
    this.#unlisten();
    this.#streams.close();
    this.#lifecycle.close();
    for (const connection of [...this.#connections]) connection.end(GOING_AWAY, "going away");
  }

  #changed(change: ExchangeChange): void {
    switch (change.kind) {
      case "level":
        this.#streams.level(change);
        return;
      case "trade":
        this.#tape.trade(change);
        this.#streams.trade(change);
        return;
      case "fill":
        this.#tape.fill(change.fill.id);
        this.#streams.fill(change.fill);
        return;
      case "order":
        this.#streams.order(change.order, change.why);
        return;
      case "listed":
        this.#lifecycle.listed(change.event);
        return;
      case "status":
        this.#lifecycle.status(change);
        if (change.status === "closed") this.#streams.closed(change.symbol);
        return;
      case "tick_size":
        this.#lifecycle.tick(change);
        return;
      case "resolved":
        this.#lifecycle.resolved(change);
    }
  }
}

import type {
  Cancel,
  EmbeddedEnv,
  EmbeddedServer,
  ExchangeChange,
  FaultAnswer,
  Rng,
  ServedAnswer,
  ServedPeer,
  ServedRequest,
  ServedSocket,
  Timers,
} from "../../../src/contracts/index.ts";
import type { HashRecipe } from "../hash.ts";
import { AccountApi } from "./account-api.ts";
import { cloudflareBlock, json, NOT_FOUND, refusal, Text, wordFault } from "./answers.ts";
import { Auth } from "./auth.ts";
import { BookTexts } from "./book-texts.ts";
import { ClobDocs } from "./clob-docs.ts";
import { ClobPublic } from "./clob-public.ts";
import { millis } from "./decimals.ts";
import { Directory } from "./directory.ts";
import { EdgeThrottle } from "./edge-throttle.ts";
import { GammaApi } from "./gamma-api.ts";
import { GammaDocs } from "./gamma-docs.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Maintenance } from "./maintenance.ts";
import { MarketChannel } from "./market-channel.ts";
import { OrderApi } from "./order-api.ts";
import { OrderEntry } from "./order-entry.ts";
import { OrderRegistry } from "./order-registry.ts";
import { targetOf } from "./paths.ts";
import { SignerLimits } from "./signer-limits.ts";
import { UserChannel } from "./user-channel.ts";

const MAX_SOCKETS = 4_096;
const MAX_HELD_BACK = 20_000;
const MAX_RETRY_SECONDS = 10;
/** How long a restart that is only told of lasts: each telling is one refused call. */
const TOLD_RESTART_MICROS = 0;

/** Not blocked, from an address kept for documentation. */
const GEO = { blocked: false, ip: "203.0.113.7", country: "IE", region: "L" };

/** What a server speaks; the defaults are what is in force today. */
export interface PolymarketServerOptions {
  readonly hashRecipe: HashRecipe;
  readonly orderVersion: 2 | 3;
}

const TODAY: PolymarketServerOptions = { hashRecipe: "v2026", orderVersion: 2 };

/**
 * Polymarket's hosts over an exchange: `gamma` (catalogue), `clob` (books, orders, account), `ws` (market and user
 * channel) and `geo`. Left out: the data API, the relayer and the chain behind it, reference prices and scores.
 */
export class PolymarketServer implements EmbeddedServer {
  readonly #clock: Timers;
  readonly #rng: Rng;
  readonly #directory: Directory;
  readonly #books: BookTexts;
  readonly #gamma: GammaApi;
  readonly #public: ClobPublic;
  readonly #auth: Auth;
  readonly #account: AccountApi;
  readonly #orders: OrderApi;
  readonly #entry: OrderEntry;
  readonly #heartbeats: Heartbeats;
  readonly #maintenance: Maintenance;
  readonly #market: MarketChannel;
  readonly #user: UserChannel;
  readonly #throttle: EdgeThrottle | null;
  readonly #heldBack = new Set<Cancel>();
  readonly #silence: Cancel;

  constructor(env: EmbeddedEnv, options: PolymarketServerOptions = TODAY) {
    const { exchange, clock, rng, sha256 } = env;
    this.#clock = clock;
    this.#rng = rng.fork("polymarket-server");
    this.#books = new BookTexts(exchange, clock, options.hashRecipe);
    this.#directory = new Directory(exchange, (symbol) => this.#books.forget(symbol));
    this.#gamma = new GammaApi(exchange, this.#directory, new GammaDocs(exchange, this.#directory, sha256));
    this.#public = new ClobPublic(
      exchange,
      this.#directory,
      this.#books,
      new ClobDocs(exchange, sha256),
      clock,
    );
    this.#auth = new Auth(env.accounts, clock);
    const registry = new OrderRegistry(exchange, sha256);
    this.#market = new MarketChannel(exchange, clock, this.#books);
    this.#user = new UserChannel(clock, this.#auth, registry);
    this.#entry = new OrderEntry(exchange, clock, registry, this.#user);
    this.#entry.version = options.orderVersion;
    this.#maintenance = new Maintenance(clock);
    const limits = env.rateLimits ? new SignerLimits(clock) : null;
    this.#orders = new OrderApi(exchange, this.#entry, registry, this.#maintenance, limits);
    this.#heartbeats = new Heartbeats(clock, this.#rng, (account) => this.#orders.cancelAll(account));
    this.#account = new AccountApi(exchange, clock, this.#auth, registry, this.#heartbeats);
    this.#throttle = env.rateLimits ? new EdgeThrottle() : null;
    this.#silence = exchange.listen((change) => this.#apply(change));
  }

  request(host: string, request: ServedRequest, reply: (answer: ServedAnswer) => void): void {
    const answer = (): void => reply(this.#dated(this.#answer(host, request)));
    const { path } = targetOf(request.path);
    const throttle = this.#throttle;
    const wait = throttle === null ? 0 : throttle.delay(host, request.method, path, this.#clock.now());
    if (wait === null || (wait > 0 && this.#heldBack.size >= MAX_HELD_BACK))
      reply(this.#dated(cloudflareBlock(`${host}.polymarket.com`)));
    else if (wait === 0) answer();
    else this.#holdBack(wait, answer);
  }

  socket(host: string, request: ServedRequest, peer: ServedPeer): ServedSocket | ServedAnswer {
    const { path } = targetOf(request.path);
    if (host !== "ws") return this.#dated(NOT_FOUND);
    if (this.#market.size + this.#user.size >= MAX_SOCKETS) return this.#dated(refusal(429, Text.TOO_MANY));
    if (path === "/ws/market") return this.#market.open(peer);
    if (path === "/ws/user") return this.#user.open(peer);
    return this.#dated(NOT_FOUND);
  }

  /** Wording that the engine restarts makes it so: for two minutes from the last one only resting orders are taken. */
  faultAnswer(fault: FaultAnswer): ServedAnswer {
    if (fault === "restarting") this.#maintenance.restart(TOLD_RESTART_MICROS);
    return this.#dated(wordFault(fault, 1 + this.#rng.int(MAX_RETRY_SECONDS)));
  }

  /** The matching engine goes down for `micros`: 425, then two minutes of 503 for whatever would take. */
  restart(micros: number): void {
    this.#maintenance.restart(micros);
  }

  /** Another order version comes into force: orders signed for the old one are mismatched from now on. */
  setOrderVersion(version: 2 | 3): void {
    this.#entry.version = version;
  }

  close(): void {
    this.#silence();
    for (const stop of this.#heldBack) stop();
    this.#heldBack.clear();
    this.#heartbeats.close();
    this.#entry.close();
    this.#market.close();
    this.#user.close();
  }

  #apply(change: ExchangeChange): void {
    this.#directory.apply(change);
    switch (change.kind) {
      case "level":
      case "trade":
      case "tick_size":
      case "status":
      case "resolved":
        this.#books.touch(change.symbol);
        break;
      case "listed":
      case "order":
      case "fill":
    }
    this.#user.apply(change);
    this.#market.apply(change);
  }

  #answer(host: string, request: ServedRequest): ServedAnswer {
    switch (host) {
      case "gamma":
        return this.#gamma.answer(request, this.#clock.now());
      case "clob":
        return this.#clob(request);
      case "geo":
        return targetOf(request.path).path === "/api/geoblock" ? json(200, GEO) : NOT_FOUND;
      default:
        return NOT_FOUND;
    }
  }

  #clob(request: ServedRequest): ServedAnswer {
    const target = targetOf(request.path);
    const open =
      this.#public.answer(request, target, this.#entry.version) ?? this.#account.wallet(request, target.path);
    if (open !== null) return open;
    const known = this.#auth.l2(request, target.path);
    if (known === null) return isAccountPath(target.path) ? refusal(401, Text.API_KEY) : NOT_FOUND;
    const { client, credentials } = known;
    return (
      this.#orders.answer(request, target.path, client, credentials) ??
      this.#account.answer(request, target, client, credentials) ??
      NOT_FOUND
    );
  }

  #holdBack(waitMicros: number, answer: () => void): void {
    const stop = this.#clock.after(waitMicros, () => {
      this.#heldBack.delete(stop);
      answer();
    });
    this.#heldBack.add(stop);
  }

  /** Every answer states the venue's clock. */
  #dated(answer: ServedAnswer): ServedAnswer {
    const date = new Date(millis(this.#clock.now())).toUTCString();
    return { ...answer, headers: { date, ...answer.headers } };
  }
}

function isAccountPath(path: string): boolean {
  return /^\/(order|orders|cancel-all|cancel-market-orders|data\/.+|balance-allowance.*|v1\/heartbeats|auth\/.+)$/.test(
    path,
  );
}

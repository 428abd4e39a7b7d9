import type {
  ObservedBook,
  OrderGateway,
  PollOutcome,
  SessionEnv,
  SessionHealth,
  SocketEnd,
  VenueSession,
} from "../../../src/contracts/index.ts";
import { ClockSkew } from "../../../src/venue-kit/clock-skew.ts";
import { Scope } from "../../../src/venue-kit/scope.ts";
import { Catalogue } from "./catalogue.ts";
import { Directory } from "./directory.ts";
import { Discovery } from "./discovery.ts";
import type { NewMarket } from "./frame-notes.ts";
import { Geoblock, type Region } from "./geoblock.ts";
import { MarketStreams } from "./market-streams.ts";
import type { PolymarketOptions } from "./options.ts";
import { Trading } from "./orders/trading.ts";
import { Poller } from "./poller.ts";
import { Rest } from "./rest.ts";
import { readCredentials } from "./secrets.ts";

const SKEW_CHECK_MICROS = 60_000_000;
/** A socket whose other end does not answer a close is not waited for longer. */
const CLOSE_TIMEOUT_MICROS = 2_000_000;

/** One run's connections to Polymarket: catalogue, market data, polls and, when switched on, orders. */
export class PolymarketSession implements VenueSession {
  readonly streams = true;
  readonly pollBatch: number;
  readonly minPollMicros: number;
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #skew = new ClockSkew();
  readonly #directory: Directory;
  readonly #discovery: Discovery;
  readonly #market: MarketStreams;
  readonly #poller: Poller;
  readonly #geoblock: Geoblock;
  readonly #trading: Trading | null;
  /** Why there is no trading although it is switched on; empty = there is, or it is off. */
  readonly #missing: string;
  /** What the region bars orders from; empty = nothing. */
  #restriction = "";
  #closing = false;

  constructor(env: SessionEnv, options: PolymarketOptions, orders: "off" | "on") {
    this.#env = env;
    this.pollBatch = options.pollBatch;
    this.minPollMicros = options.minPollMs * 1_000;
    this.#scope = new Scope(env.clock);
    const rest = new Rest(env, this.#scope, this.#skew);
    this.#directory = new Directory(options.maxMarkets);
    const catalogue = new Catalogue(env, this.#directory, options.minLiquidity);
    this.#discovery = new Discovery(env, this.#scope, rest, options, catalogue, this.#directory);
    this.#poller = new Poller(env, rest, options.pollBatch);
    this.#geoblock = new Geoblock(env, this.#scope, rest, (region, detail) =>
      this.#restricted(region, detail, orders),
    );
    this.#market = this.#openMarket(options);
    const credentials = orders === "on" ? readCredentials(env.secrets, options.signatureType) : null;
    this.#missing = typeof credentials === "string" ? credentials : "";
    this.#trading =
      credentials === null || typeof credentials === "string"
        ? null
        : new Trading({
            env,
            scope: this.#scope,
            rest,
            skew: this.#skew,
            directory: this.#directory,
            geoblock: this.#geoblock,
            options,
            credentials,
          });
  }

  get gateway(): OrderGateway | null {
    return this.#trading?.gateway ?? null;
  }

  start(): void {
    if (this.#missing !== "") this.#env.report.failed("auth", this.#missing);
    this.#geoblock.ask();
    this.#trading?.start();
    this.#discovery.start();
    this.#compareClocks();
  }

  rediscover(): void {
    this.#discovery.rediscover();
  }

  watch(symbols: readonly string[]): void {
    if (!this.#closing) this.#market.watch(symbols);
  }

  poll(symbols: readonly string[], purpose: "poll" | "resync", done: (outcome: PollOutcome) => void): void {
    this.#poller.poll(symbols, purpose, done);
  }

  observe(symbols: readonly string[], done: (books: readonly ObservedBook[] | null) => void): void {
    this.#poller.observe(symbols, done);
  }

  resync(symbols: readonly string[]): void {
    if (!this.#closing) this.#market.resync(symbols);
  }

  health(): SessionHealth {
    const connections = [...this.#market.health()];
    if (this.#trading !== null) connections.push(this.#trading.health());
    const reconnects = this.#market.reconnects + (this.#trading?.reconnects ?? 0);
    return { connections, clockSkewMicros: this.#skew.micros, reconnects };
  }

  close(done: () => void): void {
    this.#closing = true;
    this.#poller.end();
    let open = this.#trading === null ? 1 : 2;
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      stopWaiting();
      done();
    };
    const stopped = (): void => {
      if (--open === 0) finish();
    };
    const stopWaiting = this.#env.clock.after(CLOSE_TIMEOUT_MICROS, finish);
    this.#trading?.stop(stopped);
    this.#market.stop(stopped);
    this.#scope.end();
  }

  #openMarket(options: PolymarketOptions): MarketStreams {
    const env = this.#env;
    return new MarketStreams(env, this.#scope, `${env.hosts["ws"] ?? ""}/market`, options, {
      subscribed: (tokens, on) => {
        env.report.subscribed(tokens, on);
        if (this.#closing) return;
        const { live, wanted } = this.#market.progress;
        env.report.progress("subscribe", live, wanted);
      },
      opened: () => this.#streamStatus(),
      lost: () => this.#streamStatus(),
      listed: (market) => this.#listed(market),
      resolved: (tokens) => this.#resolved(tokens),
      poll: (tokens) => this.#poller.poll(tokens, "resync", () => {}),
      again: (end, opened) => this.#again(end, opened),
    });
  }

  #streamStatus(): void {
    if (this.#closing) return;
    const { open, wanted } = this.#market.connections;
    this.#env.report.progress("connect", open, wanted);
    if (open === wanted && this.#restriction !== "") this.#env.report.status("degraded", this.#restriction);
    else if (open === wanted) this.#env.report.status("up", "market data");
    else this.#env.report.status("degraded", `${wanted - open} of ${wanted} market connections are lost`);
  }

  /** The channel tells of a market before the catalogue does; its terms come from there. */
  #listed({ tokens, conditionId, event }: NewMarket): void {
    const [symbol, mirror] = tokens;
    if (this.#directory.get(symbol) !== undefined) return;
    const market = { symbol, mirror, conditionId, negRisk: null, version: null };
    const book = this.#directory.put(market, false, 0, 0);
    if (book !== null) this.#env.report.listed([book]);
    this.#discovery.wantEvent(event);
  }

  #resolved(tokens: readonly string[]): void {
    const books = tokens.map((token) => this.#directory.close(token)).filter((book) => book !== null);
    if (books.length > 0) this.#env.report.listed(books);
  }

  #again(end: SocketEnd, opened: boolean): boolean {
    if (this.#closing) return false;
    const reason = end.kind === "overflow" ? "feed.overflow" : "feed.unreachable";
    const detail = `market channel ${opened ? "lost" : "not reached"}: ${end.kind} ${end.code} ${end.detail}`;
    this.#env.report.refused(reason, detail.trim());
    return true;
  }

  /** Market data goes on wherever we are; it is orders that the venue refuses. */
  #restricted(region: Region, detail: string, orders: "off" | "on"): void {
    const what = region === "close_only" ? "positions may only be closed" : "orders are refused";
    if (region !== "open")
      this.#env.report.refused("feed.geo", `${detail}: ${orders === "on" ? what : "market data only"}`);
    if (orders === "off") return;
    this.#restriction = region === "open" ? "" : `feed.geo: ${what}`;
    if (this.#restriction === "") this.#streamStatus();
    else this.#env.report.status("degraded", this.#restriction);
  }

  #compareClocks(): void {
    this.#scope.after(SKEW_CHECK_MICROS, () => {
      if (this.#skew.isLarge) {
        const seconds = (this.#skew.micros! / 1_000_000).toFixed(1);
        this.#env.report.refused(
          "feed.clock_skew",
          `the venue's clock is ${seconds} s off ours; set this machine's clock`,
        );
      }
      this.#compareClocks();
    });
  }
}

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
import { MarketStreams } from "./market-streams.ts";
import type { LimitlessOptions } from "./options.ts";
import { Poller } from "./poller.ts";
import { Rest } from "./rest.ts";

const SKEW_CHECK_MICROS = 60_000_000;
/** A socket whose other end does not answer a close is not waited for longer. */
const CLOSE_TIMEOUT_MICROS = 2_000_000;

/** One run's connections to Limitless: catalogue, market data and polls. Order entry is not built. */
export class LimitlessSession implements VenueSession {
  readonly streams = true;
  /** One book a request. */
  readonly pollBatch = 1;
  readonly minPollMicros: number;
  readonly gateway: OrderGateway | null = null;
  readonly #env: SessionEnv;
  readonly #orders: "off" | "on";
  readonly #scope: Scope;
  readonly #skew = new ClockSkew();
  readonly #directory: Directory;
  readonly #discovery: Discovery;
  readonly #market: MarketStreams;
  readonly #poller: Poller;
  #closing = false;

  constructor(env: SessionEnv, options: LimitlessOptions, orders: "off" | "on") {
    this.#env = env;
    this.#orders = orders;
    this.minPollMicros = options.minPollMs * 1_000;
    this.#scope = new Scope(env.clock);
    const rest = new Rest(env, this.#scope, this.#skew);
    this.#directory = new Directory(options.maxMarkets);
    const catalogue = new Catalogue(env, this.#directory, options.assumedTakerFeeBps);
    this.#discovery = new Discovery(env, this.#scope, rest, options, catalogue, this.#directory);
    this.#poller = new Poller(env, rest, this.#directory);
    this.#market = this.#openMarket(options);
  }

  start(): void {
    if (this.#orders === "on")
      this.#env.report.failed(
        "auth",
        "order entry is not built for this venue; leave it out of live trading",
      );
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
    if (this.#closing) done({ ok: false, reason: "feed.shed", retryAfterMicros: null });
    else this.#poller.poll(symbols, purpose, done);
  }

  observe(symbols: readonly string[], done: (books: readonly ObservedBook[] | null) => void): void {
    if (this.#closing) done(null);
    else this.#poller.observe(symbols, done);
  }

  resync(symbols: readonly string[]): void {
    if (!this.#closing) this.#market.resync(symbols);
  }

  health(): SessionHealth {
    const { reconnects } = this.#market;
    return { connections: this.#market.health(), clockSkewMicros: this.#skew.micros, reconnects };
  }

  close(done: () => void): void {
    this.#closing = true;
    this.#poller.end();
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      stopWaiting();
      done();
    };
    const stopWaiting = this.#env.clock.after(CLOSE_TIMEOUT_MICROS, finish);
    this.#market.stop(finish);
    this.#scope.end();
  }

  #openMarket(options: LimitlessOptions): MarketStreams {
    const { report } = this.#env;
    return new MarketStreams(this.#env, this.#scope, options, this.#directory, {
      subscribed: (symbols, on) => {
        report.subscribed(symbols, on);
        if (this.#closing) return;
        const { live, wanted } = this.#market.progress;
        report.progress("subscribe", live, wanted);
      },
      changed: () => this.#streamStatus(),
      listed: (slug) => this.#discovery.want(slug),
      resolved: (slug) => this.#resolved(slug),
      fetch: (symbol, fetched) =>
        this.#poller.poll([symbol], "resync", (outcome) => {
          if (!outcome.ok && !this.#closing) report.refused(outcome.reason, "a book that did not come");
          fetched(outcome.ok);
        }),
      again: (end, opened) => this.#again(end, opened),
    });
  }

  #streamStatus(): void {
    if (this.#closing) return;
    const { open, wanted } = this.#market.connections;
    this.#env.report.progress("connect", open, wanted);
    if (open === wanted) this.#env.report.status("up", "market data");
    else this.#env.report.status("degraded", `${wanted - open} of ${wanted} market connections are lost`);
  }

  #resolved(slug: string): void {
    const symbol = this.#directory.symbolOf(slug);
    const closed = symbol === undefined ? null : this.#directory.close(symbol);
    if (closed !== null) this.#env.report.listed([closed]);
    if (symbol !== undefined) this.#discovery.want(slug);
  }

  #again(end: SocketEnd, opened: boolean): boolean {
    if (this.#closing) return false;
    const reason = end.kind === "overflow" ? "feed.overflow" : "feed.unreachable";
    const detail = `websocket ${opened ? "lost" : "not reached"}: ${end.kind} ${end.code} ${end.detail}`;
    this.#env.report.refused(reason, detail.trim());
    return true;
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

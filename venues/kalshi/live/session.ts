import type {
  ObservedBook,
  OrderGateway,
  PollOutcome,
  SessionEnv,
  SessionHealth,
  SocketEnd,
  VenueSession,
} from "../../../src/contracts/index.ts";
import { Scope } from "../../../src/venue-kit/scope.ts";
import { AccountStream } from "./account-stream.ts";
import { Announcer } from "./announcer.ts";
import { ClockSkew } from "./clock-skew.ts";
import { Discovery } from "./discovery.ts";
import { EventQueue } from "./event-queue.ts";
import { ExchangeStatus } from "./exchange-status.ts";
import { KalshiGateway } from "./gateway.ts";
import { LifecycleWatch } from "./lifecycle-watch.ts";
import { MarketStreams } from "./market-streams.ts";
import type { KalshiOptions } from "./options.ts";
import { POLL_BATCH, Poller } from "./poller.ts";
import { Rest } from "./rest.ts";
import { SeriesQueue } from "./series-queue.ts";
import type { Signer } from "./signing.ts";
import { StatusBoard } from "./status-board.ts";

/** Answers without a key come from an edge cache of this age. */
const EDGE_CACHE_MICROS = 15_000_000;
const AUTH_TRIES = 4;
/** A handshake under way when signatures were corrected is refused within this time. */
const HANDSHAKE_MICROS = 10_000_000;
/** Clocks are compared this often. */
const SKEW_MICROS = 60_000_000;

/** Kalshi's connections: REST always, websockets with a key, order entry when it is switched on. */
export class KalshiSession implements VenueSession {
  readonly streams: boolean;
  readonly pollBatch = POLL_BATCH;
  readonly minPollMicros: number;
  readonly gateway: OrderGateway | null;
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #skew = new ClockSkew();
  readonly #board: StatusBoard;
  readonly #rest: Rest;
  readonly #poller: Poller;
  readonly #discovery: Discovery;
  readonly #exchange: ExchangeStatus;
  readonly #market: MarketStreams | null;
  readonly #account: AccountStream | null;
  readonly #gateway: KalshiGateway | null;
  /** Why the configured key cannot be used; it is said when the session starts. */
  readonly #keyProblem: string | null;
  #refusedKey = false;
  /** The venue took the key at least once: a later refusal may pass. */
  #acceptedKey = false;

  /** @param signer the configured key, why it cannot be used, or null for none. */
  constructor(env: SessionEnv, options: KalshiOptions, signer: Signer | string | null, orders: "off" | "on") {
    const key = typeof signer === "string" ? null : signer;
    const suffix = options.environment === "demo" ? "Demo" : "";
    const wsUrl = env.hosts[`ws${suffix}`] ?? "";
    this.#env = env;
    this.#scope = new Scope(env.clock);
    this.#board = new StatusBoard(env.report);
    this.streams = key !== null;
    this.minPollMicros = key === null ? EDGE_CACHE_MICROS : options.keyedPollMs * 1_000;
    this.#rest = new Rest(env, this.#scope, env.hosts[`rest${suffix}`] ?? "", key, options.tier, this.#skew);
    this.#poller = new Poller(env, this.#rest);
    const announcer = new Announcer(env, options);
    const events = new EventQueue(env, this.#scope, this.#rest, announcer);
    const series = new SeriesQueue(env, this.#rest, announcer, events);
    announcer.onUnknownSeries = (ticker, event) => series.want(ticker, event);
    this.#discovery = new Discovery(env, options, this.#rest, announcer, events);
    this.#exchange = new ExchangeStatus(env, this.#scope, this.#rest, this.#board, options.statusMs);
    const lifecycle = new LifecycleWatch(announcer, events);
    const headers = (): Readonly<Record<string, string>> => ({
      "user-agent": env.userAgent,
      ...key?.headers("GET", wsUrl, this.#skew.signingMicros(env.clock.now())),
    });
    this.#market =
      key === null ? null : this.#marketStreams(wsUrl, headers, options, (msg) => lifecycle.message(msg));
    const trades = key !== null && orders === "on";
    this.#account = trades ? this.#accountStream(wsUrl, headers) : null;
    this.#gateway = trades
      ? new KalshiGateway(env, this.#scope, this.#rest, () => this.#account!.live)
      : null;
    this.gateway = this.#gateway;
    this.#keyProblem =
      typeof signer === "string"
        ? signer
        : orders === "on" && key === null
          ? "orders need KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY"
          : null;
  }

  start(): void {
    if (this.#keyProblem !== null) {
      this.#env.report.failed("auth", this.#keyProblem);
      return;
    }
    if (this.#market !== null) this.#checkKey();
    this.#exchange.start();
    this.#discovery.start();
    this.#market?.start();
    this.#account?.start();
    this.#compareClocks();
  }

  rediscover(): void {
    if (!this.#scope.ended) this.#discovery.rediscover();
  }

  watch(symbols: readonly string[]): void {
    if (!this.#scope.ended && !this.#refusedKey) this.#market?.watch(symbols);
  }

  poll(symbols: readonly string[], purpose: "poll" | "resync", done: (outcome: PollOutcome) => void): void {
    if (this.#scope.ended) done({ ok: false, reason: "feed.shed", retryAfterMicros: null });
    else this.#poller.poll(symbols, purpose, done);
  }

  observe(symbols: readonly string[], done: (books: readonly ObservedBook[] | null) => void): void {
    if (this.#scope.ended) done(null);
    else this.#poller.observe(symbols, done);
  }

  resync(symbols: readonly string[]): void {
    if (this.#scope.ended) return;
    const others = this.#market === null ? symbols : this.#market.snapshots(symbols);
    if (others.length > 0)
      this.#poller.poll(others, "resync", (outcome) => {
        if (!outcome.ok) this.#env.report.refused(outcome.reason, `resync of ${others.length} books`);
      });
  }

  health(): SessionHealth {
    return {
      connections: this.#market?.health() ?? [],
      clockSkewMicros: this.#skew.micros,
      reconnects: this.#market?.reconnects ?? 0,
    };
  }

  close(done: () => void): void {
    if (this.#scope.ended) {
      done();
      return;
    }
    this.#scope.end();
    this.#poller.end();
    this.#gateway?.end();
    let open = 2;
    const ended = (): void => {
      if (--open === 0) done();
    };
    if (this.#market === null) ended();
    else this.#market.stop(ended);
    if (this.#account === null) ended();
    else this.#account.stop(ended);
  }

  #checkKey(): void {
    this.#rest.retrying(
      { method: "GET", path: "/portfolio/balance", purpose: "account" },
      AUTH_TRIES,
      (answer) => {
        if (answer.ok) {
          this.#acceptedKey = true;
          this.#env.report.progress("auth", 1, 1);
        } else if (answer.failure.status === 401 || answer.failure.status === 403)
          this.#unauthorised(answer.failure.detail);
        else this.#env.report.refused(answer.failure.reason, `key check: ${answer.failure.detail}`);
      },
    );
  }

  #compareClocks(): void {
    this.#scope.after(SKEW_MICROS, () => {
      if (this.#skew.large) this.#env.report.refused("feed.clock_skew", this.#skew.hint.replace(/^; /, ""));
      this.#compareClocks();
    });
  }

  #marketStreams(
    url: string,
    headers: () => Readonly<Record<string, string>>,
    options: KalshiOptions,
    lifecycle: (msg: unknown) => void,
  ): MarketStreams {
    const { report } = this.#env;
    return new MarketStreams(this.#env, this.#scope, url, headers, options, {
      subscribed: (symbols, on) => {
        report.subscribed(symbols, on);
        if (this.#scope.ended || this.#market === null) return;
        const { live, wanted } = this.#market.progress;
        report.progress("subscribe", live, wanted);
      },
      lifecycle,
      opened: () => {
        this.#acceptedKey = true;
        report.progress("connect", this.#market!.open, this.#market!.size);
        this.#streamStatus();
      },
      lost: () => this.#streamStatus(),
      again: (end, opened) => this.#again(end, opened),
      unauthorised: (detail) => this.#unauthorised(detail),
    });
  }

  #accountStream(url: string, headers: () => Readonly<Record<string, string>>): AccountStream {
    return new AccountStream(this.#env, this.#scope, url, headers, {
      message: (type, msg) => this.#gateway!.message(type, msg),
      opened: () => this.#gateway!.reconcile(),
      again: (end, opened) => this.#again(end, opened),
      unauthorised: (detail) => this.#unauthorised(detail),
    });
  }

  #streamStatus(): void {
    if (this.#scope.ended || this.#market === null) return;
    const { open, size } = this.#market;
    if (open === size) this.#board.fine("stream");
    else
      this.#board.problem("stream", "degraded", `${size - open} of ${size} market data connections are lost`);
  }

  /** Whether a socket that ended is connected again. */
  #again(end: SocketEnd, opened: boolean): boolean {
    if (this.#scope.ended || this.#refusedKey) return false;
    const detail = `${end.kind}${end.code === 0 ? "" : ` ${end.code}`}${end.detail === "" ? "" : `: ${end.detail}`}`;
    const denied = end.kind === "refused" && (end.code === 401 || end.code === 403) && !opened;
    const isLate = this.#skew.correctedSince(this.#env.clock.now() - HANDSHAKE_MICROS);
    if (denied && !this.#acceptedKey && !isLate && !this.#skew.correct()) {
      this.#unauthorised(`websocket ${detail}${this.#skew.hint}`);
      return false;
    }
    const reason = denied ? "feed.auth" : end.kind === "overflow" ? "feed.overflow" : "feed.unreachable";
    this.#env.report.refused(reason, `websocket ${detail}${denied ? this.#skew.hint : ""}`);
    return true;
  }

  /** The venue does not take the key: no start-up without it, and nothing is gained by asking again and again. */
  #unauthorised(detail: string): void {
    if (this.#scope.ended || this.#refusedKey) return;
    this.#refusedKey = true;
    this.#env.report.refused("feed.auth", detail);
    this.#env.report.failed("auth", detail);
    this.#board.problem("auth", "down", "the venue refuses the key");
  }
}

import type { ConnectionHealth, Micros, SessionEnv, SocketEnd } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { isMarketData, readControl } from "./control-frames.ts";
import { Link } from "./link.ts";
import type { KalshiOptions } from "./options.ts";
import { SideChannel } from "./side-channel.ts";
import { type Carrier, Subscription } from "./subscription.ts";

/** What a shard tells the streams it belongs to. */
export interface ShardEvents {
  subscribed(symbols: readonly string[], on: boolean): void;
  /** Frames of `market_lifecycle_v2`. */
  lifecycle(msg: unknown): void;
  opened(): void;
  lost(): void;
  again(end: SocketEnd, opened: boolean): boolean;
  unauthorised(detail: string): void;
}

/** One market data connection: every frame goes to the feed as it came, control frames are read besides. */
export class MarketShard implements Carrier {
  readonly connection: number;
  readonly #env: SessionEnv;
  readonly #events: ShardEvents;
  readonly #link: Link;
  readonly #books: Subscription;
  readonly #trades: Subscription | null;
  readonly #lifecycle: SideChannel | null;
  readonly wanted = new Set<string>();
  #commands = 0;

  constructor(
    connection: number,
    env: SessionEnv,
    scope: Scope,
    url: string,
    headers: () => Readonly<Record<string, string>>,
    options: KalshiOptions,
    withLifecycle: boolean,
    events: ShardEvents,
  ) {
    this.connection = connection;
    this.#env = env;
    this.#events = events;
    const { commandBatch } = options;
    const tell = (symbols: readonly string[], on: boolean): void => events.subscribed(symbols, on);
    this.#books = new Subscription(env, scope, this, "orderbook_delta", commandBatch, tell);
    this.#trades = options.trades ? new Subscription(env, scope, this, "trade", commandBatch, null) : null;
    this.#lifecycle = withLifecycle ? new SideChannel(env, scope, this, "market_lifecycle_v2") : null;
    this.#link = new Link(env, scope, url, headers, {
      opened: (at) => this.#opened(at),
      message: (bytes, start, end, at) => this.#message(bytes, start, end, at),
      lost: (at) => this.#lost(at),
      again: (end, opened) => events.again(end, opened),
    });
  }

  get open(): boolean {
    return this.#link.open;
  }

  get reconnects(): number {
    return this.#link.reconnects;
  }

  health(): ConnectionHealth {
    const { open, openedAt, lastByteAt } = this.#link;
    return { connection: this.connection, open, openedAt, lastByteAt, symbols: this.#books.liveCount };
  }

  start(): void {
    this.#link.start();
  }

  stop(done: () => void): void {
    this.#link.stop(done);
  }

  /** Brings the subscriptions to the markets in `wanted`. */
  reconcile(): void {
    this.#books.want(this.wanted);
    this.#trades?.want(this.wanted);
  }

  carries(symbol: string): boolean {
    return this.#books.carries(symbol);
  }

  denies(symbol: string): boolean {
    return this.#books.denies(symbol);
  }

  get live(): number {
    return this.#books.liveCount;
  }

  snapshots(symbols: readonly string[]): void {
    this.#books.snapshots(symbols);
  }

  send(text: string): void {
    this.#link.send(text);
  }

  nextId(): number {
    return ++this.#commands;
  }

  drop(detail: string): void {
    this.#link.drop(detail);
  }

  unauthorised(detail: string): void {
    this.#events.unauthorised(detail);
  }

  #opened(at: Micros): void {
    this.#env.feed.connection(this.connection, "opened", at);
    this.#events.opened();
    this.#lifecycle?.subscribe();
    this.reconcile();
  }

  #lost(at: Micros): void {
    this.#env.feed.connection(this.connection, "lost", at);
    this.#books.lost();
    this.#trades?.lost();
    this.#lifecycle?.lost();
    this.#events.lost();
  }

  #message(bytes: Uint8Array, start: number, end: number, at: Micros): void {
    if (isMarketData(bytes, start, end)) {
      this.#env.feed.frame(this.connection, at, bytes, start, end);
      return;
    }
    const control = readControl(bytes, start, end);
    // The account's own channels are no market data, on whatever connection they come.
    if (control?.kind === "private") return;
    this.#env.feed.frame(this.connection, at, bytes, start, end);
    if (control === null) return;
    if (control.kind === "lifecycle") this.#events.lifecycle(control.msg);
    else if (!this.#books.answer(control) && this.#trades?.answer(control) !== true)
      if (this.#lifecycle?.answer(control) !== true && control.kind === "error")
        this.#env.report.refused("wire.venue_error", `error ${control.code} ${control.text.slice(0, 120)}`);
  }
}

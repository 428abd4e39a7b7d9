import type { ConnectionHealth, SessionEnv, SocketEnd } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { AwaitedBooks } from "./awaited-books.ts";
import type { Directory } from "./directory.ts";
import { type FrameNotes, readNotes } from "./frame-notes.ts";
import { MarketShard } from "./market-shard.ts";
import type { LimitlessOptions } from "./options.ts";

/** More books than this are had faster by subscribing again than one by one over REST. */
const MAX_FETCHED = 4;

export interface StreamsEvents {
  /** Whole books came since the subscription, or no longer do. */
  subscribed(symbols: readonly string[], on: boolean): void;
  /** A connection became usable, or was lost. */
  changed(): void;
  listed(slug: string): void;
  resolved(slug: string): void;
  /** Asks for one book over REST. */
  fetch(symbol: string, done: (ok: boolean) => void): void;
  again(end: SocketEnd, opened: boolean): boolean;
}

/** Market data over several connections: who carries which book, and what has really come. */
export class MarketStreams {
  readonly #env: SessionEnv;
  readonly #directory: Directory;
  readonly #options: LimitlessOptions;
  readonly #events: StreamsEvents;
  readonly #shards: readonly MarketShard[];
  readonly #shardOf = new Map<string, MarketShard>();
  readonly #awaited: AwaitedBooks;
  /** Books that came since they were subscribed. */
  readonly #live = new Set<string>();
  #leftOut = 0;

  constructor(
    env: SessionEnv,
    scope: Scope,
    options: LimitlessOptions,
    directory: Directory,
    events: StreamsEvents,
  ) {
    this.#env = env;
    this.#options = options;
    this.#directory = directory;
    this.#events = events;
    this.#awaited = new AwaitedBooks(env, scope, options.awaitBookMs * 1_000, (symbol, done) =>
      events.fetch(symbol, (ok) => {
        if (ok) this.#came(symbol);
        done(ok);
      }),
    );
    this.#shards = Array.from({ length: options.connections }, (_, number) => this.#shard(number, scope));
  }

  /** How many of the wanted books come, of how many that have room. */
  get progress(): { readonly live: number; readonly wanted: number } {
    return { live: this.#live.size, wanted: this.#shardOf.size };
  }

  /** Connections that should be usable, and those that are. */
  get connections(): { readonly open: number; readonly wanted: number } {
    const wanted = this.#shards.filter(({ size }) => size > 0);
    return { open: wanted.filter(({ link }) => link.isReady).length, wanted: wanted.length };
  }

  get reconnects(): number {
    return this.#shards.reduce((sum, { link }) => sum + link.reconnects, 0);
  }

  health(): readonly ConnectionHealth[] {
    return this.#shards.filter(({ size }) => size > 0).map((shard) => shard.health());
  }

  /** The whole set of books wanted. What has no room is left out, in the order given, and said. */
  watch(symbols: readonly string[]): void {
    const wanted = new Set(symbols);
    for (const [symbol, shard] of [...this.#shardOf]) if (!wanted.has(symbol)) this.#drop(symbol, shard);
    let leftOut = 0;
    for (const symbol of wanted) {
      if (this.#shardOf.has(symbol)) continue;
      const slug = this.#directory.slugOf(symbol);
      const shard = this.#roomiest();
      if (slug === undefined || shard === null) leftOut++;
      else {
        this.#shardOf.set(symbol, shard);
        shard.add(symbol, slug);
      }
    }
    if (leftOut > this.#leftOut)
      this.#env.report.refused(
        "feed.shed",
        `${leftOut} books beyond session.connections x marketsPerConnection`,
      );
    this.#leftOut = leftOut;
  }

  /** Gets whole books: a few over REST, many by subscribing again. Books that are not carried are passed over. */
  resync(symbols: readonly string[]): void {
    const carried = symbols.filter((symbol) => this.#shardOf.get(symbol)?.link.isReady === true);
    const few = carried.length <= MAX_FETCHED;
    for (const symbol of carried) {
      if (few) this.#awaited.want(symbol);
      else this.#awaited.expect(symbol);
    }
    if (few) return;
    for (const shard of new Set(carried.map((symbol) => this.#shardOf.get(symbol)!))) shard.renew();
  }

  stop(done: () => void): void {
    let open = this.#shards.length;
    for (const shard of this.#shards)
      shard.stop(() => {
        if (--open === 0) done();
      });
  }

  #shard(number: number, scope: Scope): MarketShard {
    const { feed } = this.#env;
    const lifecycle = this.#options.lifecycle && number === 0;
    return new MarketShard(number, this.#env, scope, lifecycle, {
      message: (bytes, start, end, at) => {
        feed.frame(number, at, bytes, start, end);
        readNotes(bytes, start, end, this.#notes);
      },
      asked: (symbols) => {
        for (const symbol of symbols) if (!this.#live.has(symbol)) this.#awaited.expect(symbol);
      },
      opened: (at) => feed.connection(number, "opened", at),
      ready: () => this.#events.changed(),
      lost: (symbols, at) => {
        feed.connection(number, "lost", at);
        const gone = symbols.filter((symbol) => this.#live.delete(symbol));
        for (const symbol of symbols) this.#awaited.done(symbol);
        if (gone.length > 0) this.#events.subscribed(gone, false);
        this.#events.changed();
      },
      again: (end, opened) => this.#events.again(end, opened),
    });
  }

  #roomiest(): MarketShard | null {
    const { marketsPerConnection } = this.#options;
    // Connections are filled one after the other: fewer of them are fewer that can be lost.
    return this.#shards.find(({ size }) => size < marketsPerConnection) ?? null;
  }

  #drop(symbol: string, shard: MarketShard): void {
    this.#shardOf.delete(symbol);
    this.#awaited.done(symbol);
    shard.remove(symbol);
    if (this.#live.delete(symbol)) this.#events.subscribed([symbol], false);
  }

  #came(symbol: string): void {
    this.#awaited.done(symbol);
    if (!this.#shardOf.has(symbol) || this.#live.has(symbol)) return;
    this.#live.add(symbol);
    this.#events.subscribed([symbol], true);
  }

  readonly #notes: FrameNotes = {
    book: (slug) => {
      const symbol = this.#directory.symbolOf(slug);
      if (symbol !== undefined) this.#came(symbol);
    },
    listed: (slug) => this.#events.listed(slug),
    resolved: (slug) => this.#events.resolved(slug),
    exception: (text) => this.#env.report.refused("feed.subscription_refused", text),
  };
}

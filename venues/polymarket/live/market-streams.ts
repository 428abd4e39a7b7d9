import type { ConnectionHealth, Micros, SessionEnv, SocketEnd } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { AwaitedBooks } from "./awaited-books.ts";
import { type NewMarket, readNotes } from "./frame-notes.ts";
import { MarketShard } from "./market-shard.ts";
import type { PolymarketOptions } from "./options.ts";

/** A book that did not come after this many subscriptions is polled for, and its subscription tried less often. */
const SUBSCRIPTIONS_BEFORE_POLL = 2;
/** More resyncs of one book within this time are a loop: one poll instead, then it is left alone until it is over. */
const LOOP_MICROS = 60_000_000;
const RESYNCS_PER_LOOP = 2;
/** Words of the venue that are no frames: about subscriptions it did not take. */
const REFUSAL = /^(NO NEW ASSETS|INVALID [A-Z ]{1,40})$/;
const MAX_REFUSAL = 60;

export interface StreamsEvents {
  /** Whole books came on the stream, or no longer do. */
  subscribed(tokens: readonly string[], on: boolean): void;
  opened(): void;
  lost(): void;
  listed(market: NewMarket): void;
  resolved(tokens: readonly string[]): void;
  /** Books that the stream does not bring: to be asked for over REST. */
  poll(tokens: readonly string[]): void;
  again(end: SocketEnd, opened: boolean): boolean;
}

interface Resyncs {
  since: Micros;
  count: number;
  polled: boolean;
}

/** Market data over several connections: who carries which token, what is really subscribed, what has to come again. */
export class MarketStreams {
  readonly #env: SessionEnv;
  readonly #options: PolymarketOptions;
  readonly #events: StreamsEvents;
  readonly #shards: readonly MarketShard[];
  readonly #shardOf = new Map<string, MarketShard>();
  readonly #awaited: AwaitedBooks;
  /** Tokens whose book came since they were subscribed. */
  readonly #live = new Set<string>();
  readonly #resyncs = new Map<string, Resyncs>();
  #fresh: string[] = [];
  #leftOut = 0;

  constructor(env: SessionEnv, scope: Scope, url: string, options: PolymarketOptions, events: StreamsEvents) {
    this.#env = env;
    this.#options = options;
    this.#events = events;
    this.#awaited = new AwaitedBooks(env, scope, (tokens, asked) => this.#missing(tokens, asked));
    this.#shards = Array.from({ length: options.connections }, (_, number) => {
      return new MarketShard(number, env, scope, url, options.customFeatures, {
        message: (bytes, start, end, at) => this.#message(number, bytes, start, end, at),
        asked: (tokens) => {
          for (const token of tokens) this.#awaited.asked(token);
        },
        opened: (at) => {
          env.feed.connection(number, "opened", at);
          events.opened();
        },
        lost: (tokens, at) => {
          env.feed.connection(number, "lost", at);
          for (const token of tokens) this.#awaited.done(token);
          this.#gone(tokens);
          events.lost();
        },
        again: (end, opened) => events.again(end, opened),
      });
    });
  }

  /** How many of the wanted books come, of how many that have room. */
  get progress(): { readonly live: number; readonly wanted: number } {
    return { live: this.#live.size, wanted: this.#shardOf.size };
  }

  /** Connections that should be open, and those that are. */
  get connections(): { readonly open: number; readonly wanted: number } {
    const wanted = this.#shards.filter(({ size }) => size > 0);
    return { open: wanted.filter(({ link }) => link.isOpen).length, wanted: wanted.length };
  }

  get reconnects(): number {
    return this.#shards.reduce((sum, { link }) => sum + link.reconnects, 0);
  }

  health(): readonly ConnectionHealth[] {
    return this.#shards.filter(({ size }) => size > 0).map((shard) => shard.health());
  }

  /** The whole set of tokens, dearest first; what finds no room is left out and said. */
  watch(tokens: readonly string[]): void {
    const wanted = new Set(tokens);
    this.#remove([...this.#shardOf.keys()].filter((token) => !wanted.has(token)));
    const added = [...wanted].filter((token) => !this.#shardOf.has(token));
    let placed = 0;
    for (const shard of this.#shards) {
      const some = added.slice(placed, placed + this.#options.assetsPerConnection - shard.size);
      if (some.length === 0) continue;
      placed += some.length;
      for (const token of some) this.#shardOf.set(token, shard);
      shard.add(some);
    }
    const leftOut = added.length - placed;
    if (leftOut > 0 && leftOut !== this.#leftOut)
      this.#env.report.refused(
        "feed.shed",
        `${leftOut} books beyond the room of ${this.#shards.length} connections`,
      );
    this.#leftOut = leftOut;
  }

  /** Their books are in doubt: subscribed anew, or polled where that was done too often already. */
  resync(tokens: readonly string[]): void {
    const renew = new Map<MarketShard, string[]>();
    const poll: string[] = [];
    for (const token of tokens) {
      const shard = this.#shardOf.get(token);
      if (shard === undefined || !this.#mayResync(token, poll)) continue;
      renew.set(shard, [...(renew.get(shard) ?? []), token]);
    }
    for (const [shard, some] of renew) {
      this.#gone(some);
      shard.renew(some);
    }
    if (poll.length === 0) return;
    this.#env.report.refused("feed.resync_loop", `${poll.length} books, ${poll[0]} first`);
    this.#events.poll(poll);
  }

  stop(done: () => void): void {
    let open = this.#shards.length;
    for (const shard of this.#shards)
      shard.stop(() => {
        if (--open === 0) done();
      });
  }

  /** False: too often; then it is polled once, and after that left alone for a while. */
  #mayResync(token: string, poll: string[]): boolean {
    const now = this.#env.clock.now();
    const past = this.#resyncs.get(token);
    if (past === undefined || now - past.since > LOOP_MICROS) {
      this.#resyncs.set(token, { since: now, count: 1, polled: false });
      return true;
    }
    if (++past.count <= RESYNCS_PER_LOOP) return true;
    if (!past.polled) poll.push(token);
    past.polled = true;
    return false;
  }

  #remove(tokens: readonly string[]): void {
    const byShard = new Map<MarketShard, string[]>();
    for (const token of tokens) {
      const shard = this.#shardOf.get(token)!;
      byShard.set(shard, [...(byShard.get(shard) ?? []), token]);
      this.#shardOf.delete(token);
      this.#awaited.done(token);
      this.#resyncs.delete(token);
    }
    this.#gone(tokens);
    for (const [shard, some] of byShard) shard.remove(some);
  }

  /** No whole book is known of these any more. */
  #gone(tokens: readonly string[]): void {
    const were = tokens.filter((token) => this.#live.delete(token));
    if (were.length > 0) this.#events.subscribed(were, false);
  }

  /** They were asked for `asked` times without an answer: a new market may not have reached the CLOB yet. */
  #missing(tokens: readonly string[], asked: number): void {
    const byShard = new Map<MarketShard, string[]>();
    for (const token of tokens) {
      const shard = this.#shardOf.get(token);
      if (shard !== undefined) byShard.set(shard, [...(byShard.get(shard) ?? []), token]);
    }
    for (const [shard, some] of byShard) shard.renew(some);
    if (asked >= SUBSCRIPTIONS_BEFORE_POLL) this.#events.poll(tokens);
    if (asked === SUBSCRIPTIONS_BEFORE_POLL)
      this.#env.report.refused(
        "feed.subscription_refused",
        `no book of ${tokens.length} tokens, ${tokens[0]} first`,
      );
  }

  #message(connection: number, bytes: Uint8Array, start: number, end: number, at: Micros): void {
    if (end - start <= MAX_REFUSAL) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
      if (REFUSAL.test(text)) {
        this.#env.report.refused("feed.subscription_refused", `connection ${connection}: ${text}`);
        return;
      }
    }
    this.#env.feed.frame(connection, at, bytes, start, end);
    readNotes(bytes, start, end, this.#notes);
    if (this.#fresh.length === 0) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#events.subscribed(fresh, true);
  }

  readonly #notes = {
    book: (token: string): void => {
      this.#awaited.done(token);
      if (!this.#shardOf.has(token) || this.#live.has(token)) return;
      this.#live.add(token);
      this.#fresh.push(token);
    },
    tick: (token: string): void => {
      if (this.#shardOf.has(token)) this.#awaited.expected(token);
    },
    listed: (market: NewMarket): void => this.#events.listed(market),
    resolved: (tokens: readonly string[]): void => this.#events.resolved(tokens),
  };
}

import type { ConnectionHealth, SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { MarketShard, type ShardEvents } from "./market-shard.ts";
import type { KalshiOptions } from "./options.ts";

/** Spreads the wanted markets over connections; a market stays on its connection while it is wanted. */
export class MarketStreams {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #url: string;
  readonly #headers: () => Readonly<Record<string, string>>;
  readonly #options: KalshiOptions;
  readonly #events: ShardEvents;
  readonly #shards: MarketShard[] = [];
  readonly #homes = new Map<string, MarketShard>();
  #started = false;
  /** What was wanted before the start. */
  #early: readonly string[] = [];

  constructor(
    env: SessionEnv,
    scope: Scope,
    url: string,
    headers: () => Readonly<Record<string, string>>,
    options: KalshiOptions,
    events: ShardEvents,
  ) {
    this.#env = env;
    this.#scope = scope;
    this.#url = url;
    this.#headers = headers;
    this.#options = options;
    this.#events = events;
  }

  get open(): number {
    return this.#shards.filter(({ open }) => open).length;
  }

  get size(): number {
    return this.#shards.length;
  }

  /** Markets carried now, and those that have a connection. */
  get progress(): { readonly live: number; readonly wanted: number } {
    return { live: this.#shards.reduce((sum, { live }) => sum + live, 0), wanted: this.#homes.size };
  }

  get reconnects(): number {
    return this.#shards.reduce((sum, { reconnects }) => sum + reconnects, 0);
  }

  health(): readonly ConnectionHealth[] {
    return this.#shards.map((shard) => shard.health());
  }

  /** Opens the first connection: it carries the life-cycles and shows whether the key is accepted. */
  start(): void {
    this.#started = true;
    this.#grow();
    this.watch(this.#early);
  }

  /** The markets wanted from now on; those beyond the room on all connections are not streamed. */
  watch(symbols: readonly string[]): void {
    if (!this.#started) {
      this.#early = symbols;
      return;
    }
    const wanted = new Set(symbols);
    for (const [symbol, shard] of this.#homes)
      if (!wanted.has(symbol)) {
        this.#homes.delete(symbol);
        shard.wanted.delete(symbol);
      }
    const homeless: string[] = [];
    for (const symbol of wanted) {
      if (this.#homes.has(symbol)) continue;
      const shard = this.#room();
      if (shard === null) homeless.push(symbol);
      else {
        shard.wanted.add(symbol);
        this.#homes.set(symbol, shard);
      }
    }
    if (homeless.length > 0) this.#events.subscribed(homeless, false);
    for (const shard of this.#shards) shard.reconcile();
  }

  /**
   * Asks for snapshots.
   * @returns the symbols that no stream will carry; one that is about to be carried comes with a snapshot anyhow.
   */
  snapshots(symbols: readonly string[]): readonly string[] {
    const byShard = new Map<MarketShard, string[]>();
    const others: string[] = [];
    for (const symbol of symbols) {
      const shard = this.#homes.get(symbol);
      if (shard === undefined || shard.denies(symbol)) others.push(symbol);
      else if (shard.carries(symbol)) byShard.set(shard, [...(byShard.get(shard) ?? []), symbol]);
    }
    for (const [shard, carried] of byShard) shard.snapshots(carried);
    return others;
  }

  /** Ends all connections; `done` when none is left. */
  stop(done: () => void): void {
    let open = this.#shards.length;
    if (open === 0) {
      done();
      return;
    }
    for (const shard of this.#shards)
      shard.stop(() => {
        if (--open === 0) done();
      });
  }

  /** The emptiest connection with room, a new one when there is none; null when all are full. */
  #room(): MarketShard | null {
    const { connections, symbolsPerConnection } = this.#options;
    let best: MarketShard | null = null;
    for (const shard of this.#shards)
      if (shard.wanted.size < symbolsPerConnection && (best === null || shard.wanted.size < best.wanted.size))
        best = shard;
    return best ?? (this.#shards.length < connections ? this.#grow() : null);
  }

  #grow(): MarketShard {
    const shard = new MarketShard(
      this.#shards.length,
      this.#env,
      this.#scope,
      this.#url,
      this.#headers,
      this.#options,
      this.#shards.length === 0,
      this.#events,
    );
    this.#shards.push(shard);
    shard.start();
    return shard;
  }
}

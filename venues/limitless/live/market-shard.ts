import type {
  Cancel,
  ConnectionHealth,
  Micros,
  SessionEnv,
  SocketEnd,
} from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { Link } from "./link.ts";

export interface ShardEvents {
  message(bytes: Uint8Array, start: number, end: number, at: Micros): void;
  /** The subscription was sent: books of these symbols are under way. */
  asked(symbols: readonly string[]): void;
  opened(at: Micros): void;
  ready(): void;
  lost(symbols: readonly string[], at: Micros): void;
  again(end: SocketEnd, opened: boolean): boolean;
}

/** One market connection and the markets it carries. A subscription replaces the one before, so it is always whole. */
export class MarketShard {
  readonly number: number;
  readonly link: Link;
  readonly #scope: Scope;
  readonly #events: ShardEvents;
  readonly #lifecycle: boolean;
  /** Slugs by symbol. */
  readonly #markets = new Map<string, string>();
  /** A subscription that is about to be sent: changes of one turn go out together. */
  #due: Cancel | null = null;

  /** @param lifecycle subscribe to new and resolved markets too. */
  constructor(number: number, env: SessionEnv, scope: Scope, lifecycle: boolean, events: ShardEvents) {
    this.number = number;
    this.#scope = scope;
    this.#events = events;
    this.#lifecycle = lifecycle;
    this.link = new Link(env, scope, {
      opened: events.opened,
      ready: () => {
        if (this.#lifecycle) this.link.emit("subscribe_market_lifecycle", {});
        events.ready();
        this.#tell();
      },
      message: events.message,
      lost: (at) => events.lost([...this.#markets.keys()], at),
      again: events.again,
    });
  }

  get size(): number {
    return this.#markets.size;
  }

  has(symbol: string): boolean {
    return this.#markets.has(symbol);
  }

  add(symbol: string, slug: string): void {
    this.#markets.set(symbol, slug);
    this.link.start();
    this.renew();
  }

  remove(symbol: string): void {
    this.#markets.delete(symbol);
    if (this.#markets.size > 0) this.renew();
    else this.link.stop(() => {});
  }

  /** Subscribes again to all it carries, in a moment. */
  renew(): void {
    this.#due ??= this.#scope.after(0, () => {
      this.#due = null;
      this.#tell();
    });
  }

  stop(done: () => void): void {
    this.#due?.();
    this.link.stop(done);
  }

  health(): ConnectionHealth {
    const { isReady, openedAt, lastByteAt } = this.link;
    return { connection: this.number, open: isReady, openedAt, lastByteAt, symbols: this.#markets.size };
  }

  #tell(): void {
    if (!this.link.isReady || this.#markets.size === 0) return;
    this.link.emit("subscribe_market_prices", { marketSlugs: [...this.#markets.values()] });
    this.#events.asked([...this.#markets.keys()]);
  }
}

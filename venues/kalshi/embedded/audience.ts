import type { Subscription } from "./subscription.ts";

const NOBODY: readonly Subscription[] = [];

/** Who hears what, so that a change is put into words only for those who asked for it. */
export class Audience {
  /** Subscriptions narrowed to markets, by channel and symbol. */
  readonly #narrow = new Map<string, Map<string, Subscription[]>>();
  /** Subscriptions to everything of a channel. */
  readonly #wide = new Map<string, Subscription[]>();

  add(subscription: Subscription): void {
    if (subscription.symbols === null) push(this.#wide, subscription.channel, subscription);
    else this.addMarkets(subscription, subscription.symbols);
  }

  addMarkets(subscription: Subscription, symbols: Iterable<string>): void {
    let bySymbol = this.#narrow.get(subscription.channel);
    if (bySymbol === undefined) {
      bySymbol = new Map();
      this.#narrow.set(subscription.channel, bySymbol);
    }
    for (const symbol of symbols) push(bySymbol, symbol, subscription);
  }

  removeMarkets(subscription: Subscription, symbols: Iterable<string>): void {
    const bySymbol = this.#narrow.get(subscription.channel);
    if (bySymbol === undefined) return;
    for (const symbol of symbols) drop(bySymbol, symbol, subscription);
  }

  remove(subscription: Subscription): void {
    if (subscription.symbols === null) drop(this.#wide, subscription.channel, subscription);
    else this.removeMarkets(subscription, subscription.symbols);
  }

  /** The market is over: nobody is subscribed to it any more. */
  forget(symbol: string): void {
    for (const bySymbol of this.#narrow.values()) {
      for (const subscription of bySymbol.get(symbol) ?? NOBODY) subscription.symbols?.delete(symbol);
      bySymbol.delete(symbol);
    }
  }

  /** Subscriptions narrowed to this market. */
  #narrowed(channel: string, symbol: string): readonly Subscription[] {
    return this.#narrow.get(channel)?.get(symbol) ?? NOBODY;
  }

  /** Subscriptions to the whole channel. */
  whole(channel: string): readonly Subscription[] {
    return this.#wide.get(channel) ?? NOBODY;
  }

  /** Everyone who hears of this market. */
  hearing(channel: string, symbol: string): readonly Subscription[] {
    const [narrow, wide] = [this.#narrowed(channel, symbol), this.whole(channel)];
    if (wide.length === 0) return narrow;
    return narrow.length === 0 ? wide : [...narrow, ...wide];
  }
}

function push(lists: Map<string, Subscription[]>, key: string, subscription: Subscription): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [subscription]);
  else list.push(subscription);
}

function drop(lists: Map<string, Subscription[]>, key: string, subscription: Subscription): void {
  const list = lists.get(key)?.filter((each) => each !== subscription) ?? [];
  if (list.length === 0) lists.delete(key);
  else lists.set(key, list);
}

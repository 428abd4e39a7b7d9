import { BID, type Level, type Lots, type Side, type Ticks } from "../../contracts/index.ts";

/** What a book must know of an order. */
interface Resting {
  readonly ticks: number;
}

/** A stretch of a level's queue: one order, or liquidity of nobody in particular (`order` null). */
export interface QueueEntry<Order> {
  lots: number;
  readonly order: Order | null;
}

/** One price with everything that rests there. `queue` null: nobody but anonymous liquidity, the fast path. */
export interface RestingLevel<Order> {
  readonly ticks: number;
  lots: number;
  queue: QueueEntry<Order>[] | null;
}

/** One side of a book: levels by price, first come first served within a level. Sizes in lots. */
export class BookSide<Order extends Resting> {
  readonly side: Side;
  /** +1 when a higher price is better. */
  readonly #sign: 1 | -1;
  /** Worst first: the best price is the last. */
  readonly #levels: RestingLevel<Order>[] = [];

  constructor(side: Side) {
    this.side = side;
    this.#sign = side === BID ? 1 : -1;
  }

  get depth(): number {
    return this.#levels.length;
  }

  /** Best price in ticks; -1 when the side is empty. */
  best(): number {
    const levels = this.#levels;
    return levels.length === 0 ? -1 : levels[levels.length - 1]!.ticks;
  }

  bestLevel(): RestingLevel<Order> | undefined {
    return this.#levels[this.#levels.length - 1];
  }

  /** The level `index` places behind the best. */
  behind(index: number): RestingLevel<Order> | undefined {
    return this.#levels[this.#levels.length - 1 - index];
  }

  at(ticks: number): RestingLevel<Order> | undefined {
    const index = this.#place(ticks);
    const level = this.#levels[index];
    return level?.ticks === ticks ? level : undefined;
  }

  lots(ticks: number): number {
    return this.at(ticks)?.lots ?? 0;
  }

  anonymousLots(ticks: number): number {
    const level = this.at(ticks);
    return level === undefined ? 0 : anonymousOf(level);
  }

  /** True when an order at `ticks` on the other side would trade with the best price here. */
  crosses(ticks: number): boolean {
    const best = this.bestLevel();
    return best !== undefined && this.#sign * (best.ticks - ticks) >= 0;
  }

  /** Joins the end of the queue. @returns the level's total afterwards. */
  join(ticks: number, lots: number, order: Order | null): number {
    const index = this.#place(ticks);
    const found = this.#levels[index];
    if (found?.ticks !== ticks) {
      const level = { ticks, lots, queue: order === null ? null : [{ lots, order }] };
      this.#levels.splice(index, 0, level);
      return lots;
    }
    if (found.queue === null && order !== null) found.queue = [{ lots: found.lots, order: null }];
    if (found.queue !== null) {
      const last = found.queue[found.queue.length - 1];
      if (order === null && last?.order === null) last.lots += lots;
      else found.queue.push({ lots, order });
    }
    found.lots += lots;
    return found.lots;
  }

  /** Takes from the head of a level's queue; the entry taken from has at least `lots`. */
  consume(level: RestingLevel<Order>, lots: number): void {
    const head = level.queue?.[0];
    if (head !== undefined) {
      head.lots -= lots;
      if (head.lots === 0) level.queue!.shift();
    }
    this.#reduce(level, lots);
  }

  /** Withdraws anonymous liquidity, the last come first. */
  withdraw(ticks: number, lots: number): void {
    const level = this.at(ticks);
    if (level === undefined) return;
    let left = lots;
    for (let i = (level.queue?.length ?? 0) - 1; i >= 0 && left > 0; i--) {
      const entry = level.queue![i]!;
      if (entry.order !== null) continue;
      const taken = Math.min(entry.lots, left);
      entry.lots -= taken;
      left -= taken;
      if (entry.lots === 0) level.queue!.splice(i, 1);
    }
    this.#reduce(level, level.queue === null ? Math.min(lots, level.lots) : lots - left);
  }

  /** Removes an order's rest from its level; false when it does not rest here. */
  remove(order: Order): boolean {
    const level = this.at(order.ticks);
    const index = level?.queue?.findIndex((entry) => entry.order === order) ?? -1;
    if (level === undefined || index === -1) return false;
    const [entry] = level.queue!.splice(index, 1);
    this.#reduce(level, entry!.lots);
    return true;
  }

  /** All levels, best first. */
  levels(): readonly Level[] {
    const levels: Level[] = [];
    for (let i = this.#levels.length - 1; i >= 0; i--) {
      const { ticks, lots } = this.#levels[i]!;
      levels.push({ ticks: ticks as Ticks, lots: lots as Lots });
    }
    return levels;
  }

  /** The levels themselves, best first, safe to change the side while reading. */
  snapshot(): readonly RestingLevel<Order>[] {
    return this.#levels.slice().reverse();
  }

  #reduce(level: RestingLevel<Order>, lots: number): void {
    level.lots -= lots;
    if (level.lots === 0) this.#levels.splice(this.#place(level.ticks), 1);
    else if (level.queue?.every((entry) => entry.order === null) === true) level.queue = null;
  }

  /** Index of the level at `ticks`, or where it belongs. Searched from the best price, where nearly all happens. */
  #place(ticks: number): number {
    const levels = this.#levels;
    const rank = this.#sign * ticks;
    let index = levels.length;
    while (index > 0 && this.#sign * levels[index - 1]!.ticks >= rank) index--;
    return index;
  }
}

/** Lots of a level that belong to nobody in particular. */
export function anonymousOf(level: RestingLevel<unknown>): number {
  if (level.queue === null) return level.lots;
  let sum = 0;
  for (const entry of level.queue) if (entry.order === null) sum += entry.lots;
  return sum;
}

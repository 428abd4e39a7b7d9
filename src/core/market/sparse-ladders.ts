import { BID } from "../../contracts/index.ts";
import { BlockPool } from "./block-pool.ts";
import { grownInt32 } from "./book-table.ts";

/** Smallest room of a side; each class doubles it. */
const FIRST_CAPACITY = 8;
/** The largest class holds as many levels as the largest dense side, so that demotion always fits. */
const CLASSES = 12;
/**
 * Sparse ladders: per side a sorted block `[keys x capacity][lots x capacity]`, best last.
 * A key is the price for bids and its negative for asks, so that both sides sort ascending to the best.
 */
export class SparseLadders {
  readonly #pools = Array.from(
    { length: CLASSES },
    (_, i) => new BlockPool(2 * (FIRST_CAPACITY << i), Math.max(0, 11 - i)),
  );
  #blocks = new Int32Array(0);
  #classes = new Int32Array(0);
  #counts = new Int32Array(0);

  /** Makes room for books below `capacity`. */
  grow(capacity: number): void {
    if (this.#classes.length >= capacity * 2) return;
    this.#blocks = grownInt32(this.#blocks, capacity * 2, 0);
    this.#classes = grownInt32(this.#classes, capacity * 2, -1);
    this.#counts = grownInt32(this.#counts, capacity * 2, 0);
  }

  get(book: number, side: number, ticks: number): number {
    const row = book * 2 + side;
    const at = this.#find(row, keyOf(side, ticks));
    return at < 0 ? 0 : this.#lots(row, at);
  }

  /** As `DenseLadders.put`; NaN when the side is full. */
  put(
    book: number,
    side: number,
    ticks: number,
    value: number,
    relative: boolean,
    applied: Float64Array,
  ): number {
    const row = book * 2 + side;
    const key = keyOf(side, ticks);
    const at = this.#find(row, key);
    const before = at < 0 ? 0 : this.#lots(row, at);
    const wanted = relative ? before + value : value;
    const after = Math.max(wanted, 0);
    applied[0] = before;
    applied[1] = after;
    if (at >= 0) {
      if (after === 0) this.#remove(row, at);
      else this.#store(row, at, key, after);
    } else if (after > 0 && !this.#insert(row, ~at, key, after)) {
      applied[1] = 0;
      return Number.NaN;
    }
    return wanted;
  }

  /** The best price of a side; -1 = empty. */
  best(book: number, side: number): number {
    const row = book * 2 + side;
    const count = this.#counts[row]!;
    return count === 0 ? -1 : this.#ticks(row, side, count - 1);
  }

  /** The next occupied price strictly worse than `ticks`; -1 = none. */
  next(book: number, side: number, ticks: number): number {
    const row = book * 2 + side;
    const found = this.#find(row, keyOf(side, ticks));
    const at = (found < 0 ? ~found : found) - 1;
    return at < 0 ? -1 : this.#ticks(row, side, at);
  }

  /** Empties both sides and hands their blocks back. */
  clear(book: number): void {
    for (let row = book * 2; row < book * 2 + 2; row++) {
      const kind = this.#classes[row]!;
      if (kind >= 0) {
        const pool = this.#pools[kind]!;
        const block = this.#blocks[row]!;
        const base = pool.offset(block);
        pool.page(block).fill(0, base, base + pool.blockDoubles);
        pool.release(block);
      }
      this.#classes[row] = -1;
      this.#counts[row] = 0;
    }
  }

  /** Index of a key, or the bitwise complement of where it belongs. */
  #find(row: number, key: number): number {
    let high = this.#counts[row]! - 1;
    if (high < 0) return ~0;
    const pool = this.#pools[this.#classes[row]!]!;
    const page = pool.page(this.#blocks[row]!);
    const base = pool.offset(this.#blocks[row]!);
    let low = 0;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = page[base + middle]!;
      if (found === key) return middle;
      if (found < key) low = middle + 1;
      else high = middle - 1;
    }
    return ~low;
  }

  #ticks(row: number, side: number, at: number): number {
    const pool = this.#pools[this.#classes[row]!]!;
    const block = this.#blocks[row]!;
    const key = pool.page(block)[pool.offset(block) + at]!;
    return side === BID ? key : -key;
  }

  #lots(row: number, at: number): number {
    const pool = this.#pools[this.#classes[row]!]!;
    const block = this.#blocks[row]!;
    return pool.page(block)[pool.offset(block) + (pool.blockDoubles >> 1) + at]!;
  }

  #store(row: number, at: number, key: number, lots: number): void {
    const pool = this.#pools[this.#classes[row]!]!;
    const block = this.#blocks[row]!;
    const page = pool.page(block);
    const base = pool.offset(block) + at;
    page[base] = key;
    page[base + (pool.blockDoubles >> 1)] = lots;
  }

  #remove(row: number, at: number): void {
    const count = this.#counts[row]!;
    this.#shift(row, at + 1, count, at);
    this.#store(row, count - 1, 0, 0);
    this.#counts[row] = count - 1;
  }

  #insert(row: number, at: number, key: number, lots: number): boolean {
    const count = this.#counts[row]!;
    const kind = this.#classes[row]!;
    if ((kind < 0 || count === FIRST_CAPACITY << kind) && !this.#enlarge(row, kind)) return false;
    this.#shift(row, at, count, at + 1);
    this.#store(row, at, key, lots);
    this.#counts[row] = count + 1;
    return true;
  }

  #shift(row: number, from: number, end: number, to: number): void {
    const pool = this.#pools[this.#classes[row]!]!;
    const block = this.#blocks[row]!;
    const page = pool.page(block);
    const keys = pool.offset(block);
    const lots = keys + (pool.blockDoubles >> 1);
    page.copyWithin(keys + to, keys + from, keys + end);
    page.copyWithin(lots + to, lots + from, lots + end);
  }

  #enlarge(row: number, kind: number): boolean {
    if (kind + 1 >= CLASSES) return false;
    const larger = this.#pools[kind + 1]!;
    const block = larger.take();
    if (kind >= 0) {
      const pool = this.#pools[kind]!;
      const old = this.#blocks[row]!;
      const from = pool.page(old);
      const base = pool.offset(old);
      const capacity = FIRST_CAPACITY << kind;
      const to = larger.page(block);
      const target = larger.offset(block);
      to.set(from.subarray(base, base + capacity), target);
      to.set(from.subarray(base + capacity, base + 2 * capacity), target + 2 * capacity);
      from.fill(0, base, base + pool.blockDoubles);
      pool.release(old);
    }
    this.#blocks[row] = block;
    this.#classes[row] = kind + 1;
    return true;
  }
}

function keyOf(side: number, ticks: number): number {
  return side === BID ? ticks : -ticks;
}

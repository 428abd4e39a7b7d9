import { ASK, BID } from "../../contracts/index.ts";
import {
  B_BEST,
  B_FLAGS,
  type BookTable,
  D_BEST_LOTS,
  DOUBLES_SHIFT,
  FLAG_DEPTH_CHANGED,
  FLAG_DRIFTED,
  FLAG_WITNESS,
  FLAG_WITNESSED,
  grownFloat64,
  grownInt32,
  LINE_SHIFT,
} from "./book-table.ts";
import type { Ladders } from "./ladders.ts";

/** No best price was stated yet. */
const UNSTATED = -2;
const UNKNOWN_DEPTH = 0;

/**
 * The venue's own statements of its best prices, held against our books at the end of each frame.
 * Also notices depth that stays the same, bit for bit, while those statements move.
 */
export class Witness {
  readonly #table: BookTable;
  readonly #ladders: Ladders;
  #ticks = new Int32Array(0);
  #lots = new Float64Array(0);
  #misses = new Int32Array(0);
  /** Moves of the stated best price since the depth changed last. */
  #moves = new Int32Array(0);
  #moved = new Int32Array(0);
  #depthHash = new Int32Array(0);

  constructor(table: BookTable, ladders: Ladders) {
    this.#table = table;
    this.#ladders = ladders;
  }

  grow(capacity: number): void {
    if (this.#misses.length >= capacity) return;
    this.#ticks = grownInt32(this.#ticks, capacity * 2, UNSTATED);
    this.#lots = grownFloat64(this.#lots, capacity * 2, -1);
    this.#misses = grownInt32(this.#misses, capacity, 0);
    this.#moves = grownInt32(this.#moves, capacity, 0);
    this.#moved = grownInt32(this.#moved, capacity, 0);
    this.#depthHash = grownInt32(this.#depthHash, capacity, UNKNOWN_DEPTH);
  }

  /** The venue states a side's best price (-1 = empty) and size (-1 = not stated). Judged by `settle`. */
  state(book: number, side: number, ticks: number, lots: number): void {
    const at = book * 2 + side;
    if (this.#ticks[at] !== UNSTATED && this.#ticks[at] !== ticks) this.#moved[book] = 1;
    this.#ticks[at] = ticks;
    this.#lots[at] = lots;
    this.#table.setFlag(book, (FLAG_WITNESS << side) | FLAG_WITNESSED);
  }

  /** A snapshot was completed: has it the same levels as the last one, with no change between? */
  snapshotDone(book: number): void {
    const hash = this.#hashOf(book);
    const isSame = this.#depthHash[book] === hash && !this.#table.hasFlag(book, FLAG_DRIFTED);
    this.#depthHash[book] = hash;
    this.#table.clearFlag(book, FLAG_DRIFTED | FLAG_DEPTH_CHANGED);
    if (!isSame) this.#table.setFlag(book, FLAG_DEPTH_CHANGED);
  }

  /** Once per frame and witnessed book, after its changes. Returns how many frames in a row disagreed. */
  settle(book: number): number {
    const flags = this.#table.words[(book << LINE_SHIFT) + B_FLAGS]!;
    if ((flags & FLAG_DEPTH_CHANGED) !== 0) this.#moves[book] = 0;
    else if (this.#moved[book] === 1) this.#moves[book] = this.#moves[book]! + 1;
    this.#moved[book] = 0;
    if ((flags & (FLAG_WITNESS | (FLAG_WITNESS << 1))) === 0) return 0;
    const agrees = this.#agrees(book, BID, flags) && this.#agrees(book, ASK, flags);
    this.#misses[book] = agrees ? 0 : this.#misses[book]! + 1;
    return this.#misses[book]!;
  }

  /** A new snapshot: earlier disagreements are settled. */
  forgive(book: number): void {
    this.#misses[book] = 0;
  }

  moves(book: number): number {
    return this.#moves[book]!;
  }

  #agrees(book: number, side: number, flags: number): boolean {
    if ((flags & (FLAG_WITNESS << side)) === 0) return true;
    const at = book * 2 + side;
    if (this.#ticks[at] !== this.#table.words[(book << LINE_SHIFT) + B_BEST + side]) return false;
    return (
      this.#lots[at]! < 0 ||
      this.#ticks[at]! < 0 ||
      this.#lots[at] === this.#table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + side]
    );
  }

  #hashOf(book: number): number {
    let hash = 1;
    for (let side = BID; side <= ASK; side++) {
      for (
        let ticks = this.#ladders.best(book, side);
        ticks >= 0;
        ticks = this.#ladders.next(book, side, ticks)
      ) {
        const lots = this.#ladders.get(book, side, ticks);
        hash = Math.imul(hash ^ (ticks * 2 + side), 0x9e3779b1 | 0);
        hash = Math.imul((hash ^ (hash >>> 15)) + (lots | 0), 0x85ebca6b | 0) + ((lots / 4_294_967_296) | 0);
      }
    }
    return hash === UNKNOWN_DEPTH ? 1 : hash;
  }
}

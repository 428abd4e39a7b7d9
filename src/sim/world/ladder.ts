import { ASK, BID, type Level, type Lots, type Side, type Ticks } from "../../contracts/index.ts";

/** Prices of the simulated venues: 1/10,000 of a unit on a grid of 1/1,000. */
export const PRICE_SCALE = 10_000;
export const GRID = 10;
const CELLS = PRICE_SCALE / GRID + 1;

/** The venue's own truth of one book: sizes by price, and the best price of each side. */
export class Ladder {
  readonly #bids = new Float64Array(CELLS);
  readonly #asks = new Float64Array(CELLS);
  #bestBid = -1;
  #bestAsk = -1;

  /** Best price in ticks; -1 when the side is empty. */
  best(side: Side): number {
    return side === BID ? this.#bestBid : this.#bestAsk;
  }

  lots(side: Side, ticks: number): number {
    return this.#sizes(side)[ticks / GRID] ?? 0;
  }

  /** Sets the total at a price (0 removes it) and returns the change. */
  set(side: Side, ticks: number, lots: number): number {
    const sizes = this.#sizes(side);
    const cell = ticks / GRID;
    const change = lots - sizes[cell]!;
    sizes[cell] = lots;
    if (side === BID) this.#bestBid = lots > 0 ? Math.max(this.#bestBid, ticks) : this.#fall(ticks);
    else this.#bestAsk = lots > 0 ? this.#lower(ticks) : this.#rise(ticks);
    return change;
  }

  /** The next price behind `ticks` that holds a size; -1 when there is none. */
  behind(side: Side, ticks: number): number {
    const sizes = this.#sizes(side);
    const step = side === BID ? -1 : 1;
    for (let cell = ticks / GRID + step; cell >= 0 && cell < CELLS; cell += step)
      if (sizes[cell]! > 0) return cell * GRID;
    return -1;
  }

  /** All levels, best first. */
  levels(side: Side): readonly Level[] {
    const levels: Level[] = [];
    for (let ticks = this.best(side); ticks !== -1; ticks = this.behind(side, ticks))
      levels.push({ ticks: ticks as Ticks, lots: this.lots(side, ticks) as Lots });
    return levels;
  }

  clear(): void {
    this.#bids.fill(0);
    this.#asks.fill(0);
    this.#bestBid = -1;
    this.#bestAsk = -1;
  }

  #sizes(side: Side): Float64Array {
    return side === ASK ? this.#asks : this.#bids;
  }

  #lower(ticks: number): number {
    return this.#bestAsk === -1 ? ticks : Math.min(this.#bestAsk, ticks);
  }

  #fall(removed: number): number {
    return removed === this.#bestBid ? this.behind(BID, removed) : this.#bestBid;
  }

  #rise(removed: number): number {
    return removed === this.#bestAsk ? this.behind(ASK, removed) : this.#bestAsk;
  }
}

import type { Instrument, TickRange } from "../../contracts/index.ts";
import { grownFloat64, grownInt32 } from "./book-table.ts";

export const STATUS_UNKNOWN = 0;
export const STATUS_OPEN = 1;
export const STATUS_SHUT = 2;

/** Bound on distinct tick grids; what comes after it fits no price. */
const MAX_GRIDS = 4096;
const UNKNOWN_GRID: readonly TickRange[] = [];

/** What the firewall needs of an instrument's terms, in columns: no object is touched per quote. */
export class QuoteTerms {
  status = new Int32Array(0);
  /** Index into `grids`; 0 = unknown. */
  grid = new Int32Array(0);
  /** The other view of the same book (mirrored tokens listed as two books); -1 = none. */
  sibling = new Int32Array(0);
  /** Micros; 0 = not stated. */
  opensAt = new Float64Array(0);
  closesAt = new Float64Array(0);
  readonly grids: (readonly TickRange[])[] = [UNKNOWN_GRID];
  readonly #gridIndices = new Map<string, number>([["[]", 0]]);

  grow(capacity: number): void {
    if (this.status.length >= capacity) return;
    this.status = grownInt32(this.status, capacity, STATUS_UNKNOWN);
    this.grid = grownInt32(this.grid, capacity, 0);
    this.sibling = grownInt32(this.sibling, capacity, -1);
    this.opensAt = grownFloat64(this.opensAt, capacity, 0);
    this.closesAt = grownFloat64(this.closesAt, capacity, 0);
  }

  set(instrument: Instrument): void {
    const book = instrument.book;
    const { status } = instrument;
    this.status[book] = status === "open" ? STATUS_OPEN : status === "unknown" ? STATUS_UNKNOWN : STATUS_SHUT;
    this.grid[book] = this.#gridOf(instrument.tickRanges);
    this.opensAt[book] = instrument.opensAt ?? 0;
    this.closesAt[book] = instrument.closesAt ?? 0;
  }

  #gridOf(ranges: readonly TickRange[]): number {
    const key = JSON.stringify(ranges.map((range) => [range.fromTicks, range.toTicks, range.stepTicks]));
    const known = this.#gridIndices.get(key);
    if (known !== undefined) return known;
    if (this.grids.length > MAX_GRIDS) return MAX_GRIDS;
    const index = this.grids.push(this.grids.length === MAX_GRIDS ? UNKNOWN_GRID : ranges) - 1;
    if (index < MAX_GRIDS) this.#gridIndices.set(key, index);
    return index;
  }
}

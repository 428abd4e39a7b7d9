import type { Instrument, TickRange } from "../../contracts/index.ts";
import {
  B_GRID,
  B_STATUS,
  type BookTable,
  D_CLOSES_AT,
  D_OPENS_AT,
  DOUBLES_SHIFT,
  LINE_SHIFT,
} from "./book-table.ts";

export const STATUS_UNKNOWN = 0;
export const STATUS_OPEN = 1;
export const STATUS_SHUT = 2;

/** Bound on distinct tick grids; what comes after it fits no price. */
const MAX_GRIDS = 4096;
const UNKNOWN_GRID: readonly TickRange[] = [];

/** Writes what the firewall needs of an instrument's terms into the book's line: no object is touched per quote. */
export class QuoteTerms {
  /** Tick grids by index; 0 = unknown. */
  readonly grids: (readonly TickRange[])[] = [UNKNOWN_GRID];
  readonly #gridIndices = new Map<string, number>([["[]", 0]]);

  readonly #table: BookTable;

  constructor(table: BookTable) {
    this.#table = table;
  }

  set(instrument: Instrument): void {
    const { words, doubles } = this.#table;
    const line = instrument.book << LINE_SHIFT;
    const { status } = instrument;
    words[line + B_STATUS] =
      status === "open" ? STATUS_OPEN : status === "unknown" ? STATUS_UNKNOWN : STATUS_SHUT;
    words[line + B_GRID] = this.#gridOf(instrument.tickRanges);
    doubles[(instrument.book << DOUBLES_SHIFT) + D_OPENS_AT] = instrument.opensAt ?? 0;
    doubles[(instrument.book << DOUBLES_SHIFT) + D_CLOSES_AT] = instrument.closesAt ?? 0;
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

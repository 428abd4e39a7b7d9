import type {
  BookId,
  Family,
  Instrument,
  Level,
  MarketView,
  Micros,
  Sha256Hex,
  Side,
} from "../../contracts/index.ts";
import {
  B_BEST,
  B_FLAGS,
  B_STANDING,
  B_STREAM,
  D_BEST_LOTS,
  D_CLOSES_AT,
  D_OPENS_AT,
  DOUBLES_SHIFT,
  FLAG_POLLED,
  LINE_SHIFT,
} from "./book-table.ts";
import { NEVER_SEEN, NOT_OPEN, STALE, UNSETTLED_SIZE } from "./codes.ts";
import { isStale } from "./firewall-rules.ts";
import { FACT, now, type Parts } from "./parts.ts";

/** The books as lanes, the risk gate and the paper exchange see them: as of the last frame, never in the middle of one. */
export class ReplicaView implements MarketView {
  readonly sha256: Sha256Hex;
  readonly #parts: Parts;
  readonly #polledAt: () => Float64Array;

  /** @param polledAt instant of the last polled or streamless record of each book. */
  constructor(parts: Parts, polledAt: () => Float64Array) {
    this.#parts = parts;
    this.#polledAt = polledAt;
    this.sha256 = parts.options.sha256;
  }

  get now(): Micros {
    return now(this.#parts);
  }

  get factSeq(): number {
    return this.#parts.clock[FACT]!;
  }

  instrument(book: BookId): Instrument | undefined {
    return this.#parts.instruments[book];
  }

  familyCount(): number {
    return this.#parts.families.count;
  }

  family(index: number): Family {
    return this.#parts.families.at(index);
  }

  familiesOf(book: BookId): readonly number[] {
    return this.#parts.families.of(book);
  }

  barred(book: BookId, side: Side): number {
    const parts = this.#parts;
    if (!parts.table.has(book)) return NEVER_SEEN;
    const standing = parts.table.words[(book << LINE_SHIFT) + B_STANDING + side]!;
    if (standing !== 0) return standing;
    const at = parts.clock[0]!;
    if (isStale(at, this.provedAt(book), parts.options.firewall.maxAgeMicros)) return STALE;
    const hours = book << DOUBLES_SHIFT;
    const closesAt = parts.table.doubles[hours + D_CLOSES_AT]!;
    if ((closesAt > 0 && at >= closesAt) || parts.table.doubles[hours + D_OPENS_AT]! > at) return NOT_OPEN;
    return parts.options.firewall.requireSettledSize && !parts.history.isSettled(book) ? UNSETTLED_SIZE : 0;
  }

  /** Instant (Micros) at which the book was last known to be whole; 0 = never. */
  provedAt(book: number): number {
    const parts = this.#parts;
    const line = book << LINE_SHIFT;
    const stream = parts.table.words[line + B_STREAM]!;
    const isPolled = stream < 0 || (parts.table.words[line + B_FLAGS]! & FLAG_POLLED) !== 0;
    return isPolled ? this.#polledAt()[book]! : parts.streams.provedAt[stream]!;
  }

  bestTicks(book: BookId, side: Side): number {
    const { table } = this.#parts;
    return table.has(book) ? table.words[(book << LINE_SHIFT) + B_BEST + side]! : -1;
  }

  bestLots(book: BookId, side: Side): number {
    const { table } = this.#parts;
    return table.has(book) ? table.doubles[(book << DOUBLES_SHIFT) + D_BEST_LOTS + side]! : 0;
  }

  ladder(book: BookId, side: Side, maxLevels: number): readonly Level[] {
    return this.#parts.table.has(book) ? this.#parts.ladders.levels(book, side, maxLevels) : [];
  }

  settledLots(book: BookId, side: Side, limitTicks: number): number {
    return this.#parts.table.has(book) ? this.#parts.history.settledLots(book, side, limitTicks) : -1;
  }
}

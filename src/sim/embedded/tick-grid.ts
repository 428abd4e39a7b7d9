import { BID, type Side, type TickRange, type Ticks } from "../../contracts/index.ts";

/** The prices a market allows: all steps of its tick ranges strictly between 0 and one unit of currency. */
export class TickGrid {
  readonly ranges: readonly TickRange[];
  readonly priceScale: number;
  /** Coarsest step in force, in ticks. */
  readonly stepTicks: Ticks;

  /** @throws RangeError when no price is allowed, or a step does not divide its range. */
  constructor(ranges: readonly TickRange[], priceScale: number) {
    if (ranges.length === 0) throw new RangeError("a market needs at least one tick range");
    for (const { fromTicks, toTicks, stepTicks } of ranges)
      if (!(stepTicks > 0 && toTicks >= fromTicks && (toTicks - fromTicks) % stepTicks === 0))
        throw new RangeError(`tick range ${fromTicks} to ${toTicks} is not made of steps of ${stepTicks}`);
    this.ranges = [...ranges].sort((a, b) => a.fromTicks - b.fromTicks);
    this.priceScale = priceScale;
    this.stepTicks = Math.max(...ranges.map((range) => range.stepTicks)) as Ticks;
  }

  /** One step over the whole scale. */
  static uniform(stepTicks: number, priceScale: number): TickGrid {
    const range = { fromTicks: stepTicks, toTicks: priceScale - stepTicks, stepTicks } as TickRange;
    return new TickGrid([range], priceScale);
  }

  allows(ticks: number): boolean {
    if (!(ticks > 0 && ticks < this.priceScale)) return false;
    for (const { fromTicks, toTicks, stepTicks } of this.ranges)
      if (ticks >= fromTicks && ticks <= toTicks && (ticks - fromTicks) % stepTicks === 0) return true;
    return false;
  }

  /** The allowed price nearest to `ticks` that is not better for the other side (bids down, asks up); -1 = none. */
  outward(side: Side, ticks: number): number {
    return side === BID ? this.#floor(ticks) : this.#ceil(ticks);
  }

  /** The allowed price `steps` steps further from the other side than the allowed price `ticks`; -1 = none. */
  away(side: Side, ticks: number, steps: number): number {
    let at = ticks;
    for (let i = 0; i < steps && at !== -1; i++) at = side === BID ? this.#floor(at - 1) : this.#ceil(at + 1);
    return at;
  }

  #floor(ticks: number): number {
    const limit = Math.min(ticks, this.priceScale - 1);
    for (let i = this.ranges.length - 1; i >= 0; i--) {
      const { fromTicks, toTicks, stepTicks } = this.ranges[i]!;
      if (limit < fromTicks) continue;
      const inside = Math.min(limit, toTicks);
      const at = inside - ((inside - fromTicks) % stepTicks);
      if (at > 0) return at;
    }
    return -1;
  }

  #ceil(ticks: number): number {
    const limit = Math.max(ticks, 1);
    for (const { fromTicks, toTicks, stepTicks } of this.ranges) {
      if (limit > toTicks) continue;
      const at =
        limit <= fromTicks ? fromTicks : fromTicks + Math.ceil((limit - fromTicks) / stepTicks) * stepTicks;
      if (at > 0 && at <= toTicks && at < this.priceScale) return at;
    }
    return -1;
  }
}

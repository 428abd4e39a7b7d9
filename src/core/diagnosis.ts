import { type Reason, reasonOf } from "../contracts/index.ts";

/** The last diagnosis of each lane for each family: why it gave nothing, or that it emitted. */
export class DiagnosisTable {
  readonly #byLane: Int16Array[];

  constructor(lanes: number) {
    this.#byLane = Array.from({ length: lanes }, () => new Int16Array(256));
  }

  set(lane: number, family: number, reason: number): void {
    let reasons = this.#byLane[lane]!;
    if (family >= reasons.length) {
      const larger = new Int16Array(Math.max(family + 1, reasons.length * 2));
      larger.set(reasons);
      this.#byLane[lane] = larger;
      reasons = larger;
    }
    reasons[family] = reason;
  }

  /** Last reason number of a lane for a family; 0 = never looked at. */
  get(lane: number, family: number): number {
    return this.#byLane[lane]?.[family] ?? 0;
  }

  /** Families by last reason. */
  counts(lane: number): Partial<Record<Reason, number>> {
    const counts: Partial<Record<Reason, number>> = {};
    for (const number of this.#byLane[lane] ?? []) {
      const reason = number === 0 ? undefined : reasonOf(number);
      if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
    }
    return counts;
  }
}

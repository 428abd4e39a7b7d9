import type { Finding, Micros, Opportunity } from "../contracts/index.ts";

/** Most opportunities that may wait for their size at a time. */
const MAX_WAITING = 1_000;

/** An opportunity whose size is not settled yet. */
export interface WaitingOpportunity {
  readonly opportunity: Opportunity;
  /** Why the sizer gave no size when it was last asked. */
  readonly detail: string;
  readonly until: Micros;
}

/**
 * Opportunities that wait for their size: one snapshot gives none, the median of the last valid books does.
 * Each waits for the same time, so waiting ends in the order in which it began.
 */
export class WaitingRoom {
  readonly #settleMicros: number;
  readonly #waiting = new Map<string, WaitingOpportunity>();

  constructor(settleMicros: number) {
    this.#settleMicros = settleMicros;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Whether a leg of something that waits is on this book. */
  isOn(book: number): boolean {
    for (const { opportunity } of this.#waiting.values()) {
      if (opportunity.finding.legs.some((leg) => leg.book === book)) return true;
    }
    return false;
  }

  /** What waits under the identity of this finding, as it was first found. */
  opportunityOf(finding: Finding): Opportunity | undefined {
    return this.#waiting.get(keyOf(finding))?.opportunity;
  }

  /** Lets an opportunity wait, or go on waiting. @returns false when too many wait already. */
  keep(opportunity: Opportunity, detail: string, at: Micros): boolean {
    const key = keyOf(opportunity.finding);
    const known = this.#waiting.get(key);
    if (known === undefined && this.#waiting.size >= MAX_WAITING) return false;
    const until = known?.until ?? ((at + this.#settleMicros) as Micros);
    this.#waiting.set(key, { opportunity: known?.opportunity ?? opportunity, detail, until });
    return true;
  }

  leave(finding: Finding): void {
    this.#waiting.delete(keyOf(finding));
  }

  /** Takes out the oldest that may wait no longer at `now`; null when there is none. */
  takeExpired(now: number): WaitingOpportunity | null {
    for (const [key, waiting] of this.#waiting) {
      if (waiting.until > now) return null;
      this.#waiting.delete(key);
      return waiting;
    }
    return null;
  }
}

/** While it waits, an opportunity is the same whatever its size and legs are: a family is opened once at a time. */
function keyOf({ lane, family, style }: Finding): string {
  return JSON.stringify([lane, family, style]);
}

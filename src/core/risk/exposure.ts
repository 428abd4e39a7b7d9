import type { Pico } from "../../contracts/index.ts";

/** Capital of one plan that may still be lost, by venue. */
export interface PlanExposure {
  readonly family: string;
  readonly byVenue: ReadonlyMap<string, Pico>;
  /** Markets whose claims it holds; when the last of them settles nothing is at risk any more. */
  readonly markets: readonly string[];
}

/**
 * Capital at risk by family, by venue and in all: a plan counts from its approval until its claims are settled or sold.
 * Sums are kept exactly in step with the entries; there are as many entries as plans with something at risk.
 */
export class Exposure {
  readonly #plans = new Map<string, PlanExposure>();
  readonly #waiting = new Map<string, Set<string>>();
  readonly #byMarket = new Map<string, Set<string>>();
  readonly #families = new Map<string, bigint>();
  readonly #venues = new Map<string, bigint>();
  #total = 0n;

  /** Sets (or replaces) what a plan has at risk; an empty or zero exposure removes it. */
  set(plan: string, exposure: PlanExposure): void {
    this.remove(plan);
    let sum = 0n;
    for (const amount of exposure.byVenue.values()) sum += amount;
    if (sum <= 0n) return;
    this.#plans.set(plan, exposure);
    this.#add(exposure, 1n);
    this.#waiting.set(plan, new Set(exposure.markets));
    for (const market of exposure.markets) {
      const plans = this.#byMarket.get(market) ?? new Set();
      this.#byMarket.set(market, plans.add(plan));
    }
  }

  /** A market settled: plans that waited for it alone are no longer exposed. */
  settled(market: string): void {
    for (const plan of this.#byMarket.get(market) ?? []) {
      const waiting = this.#waiting.get(plan);
      waiting?.delete(market);
      if (waiting?.size === 0) this.remove(plan);
    }
    this.#byMarket.delete(market);
  }

  remove(plan: string): void {
    const known = this.#plans.get(plan);
    if (known === undefined) return;
    this.#plans.delete(plan);
    this.#waiting.delete(plan);
    this.#add(known, -1n);
    for (const market of known.markets) {
      const plans = this.#byMarket.get(market);
      plans?.delete(plan);
      if (plans?.size === 0) this.#byMarket.delete(market);
    }
  }

  family(key: string): Pico {
    return (this.#families.get(key) ?? 0n) as Pico;
  }

  venue(id: string): Pico {
    return (this.#venues.get(id) ?? 0n) as Pico;
  }

  get total(): Pico {
    return this.#total as Pico;
  }

  /** Plans with something at risk. */
  get size(): number {
    return this.#plans.size;
  }

  #add({ family, byVenue }: PlanExposure, sign: 1n | -1n): void {
    for (const [venue, amount] of byVenue) {
      bump(this.#families, family, sign * amount);
      bump(this.#venues, venue, sign * amount);
      this.#total += sign * amount;
    }
  }
}

function bump(sums: Map<string, bigint>, key: string, amount: bigint): void {
  const sum = (sums.get(key) ?? 0n) + amount;
  if (sum === 0n) sums.delete(key);
  else sums.set(key, sum);
}

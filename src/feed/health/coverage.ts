import type { Micros } from "../../contracts/index.ts";
import { doubled } from "./back-off.ts";

/** How much of what is wanted is usable, for one kind of thing. */
export interface CoverageCount {
  readonly wanted: number;
  readonly usable: number;
}

/** Coverage of a venue at one instant. */
export interface CoverageReading {
  readonly books: CoverageCount;
  readonly families: CoverageCount;
  /** Further counts by name, e.g. `cross_pairs_covered`, `parity_rules_covered`. */
  readonly counters: Readonly<Record<string, CoverageCount>>;
  /** Wanted books that are not usable, by what is wrong with them; at most as many as are worth naming. */
  readonly invalid: readonly number[];
  readonly stale: readonly number[];
  readonly unsubscribed: readonly number[];
}

/** What is to be done, most targeted first. */
export type CoverageAction =
  | {
      readonly kind: "resync" | "poll" | "resubscribe";
      readonly books: readonly number[];
      readonly at: Micros;
    }
  | { readonly kind: "rediscover"; readonly at: Micros }
  /** What lacks, for people; again after growing pauses while it lasts. */
  | {
      readonly kind: "fired" | "loud" | "recovered";
      readonly reason: "feed.coverage";
      readonly what: string;
      readonly wanted: number;
      readonly usable: number;
      readonly sinceMicros: number;
      readonly at: Micros;
    };

export interface CoverageOptions {
  /** Below this share usable something is to be repaired; at or above the second it is well again. */
  readonly repairBelow: number;
  readonly soundFrom: number;
  /** How long a loss lasts before it is repaired, and a recovery before it is believed. */
  readonly patienceMicros: number;
  /** Pause after a repair of one kind, doubled each time up to the cap. */
  readonly repairMicros: number;
  readonly maxRepairMicros: number;
  /** Books named in one repair. */
  readonly maxBooks: number;
  /** Nothing at all usable for this long is said aloud, again after as long, doubled each time up to the cap. */
  readonly loudAfterMicros: number;
  readonly maxLoudMicros: number;
  /** Bound on the names watched. */
  readonly maxNames: number;
}

const SECOND = 1_000_000;

export const DEFAULT_COVERAGE: CoverageOptions = {
  repairBelow: 0.9,
  soundFrom: 0.95,
  patienceMicros: 5 * SECOND,
  repairMicros: 10 * SECOND,
  maxRepairMicros: 600 * SECOND,
  maxBooks: 500,
  loudAfterMicros: 60 * SECOND,
  maxLoudMicros: 900 * SECOND,
  maxNames: 64,
};

type Repair = "resync" | "poll" | "resubscribe" | "rediscover";

interface Loss {
  isLow: boolean;
  /** Since when the share speaks against the present state; -1 = it does not. */
  since: number;
  lowSince: number;
  /** Since when nothing is usable; -1 = something is. */
  zeroSince: number;
  louds: number;
  loudAt: number;
}

/**
 * The coverage watchdog of one venue: says when too few of the wanted books, families or named counters are usable, and
 * repairs. Each kind of repair has a back-off of its own; when the targeted ones have been tried and the loss stays, the
 * catalogue is read anew.
 */
export class CoverageWatch {
  readonly #options: CoverageOptions;
  readonly #losses = new Map<string, Loss>();
  readonly #repairs = new Map<Repair, { tries: number; nextAt: number }>();

  constructor(options: CoverageOptions) {
    this.#options = options;
  }

  /** Names of what is too low now. */
  get low(): readonly string[] {
    return [...this.#losses].filter(([, { isLow }]) => isLow).map(([name]) => name);
  }

  /** Takes the present coverage; to be called about once a second. */
  observe(reading: CoverageReading, now: Micros): CoverageAction[] {
    const actions: CoverageAction[] = [];
    const counts: [string, CoverageCount][] = [
      ["books", reading.books],
      ["families", reading.families],
      ...Object.entries(reading.counters),
    ];
    for (const [name, count] of counts) this.#judge(name, count, now, actions);
    const losses = [...this.#losses.values()];
    if (!losses.some(({ isLow }) => isLow)) this.#repairs.clear();
    // What is well again and only has to prove it needs no repair.
    else if (losses.some(({ isLow, since }) => isLow && since === -1)) this.#repair(reading, now, actions);
    return actions;
  }

  #judge(what: string, { wanted, usable }: CoverageCount, now: Micros, actions: CoverageAction[]): void {
    const { repairBelow, soundFrom, patienceMicros, loudAfterMicros, maxLoudMicros, maxNames } =
      this.#options;
    let loss = this.#losses.get(what);
    if (loss === undefined) {
      if (this.#losses.size >= maxNames) return;
      loss = { isLow: false, since: -1, lowSince: now, zeroSince: -1, louds: 0, loudAt: now };
      this.#losses.set(what, loss);
    }
    const share = wanted <= 0 ? 1 : usable / wanted;
    const speaks = loss.isLow ? share >= soundFrom : share < repairBelow;
    if (!speaks) loss.since = -1;
    else if (loss.since === -1) loss.since = now;
    const about = { reason: "feed.coverage", what, wanted, usable, at: now } as const;
    if (speaks && now - loss.since >= patienceMicros) {
      const sinceMicros = now - (loss.isLow ? loss.lowSince : loss.since);
      if (!loss.isLow) loss.lowSince = loss.since;
      loss.isLow = !loss.isLow;
      loss.since = -1;
      actions.push({ kind: loss.isLow ? "fired" : "recovered", ...about, sinceMicros });
    }
    if (wanted <= 0 || usable > 0) {
      loss.zeroSince = -1;
      loss.louds = 0;
      return;
    }
    if (loss.zeroSince === -1) {
      loss.zeroSince = now;
      loss.loudAt = now;
    }
    if (now - loss.loudAt < doubled(loudAfterMicros, loss.louds, maxLoudMicros)) return;
    loss.louds++;
    loss.loudAt = now;
    actions.push({ kind: "loud", ...about, sinceMicros: now - loss.zeroSince });
  }

  #repair(reading: CoverageReading, now: Micros, actions: CoverageAction[]): void {
    const { maxBooks } = this.#options;
    const targets: readonly (readonly [Exclude<Repair, "rediscover">, readonly number[]])[] = [
      ["resubscribe", reading.unsubscribed],
      ["resync", reading.invalid],
      ["poll", reading.stale],
    ];
    let isTargeted = false;
    for (const [kind, books] of targets) {
      if (books.length === 0) continue;
      isTargeted = true;
      // Another part of the books each time, when there are more than can be named.
      const tries = this.#repairs.get(kind)?.tries ?? 0;
      const from = books.length <= maxBooks ? 0 : (tries * maxBooks) % books.length;
      if (this.#mayRepair(kind, now))
        actions.push({ kind, books: books.slice(from, from + maxBooks), at: now });
    }
    const tried = Math.max(0, ...targets.map(([kind]) => this.#repairs.get(kind)?.tries ?? 0));
    if ((!isTargeted || tried > 2) && this.#mayRepair("rediscover", now))
      actions.push({ kind: "rediscover", at: now });
  }

  #mayRepair(kind: Repair, now: Micros): boolean {
    const { repairMicros, maxRepairMicros } = this.#options;
    const repair = this.#repairs.get(kind) ?? { tries: 0, nextAt: 0 };
    if (now < repair.nextAt) return false;
    repair.nextAt = now + doubled(repairMicros, repair.tries++, maxRepairMicros);
    this.#repairs.set(kind, repair);
    return true;
  }
}

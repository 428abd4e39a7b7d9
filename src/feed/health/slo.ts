import type { Micros } from "../../contracts/index.ts";
import { doubled } from "./back-off.ts";
import { LatencyWindow } from "./latency-window.ts";

/** What is measured: age of the quote that was used, fact to decision, order to answer. */
export type SloMetric = "quote_age" | "decision" | "execution";

/** `throttle`: asked and traded less; `skip`: left out. */
export type SloLevel = "ok" | "throttle" | "skip";

export interface SloOptions {
  /** The quantile that must stay within its limit, by metric. */
  readonly limitMicros: Readonly<Record<SloMetric, number>>;
  readonly quantile: number;
  readonly spanMicros: number;
  /** Fewer samples in the window say nothing. */
  readonly minSamples: number;
  /** A breach must last this long to throttle, and this much longer to skip. */
  readonly throttleAfterMicros: number;
  readonly skipAfterMicros: number;
  /** At or below this share of the limit, for this long, a scope recovers. */
  readonly recoverShare: number;
  readonly recoverAfterMicros: number;
  /** A skipped scope is tried again, throttled, after this long; doubled each time up to the cap. */
  readonly skipMicros: number;
  readonly maxSkipMicros: number;
  /** Bound on scopes; further ones are not measured. */
  readonly maxScopes: number;
}

const SECOND = 1_000_000;

export const DEFAULT_SLO: SloOptions = {
  limitMicros: { quote_age: 5 * SECOND, decision: 50_000, execution: 5 * SECOND },
  quantile: 0.95,
  spanMicros: 60 * SECOND,
  minSamples: 10,
  throttleAfterMicros: 10 * SECOND,
  skipAfterMicros: 30 * SECOND,
  recoverShare: 0.8,
  recoverAfterMicros: 20 * SECOND,
  skipMicros: 60 * SECOND,
  maxSkipMicros: 900 * SECOND,
  maxScopes: 2_048,
};

/** A scope (a venue or a market, the caller's key) changed its level. */
export interface SloChange {
  readonly scope: string;
  readonly metric: SloMetric;
  readonly level: SloLevel;
  /** Null when it recovered. */
  readonly reason: "feed.slow" | null;
  readonly at: Micros;
  readonly observedMicros: number;
  readonly limitMicros: number;
}

interface Objective {
  readonly metric: SloMetric;
  readonly window: LatencyWindow;
  level: SloLevel;
  /** Since when it breaches, or is well within its limit; -1 = neither. */
  breachSince: number;
  soundSince: number;
  skippedAt: number;
  skips: number;
}

const SEVERITY: Readonly<Record<SloLevel, number>> = { ok: 0, throttle: 1, skip: 2 };

/** Latency objectives of venues and markets: a persistent breach throttles, then skips; recovery has to be shown. */
export class SloWatch {
  readonly #options: SloOptions;
  readonly #scopes = new Map<string, Objective[]>();

  constructor(options: SloOptions) {
    this.#options = options;
  }

  /** The worst level over the metrics of a scope. */
  level(scope: string): SloLevel {
    let worst: SloLevel = "ok";
    for (const { level } of this.#scopes.get(scope) ?? []) {
      if (SEVERITY[level] > SEVERITY[worst]) worst = level;
    }
    return worst;
  }

  /** One sample. */
  observe(scope: string, metric: SloMetric, micros: number, now: Micros): void {
    let objectives = this.#scopes.get(scope);
    if (objectives === undefined) {
      if (this.#scopes.size >= this.#options.maxScopes) return;
      objectives = [];
      this.#scopes.set(scope, objectives);
    }
    let objective = objectives.find((each) => each.metric === metric);
    if (objective === undefined) {
      objective = {
        metric,
        window: new LatencyWindow(this.#options.spanMicros),
        level: "ok",
        breachSince: -1,
        soundSince: -1,
        skippedAt: 0,
        skips: 0,
      };
      objectives.push(objective);
    }
    objective.window.add(now, micros);
  }

  /** The scope is gone. */
  forget(scope: string): void {
    this.#scopes.delete(scope);
  }

  /** To be called about once a second. */
  tick(now: Micros): SloChange[] {
    const changes: SloChange[] = [];
    for (const [scope, objectives] of this.#scopes) {
      for (const objective of objectives) {
        const change = this.#judge(scope, objective, now);
        if (change !== null) changes.push(change);
      }
    }
    return changes;
  }

  #judge(scope: string, objective: Objective, now: Micros): SloChange | null {
    const options = this.#options;
    const limitMicros = options.limitMicros[objective.metric];
    if (objective.level === "skip") return this.#retry(scope, objective, limitMicros, now);
    const isKnown = objective.window.count(now) >= options.minSamples;
    const observed = isKnown ? objective.window.quantile(now, options.quantile) : 0;
    const breaches = isKnown && observed > limitMicros;
    const isSound = isKnown && observed <= limitMicros * options.recoverShare;
    objective.breachSince = breaches ? earlier(objective.breachSince, now) : -1;
    objective.soundSince = isSound ? earlier(objective.soundSince, now) : -1;
    const change = (level: SloLevel): SloChange => {
      objective.level = level;
      const reason = level === "ok" ? null : "feed.slow";
      return {
        scope,
        metric: objective.metric,
        level,
        reason,
        at: now,
        observedMicros: observed,
        limitMicros,
      };
    };
    if (objective.level === "throttle" && isSound) {
      if (now - objective.soundSince < options.recoverAfterMicros) return null;
      objective.skips = 0;
      return change("ok");
    }
    if (!breaches) return null;
    const lasted = now - objective.breachSince;
    if (objective.level === "ok") return lasted >= options.throttleAfterMicros ? change("throttle") : null;
    if (lasted < options.throttleAfterMicros + options.skipAfterMicros) return null;
    objective.skippedAt = now;
    return change("skip");
  }

  /** What is left out gives no samples: after a while it is tried again, throttled, on a clean window. */
  #retry(scope: string, objective: Objective, limitMicros: number, now: Micros): SloChange | null {
    const { skipMicros, maxSkipMicros } = this.#options;
    const wait = doubled(skipMicros, objective.skips, maxSkipMicros);
    if (now - objective.skippedAt < wait) return null;
    objective.skips++;
    objective.level = "throttle";
    objective.window.clear();
    objective.breachSince = -1;
    objective.soundSince = -1;
    return {
      scope,
      metric: objective.metric,
      level: "throttle",
      reason: "feed.slow",
      at: now,
      observedMicros: 0,
      limitMicros,
    };
  }
}

function earlier(since: number, now: number): number {
  return since === -1 ? now : since;
}

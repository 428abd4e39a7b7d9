/** Brier score with Murphy's decomposition, and expected calibration error. */
export interface ForecastQuality {
  readonly brier: number;
  readonly reliability: number;
  readonly resolution: number;
  readonly uncertainty: number;
  readonly ece: number;
}

/**
 * Scores probabilities against outcomes (0 or 1), grouped by distinct forecast, so that
 * brier = reliability - resolution + uncertainty holds exactly (Murphy 1973).
 */
export function forecastQuality(p: readonly number[], y: readonly number[]): ForecastQuality {
  const n = p.length;
  const groups = new Map<number, { count: number; hits: number }>();
  let brier = 0;
  let hits = 0;
  for (let i = 0; i < n; i++) {
    const forecast = p[i]!;
    const outcome = y[i]!;
    brier += (forecast - outcome) ** 2 / n;
    hits += outcome;
    const group = groups.get(forecast) ?? { count: 0, hits: 0 };
    group.count++;
    group.hits += outcome;
    groups.set(forecast, group);
  }
  const base = hits / n;
  let reliability = 0;
  let resolution = 0;
  let ece = 0;
  for (const [forecast, group] of groups) {
    const weight = group.count / n;
    const rate = group.hits / group.count;
    reliability += weight * (forecast - rate) ** 2;
    resolution += weight * (rate - base) ** 2;
    ece += weight * Math.abs(forecast - rate);
  }
  return { brier, reliability, resolution, uncertainty: base * (1 - base), ece };
}

import type { RunSummary } from "../contracts/index.ts";
import { money, moneyText } from "./money.ts";

/** The account over the run. Money is exact decimal text. */
export interface EquityReport {
  /** [instant in microseconds, equity, fall from the highest equity so far (zero or negative)]. */
  readonly points: readonly (readonly [number, string, string])[];
  readonly start: string;
  readonly end: string;
  /** Deepest fall from a peak, zero or negative, and where it was. */
  readonly maxDrawdown: string;
  readonly peakAt: number | null;
  readonly troughAt: number | null;
  readonly peak: string;
}

/**
 * Drawdown against the running peak, which begins at the start cash. A run thins its points, so the last one may be old:
 * the ledger's final equity closes the curve.
 */
export function equityOf(summary: RunSummary): EquityReport {
  const points: [number, string, string][] = [];
  let peak = money(summary.ledger.startCash);
  let peakAt: number | null = summary.startedAt;
  let worst = { fall: 0n, peak, peakAt: null as number | null, troughAt: null as number | null };
  const last = summary.equity.at(-1);
  const closed = last === undefined || (last[0] >= summary.endedAt && last[1] === summary.ledger.equity);
  const curve = closed
    ? summary.equity
    : [...summary.equity, [summary.endedAt, summary.ledger.equity] as const];
  for (const [at, text] of curve) {
    const value = money(text);
    if (value > peak) {
      peak = value;
      peakAt = at;
    }
    const fall = value - peak;
    if (fall < worst.fall) worst = { fall, peak, peakAt, troughAt: at };
    points.push([at, text, moneyText(fall)]);
  }
  return {
    points,
    start: summary.ledger.startCash,
    end: summary.ledger.equity,
    maxDrawdown: moneyText(worst.fall),
    peakAt: worst.peakAt,
    troughAt: worst.troughAt,
    peak: moneyText(worst.peak),
  };
}
